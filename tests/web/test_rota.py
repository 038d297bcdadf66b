"""Who is on duty, for everybody; and the manager's page."""

# Long because each form of the manager's page is held to bad input here.
from __future__ import annotations

import io
import re
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from custodyfinder.db import transaction
from custodyfinder.domain import escalation
from custodyfinder.models import Authority, Contact, EscalationPolicy, Person, RotaOverride, WeeklyShift
from custodyfinder.services import contacts, policies, rota

from ..conftest import NIGHT
from ..world import HARINGEY, HARINGEY_FALLBACK, HARINGEY_MANAGER, HARINGEY_PHONE, World
from .conftest import SignIn
from .reading import words


def test_everybody_signed_in_sees_who_is_on_duty_with_a_number_to_ring(
    world: World, officer: FlaskClient, duty: FlaskClient, manager: FlaskClient
) -> None:
    for client in (officer, duty, manager):
        page = words(client.get("/rota"))
        assert "Haringey Emergency Duty Team" in page
        assert "020 7946 0100" in page
    assert "07700" not in words(officer.get("/rota"))
    assert "07700 900014" in words(duty.get("/rota"))
    assert "07700 900007" not in words(duty.get("/rota"))


def test_a_problem_is_marked(world: World, officer: FlaskClient) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), verified_at=None)
    world.change(Authority, HARINGEY, texted=False)

    page = words(officer.get("/rota"))

    assert "has not confirmed the number" in page
    assert "1 gap" in page
    assert "Ring, not texted" in page


def test_the_manager_sees_the_whole_rota_and_no_address_holds_a_number(world: World, manager: FlaskClient) -> None:
    answer = manager.get("/rota/manage")

    page = words(answer)
    assert "Somebody who can be texted is on duty at every hour." in page
    assert "Duty officer, Haringey , Emergency Duty Team" in page
    assert "Monday 00:00 to 00:00 next day Duty officer, Haringey Remove" in page
    assert not re.search(r'(href|action)="[^"]*7700', answer.get_data(as_text=True))


def test_a_contact_is_added_checked_changed_and_removed(world: World, manager: FlaskClient) -> None:
    who = {"name": "Night phone", "role": "EDT", "mobile": "07700 900321", "landline": ""}
    assert manager.post("/rota/contacts", data=who).status_code == 303
    contact = world.contact("+447700900321")
    assert manager.post(f"/rota/contacts/{contact}/check").status_code == 303
    assert len(world.texts("+447700900321")) == 1
    manager.post(f"/rota/contacts/{contact}", data=who | {"role": "Out of hours"})
    assert world.get(Contact, contact).role == "Out of hours"
    manager.post(f"/rota/contacts/{contact}/remove")
    assert world.get(Contact, contact).removed_at == NIGHT


def test_a_bad_contact_says_what_to_do_and_keeps_what_was_typed(world: World, manager: FlaskClient) -> None:
    answer = manager.post(
        "/rota/contacts", data={"name": "Night phone", "role": "EDT", "mobile": "020 7946 0001", "landline": ""}
    )

    assert answer.status_code == 422
    assert "Enter a British mobile number" in words(answer)
    for typed in ("Night phone", "EDT", "020 7946 0001"):
        assert f'value="{typed}"' in answer.get_data(as_text=True)
    assert len(contacts.of_authority(HARINGEY)) == 3


@pytest.mark.parametrize(
    ("path", "says"),
    [("remove", "Make somebody else the fallback first."), ("check", "has confirmed the number already")],
)
def test_what_cannot_be_done_with_a_contact_is_said(world: World, manager: FlaskClient, path: str, says: str) -> None:
    answer = manager.post(f"/rota/contacts/{world.contact(HARINGEY_FALLBACK)}/{path}")

    assert answer.status_code == 422
    assert says in words(answer)


def test_the_fallback_and_the_manager_are_chosen(world: World, manager: FlaskClient) -> None:
    duty = world.contact(HARINGEY_PHONE)
    manager.post(f"/rota/contacts/{duty}/fallback")
    manager.post(f"/rota/contacts/{duty}/manager")

    assert (world.get(Contact, duty).is_fallback, world.get(Contact, duty).is_manager) == (True, True)
    assert not world.get(Contact, world.contact(HARINGEY_MANAGER)).is_manager


