"""The ranking over the database is that over all its places."""

from __future__ import annotations

import random
from datetime import timedelta
from math import hypot
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from custodyfinder.db import reading, transaction
from custodyfinder.domain.costs import cost_minutes
from custodyfinder.domain.geo import Areas, Circle, GridPoint, travel_minutes
from custodyfinder.domain.needs import Need, Sex
from custodyfinder.domain.suitability import Candidate, Child, Question, suits
from custodyfinder.domain.weights import Weights
from custodyfinder.models import BAND_M, Authority, Place
from custodyfinder.services import search

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, WOOD_GREEN, World


def fill(count: int, *, seed: int) -> None:
    """Places everywhere, most of them near the suite, of every sort."""
    dice = random.Random(seed)  # noqa: S311 - made-up places
    rows = []
    for number in range(1, count + 1):
        spread = dice.choice([3_000, 20_000, 300_000])
        north = min(650_000, max(0, WOOD_GREEN[1] + round(dice.gauss(0, spread))))
        kind = dice.choice(["residential", "foster", "emergency", "secure"])
        met = dice.randrange(64)
        hours = dice.choice([(None, None), (18 * 60, 120), (8 * 60, 20 * 60)])
        age_min = dice.randint(10, 15)
        rows.append(
            {
                "code": f"R{number}",
                "name": f"Example House {number}",
                "authority_code": dice.choice([HARINGEY, CAMDEN]),
                "kind": kind,
                "secure": kind == "secure",
                "town": "Somewhere",
                "address": "1 Fictional Row",
                "postcode": "N22 6XH",
                "easting": min(650_000, max(0, WOOD_GREEN[0] + round(dice.gauss(0, spread)))),
                "northing": north,
                "band": north // BAND_M,
                "age_min": age_min,
                "age_max": dice.randint(age_min, 17),
                "sexes": dice.choice([1, 2, 3, 3]),
                "needs_met": met,
                "needs_not_met": dice.randrange(64) & ~met,
                "admits_from": hours[0],
                "admits_until": hours[1],
                "out_of_service": dice.choice([None] * 9 + ["boiler"]),
                "beds_total": 4,
                "beds_free": dice.choice([0, 0, 1, 3]),
                "confirmed_at": dice.choice([None, NIGHT - timedelta(hours=dice.random() * 30)]),
                "ended": dice.choice([0, 12]),
                "refused": dice.choice([0, 9]),
                "answer_minutes": dice.random() * 40,
            }
        )
    if rows:
        with transaction() as session:
            session.execute(insert(Place), rows)


def every_place() -> list[Candidate]:
    columns = [Authority.name if name == "authority_name" else getattr(Place, name) for name in Candidate._fields]
    with reading() as connection:
        rows = connection.execute(select(*columns).join(Authority, Authority.code == Place.authority_code))
        return [Candidate(*row) for row in rows]


def oracle(asked: Child, places: list[Candidate], limit: int) -> tuple[list[int], list[int]]:
    about = Question.about(asked, at=NIGHT, weights=Weights())

    def away(offered: Candidate) -> float:
        return hypot(offered.easting - asked.origin.easting, offered.northing - asked.origin.northing)

    able = [
        (round(round(travel_minutes(away(offered)), 2) + cost_minutes(about, offered), 2), offered.id)
        for offered in places
        if suits(about, offered)
    ]
    out = [(away(offered), offered.id) for offered in places if not suits(about, offered)]
    return [place for _, place in sorted(able)[:limit]], [place for _, place in sorted(out)[:limit]]


children = st.builds(
    Child,
    origin=st.builds(GridPoint, st.integers(400_000, 650_000), st.integers(100_000, 300_000))
    | st.just(GridPoint(*WOOD_GREEN)),
    age=st.integers(10, 17),
    sex=st.sampled_from(list(Sex)),
    responsible=st.sampled_from([HARINGEY, CAMDEN, "E10000012"]),
    secure=st.booleans(),
    approved_under_13=st.booleans(),
    needs=st.sets(st.sampled_from(list(Need)), max_size=3).map(frozenset),
    home=st.none() | st.just(GridPoint(500_000, 200_000)),
    avoid=st.just(Areas()) | st.just(Areas((Circle(GridPoint(*WOOD_GREEN), 3000.0),))),
    kept_apart_from=st.sets(st.integers(1, 50), max_size=5).map(frozenset),
)


@pytest.mark.parametrize("count", [0, 7, 700])
def test_the_answer_is_that_of_scoring_every_row(world: World, count: int) -> None:
    fill(count, seed=count)
    places = every_place()

    @settings(max_examples=120, deadline=None)
    @given(children, st.sampled_from([1, 5, 20, 1000]))
    def holds(asked: Child, limit: int) -> None:
        ranking = search.find(asked, at=NIGHT, limit=limit)

        found = [o.place.id for o in ranking.options], [o.place.id for o in ranking.ruled_out]
        assert found == oracle(asked, places, limit)

    holds()


def test_a_held_bed_is_gone_from_the_next_search(world: World) -> None:
    last = world.place(beds_free=1)
    asked = Child(origin=GridPoint(*WOOD_GREEN), age=15, sex=Sex.MALE, responsible=HARINGEY)
    assert [option.place.id for option in search.find(asked, at=NIGHT).options] == [last]

    world.ask(last)

    ranking = search.find(asked, at=NIGHT)
    assert ranking.options == ()
    assert [reason.code for reason in ranking.ruled_out[0].reasons] == ["no_bed"]


def test_a_search_writes_nothing_and_waits_for_no_writer(world: World) -> None:
    world.place()
    asked = Child(origin=GridPoint(*WOOD_GREEN), age=15, sex=Sex.MALE, responsible=HARINGEY)

    with transaction():
        assert len(search.find(asked, at=NIGHT).options) == 1


def test_the_json_has_kilometres_and_costs_that_add_up(world: World) -> None:
    world.place(easting=WOOD_GREEN[0] + 2500, authority_code=CAMDEN)
    asked = Child(origin=GridPoint(*WOOD_GREEN), age=15, sex=Sex.MALE, responsible=HARINGEY)

    answer: dict[str, Any] = search.as_json(search.find(asked, at=NIGHT))

    (option,) = answer["options"]
    assert (option["rank"], option["distance_km"], option["authority"]) == (1, 2.5, "Camden")
    assert option["cost_minutes"] == option["travel_minutes"] + sum(r["minutes"] for r in option["reasons"])
