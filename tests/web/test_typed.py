"""What is typed: what pretends is left out, and what was not asked is ignored."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from custodyfinder import clock
from custodyfinder.models import BedRequest, Contact, Detention, IncomingText, Person, RotaOverride, WeeklyShift
from custodyfinder.services import inbox

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_PHONE, PASSWORD, World
from .conftest import SignIn
from .reading import CHILD

PRETENDS = "\u202e\u200b\x1b\ufeff\u00ad"
FAMILY = "👩\u200d👩\u200d👧"


# --- what pretends --------------------------------------------------------------------------------


def test_what_pretends_is_left_out_of_what_a_manager_types(world: World, manager: FlaskClient) -> None:
    typed = {"name": f"Night{PRETENDS} desk", "role": f"{PRETENDS}EDT", "mobile": f"07700{PRETENDS} 900321"}

    assert manager.post("/rota/contacts", data=typed).status_code == 303

    made = world.get(Contact, world.contact("+447700900321"))
    assert (made.name, made.role) == ("Night desk", "EDT")


def test_two_names_that_look_the_same_are_the_same(world: World, manager: FlaskClient) -> None:
    typed = {"name": "Night desk", "role": "EDT", "mobile": "07700 900321"}
    manager.post("/rota/contacts", data=typed)

    again = manager.post("/rota/contacts", data=typed | {"name": "Night\u200b desk", "mobile": "07700 900322"})

    assert again.status_code in (409, 422)


def test_a_name_of_nothing_that_can_be_seen_is_no_name(world: World, manager: FlaskClient) -> None:
    answer = manager.post("/rota/contacts", data={"name": "\u3164\u200b", "role": "EDT", "mobile": "07700 900321"})

    assert answer.status_code == 422
    assert len([row for row in world.rows(Contact) if row.authority_code == HARINGEY]) == 3


def test_what_pretends_is_not_shown_back_either(manager: FlaskClient) -> None:
    answer = manager.post("/rota/contacts", data={"name": f"a{PRETENDS}b", "role": "", "mobile": "1"})

    assert answer.status_code == 422
    assert 'value="ab"' in answer.get_data(as_text=True)
    assert not set(PRETENDS) & set(answer.get_data(as_text=True))


def test_a_refusal_with_an_emoji_of_a_family_goes_through(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())

    answer = duty.post(f"/duty/requests/{request}/refuse", data={"reason": "staffing", "words": f"Sorry {FAMILY} é"})

    assert answer.status_code == 303
    kept = world.get(BedRequest, request)
    assert (kept.state, kept.refusal_words) == ("refused", "Sorry 👩👩👧 é")


def test_a_password_is_taken_as_it_is(app: Flask, world: World, sign_in: SignIn) -> None:
    said = {"username": "officer.wood-green", "password": f"{PASSWORD}\u200b"}
    right = said | {"username": "officer\u200b.wood-green", "password": PASSWORD}

    assert app.test_client().post("/sign-in", data=said).status_code == 422
    assert app.test_client().post("/sign-in", data=right).status_code == 303


def test_what_pretends_is_left_out_of_a_text_before_it_is_kept(app: Flask, world: World) -> None:
    body = f"{PRETENDS}B1C2 REFUSE no\u202e staff\f{FAMILY}\0"

    inbox.receive(provider_id="SM1", from_number=HARINGEY_PHONE, body=body, now=NIGHT)

    assert world.rows(IncomingText)[0].body == "B1C2 REFUSE no staff\n👩👩👧"


def test_a_text_with_invisible_signs_in_its_answer_means_what_a_reader_sees(app: Flask, world: World) -> None:
    request = world.ask(world.place(), at=clock.now())
    reference = world.get(BedRequest, request).reference

    body = f"{reference[:2]}\u200b{reference[2:]} ACC\u00adEPT"
    inbox.receive(provider_id="SM1", from_number=HARINGEY_PHONE, body=body, now=clock.now())
    while inbox.work_next(now=clock.now()):
        pass

    assert world.get(BedRequest, request).state == "accepted"


# --- what was not asked ---------------------------------------------------------------------------


EXTRA = {
    "id": "999",
    "suite_id": "2",
    "suite": "kentish-town",
    "authority_code": CAMDEN,
    "force": "Kent Police",
    "reference": "ZZZZ9",
    "state": "accepted",
    "by": "operator",
    "opened_by": "operator",
    "officer": "operator",
    "username": "operator",
    "person_id": "1",
    "is_manager": "1",
    "is_fallback": "1",
    "verified_at": "2026-01-01",
    "opted_out_at": "2026-01-01",
    "removed_at": "2026-01-01",
    "disabled_at": "2026-01-01",
    "password_hash": "x",
    "setup_hash": "x",
    "totp_secret": "x",
    "totp_confirmed_at": "2026-01-01",
    "responsible_code": CAMDEN,
    "now": "2020-01-01",
    "admin": "operator",
}
"""Columns and arguments that no form asks for."""


def columns(row: Any, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def test_a_record_is_of_the_officers_own_suite_whatever_else_was_sent(world: World, officer: FlaskClient) -> None:
    assert officer.post("/desk/detentions/new", data=EXTRA | CHILD).status_code == 303

    (made,) = world.rows(Detention)
    assert columns(made, "id", "suite_id", "opened_by", "officer", "responsible_code", "opened_at") == (
        1,
        world.suite_id,
        "officer.wood-green",
        "officer.wood-green",
        HARINGEY,
        NIGHT,
    )
    assert made.reference != EXTRA["reference"]


def test_a_contact_is_of_the_managers_own_authority_and_unchecked_whatever_else_was_sent(
    world: World, manager: FlaskClient
) -> None:
    typed = EXTRA | {"name": "Night desk", "role": "EDT", "mobile": "07700 900321", "landline": ""}
    flags = ("authority_code", "is_manager", "is_fallback", "verified_at", "opted_out_at", "removed_at")

    assert manager.post("/rota/contacts", data=typed).status_code == 303
    contact = world.contact("+447700900321")
    made = columns(world.get(Contact, contact), *flags)
    assert manager.post(f"/rota/contacts/{contact}", data=typed | {"role": "Desk"}).status_code == 303

    assert contact != 999
    assert made == (HARINGEY, False, False, None, None, None)
    assert columns(world.get(Contact, contact), "role", *flags) == ("Desk", *made)


def test_shifts_and_overrides_are_of_the_managers_own_authority_whatever_else_was_sent(
    world: World, manager: FlaskClient
) -> None:
    contact = str(world.contact("+447700900214"))
    shift = {"day": "1", "starts": "17:00", "ends": "18:00", "contact": contact}
    times = {"starts_day": "2026-11-25", "starts_time": "17:00", "ends_day": "2026-11-25", "ends_time": "18:00"}

    assert manager.post("/rota/shifts", data=EXTRA | shift).status_code == 303
    assert manager.post("/rota/overrides", data=EXTRA | times | {"contact": contact}).status_code == 303

    assert world.rows(WeeklyShift)[-1].authority_code == HARINGEY
    assert world.rows(RotaOverride)[-1].authority_code == HARINGEY


def test_a_new_person_has_no_more_than_their_administrator_may_give(world: World, sign_in: SignIn) -> None:
    admin = sign_in("admin.met")
    typed = EXTRA | {"username": "r.khan", "name": "R. Khan", "role": "custody_officer", "where": "suite:wood-green"}

    assert admin.post("/people", data=typed).status_code == 200
    for role in ("operator", "inspector", "force_admin", "duty_officer"):
        assert admin.post("/people", data=typed | {"username": f"x.{role}", "role": role}).status_code == 422

    made = next(row for row in world.rows(Person) if row.username == "r.khan")
    assert columns(made, "role", "suite_id", "force", "authority_code", "password_hash", "disabled_at") == (
        "custody_officer",
        world.suite_id,
        None,
        None,
        None,
        None,
    )
    assert columns(made, "totp_secret", "totp_confirmed_at") == (None, None)
    assert made.setup_hash != "x"
    assert not [row for row in world.rows(Person) if row.username.startswith("x.")]


def test_an_answer_is_the_officers_own_whatever_else_was_sent(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())
    before = world.get(BedRequest, request)

    said = EXTRA | {"reason": "staffing", "words": "", "place_id": "7", "request_id": "9"}
    assert duty.post(f"/duty/requests/{request}/refuse", data=said).status_code == 303

    after = world.get(BedRequest, request)
    assert columns(after, "id", "reference", "place_id", "state") == (
        *columns(before, "id", "reference", "place_id"),
        "refused",
    )
    assert after.ended_by == "duty.haringey"


def test_nobody_changes_their_role_by_signing_in(app: Flask, world: World, sign_in: SignIn) -> None:
    kept = ("id", "username", "role", "suite_id", "force", "authority_code", "disabled_at", "password_hash")
    before = [columns(row, *kept) for row in world.rows(Person)]

    said = EXTRA | {"username": "officer.wood-green", "password": PASSWORD, "role": "operator"}
    assert app.test_client().post("/sign-in", data=said).status_code == 303

    assert [columns(row, *kept) for row in world.rows(Person)] == before
