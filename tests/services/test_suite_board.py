"""Every child of one suite on one page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import OutcomeKind
from custodyfinder.domain.stage import Stage
from custodyfinder.models import BedRequest, StandingSearch
from custodyfinder.services import outcomes, requests, standing, suite_board

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, World


def board(world: World, **after: float) -> suite_board.SuiteBoard:
    return suite_board.of_suite(world.suite_id, now=NIGHT + timedelta(**after))


def test_the_child_whose_court_sits_first_is_first(world: World) -> None:
    later = world.detention(court_at=NIGHT + timedelta(hours=30))
    sooner = world.detention(court_at=NIGHT + timedelta(hours=6))
    past = world.detention(at=NIGHT - timedelta(hours=40))

    assert [child.reference for child in board(world).open] == [past, sooner, later]


def test_a_child_stays_on_the_board_until_the_record_ends_and_a_day_longer_below(world: World) -> None:
    going_on, ended = world.detention(at=NIGHT - timedelta(days=3)), world.detention()
    at = NIGHT + timedelta(hours=1)
    outcomes.record(
        ended,
        outcomes.Ended(kind=OutcomeKind.BAILED, occurred_at=at),
        suites=[world.suite_id],
        by="officer.wood-green",
        may_override=False,
        now=at,
    )

    after = board(world, hours=2)
    assert [child.reference for child in after.open] == [going_on]
    assert [(child.reference, child.kind) for child in after.ended] == [(ended, OutcomeKind.BAILED)]
    assert after.references == [going_on, ended]
    assert board(world, hours=26).ended == ()


def test_children_of_another_suite_are_not_shown(world: World) -> None:
    world.detention(suite_id=world.other_suite_id)

    assert board(world).references == []


def test_each_child_has_the_stage_the_authority_and_the_time_of_what_matters_most(world: World) -> None:
    elsewhere = world.place(authority_code=CAMDEN)
    waiting, refused, asks_to_ring = world.detention(), world.detention(), world.detention()
    world.ask(elsewhere, detention=waiting)
    no = world.ask(world.place(), detention=refused)
    requests.refuse(
        no,
        reason=RefusalReason.NO_BED,
        words="",
        authority_code=HARINGEY,
        by="duty.haringey",
        channel="page",
        now=NIGHT + timedelta(minutes=5),
    )
    world.change(
        BedRequest, world.ask(world.place(), detention=asks_to_ring), ring_asked_at=NIGHT + timedelta(minutes=2)
    )

    shown = {child.reference: (child.stage, child.authority, child.since) for child in board(world).open}
    assert shown == {
        waiting: (Stage.WAITING, "Camden", NIGHT),
        refused: (Stage.REFUSED, "Haringey", NIGHT + timedelta(minutes=5)),
        asks_to_ring: (Stage.RING, "Haringey", NIGHT + timedelta(minutes=2)),
    }


def test_a_search_that_keeps_going_is_on_the_board(world: World) -> None:
    child = world.detention()
    search = standing.start(
        child, suite_id=world.suite_id, at_once=1, until=NIGHT + timedelta(hours=8), by="officer", now=NIGHT
    )
    assert board(world).open[0].stage is Stage.LOOKING

    world.change(StandingSearch, search, exhausted_at=NIGHT)
    assert board(world).open[0].stage is Stage.NOBODY_LEFT


@pytest.mark.parametrize("hours", [1, 9])
def test_the_clock_of_each_child_runs(world: World, hours: int) -> None:
    world.detention(charged_at=NIGHT - timedelta(hours=1), court_at=NIGHT + timedelta(hours=8))

    (child,) = board(world, hours=hours).open
    assert child.clock.since_charge == timedelta(hours=hours + 1)
    assert child.clock.to_court == timedelta(hours=8 - hours)
