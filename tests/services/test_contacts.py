"""Contacts, and whether their phones may be texted."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app

from custodyfinder.db import transaction
from custodyfinder.errors import BadInput, Conflict, NotFound
from custodyfinder.models import AuditEvent, Contact
from custodyfinder.services import contacts
from custodyfinder.services.contacts import Given

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_FALLBACK, HARINGEY_MANAGER, HARINGEY_PHONE, World
from .night import Night

WHO: dict[str, Any] = {"authority_code": HARINGEY, "by": "manager.haringey", "now": NIGHT}
NEW = "+447700900321"


def given(**more: str) -> Given:
    return Given(**{"name": "Night phone", "role": "EDT", "mobile": "07700 900321", "landline": ""} | more)


def code_in(night: Night, number: str) -> str:
    found = re.search(r"text back ([0-9]{6})", night.world.texts(number)[-1].body)
    assert found is not None
    return found[1]


def test_a_new_contact_is_not_texted_until_the_phone_has_texted_the_code_back(world: World) -> None:
    night = Night(world)
    contact = contacts.add(given(), **WHO)
    contacts.send_check(contact, **WHO)
    night.go_to(0)
    assert world.get(Contact, contact).verified_at is None

    answer = night.text_in(code_in(night, NEW), sender=NEW)

    assert answer == "Thank you. This phone is now on the duty list of Haringey."
    assert world.get(Contact, contact).verified_at == NIGHT


def test_a_wrong_code_confirms_nothing_and_five_of_them_end_the_right_one(world: World) -> None:
    night = Night(world)
    contact = contacts.add(given(), **WHO)
    contacts.send_check(contact, **WHO)
    night.go_to(0)
    right = code_in(night, NEW)
    wrong = "000000" if right != "000000" else "111111"

    answers = [night.text_in(wrong, sender=NEW) for _ in range(5)]
    night.text_in(right, sender=NEW)

    assert answers[0] is not None
    assert "not right" in answers[0]
    assert world.get(Contact, contact).verified_at is None


def test_a_code_is_good_for_a_day_and_from_its_own_phone_only(world: World) -> None:
    night = Night(world)
    contact = contacts.add(given(), **WHO)
    contacts.send_check(contact, **WHO)
    night.go_to(0)
    code = code_in(night, NEW)

    night.text_in(code, sender=HARINGEY_PHONE)
    night.now = NIGHT + timedelta(hours=24, minutes=1)
    night.text_in(code, sender=NEW)

    assert world.get(Contact, contact).verified_at is None


def test_a_shared_phone_is_confirmed_for_all_who_share_it(world: World) -> None:
    night = Night(world)
    first = contacts.add(given(), **WHO)
    second = contacts.add(given(name="Day phone"), **WHO)
    elsewhere = contacts.add(given(), **WHO | {"authority_code": CAMDEN})
    contacts.send_check(first, **WHO)
    night.go_to(0)

    night.text_in(code_in(night, NEW), sender=NEW)

    assert [world.get(Contact, each).verified_at for each in (first, second, elsewhere)] == [NIGHT] * 3


def test_three_codes_an_hour_and_no_more(world: World) -> None:
    contact = contacts.add(given(), **WHO)
    for _ in range(3):
        contacts.send_check(contact, **WHO)

    with pytest.raises(Conflict) as refusal:
        contacts.send_check(contact, **WHO)

    assert "Three codes" in refusal.value.public
    contacts.send_check(contact, **WHO | {"now": NIGHT + timedelta(hours=1, minutes=1)})


def test_another_mobile_has_to_be_confirmed_anew_and_another_name_has_not(world: World) -> None:
    contact = world.contact(HARINGEY_PHONE)

    contacts.change(contact, given(mobile=HARINGEY_PHONE), **WHO)
    assert world.get(Contact, contact).verified_at == NIGHT

    contacts.change(contact, given(), **WHO)
    assert world.get(Contact, contact).verified_at is None


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"name": " "}, "name", "Enter the name"),
        ({"role": ""}, "role", "Enter the role"),
        ({"name": "x" * 81}, "name", "80 characters"),
        ({"name": "Duty officer, Haringey"}, "name", "has this name"),
        ({"mobile": "020 7946 0001"}, "mobile", "British mobile"),
        ({"mobile": "+1 202 555 0123"}, "mobile", "British mobile"),
        ({"mobile": "12"}, "mobile", "possible phone number"),
        ({"mobile": "nonsense"}, "mobile", "Enter a phone number"),
        ({"landline": "12"}, "landline", "possible phone number"),
        ({"mobile": ""}, "mobile", "a mobile or a landline"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_in_words_and_not_written(
    world: World, wrong: dict[str, str], field: str, says: str
) -> None:
    before = world.count(Contact, AuditEvent)

    with pytest.raises(BadInput) as refusal:
        contacts.add(given(**wrong), **WHO)

    assert (refusal.value.field, says in refusal.value.public) == (field, True)
    assert world.count(Contact, AuditEvent) == before


def test_the_fallback_is_always_there(world: World) -> None:
    fallback, duty = world.contact(HARINGEY_FALLBACK), world.contact(HARINGEY_PHONE)
    with pytest.raises(Conflict, match="is the fallback"):
        contacts.remove(fallback, **WHO)

    contacts.make_fallback(duty, **WHO)
    contacts.remove(fallback, **WHO)

    assert [each.name for each in contacts.of_authority(HARINGEY) if each.is_fallback] == ["Duty officer, Haringey"]


def test_the_first_contact_of_an_authority_is_its_fallback(world: World) -> None:
    for each in contacts.of_authority(HARINGEY):
        world.change(Contact, each.id, removed_at=NIGHT)

    contact = contacts.add(given(), **WHO)

    assert world.get(Contact, contact).is_fallback


def test_who_is_on_the_rota_is_not_removed(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        contacts.remove(world.contact(HARINGEY_PHONE), **WHO)

    assert "is on the rota" in refusal.value.public


def test_there_is_one_manager(world: World) -> None:
    contacts.make_manager(world.contact(HARINGEY_FALLBACK), **WHO)

    assert [each.name for each in contacts.of_authority(HARINGEY) if each.is_manager] == ["Fallback, Haringey"]


def test_another_authoritys_contact_is_not_there(world: World) -> None:
    contact = world.contact(HARINGEY_MANAGER)
    other = WHO | {"authority_code": CAMDEN}

    for act in (contacts.remove, contacts.make_fallback, contacts.make_manager, contacts.send_check):
        with pytest.raises(NotFound):
            act(contact, **other)
    with pytest.raises(NotFound):
        contacts.change(contact, given(), **other)


def test_a_manager_who_opts_out_is_not_told_by_text(world: World) -> None:
    with transaction() as session:
        contacts.stop(session, HARINGEY_MANAGER, now=NIGHT)

    assert world.texts() == []
    assert world.get(Contact, world.contact(HARINGEY_MANAGER)).opted_out_at == NIGHT


def test_no_line_of_the_record_holds_a_number_or_a_code(world: World) -> None:
    contact = contacts.add(given(), **WHO)
    contacts.send_check(contact, **WHO)
    with transaction() as session:
        contacts.stop(session, NEW, now=NIGHT)

    written = " ".join(f"{event.actor} {event.subject} {event.details}" for event in world.rows(AuditEvent))
    assert "7700" not in written
    assert str(world.get(Contact, contact).check_code) not in written


def test_codes_are_counted_by_the_number_not_by_who_has_it_on_a_list(world: World) -> None:
    for name in ("One", "Two", "Three"):
        contact = contacts.add(given(name=name), **WHO)
        contacts.send_check(contact, **WHO)
        contacts.remove(contact, **WHO)
    elsewhere = contacts.add(given(), **WHO | {"authority_code": CAMDEN})

    with pytest.raises(Conflict, match="codes"):
        contacts.send_check(elsewhere, **WHO | {"authority_code": CAMDEN})

    assert len(world.texts(NEW)) == 3


def test_a_phone_that_sent_stop_stays_stopped_on_every_list_that_it_is_put_on(world: World) -> None:
    contacts.add(given(), **WHO)
    with transaction() as session:
        contacts.stop(session, NEW, now=NIGHT)

    added = contacts.add(given(name="Day phone"), **WHO)
    changed = world.contact(HARINGEY_PHONE)
    contacts.change(changed, given(name="Changed"), **WHO)

    assert [world.get(Contact, each).opted_out_at for each in (added, changed)] == [NIGHT, NIGHT]


def test_a_manager_is_told_once_of_a_phone_that_is_on_the_list_twice(world: World) -> None:
    for name in ("Night phone", "Day phone"):
        contacts.add(given(name=name), **WHO)

    with transaction() as session:
        contacts.stop(session, NEW, now=NIGHT)

    assert len(world.texts(HARINGEY_MANAGER)) == 1
    assert [each.opted_out_at for each in world.rows(Contact) if each.mobile == NEW] == [NIGHT, NIGHT]


def test_names_that_the_csv_of_the_rota_could_not_tell_apart_are_refused(world: World) -> None:
    contact = contacts.add(given(name="Night phone"), **WHO)

    with pytest.raises(BadInput, match="name"):
        contacts.add(given(name="night  PHONE"), **WHO)

    contacts.change(contact, given(name="NIGHT phone"), **WHO)
    assert world.get(Contact, contact).name == "NIGHT phone"


def test_a_number_with_an_extension_is_refused_because_it_could_not_be_rung(world: World) -> None:
    with pytest.raises(BadInput) as refusal:
        contacts.add(given(landline="020 7946 0001 ext 12"), **WHO)

    assert (refusal.value.field, refusal.value.public) == (
        "landline",
        "An extension cannot be kept. Enter a number that rings directly.",
    )


def test_of_two_who_choose_a_fallback_at_once_both_succeed_and_one_stays(world: World) -> None:
    chosen = [world.contact(HARINGEY_PHONE), world.contact(HARINGEY_MANAGER)]
    start = threading.Barrier(2)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def choose(contact: int) -> None:
        with app.app_context():
            start.wait(timeout=30)
            contacts.make_fallback(contact, **WHO)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            list(pool.map(choose, chosen))

    assert [each.id in chosen for each in contacts.of_authority(HARINGEY) if each.is_fallback] == [True]
