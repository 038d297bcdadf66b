"""Whose figures somebody sees, and what is read for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from custodyfinder.db import db, transaction
from custodyfinder.domain.figure_tables import Table
from custodyfinder.domain.figures import Month
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import Ethnicity, Impracticable, OutcomeKind
from custodyfinder.errors import BadInput, NotFound
from custodyfinder.models import AuditEvent, CallOutcome, StandingSearch, Suite
from custodyfinder.services import accounts, figures, outcomes, requests
from custodyfinder.services.figures import Asked

from ..conftest import NIGHT
from ..figuring import EVENING, call, child, moved, not_moved, outcome, refused
from ..world import CAMDEN, HARINGEY, World

MORNING = NIGHT + timedelta(hours=9)


def seen(username: str, asked: Asked | None = None) -> dict[str, Table]:
    """The tables that this person sees in the morning."""
    person = accounts.by_username(username)
    return figures.read(person, asked or Asked(), now=MORNING).tables


def totals(table: Table) -> dict[str, Any]:
    """The total row, without what is nought."""
    return {c.name: cell for c, cell in zip(table.columns, table.total.cells, strict=True) if cell}


def test_an_inspector_sees_every_suite_of_the_force_and_no_other_force(world: World) -> None:
    child(world)
    child(world, suite_id=world.other_suite_id)
    world.change(Suite, world.other_suite_id, force="Another Police")

    assert totals(seen("inspector.met")["children-by-suite"]) == {"children": 1, "not_recorded": 1}


def test_one_suite_may_be_chosen_of_the_force_only(world: World) -> None:
    child(world)
    child(world, suite_id=world.other_suite_id)

    assert totals(seen("inspector.met")["children-by-month"])["children"] == 2
    assert totals(seen("inspector.met", Asked(suite="kentish-town"))["children-by-month"])["children"] == 1
    world.change(Suite, world.other_suite_id, force="Another Police")
    with pytest.raises(BadInput, match="suite"):
        seen("inspector.met", Asked(suite="kentish-town"))


def test_a_child_counts_in_the_month_of_the_charge_and_the_ends_of_the_period_are_in_it(world: World) -> None:
    first_hour_of_november = EVENING.replace(day=1, hour=0, minute=5)
    last_hour_of_october = first_hour_of_november - timedelta(minutes=10)
    child(world, charged_at=first_hour_of_november)
    child(world, charged_at=last_hour_of_october)

    def children(first: str, last: str) -> int:
        return int(totals(seen("inspector.met", Asked(first=first, last=last))["children-by-suite"]).get("children", 0))

    assert [children("2026-11", "2026-11"), children("2026-10", "2026-10")] == [1, 1]
    assert [children("2026-10", "2026-11"), children("2026-09", "2026-09")] == [2, 0]


def test_the_latest_outcome_counts(world: World) -> None:
    reference = child(world)
    not_moved(world, reference, Impracticable.ROADS)
    outcome(world, reference, OutcomeKind.BAILED)

    assert totals(seen("inspector.met")["children-by-month"]) == {"children": 1, "bailed": 1}


def test_a_record_that_was_opened_again_has_no_outcome(world: World) -> None:
    reference = child(world)
    not_moved(world, reference)
    outcome(world, reference, OutcomeKind.REOPENED)

    assert totals(seen("inspector.met")["children-by-month"]) == {"children": 1, "not_recorded": 1}


def test_times_come_from_the_requests_and_the_arrival(world: World) -> None:
    place = world.place()
    moved(world, child(world), place)
    moved(world, child(world), place)
    refused(world, child(world), world.place())

    assert totals(seen("inspector.met")["times-by-month"]) == {
        "asked": 3,
        "first_answer_children": 3,
        "first_answer_median": 20,
        "first_answer_90th": 20,
        "acceptance_children": 2,
        "acceptance_median": 20,
        "acceptance_90th": 20,
        "arrival_children": 2,
        "arrival_median": 90,
        "arrival_90th": 90,
    }


def test_authority_by_authority_a_call_of_no_request_counts_and_a_call_about_one_does_not(world: World) -> None:
    reference = child(world)
    request = refused(world, reference, world.place())
    call(world, reference, CallOutcome.REFUSED, request_id=request, reason=RefusalReason.STAFFING)
    call(world, reference, CallOutcome.REFUSED, authority=CAMDEN, reason=RefusalReason.OUT_OF_AREA)
    call(world, reference, CallOutcome.RING_BACK, authority=CAMDEN)

    haringey, camden = reversed(seen("inspector.met")["requests-by-authority"].rows)
    assert (haringey.labels, haringey.cells[0]) == (("Haringey",), 1)
    assert (camden.labels, camden.cells[0]) == (("Camden",), 2)
    assert totals(seen("inspector.met")["requests-by-authority"]) == {
        "asked": 3,
        "refused_no_bed": 1,
        "refused_out_of_area": 1,
        "no_answer": 1,
    }


def test_a_request_that_ran_out_and_was_refused_when_they_were_rung_is_a_refusal(world: World) -> None:
    reference = child(world)
    request = world.ask(world.place(), detention=reference, at=EVENING + timedelta(hours=1))
    requests.expire_due(now=EVENING + timedelta(hours=2))

    assert totals(seen("inspector.met")["requests-by-authority"]) == {"asked": 1, "no_answer": 1}
    call(world, reference, CallOutcome.REFUSED, request_id=request, reason=RefusalReason.STAFFING)
    assert totals(seen("inspector.met")["requests-by-authority"]) == {"asked": 1, "refused_staffing": 1}


def test_a_bed_that_was_accepted_and_given_back_was_accepted(world: World) -> None:
    reference = child(world)
    request = world.ask(world.place(), detention=reference, at=EVENING + timedelta(hours=1))
    accepted = EVENING + timedelta(minutes=80)
    requests.accept(request, authority_code=HARINGEY, by="duty.haringey", channel="page", now=accepted)
    outcomes.record(
        reference,
        outcomes.Ended(kind=OutcomeKind.BAILED, occurred_at=accepted),
        suites=[world.suite_id],
        by="officer.wood-green",
        may_override=False,
        now=accepted,
    )

    assert totals(seen("inspector.met")["requests-by-authority"]) == {"asked": 1, "accepted": 1}


def test_unmet_need_is_of_the_responsible_authority(world: World) -> None:
    refused(world, child(world, home=CAMDEN), world.place())
    not_moved(world, child(world, secure=True))
    not_moved(world, child(world), Impracticable.NO_TRANSPORT)
    rows = seen("inspector.met")["unmet-need-by-authority"].rows

    assert [(row.labels, row.cells) for row in rows] == [
        (("Camden", CAMDEN), (1, 0, 1)),
        (("Haringey", "E09000014"), (1, 1, 0)),
    ]


def test_a_search_that_found_nobody_left_to_ask_has_looked_for_a_bed(world: World) -> None:
    reference = child(world)
    looking = StandingSearch(
        detention_id=world.detention_id(reference),
        at_once=1,
        started_at=EVENING,
        started_by="officer.wood-green",
        until=MORNING,
        look_at=MORNING,
        exhausted_at=None,
    )
    with transaction() as session:
        session.add(looking)
        session.flush()
        search = looking.id

    assert totals(seen("inspector.met")["unmet-need-by-month"]) == {}
    world.change(StandingSearch, search, exhausted_at=NIGHT)
    assert totals(seen("inspector.met")["unmet-need-by-month"]) == {"nights": 1, "non_secure": 1}


# --- a manager ------------------------------------------------------------------------------


def test_a_manager_sees_the_authoritys_children_wherever_they_are_held_and_the_requests_to_its_places(
    world: World,
) -> None:
    place, elsewhere = world.place(beds_total=20, beds_free=20), world.place(authority_code=CAMDEN)
    for _ in range(6):
        refused(world, child(world, home=CAMDEN), place)
    for _ in range(5):
        child(world, suite_id=world.other_suite_id)
    refused(world, child(world), elsewhere, authority=CAMDEN)
    found = seen("manager.haringey")

    assert totals(found["children-by-suite"])["children"] == 6
    assert [row.labels for row in found["requests-by-authority"].rows] == [("Haringey",)]
    assert totals(found["requests-by-authority"])["asked"] == 6
    assert totals(found["requests-by-month"])["requests"] == "[c]"


def test_no_count_under_5_reaches_a_manager(world: World) -> None:
    place = world.place(beds_total=20, beds_free=20)
    for _ in range(3):
        moved(world, child(world), place)
    for _ in range(7):
        not_moved(world, child(world, secure=True))
    found = seen("manager.haringey")

    assert totals(found["children-by-month"]) == {
        name: 10 if name == "children" else "[c]" for name in totals(found["children-by-month"])
    }
    cells = [
        cell
        for name, table in found.items()
        if name != "times-by-month"
        for row in (*table.rows, table.total)
        for cell in row.cells
    ]
    assert min(cell for cell in cells if isinstance(cell, int)) >= 5
    assert 3 not in cells
    assert 7 in cells  # nights without a secure bed: they are no part of another sum that is hidden


@pytest.mark.parametrize(
    "asked",
    [
        Asked(first="2026-04", last="2026-11"),
        Asked(first="2025-04", last="2027-03"),
        Asked(first="2026-11", last="2026-11"),
        Asked(suite="wood-green"),
    ],
)
def test_a_manager_cannot_get_a_small_count_as_the_difference_of_two_periods(world: World, asked: Asked) -> None:
    with pytest.raises(BadInput, match="period"):
        seen("manager.haringey", asked)


def test_a_managers_year_runs_from_april_to_march(world: World) -> None:
    manager = accounts.by_username("manager.haringey")
    found = figures.read(manager, Asked(), now=MORNING)
    before = figures.read(manager, Asked(first="2025-04", last="2026-03"), now=MORNING)

    assert (found.period.first, found.period.last, found.earlier) == (Month(2026, 4), Month(2027, 3), before.period)


# --- the returns ----------------------------------------------------------------------------


def test_the_returns_are_an_inspectors_and_are_noted(world: World) -> None:
    child(world, ethnicity=Ethnicity.BLACK)
    inspector = accounts.by_username("inspector.met")
    noted = world.count(AuditEvent)[0]
    lines = figures.returns(inspector, Asked(), now=MORNING)

    assert len(lines) == 2
    assert "black" in lines[1]
    assert [event.action for event in world.rows(AuditEvent)[noted:]] == ["returns downloaded"]


def test_no_manager_gets_a_line_for_each_child(world: World) -> None:
    manager = accounts.by_username("manager.haringey")
    noted = world.count(AuditEvent)
    with pytest.raises(NotFound):
        figures.returns(manager, Asked(), now=MORNING)

    assert world.count(AuditEvent) == noted


def test_more_children_take_no_more_statements(world: World) -> None:
    place = world.place(beds_total=20, beds_free=20)
    counts = []
    for _ in range(2):
        for _ in range(3):
            refused(world, child(world), place)
        inspector = accounts.by_username("inspector.met")
        statements: list[str] = []

        def note(*args: Any, statements: list[str] = statements) -> None:
            statements.append(args[2])

        event.listen(db.engine, "before_cursor_execute", note)
        figures.read(inspector, Asked(), now=MORNING)
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len([each for each in statements if each.startswith("SELECT")]))

    assert counts[0] == counts[1] <= 10