def test_a_shift_is_added_and_removed(world: World, manager: FlaskClient) -> None:
    data = {"day": "7", "starts": "09:00", "ends": "17:00", "contact": str(world.contact(HARINGEY_FALLBACK))}
    manager.post("/rota/shifts", data=data)
    added = next(each for each in rota.shifts_of(HARINGEY) if each.contact == "Fallback, Haringey")
    assert (added.day, added.starts, added.ends) == (7, 540, 1020)

    manager.post(f"/rota/shifts/{added.id}/remove")
    assert world.count(WeeklyShift) == (14,)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"starts": "late"}, "Enter a time such as 17:00."),
        ({"day": "9"}, "Choose a day."),
        ({"contact": ""}, "Choose a contact."),
        ({"day": "1"}, "on duty at that time already"),
    ],
)
def test_a_bad_shift_says_what_to_do_and_is_not_written(
    world: World, manager: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    data = {"day": "7", "starts": "09:00", "ends": "17:00", "contact": str(world.contact(HARINGEY_PHONE))} | wrong

    answer = manager.post("/rota/shifts", data=data)

    assert answer.status_code == 422
    assert says in words(answer)
    assert world.count(WeeklyShift) == (14,)


def test_the_week_goes_out_as_csv_and_comes_in(world: World, manager: FlaskClient) -> None:
    out = manager.get("/rota/csv")
    assert out.mimetype == "text/csv"

    answer = manager.post("/rota/csv", data={"file": (io.BytesIO(out.data), "rota.csv")})

    assert answer.status_code == 303
    assert world.count(WeeklyShift) == (14,)


def test_every_bad_line_of_a_csv_is_shown_and_nothing_is_written(world: World, manager: FlaskClient) -> None:
    bad = b"day,starts,ends,contact\nMon,1:00,2:00,x\nMonday,1:00,2:00,x\n"

    answer = manager.post("/rota/csv", data={"file": (io.BytesIO(bad), "rota.csv")})
    none = manager.post("/rota/csv")

    assert (answer.status_code, none.status_code) == (422, 422)
    assert "Line 2: the day must be" in words(answer)
    assert "Line 3: &#39;x&#39; is not a contact" in words(answer).replace("'", "&#39;")
    assert "Choose a CSV file." in words(none)
    assert world.count(WeeklyShift) == (14,)


def test_an_override_for_one_night_is_in_london_time(world: World, manager: FlaskClient) -> None:
    data = {
        "contact": str(world.contact(HARINGEY_FALLBACK)),
        "starts_day": "2027-06-01",
        "starts_time": "17:00",
        "ends_day": "2027-06-02",
        "ends_time": "09:00",
    }
    manager.post("/rota/overrides", data=data)

    (made,) = world.rows(RotaOverride)
    assert (made.starts_at.hour, made.ends_at.hour) == (16, 8)  # summer time
    manager.post(f"/rota/overrides/{made.id}/remove")
    assert world.count(RotaOverride) == (0,)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"starts_day": "tomorrow"}, "Enter a day such as"),
        ({"ends_day": "2026-11-24", "ends_time": "17:00"}, "The end must come after the start."),
        ({"contact": "x"}, "Choose a contact."),
    ],
)
def test_a_bad_override_says_what_to_do_and_keeps_what_was_typed(
    world: World, manager: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    data = {
        "contact": str(world.contact(HARINGEY_FALLBACK)),
        "starts_day": "2026-11-25",
        "starts_time": "17:00",
        "ends_day": "2026-11-26",
        "ends_time": "09:00",
    } | wrong

    answer = manager.post("/rota/overrides", data=data)

    assert answer.status_code == 422
    assert says in words(answer)
    assert f'value="{data["starts_day"]}"' in answer.get_data(as_text=True)
    assert world.count(RotaOverride) == (0,)


def test_a_policy_is_set_as_a_new_version(world: World, manager: FlaskClient) -> None:
    data = {
        "after_1": "0",
        "who_1": ["on_duty", "fallback"],
        "after_2": "5",
        "who_2": f"contact:{world.contact(HARINGEY_MANAGER)}",
        "gives_up": "15",
    }
    manager.post("/rota/policy", data=data)
    manager.post("/rota/policy", data=data | {"gives_up": "20"})

    assert [each.version for each in world.rows(EscalationPolicy)] == [1, 2]
    page = manager.get("/rota/manage").get_data(as_text=True)
    assert "Version 2." in page
    request = world.ask(world.place())
    assert request == 1
    assert [text.to_number for text in world.texts()] == [HARINGEY_PHONE, HARINGEY_FALLBACK]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"after_1": "5"}, "The first step is taken at once"),
        ({"after_2": "0"}, "at least a minute after"),
        ({"who_1": "contact:999"}, "somebody who is not a contact here"),
        ({"who_1": ""}, "names somebody"),
        ({"gives_up": "soon"}, "whole numbers"),
        ({"gives_up": "999"}, "within 240 minutes"),
    ],
)
def test_a_bad_policy_says_what_to_do_and_is_not_written(
    world: World, manager: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    data = {"after_1": "0", "who_1": "on_duty", "after_2": "10", "who_2": "fallback", "gives_up": "30"} | wrong

    answer = manager.post("/rota/policy", data=data)

    assert answer.status_code == 422
    assert says in words(answer)
    assert world.count(EscalationPolicy) == (0,)


def test_an_authority_chooses_to_be_rung_and_when_it_is_asked_for_counts(world: World, manager: FlaskClient) -> None:
    manager.post("/rota/texting", data={"texted": "no", "counts": "ask", "counts_at": "21:30"})
    found = world.get(Authority, HARINGEY)
    assert (found.texted, found.counts_wanted_at) == (False, 21 * 60 + 30)

    manager.post("/rota/texting", data={"texted": "yes", "counts": "never", "counts_at": ""})
    found = world.get(Authority, HARINGEY)
    assert (found.texted, found.counts_wanted_at) == (True, None)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"counts_at": "late"}, "Enter a time such as 17:00."),
        ({"texted": "perhaps"}, "Choose one of the two."),
        ({"counts": ""}, "Choose one of the two."),
    ],
)
def test_a_bad_choice_of_texts_is_said_changes_nothing_and_keeps_what_was_chosen(
    world: World, manager: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    data = {"texted": "no", "counts": "ask", "counts_at": "21:30"} | wrong

    answer = manager.post("/rota/texting", data=data)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in words(answer)
    assert ('value="no" checked' in page) == (data["texted"] == "no")
    assert ('value="ask" checked' in page) == (data["counts"] == "ask")
    assert world.get(Authority, HARINGEY).texted


WRONG = [
    "contacts?role=EDT",
    "contacts/1?role=EDT",
    "contacts/2/remove",
    "shifts?day=9",
    "shifts?day=1&starts=late",
    "shifts?day=1&starts=09:00&ends=10:00",
    "overrides?starts_day=tomorrow",
    "csv",
    "policy?after_1=soon",
    "overrides?contact=x&starts_day=2026-11-25&starts_time=17:00&ends_day=2026-11-26&ends_time=09:00",
    "overrides?contact=1&starts_day=2026-11-26&starts_time=17:00&ends_day=2026-11-25&ends_time=09:00",
    "policy?after_1=5&who_1=on_duty&gives_up=30",
    "texting?texted=no&counts=ask&counts_at=late",
    "texting?texted=perhaps",
]


@pytest.mark.parametrize("wrong", WRONG)
def test_every_error_leads_to_its_place_on_the_page_and_no_id_stands_twice(
    world: World, manager: FlaskClient, wrong: str
) -> None:
    address, _, data = wrong.partition("?")
    page = manager.post(f"/rota/{address}", data=dict(parse_qsl(data))).get_data(as_text=True)

    ids = re.findall(r'\sid="([^"]*)"', page)
    summary = page[page.index("govuk-error-summary__list") :].split("</ul>")[0]
    (link,) = re.findall(r'href="#([^"]*)"', summary)
    assert link in ids
    assert len(ids) == len(set(ids))
    if address == "contacts/1":
        assert link == "name-1"
    if "ends=10:00" in data:
        assert link == "shift-contact"


def test_the_policies_that_were_in_force_are_shown_with_who_chose_them(world: World, manager: FlaskClient) -> None:
    assert "Who chose what" not in words(manager.get("/rota/manage"))
    data = {"after_1": "0", "who_1": ["on_duty", f"contact:{world.contact(HARINGEY_MANAGER)}"], "gives_up": "15"}

    manager.post("/rota/policy", data=data)

    page = words(manager.get("/rota/manage"))
    assert "Version 1 , 02:10, manager.haringey: after 0 minutes: Whoever is on duty, Manager, Haringey;" in page
    assert "unanswered after 15 minutes." in page


def test_a_policy_with_parts_of_minutes_is_shown_in_whole_ones_so_that_it_can_be_saved(
    world: World, manager: FlaskClient
) -> None:
    default = escalation.default(timedelta(minutes=25))
    policies.set_policy(HARINGEY, default, by="m", now=NIGHT)

    page = manager.get("/rota/manage").get_data(as_text=True)

    assert re.findall(r'name="(?:after_[123]|gives_up)"[^>]* value="([^"]*)"', page) == ["0", "8", "17", "25"]


def test_where_nobody_on_duty_has_a_landline_the_fallbacks_number_is_there_to_ring(
    world: World, officer: FlaskClient
) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), landline=None)
    world.change(Contact, world.contact(HARINGEY_FALLBACK), landline="+442079460199", opted_out_at=NIGHT)

    page = words(officer.get("/rota"))

    assert "Duty desk (fallback) 020 7946 0199 has opted out of texts" in page
    assert "07700" not in page


