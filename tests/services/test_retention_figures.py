"""The figures are the same before and after records were reduced to them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from custodyfinder.db import transaction
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import Ethnicity, Impracticable, OutcomeKind
from custodyfinder.models import (
    CallOutcome,
    Detention,
    StandingSearch,
)
from custodyfinder.services import (
    accounts,
    figures,
    requests,
    retention,
)
from custodyfinder.services.figures import Asked

from .. import figuring
from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, World
from .expired import DAY


def nobody_left(world: World, reference: str, at: datetime) -> None:
    """A search that kept going found nobody left to ask."""
    with transaction() as session:
        session.add(
            StandingSearch(
                detention_id=world.detention_id(reference),
                at_once=1,
                started_by="officer",
                **dict.fromkeys(("started_at", "until", "look_at", "exhausted_at", "ended_at"), at),
                ended_why="court",
            )
        )


def a_child_of_some_night(world: World, draw: random.Random, places: dict[bool, int]) -> None:
    """Charged in one of the last thirty months; asked for and ended in any way that there is."""
    charged = NIGHT - draw.randrange(900) * DAY - draw.randrange(24) * timedelta(hours=1)
    secure = draw.random() < 0.3
    said: dict[str, Any] = {
        "secure": secure,
        "age": draw.randrange(13 if secure else 10, 18),
        "ethnicity": draw.choice(list(Ethnicity)),
    }
    home = draw.choice((HARINGEY, HARINGEY, CAMDEN))
    reference = figuring.child(world, charged_at=charged, home=home, **said)
    ending_of_it = draw.randrange(8)
    if ending_of_it == 0:
        figuring.moved(world, reference, places[secure], at=charged)
        return
    if ending_of_it < 4:
        figuring.refused(world, reference, places[secure], at=charged)
    if ending_of_it == 4:
        if draw.random() < 0.5:  # of the others, nobody was left to ask from the start
            world.ask(places[secure], detention=reference, at=charged + timedelta(hours=1))
            requests.expire_due(now=charged + timedelta(hours=3))
        nobody_left(world, reference, charged)
    if ending_of_it in (3, 5):
        figuring.call(world, reference, CallOutcome.REFUSED, authority=CAMDEN, reason=RefusalReason.STAFFING)
    when = charged + timedelta(hours=draw.randrange(2, 9))
    if draw.random() < 0.5:
        figuring.not_moved(world, reference, draw.choice([None, *Impracticable]))
    if draw.random() < 0.3:
        left = when + draw.randrange(9) * timedelta(hours=1)  # not when it was decided
        figuring.outcome(
            world, reference, draw.choice((OutcomeKind.BAILED, OutcomeKind.REOPENED)), at=when, left_at=left
        )


def all_figures(now: datetime) -> list[Any]:
    """Every table of every reader, for all periods, and the returns."""
    inspector, manager = (accounts.by_username(who) for who in ("inspector.met", "manager.haringey"))
    spans = [Asked(first="2024-06", last="2027-02"), Asked(first="2025-01", last="2025-06", suite="wood-green")]
    years = [Asked(first=f"{year}-04", last=f"{year + 1}-03") for year in (2024, 2025, 2026)]
    return [
        *(figures.read(inspector, asked, now=now).tables for asked in spans),
        *(figures.read(manager, asked, now=now).tables for asked in years),
        figures.returns(inspector, spans[0], now=now),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_figures_are_the_same_before_and_after_a_run(world: World, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a story, not a secret
    places = {
        False: world.place(beds_total=99, beds_free=99),
        True: world.place(kind="secure", beds_total=99, beds_free=99),
    }
    for _ in range(60):
        a_child_of_some_night(world, draw, places)
    alone = figuring.EVENING - 500 * DAY
    nobody_left(world, figuring.child(world, charged_at=alone), alone)  # counts by its search only
    now = NIGHT + 60 * DAY
    before = all_figures(now)

    done = {each.kind: each.counts for each in retention.expire(by="command line", now=now)}

    reduced = [each.reduced_at is not None for each in world.rows(Detention)]
    assert 0 < sum(reduced) == done["detail"]["records"] < 61
    assert all_figures(now) == before
