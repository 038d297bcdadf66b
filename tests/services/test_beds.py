"""The bed arithmetic, and what people report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from custodyfinder.db import transaction
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.errors import BadInput, NotFound
from custodyfinder.models import AuditEvent, BedReport, BedRequest, Place, RequestState
from custodyfinder.services import bed_reports, beds, requests

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, World

LATER = NIGHT + timedelta(minutes=5)


def report(counts: dict[int, bed_reports.Count], *, authority: str = HARINGEY) -> None:
    bed_reports.report(counts, authority_code=authority, by="duty.haringey", channel="page", now=LATER)


def said(free: int, *, seen: tuple[int, int] = (2, 0)) -> bed_reports.Count:
    return bed_reports.Count(free=free, seen=bed_reports.Seen(*seen))


def test_a_report_sets_the_count_and_is_what_makes_it_fresh(world: World) -> None:
    place = world.place(beds_free=0, confirmed_at=None)

    report({place: said(3, seen=(0, 0))})

    found = world.get(Place, place)
    assert (found.beds_free, found.confirmed_at) == (3, LATER)
    (kept,) = world.rows(BedReport)
    assert (kept.beds_free, kept.occurred_at, kept.reported_by, kept.channel) == (
        3,
        LATER,
        "duty.haringey",
        "page",
    )


@pytest.mark.parametrize("free", [-1, 5, 4000])
def test_a_count_below_zero_or_above_the_places_beds_is_refused_and_nothing_of_the_report_is_stored(
    world: World, free: int
) -> None:
    good, bad = world.place(), world.place(beds_total=4)

    with pytest.raises(BadInput) as refusal:
        report({good: said(1), bad: said(free)})

    assert refusal.value.field == str(bad)
    assert "must be from 0 to 4" in refusal.value.public
    assert world.beds(good) == (2, 0)
    assert world.count(BedReport) == (0,)


def test_held_beds_are_not_offered_twice_by_a_report(world: World) -> None:
    place = world.place(beds_total=2, beds_free=2)
    world.ask(place)

    with pytest.raises(BadInput, match="out of range"):
        report({place: said(2, seen=(1, 1))})


def test_a_report_typed_while_a_bed_was_being_held_is_asked_for_again(world: World) -> None:
    place = world.place()
    world.ask(place)

    with pytest.raises(bed_reports.BedsChanged):
        report({place: said(2)})

    assert world.beds(place) == (1, 1)
    assert world.count(BedReport) == (0,)


def test_a_child_accepted_and_a_bed_held_anew_while_the_count_was_typed_are_not_overlooked(world: World) -> None:
    place = world.place(beds_free=3)
    accepted = world.ask(place)  # the page shows 2 free and 1 held
    requests.accept(accepted, authority_code=HARINGEY, by="duty.haringey", channel="page", now=NIGHT)
    world.ask(place)

    with pytest.raises(bed_reports.BedsChanged):
        report({place: said(2, seen=(2, 1))})

    assert world.beds(place) == (1, 1)


def test_what_a_colleague_reported_while_the_count_was_typed_is_not_overwritten(world: World) -> None:
    place = world.place()
    report({place: said(0)})

    with pytest.raises(bed_reports.BedsChanged):
        report({place: said(1)})
    with pytest.raises(bed_reports.BedsChanged):
        bed_reports.confirm_all(
            {place: bed_reports.Seen(2, 0)}, authority_code=HARINGEY, by="duty.haringey", channel="page", now=LATER
        )

    assert world.beds(place) == (0, 0)


def test_another_authoritys_place_cannot_be_reported_on(world: World) -> None:
    place = world.place()

    with pytest.raises(NotFound):
        report({place: said(0)}, authority=CAMDEN)

    assert world.beds(place) == (2, 0)


@pytest.mark.parametrize(
    "wrong", [{"beds_free": -1}, {"beds_held": -1}, {"beds_free": 5}, {"beds_free": 3, "beds_held": 2}]
)
def test_the_database_itself_refuses_impossible_counts(world: World, wrong: dict[str, int]) -> None:
    place = world.place(beds_total=4)

    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Place).where(Place.id == place).values(**wrong))


def test_reconciliation_finds_nothing_when_all_is_well(world: World) -> None:
    world.ask(world.place())
    before = world.count(AuditEvent)

    assert beds.reconcile(now=LATER) == []
    assert world.count(AuditEvent) == before


@pytest.mark.parametrize(("held", "right"), [(0, (1, 1)), (3, (3, 1))])
def test_reconciliation_puts_a_wrong_count_right_and_writes_it_down(
    world: World, held: int, right: tuple[int, int]
) -> None:
    place = world.place(beds_total=4, beds_free=2)
    world.ask(place)
    with transaction() as session:
        session.execute(update(Place).where(Place.id == place).values(beds_held=held, beds_free=1))

    assert beds.reconcile(now=LATER) == [place]

    assert world.beds(place)[1] == right[1]
    line = world.rows(AuditEvent)[-1]
    assert (line.action, line.subject) == ("held beds corrected", f"place:{place}")
    assert (line.details["before"], line.details["after"]) == (held, 1)
    assert beds.reconcile(now=LATER) == []


steps = st.lists(
    st.tuples(st.sampled_from(["ask", "accept", "refuse", "withdraw", "expire", "report"]), st.integers(0, 5)),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_happens_no_bed_is_lost_or_made(world: World, done: list[tuple[str, int]]) -> None:
    place = world.place(beds_total=4, beds_free=3)
    model_free, model_held = 3, 0
    open_requests: list[int] = []
    for step, number in done:
        if step == "ask":
            try:
                open_requests.append(world.ask(place))
                model_free, model_held = model_free - 1, model_held + 1
            except beds.NoBedLeft:
                assert model_free == 0
        elif step == "report":
            free = min(number, 4 - model_held)
            report({place: said(free, seen=(model_free, model_held))})
            model_free = free
        elif open_requests:
            _end(world, open_requests.pop(number % len(open_requests)), step)
            model_held -= 1
            model_free += step != "accept"
        assert world.beds(place) == (model_free, model_held)
    still_open = [each for each in world.rows(BedRequest) if each.place_id == place and each.state == RequestState.OPEN]
    assert len(still_open) == model_held
    assert beds.reconcile(now=LATER) == []
    for request in open_requests:
        _end(world, request, "refuse")


def _end(world: World, request: int, how: str) -> None:
    answer: dict[str, Any] = {
        "authority_code": HARINGEY,
        "by": "duty.haringey",
        "channel": "page",
        "now": LATER,
    }
    if how == "accept":
        requests.accept(request, **answer)
    elif how == "refuse":
        requests.refuse(request, reason=RefusalReason.OTHER, words="", **answer)
    elif how == "withdraw":
        requests.withdraw(request, suite_id=world.suite_id, by="officer", now=LATER)
    else:
        with transaction() as session:
            session.execute(
                update(BedRequest)
                .where(BedRequest.id == request)
                .values(asked_at=NIGHT - timedelta(hours=1), hold_expires_at=NIGHT)
            )
        assert requests.expire_due(now=NIGHT) == 1