def test_an_authority_without_a_manager_or_a_rota_is_marked(world: World, officer: FlaskClient) -> None:
    world.change(Contact, world.contact(HARINGEY_MANAGER), is_manager=False)
    rota.set_shifts([], authority_code=HARINGEY, by="m", now=NIGHT)

    page = words(officer.get("/rota"))

    assert "no manager" in page
    assert "no rota: the fallback always answers" in page


def test_london_comes_first_and_the_rest_is_folded_but_for_its_own_people(
    world: World, officer: FlaskClient, sign_in: SignIn
) -> None:
    with transaction() as session:
        session.add(Authority(code="E10000003", name="Cambridgeshire", nation="England"))
        session.flush()
        session.execute(update(Person).where(Person.username == "duty.camden").values(authority_code="E10000003"))

    theirs, mine = (
        client.get("/rota").get_data(as_text=True).split("<details")[1] for client in (officer, sign_in("duty.camden"))
    )

    assert "Cambridgeshire" in theirs
    assert theirs.partition(">")[0].strip() == 'class="govuk-details"'
    assert mine.partition(">")[0].strip() == 'class="govuk-details" open'


def test_another_authoritys_rota_cannot_be_touched(world: World, sign_in: SignIn) -> None:
    other = sign_in("manager.camden")
    contact = world.contact(HARINGEY_PHONE)
    shift = rota.shifts_of(HARINGEY)[0].id

    assert other.post(f"/rota/contacts/{contact}/remove").status_code == 404
    assert other.post(f"/rota/shifts/{shift}/remove").status_code == 404
    assert "Duty officer, Haringey" not in words(other.get("/rota/manage"))
    assert world.get(Contact, contact).removed_at is None


def test_a_gap_is_shown_with_its_day_and_times(world: World, manager: FlaskClient) -> None:
    for shift in rota.shifts_of(HARINGEY):
        if shift.day == 6:
            rota.remove_shift(shift.id, authority_code=HARINGEY, by="m", now=NIGHT - timedelta(hours=1))

    assert "Nobody who can be texted is on duty Sun 29 Nov 00:00 to Mon 30 Nov 00:00" in words(
        manager.get("/rota/manage")
    )
