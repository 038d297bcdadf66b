"""The order is the true order over all places."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain.costs import cost_minutes
from custodyfinder.domain.geo import Areas, Circle, GridPoint, travel_minutes
from custodyfinder.domain.needs import Need, Sex
from custodyfinder.domain.ranking import Guess, Ranking, Wanted, rank
from custodyfinder.domain.suitability import Candidate, Child, Question, suits
from custodyfinder.domain.weights import Weights

from .making import CAMDEN, HARINGEY, NIGHT, SUITE, child, place, question


def distance(asked: Question, offered: Candidate) -> float:
    origin = asked.child.origin
    return hypot(offered.easting - origin.easting, offered.northing - origin.northing)


class Store:
    """Places, fetched the way the database does it; what may be left out is."""

    def __init__(self, asked: Question, places: list[Candidate], *, eager: bool = True) -> None:
        self.asked, self.places, self.eager = asked, places, eager
        self.given: list[int] = []

    def fetch(self, wanted: Wanted) -> Iterable[Candidate]:
        for offered in self.places:
            origin = self.asked.child.origin
            square = (offered.easting - origin.easting) ** 2 + (offered.northing - origin.northing) ** 2
            ours = offered.authority_code == self.asked.child.responsible
            able = wanted.responsible if ours else wanted.elsewhere
            within = [
                (ring.beyond_m < 0 or ring.beyond_m**2 < square) and square <= ring.within_m**2
                for ring in (wanted.everyone, able)
            ]
            assert within != [True, True], "the rings overlap"
            if within[0] or (within[1] and not (self.eager and not suits(self.asked, offered))):
                self.given.append(offered.id)
                yield offered


def everything_sorted(asked: Question, places: list[Candidate], limit: int) -> tuple[list[int], list[int]]:
    """The oracle: score every place there is, then sort."""
    able = [offered for offered in places if suits(asked, offered)]
    out = [offered for offered in places if not suits(asked, offered)]

    def cost(offered: Candidate) -> float:
        return round(round(travel_minutes(distance(asked, offered)), 2) + cost_minutes(asked, offered), 2)

    able.sort(key=lambda offered: (cost(offered), offered.id))
    out.sort(key=lambda offered: (distance(asked, offered), offered.id))
    return [offered.id for offered in able[:limit]], [offered.id for offered in out[:limit]]


def ids(ranking: Ranking) -> tuple[list[int], list[int]]:
    return [o.place.id for o in ranking.options], [o.place.id for o in ranking.ruled_out]


def world(size: int, seed: int) -> list[Candidate]:
    """Places at coarse coordinates and with few values, so that ties in distance and in cost are common.

    Drawn from a seed and not value by value: thousands of worlds then take seconds.
    """
    dice = random.Random(seed)  # noqa: S311 - made-up places
    near, anywhere = (51_000, 55_000, 18_000, 20_000, 10), (0, 130, 0, 130, 5000)

    def one(number: int) -> Candidate:
        west, east, south, north, step = dice.choice([near, anywhere])
        return place(
            id=number,
            easting=dice.randint(west, east) * step,
            northing=dice.randint(south, north) * step,
            authority_code=dice.choice([HARINGEY, CAMDEN]),
            age_min=dice.choice([10, 13, 16]),
            sexes=dice.choice([1, 2, 3]),
            beds_free=dice.choice([0, 1, 1, 2]),
            confirmed_at=dice.choice([None, NIGHT, NIGHT - timedelta(hours=5), NIGHT - timedelta(days=3)]),
            needs_met=dice.choice([0, 1]),
            needs_not_met=dice.choice([0, 2]),
            ended=dice.choice([0, 10]),
            refused=dice.choice([0, 9]),
            answer_minutes=dice.choice([3.0, 25.0]),
        )

    return [one(number) for number in dice.sample(range(1, size + 1), size)]


worlds = st.builds(world, st.integers(0, 30), st.integers(0, 2**32))
children = st.builds(
    child,
    origin=st.just(SUITE) | st.builds(GridPoint, st.integers(0, 650_000), st.integers(0, 650_000)),
    age=st.integers(10, 17),
    sex=st.sampled_from(list(Sex)),
    needs=st.sets(st.sampled_from(list(Need)[:2])).map(frozenset),
    home=st.none() | st.just(GridPoint(400_000, 400_000)),
    avoid=st.just(Areas()) | st.just(Areas((Circle(SUITE, 2000.0),))),
    refused_tonight=st.sets(st.integers(1, 10)).map(frozenset),
)


@settings(max_examples=1500, deadline=None)
@given(
    worlds,
    children,
    st.integers(1, 25),
    st.builds(Guess, st.sampled_from([1.0, 500.0, 80_000.0, 2e6]), st.sampled_from([0.01, 5.0, 60.0, 5_000.0])),
    st.booleans(),
    st.sampled_from([Weights(), Weights(not_responsible=0), Weights(not_responsible=200)]),
)
def test_the_answer_is_that_of_scoring_every_place_and_sorting(
    places: list[Candidate], asked: Child, limit: int, guess: Guess, eager: bool, weights: Weights
) -> None:
    about = question(asked, weights=weights)
    store = Store(about, places, eager=eager)

    ranking = rank(about, store.fetch, limit=limit, guess=guess)

    assert ids(ranking) == everything_sorted(about, places, limit)


@settings(max_examples=150, deadline=None)
@given(worlds, children)
def test_cost_is_travel_and_the_sum_of_reasons_and_no_reason_is_negative(places: list[Candidate], asked: Child) -> None:
    about = question(asked)

    for option in rank(about, Store(about, places).fetch, limit=60, guess=Guess()).options:
        assert all(reason.minutes > 0 and reason.text.endswith(".") for reason in option.reasons)
        total = option.travel_minutes + sum(reason.minutes for reason in option.reasons)
        assert option.cost_minutes == pytest.approx(total, abs=0.006)
        assert option.cost_minutes >= option.travel_minutes


@settings(max_examples=150, deadline=None)
@given(worlds, children, st.integers(0, 2**32))
def test_the_order_in_which_places_are_stored_is_no_matter(places: list[Candidate], asked: Child, seed: int) -> None:
    about = question(asked)
    shuffled = random.Random(seed).sample(places, len(places))  # noqa: S311 - an order, not a secret

    one = rank(about, Store(about, places).fetch, limit=10, guess=Guess())
    other = rank(about, Store(about, shuffled).fetch, limit=10, guess=Guess())

    assert ids(one) == ids(other)


def test_no_places_give_an_empty_answer() -> None:
    ranking = rank(question(), lambda wanted: [], limit=20, guess=Guess())

    assert (ranking.options, ranking.ruled_out) == ((), ())


def test_ties_break_on_the_places_id() -> None:
    twins = [place(id=number) for number in (9, 3, 7)]
    about = question()

    ranking = rank(about, Store(about, twins).fetch, limit=2, guess=Guess())

    assert ids(ranking)[0] == [3, 7]


def test_a_farther_place_wins_when_the_nearer_count_is_stale() -> None:
    near = place(id=1, easting=SUITE.easting + 1000, confirmed_at=None)
    far = place(id=2, easting=SUITE.easting + 9000)
    about = question()

    ranking = rank(about, Store(about, [near, far]).fetch, limit=1, guess=Guess(1500, 5))

    assert ids(ranking)[0] == [2]


def test_the_search_stops_when_nothing_farther_can_win() -> None:
    near = [place(id=n, easting=SUITE.easting + 10 * n) for n in range(1, 11)]
    shut = [place(id=100 + n, easting=SUITE.easting + 10 * n, beds_free=0) for n in range(1, 11)]
    far = [place(id=1000 + n, easting=SUITE.easting + 50_000 + n) for n in range(1000)]
    about = question()
    store = Store(about, near + shut + far)

    ranking = rank(about, store.fetch, limit=10, guess=Guess(200, 3))

    assert len(ranking.options) == 10
    assert max(store.given) < 1000


@pytest.mark.parametrize(("limit", "guess"), [(0, Guess()), (-1, Guess()), (5, Guess(0, 5)), (5, Guess(5, 0))])
def test_a_limit_or_a_guess_of_nothing_is_refused(limit: int, guess: Guess) -> None:
    with pytest.raises(ValueError, match="positive"):
        rank(question(), lambda wanted: [], limit=limit, guess=guess)


def test_the_guess_that_comes_back_would_have_done() -> None:
    near = [place(id=n, easting=SUITE.easting + 10 * n) for n in range(1, 11)]
    shut = [place(id=100 + n, easting=SUITE.easting + 20 * n, beds_free=0) for n in range(1, 11)]
    about = question()
    first = rank(about, Store(about, near + shut).fetch, limit=10, guess=Guess(1.0, 1.0))
    fetches: list[Wanted] = []

    def fetch(wanted: Wanted) -> Iterable[Candidate]:
        fetches.append(wanted)
        return Store(about, near + shut).fetch(wanted)

    again = rank(about, fetch, limit=10, guess=first.guess)

    assert ids(again) == ids(first)
    assert len(fetches) == 1


@settings(max_examples=400, deadline=None)
@given(
    st.integers(0, 2**32), st.integers(1, 5), st.sampled_from([0.0, 3.0, 15.0]), st.sampled_from([0.01, 1.0, 7.0, 20.0])
)
def test_nothing_just_inside_the_bound_is_missed(seed: int, limit: int, elsewhere: float, cost: float) -> None:
    """Places close together in cost: whatever is fetched too near leaves out one that should win."""
    dice = random.Random(seed)  # noqa: S311 - made-up places
    places = [
        place(
            id=number,
            easting=SUITE.easting + dice.randint(0, 25_000),
            authority_code=dice.choice([HARINGEY, CAMDEN]),
            confirmed_at=NIGHT - timedelta(hours=dice.uniform(0, 6)),
        )
        for number in range(60)
    ]
    # Enough left out at once, so that only the search for options looks farther.
    places += [place(id=100 + number, easting=SUITE.easting, beds_free=0) for number in range(limit)]
    about = question(weights=Weights(not_responsible=elsewhere))

    ranking = rank(about, Store(about, places).fetch, limit=limit, guess=Guess(1.0, cost))

    assert ids(ranking) == everything_sorted(about, places, limit)


def test_a_tie_by_rounding_is_fetched_and_broken_by_id() -> None:
    nearer, farther = 4004, 4005  # metres: 10.01 minutes both, to the hundredth
    assert round(travel_minutes(nearer), 2) == round(travel_minutes(farther), 2) < travel_minutes(farther)
    places = [
        place(id=2, easting=SUITE.easting + nearer),
        place(id=1, easting=SUITE.easting + farther),
        place(id=3, easting=SUITE.easting, beds_free=0),
    ]
    about = question()

    ranking = rank(about, Store(about, places).fetch, limit=1, guess=Guess(nearer, 0.01))

    assert ids(ranking)[0] == [1]
