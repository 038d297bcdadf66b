"""What is said of the best place is true, and no more than is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain import wording
from custodyfinder.domain.best import best
from custodyfinder.domain.costs import costs
from custodyfinder.domain.geo import METRES_PER_MILE, miles, travel_minutes
from custodyfinder.domain.ranking import Guess, Option, Ranking, rank
from custodyfinder.domain.suitability import Candidate, Child, suits
from custodyfinder.domain.weights import Weights

from .making import CAMDEN, NIGHT, SUITE, place, question
from .test_ranking import Store, children, distance, worlds


def ranked(*places: Candidate, limit: int = 20) -> Ranking:
    about = question()
    return rank(about, Store(about, list(places)).fetch, limit=limit, guess=Guess())


def said(*places: Candidate, limit: int = 20) -> str:
    return wording.why_best(best(ranked(*places, limit=limit).options, limit=limit))


def at(number: int, miles_east: float, **more: Any) -> Candidate:
    east = SUITE.easting + round(miles_east * METRES_PER_MILE)
    return place(**{"id": number, "name": f"House {number}", "easting": east} | more)


OLD = NIGHT - timedelta(days=2, hours=1)


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        ([at(1, 3)], "The only place that suits."),
        ([at(1, 3), at(2, 4)], "Nearest of the places that suit, and nothing counts against it."),
        (
            [at(1, 3, confirmed_at=NIGHT - timedelta(hours=3)), at(2, 9)],
            "Nearest of the places that suit, and still first with what counts against it.",
        ),
        (
            [at(1, 1, confirmed_at=OLD), at(2, 5)],
            "House 1 is 4.0 miles nearer, but its bed count was last confirmed 2 days ago.",
        ),
        (
            [at(1, 1, confirmed_at=None), at(2, 5)],
            "House 1 is 4.0 miles nearer, but nobody has ever confirmed its bed count.",
        ),
        (
            [at(1, 1, authority_code=CAMDEN, authority_name="Camden"), at(2, 2)],
            "House 1 is 1.0 miles nearer, but Camden is not the authority to ask first.",
        ),
        (
            # The authority outweighs the one mile by itself: that it is slow as well is not said.
            [at(1, 1, authority_code=CAMDEN, authority_name="Camden", ended=20, answer_minutes=12.0), at(2, 2)],
            "House 1 is 1.0 miles nearer, but Camden is not the authority to ask first.",
        ),
        (
            [at(1, 1, ended=100, refused=100, authority_code=CAMDEN, authority_name="Camden"), at(2, 10)],
            "House 1 is 9.0 miles nearer, but it has refused 100 of its last 100 requests"
            " and Camden is not the authority to ask first.",
        ),
        (
            # The authority outweighs the mile, and not the mile and the older count of the best.
            [
                at(1, 1, authority_code=CAMDEN, authority_name="Camden", ended=20, answer_minutes=30.0),
                at(2, 2, confirmed_at=NIGHT - timedelta(hours=4, minutes=30)),
            ],
            "House 1 is 1.0 miles nearer, but Camden is not the authority to ask first"
            " and it takes 30 minutes to answer on average (20 requests).",
        ),
        (
            [at(1, 1, authority_code=CAMDEN, authority_name="Camden"), at(2, 1.01)],
            "House 1 is about as near, but Camden is not the authority to ask first.",
        ),
    ],
)
def test_what_is_said_of_the_best_place(places: Sequence[Candidate], sentence: str) -> None:
    assert said(*places) == sentence


def test_a_list_that_was_cut_off_claims_nothing_of_what_is_not_on_it() -> None:
    # A place next door that nobody ever confirmed, beyond the end of the list.
    next_door = at(9, 0, confirmed_at=None)

    assert said(at(1, 1), at(2, 2), next_door, limit=2) == "Nearest of these 2, and nothing counts against it."


def test_a_tie_in_minutes_claims_no_reason() -> None:
    options = ranked(at(2, 0, easting=SUITE.easting + 4004), at(1, 0, easting=SUITE.easting + 4005)).options
    assert [option.place.id for option in options] == [1, 2]

    assert wording.why_best(best(options, limit=20)) == (
        "House 2 is about as near, but no place has a lower sum than this one."
    )


def test_of_no_option_none_is_best() -> None:
    with pytest.raises(ValueError, match="none"):
        best((), limit=20)


@settings(max_examples=250, deadline=None)
@given(worlds, children, st.sampled_from([1, 2, 5, 60]), st.sampled_from([Weights(), Weights(not_responsible=200)]))
def test_the_sentence_is_true_of_every_ranking(
    places: list[Candidate], asked: Child, limit: int, weights: Weights
) -> None:
    about = question(asked, weights=weights)
    places = [offered._replace(name=f"House {offered.id}") for offered in places]
    options = rank(about, Store(about, places).fetch, limit=limit, guess=Guess()).options
    if not options:
        return
    able = [offered for offered in places if suits(about, offered)]
    first = options[0]

    sentence = wording.why_best(best(options, limit=limit))

    claimed = able if len(options) < limit else [option.place for option in options]
    if sentence.startswith("The only"):
        assert able == [first.place]
    elif sentence.startswith("Nearest of"):
        assert first.distance_m == min(distance(about, offered) for offered in claimed)
        assert ("these" in sentence) == (len(options) == limit)
        assert ("nothing counts" in sentence) == (not costs(about, first.place))
    else:
        check_the_nearer(sentence, options, first)


def check_the_nearer(sentence: str, options: Sequence[Option], first: Option) -> None:
    name, nearer, why = re.fullmatch(r"(House \d+) is (.*?), but (.*)\.", sentence).groups()  # type: ignore[union-attr]
    (other,) = [option for option in options if option.place.name == name]
    away = miles(first.distance_m - other.distance_m)
    assert away > 0
    assert other.distance_m == min(option.distance_m for option in options)
    assert nearer == ("about as near" if away < 0.05 else f"{wording.miles(away * METRES_PER_MILE)} nearer")
    named = [reason for reason in other.reasons if reason.text[2:].split(":")[0].rstrip(".") in why]
    if not named:
        assert why == "no place has a lower sum than this one"
        assert other.cost_minutes == pytest.approx(first.cost_minutes, abs=0.15)
        return
    own = {reason.code: reason.minutes for reason in first.reasons}
    more = {reason.code: reason.minutes - own.get(reason.code, 0.0) for reason in other.reasons}
    theirs = {reason.code: reason.minutes for reason in other.reasons}
    surplus = sum(max(0.0, minutes - theirs.get(code, 0.0)) for code, minutes in own.items())
    missing = travel_minutes(first.distance_m) - travel_minutes(other.distance_m) + surplus
    outweighs = [more[reason.code] for reason in named]
    assert all(minutes > 0 for minutes in outweighs)
    assert sum(outweighs) >= missing - 0.15  # so that what is said is enough
    assert sum(outweighs) - min(outweighs) <= missing + 0.01  # and nothing of it is too much
