"""A record's pages: opening it, its clock, log, handover."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from custodyfinder.models import AuditEvent, Call, Detention, SearchKept

from ..conftest import NIGHT
from ..services.ending import refuse
from ..world import CAMDEN, World
from .reading import CHILD, SECURE, words
from .test_every_page import check

STAYED = {
    "kind": "not_transferred",
    "occurred_day": "2026-11-24",
    "occurred_time": "02:05",
    "ground": "impracticable",
    "impracticable": "no_transport",
    "circumstances": "The only van broke down & no taxi firm would come <tonight>.",
    "inspector": "4711 YE",
    "inspector_rank": "inspector",
}


def refused(world: World) -> str:
    reference = world.detention()
    refuse(world.ask(world.place(), detention=reference))
    return reference


# --- opening --------------------------------------------------------------------------------


def test_the_form_proposes_today_and_the_next_sitting_of_a_court(officer: FlaskClient) -> None:
    page = officer.get("/desk/detentions/new").get_data(as_text=True)

    check(page)
    assert re.search(r'name="charged_day"[^>]*>\s*<option value="2026-11-24" selected>', page)
    assert re.search(r'name="charged_time"[^>]* value=""', page)
    assert re.search(r'name="court_day"[^>]*>\s*<option value="2026-11-24" selected>', page)
    assert re.search(r'name="court_time"[^>]* value="10:00"', page)


def test_opening_a_record_keeps_it_tells_the_authority_and_shows_the_clock(world: World, officer: FlaskClient) -> None:
    said = CHILD | {"risk_looked_after": "yes", "need_step_free": "no", "ethnicity": "mixed", "adult_told": "yes"}

    page = words(officer.post("/desk/detentions/new", data=said, follow_redirects=True))

    (kept,) = world.rows(Detention)
    assert (kept.custody_record, kept.appropriate_adult, kept.looked_after, kept.ethnicity) == (
        "01YE/4711/26",
        "yes",
        "yes",
        "mixed",
    )
    assert (kept.charged_at, kept.court_at) == (NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=7, minutes=50))
    assert (
        "custody record 01YE/4711/26 1 h 0 min since charge 7 h 50 min to court, at 10:00 "
        "0 requests open, 0 ended Not overnight so far" in page
    )
    assert "Haringey, Emergency Duty Team: the text that tells them of the child is about to be sent" in page
    assert world.count(SearchKept) == (1,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"custody_record": "Kevin Smith"}, "Enter the custody record number"),
        ({"charged_time": ""}, "Enter the time of the charge"),
        ({"charged_day": "today"}, "Choose the day of the charge"),
        ({"charged_time": "03:00"}, "The charge cannot be ahead"),
        ({"bail_refused_time": "01:00"}, "Bail is refused after the charge"),
        ({"court_day": "2026-11-23"}, "The court's time must be ahead"),
        ({"bail_ground": ""}, "Choose the ground on which bail was refused"),
        ({"bail_ground": "not_recorded"}, "Choose the ground on which bail was refused"),
        ({"arrived_time": "01:30", "arrived_day": "2026-11-24"}, "came to the station before the charge"),
        ({"looked_after_by": CAMDEN, "risk_looked_after": "no"}, "You said that the child is not looked after"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
    world: World, officer: FlaskClient, wrong: dict[str, str], message: str
) -> None:
    answer = officer.post("/desk/detentions/new", data=CHILD | {"need_interpreter": "yes"} | wrong)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    check(page)
    assert message in words(answer)
    assert re.search(r'name="need_interpreter" value="yes"[^>]* checked', page)
    assert 'value="01:40"' in page or "bail_refused_time" in wrong
    assert world.count(Detention) == (0,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"age": "11"}, "Secure accommodation cannot be asked for under 12"),
        ({"age": "12"}, "Under 13, secure accommodation needs the Secretary of State"),
        ({"secure_reasons": ""}, "Say in your own words why other accommodation would not protect the public"),
        ({"other_would_do": ""}, "Say whether non-secure accommodation would do as well"),
        ({"other_would_do": "yes"}, "Ask for non-secure accommodation"),
    ],
)
def test_secure_that_fails_a_test_of_the_act_is_explained_with_its_paragraph(
    world: World, officer: FlaskClient, wrong: dict[str, str], message: str
) -> None:
    answer = officer.post("/desk/detentions/new", data=SECURE | wrong)

    assert answer.status_code == 422
    assert message in words(answer)
    assert world.count(Detention) == (0,)


def test_a_second_record_for_one_custody_record_number_leads_to_the_first(officer: FlaskClient) -> None:
    officer.post("/desk/detentions/new", data=CHILD)

    answer = officer.post("/desk/detentions/new", data=CHILD)

    assert answer.status_code == 422
    assert "There is a record for 01YE/4711/26 already" in words(answer)


def test_another_regime_is_out_of_scope_and_no_record_is_opened(world: World, officer: FlaskClient) -> None:
    answer = officer.post("/desk/detentions/new", data={"regime": "breach_of_bail"})

    assert "Another regime governs this detention" in words(answer)
    check(answer.get_data(as_text=True))
    assert world.count(Detention) == (0,)
    assert "out of scope" in [event.action for event in world.rows(AuditEvent)]


# --- the record's pages ---------------------------------------------------------------------


def test_every_page_of_a_record_shows_its_clock_and_is_valid(
    world: World, officer: FlaskClient, inspector: FlaskClient
) -> None:
    reference = refused(world)
    request = world.ask(world.place(), detention=reference)
    pages = [
        officer.get(address).get_data(as_text=True)
        for address in (
            f"/desk/detentions/{reference}",
            f"/desk/requests/{request}",
            f"/records/{reference}",
            f"/records/{reference}/log",
            f"/records/{reference}/end",
        )
    ]
    pages += [inspector.get(f"/records/{reference}{more}").get_data(as_text=True) for more in ("", "/log", "/end")]

    for page in pages:
        check(page)
        assert "since charge" in page
    for address in ("/records", "/records/handover"):
        check(officer.get(address).get_data(as_text=True))
    check(inspector.get("/records").get_data(as_text=True))


def test_an_inspector_sees_every_suite_of_the_force_and_no_other(world: World, inspector: FlaskClient) -> None:
    from custodyfinder.models import Suite

    here, there = world.detention(), world.detention(suite_id=world.other_suite_id)
    assert here in words(inspector.get("/records"))
    assert there in words(inspector.get("/records"))

    world.change(Suite, world.other_suite_id, force="Another Force")

    assert there not in words(inspector.get("/records"))
    for more in ("", "/log", "/end", "/certificate", "/certificate-pdf"):
        assert inspector.get(f"/records/{there}{more}").status_code == 404


def test_the_record_says_what_follows_from_what_is_known(world: World, officer: FlaskClient) -> None:
    answer = officer.post("/desk/detentions/new", data=CHILD | {"risk_child_protection": "yes"})

    page = words(officer.get(answer.location.replace("/desk/detentions", "/records")))

    assert "On a child protection plan Yes. Tell the child's social worker tonight." in page
    assert "Not known whether needed Step-free access, Medical cover" in page


def test_secure_is_turned_into_non_secure_on_the_page(world: World, officer: FlaskClient) -> None:
    reference = world.detention(secure=True)
    assert "other accommodation would be adequate after all" in words(officer.get(f"/records/{reference}"))

    page = words(officer.post(f"/records/{reference}/non-secure", follow_redirects=True))

    assert "Boy of 15, non-secure" in page


def test_a_call_to_an_authority_is_recorded_in_one_press(world: World, officer: FlaskClient) -> None:
    reference = world.detention()
    call = {"authority": CAMDEN, "secure": "no", "said": "refused", "reason": "staffing", "words": "one on call"}

    page = words(officer.post(f"/records/{reference}/calls", data=call, follow_redirects=True))

    assert "Record" in page
    (kept,) = world.rows(Call)
    assert (kept.authority_code, kept.said, kept.reason, kept.words) == (CAMDEN, "refused", "staffing", "one on call")
    assert "Rang Camden for a non-secure bed: they refuse" in words(officer.get(f"/records/{reference}/log"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"authority": "E99999999"}, "Choose the authority that you rang"),
        ({"words": "x" * 201}, "200 characters or fewer"),
        ({"said": "maybe"}, "Choose what was said"),
    ],
)
def test_a_call_that_cannot_be_is_said(world: World, officer: FlaskClient, wrong: dict[str, str], message: str) -> None:
    call = {"authority": CAMDEN, "secure": "no", "said": "refused", "reason": "staffing", "words": ""}

    answer = officer.post(f"/records/{world.detention()}/calls", data=call | wrong)

    assert answer.status_code == 422
    assert message in words(answer)
    assert world.count(Call) == (0,)


def test_the_next_officer_takes_the_open_records_over_in_one_press(world: World, officer: FlaskClient) -> None:
    reference = world.detention()
    world.change(Detention, world.detention_id(reference), officer="officer.before")
    assert "Take over this record" in words(officer.get("/records/handover"))

    page = words(officer.post("/records/handover", follow_redirects=True))

    assert "You have taken over 1 record." in page
    assert "You have every open record." in page
    assert world.get(Detention, world.detention_id(reference)).officer == "officer.wood-green"
