"""How it ended, and the certificate: what is recorded, what the record contradicts, what an inspector may sign."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import CertificateGround, OutcomeKind, Transport
from custodyfinder.errors import BadInput, Conflict, NotFound
from custodyfinder.models import (
    AuditEvent,
    BedRequest,
    CallOutcome,
    Certificate,
    Outcome,
    Placement,
    StandingSearch,
)
from custodyfinder.services import asking, calls, outcomes, requests, standing
from custodyfinder.services.outcomes import Ended

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_PHONE, World
from .ending import LATER, accept, moved, not_moved, record

# --- moved, bailed, court first ---------------------------------------------------------------


def test_a_transfer_keeps_to_whom_when_and_by_which_transport(world: World) -> None:
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    accept(request)

    record(world, reference, moved(arrived_at=LATER))

    (outcome,) = world.rows(Outcome)
    assert (outcome.authority_code, outcome.request_id, outcome.transport) == (HARINGEY, request, "police")
    assert (outcome.left_at, outcome.arrived_at, outcome.by) == (LATER, LATER, "officer.wood-green")
    assert world.rows(Placement)[0].arrived_at == LATER
    assert world.count(Certificate) == (0,)


def test_a_child_whom_nobody_accepted_was_not_transferred(world: World, refused: str) -> None:
    with pytest.raises(BadInput, match="nobody accepted"):
        record(world, refused, moved())

    assert world.count(Outcome) == (0,)


def test_an_authority_may_take_a_child_without_a_place_of_its_list(world: World, refused: str) -> None:
    """PACE 1984 s.38(6B): the authority may place the child where it decides, a family member's home included."""
    calls.record_with_authority(
        refused,
        authority_code=CAMDEN,
        secure=False,
        said=CallOutcome.ACCEPTED,
        words="to an aunt",
        reason=RefusalReason.NOT_GIVEN,
        suite_id=world.suite_id,
        by="officer.wood-green",
        now=NIGHT,
    )

    record(world, refused, moved(transport=Transport.FAMILY))

    assert (world.rows(Outcome)[0].authority_code, world.rows(Outcome)[0].request_id) == (CAMDEN, None)


@pytest.mark.parametrize("kind", [OutcomeKind.BAILED, OutcomeKind.COURT_FIRST])
def test_bail_or_court_ends_the_search_tells_whoever_was_asked_and_gives_the_held_bed_back(
    world: World, kind: OutcomeKind
) -> None:
    place, reference = world.place(), world.detention()
    standing.start(
        reference, suite_id=world.suite_id, at_once=1, until=NIGHT + timedelta(hours=8), by="officer", now=NIGHT
    )
    request = world.ask(place, detention=reference, at=LATER - timedelta(minutes=5))

    record(world, reference, Ended(kind=kind, occurred_at=LATER))

    assert world.get(BedRequest, request).state == "withdrawn"
    assert world.rows(StandingSearch)[0].ended_why == "stopped"
    assert world.beds(place) == (2, 0)
    assert world.rows(Outcome)[0].kind == kind


def test_the_bed_of_a_child_who_is_bailed_after_all_is_given_back_and_its_contact_told(world: World) -> None:
    place, reference = world.place(), world.detention()
    request = world.ask(place, detention=reference)
    accept(request)
    assert world.beds(place) == (1, 0)

    record(world, reference, Ended(kind=OutcomeKind.BAILED, occurred_at=LATER))

    assert world.beds(place) == (2, 0)
    assert world.rows(Placement)[0].ended_at == LATER
    assert "no longer needed" in world.texts(HARINGEY_PHONE)[-1].body


def test_a_bed_that_was_counted_free_meanwhile_is_not_invented_by_giving_it_back(world: World) -> None:
    place, reference = world.place(beds_total=2, beds_free=1), world.detention()
    accept(world.ask(place, detention=reference))
    from custodyfinder.models import Place

    world.change(Place, place, beds_free=2)

    record(world, reference, Ended(kind=OutcomeKind.BAILED, occurred_at=LATER))

    assert world.beds(place) == (2, 0)


def test_after_the_end_nobody_is_asked_and_nothing_ends_twice(world: World, refused: str) -> None:
    record(world, refused, Ended(kind=OutcomeKind.COURT_FIRST, occurred_at=LATER))

    with pytest.raises(asking.RecordEnded):
        world.ask(world.place(), detention=refused, at=LATER)
    with pytest.raises(asking.RecordEnded):
        standing.start(
            refused, suite_id=world.suite_id, at_once=1, until=LATER + timedelta(hours=2), by="officer", now=LATER
        )
    with pytest.raises(Conflict, match="ended"):
        record(world, refused, Ended(kind=OutcomeKind.BAILED, occurred_at=LATER))
    assert world.count(Outcome) == (1,)


def test_an_outcome_that_was_recorded_by_mistake_stays_on_record_and_the_search_can_go_on(world: World) -> None:
    place, reference = world.place(), world.detention()
    accept(world.ask(place, detention=reference))
    record(world, reference, Ended(kind=OutcomeKind.BAILED, occurred_at=LATER))

    outcomes.reopen(reference, suites=[world.suite_id], by="officer.wood-green", now=LATER)

    assert [outcome.kind for outcome in world.rows(Outcome)] == ["bailed", "reopened"]
    again = world.ask(place, detention=reference, at=LATER)
    requests.accept(again, authority_code=HARINGEY, by="duty.haringey", channel="page", now=LATER)
    assert world.beds(place) == (1, 0)
    with pytest.raises(Conflict, match="not ended"):
        outcomes.reopen(reference, suites=[world.suite_id], by="officer.wood-green", now=LATER)


@pytest.mark.parametrize(
    ("ended", "field"),
    [
        (Ended(kind=OutcomeKind.BAILED, occurred_at=LATER + timedelta(minutes=1)), "occurred"),
        (Ended(kind=OutcomeKind.BAILED, occurred_at=NIGHT - timedelta(hours=2)), "occurred"),
        (moved(transport=None), "kind"),
        (moved(arrived_at=LATER - timedelta(minutes=1)), "arrived"),
        (moved(arrived_at=LATER + timedelta(minutes=1)), "arrived"),
        (not_moved(ground=None), "ground"),
        (not_moved(impracticable=None), "impracticable"),
        (not_moved(ground=CertificateGround.NO_SECURE), "impracticable"),
        (not_moved(circumstances="no van"), "circumstances"),
        (not_moved(circumstances="x" * 501), "circumstances"),
        (not_moved(inspector=""), "inspector"),
        (not_moved(inspector_rank=None), "inspector"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(world: World, refused: str, ended: Ended, field: str) -> None:
    before = world.count(Outcome, Certificate, AuditEvent)

    with pytest.raises(BadInput) as refusal:
        record(world, refused, ended)

    assert refusal.value.field == field
    assert world.count(Outcome, Certificate, AuditEvent) == before


def test_another_suites_record_cannot_be_ended(world: World) -> None:
    reference = world.detention(suite_id=world.other_suite_id)

    with pytest.raises(NotFound):
        record(world, reference, Ended(kind=OutcomeKind.BAILED, occurred_at=LATER))
