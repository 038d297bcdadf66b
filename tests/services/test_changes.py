"""What would bring more places, over all places of the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings

from custodyfinder.domain import changes as domain
from custodyfinder.domain.geo import GridPoint
from custodyfinder.domain.needs import Need, Sex
from custodyfinder.domain.suitability import Child, Question
from custodyfinder.domain.weights import Weights
from custodyfinder.services import changes, search

from ..conftest import NIGHT
from ..world import HARINGEY, WOOD_GREEN, World
from .test_search import children, every_place, fill

COURT = NIGHT + timedelta(hours=8)


def test_what_would_change_is_that_of_looking_at_every_row(world: World) -> None:
    fill(400, seed=7)
    places = every_place()

    @settings(max_examples=60, deadline=None)
    @given(children)
    def holds(asked: Child) -> None:
        about = Question.about(asked, at=NIGHT, weights=Weights())
        known = search.find(asked, at=NIGHT).options

        found = changes.what_would_change(asked, known=known, at=NIGHT, until=COURT)

        beyond = domain.farther(about, places)
        assert found == (*domain.changes(about, places, until=COURT), *([beyond] if beyond else []))

    holds()


def test_places_beyond_the_list_are_counted_too(world: World) -> None:
    for number in range(25):
        world.place(needs_not_met=1, easting=WOOD_GREEN[0] + 50_000 + number)
    asked = Child(origin=GridPoint(*WOOD_GREEN), age=15, sex=Sex.MALE, responsible=HARINGEY)

    (change,) = changes.what_would_change(
        replace(asked, needs=frozenset([Need.STEP_FREE])), known=(), at=NIGHT, until=COURT
    )

    assert (change.need, change.more) == (Need.STEP_FREE, 25)
