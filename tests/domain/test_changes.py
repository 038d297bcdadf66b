"""What would bring more places is searched for, and safety is never given up for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain import wording
from custodyfinder.domain.changes import MOST_SEARCHES, MOST_TIMES, Change, Kind, changes, demands, farther
from custodyfinder.domain.geo import METRES_PER_MILE, Areas, Circle
from custodyfinder.domain.needs import Need
from custodyfinder.domain.suitability import LONDON, Candidate, Child, need_bits, suits

from .making import NIGHT, SUITE, child, place, question
from .test_ranking import children, distance, worlds

COURT = NIGHT + timedelta(hours=8)
STEP, INTERPRETER = need_bits([Need.STEP_FREE]), need_bits([Need.INTERPRETER])


def at(number: int, miles_east: float, **more: Any) -> Candidate:
    east = SUITE.easting + round(miles_east * METRES_PER_MILE)
    return place(**{"id": number, "name": f"House {number}", "easting": east} | more)


def said(asked: Child, *places: Candidate, until: datetime = COURT) -> list[str]:
    return [wording.what_would_change(change) for change in changes(question(asked), places, until=until)]


def test_secure_that_is_asked_for_may_be_given_up_and_each_need() -> None:
    asked = child(secure=True, needs=frozenset([Need.STEP_FREE, Need.INTERPRETER]))
    secure = {"secure": True, "kind": "secure"}

    assert said(
        asked,
        at(1, 6),
        at(2, 9, needs_not_met=STEP, **secure),
        at(3, 5, needs_not_met=STEP, **secure),
        at(4, 2, needs_not_met=STEP | INTERPRETER, **secure),  # one demand less does not help
        at(5, 1, needs_not_met=STEP, beds_free=0, **secure),
    ) == [
        "1 more if secure were not needed: House 1, 6.0 miles.",
        "2 more if step-free access were not needed: the nearest is House 3, 5.0 miles.",
    ]


def test_secure_is_never_proposed_for_a_child_for_whom_it_is_not_asked() -> None:
    assert said(child(), at(1, 1, secure=True, kind="secure")) == []


def test_an_area_to_avoid_and_keeping_apart_are_never_given_up() -> None:
    asked = child(
        needs=frozenset([Need.STEP_FREE]), avoid=Areas((Circle(SUITE, 2000.0),)), kept_apart_from=frozenset([2])
    )
    places = [at(1, 1), at(2, 4), at(3, 1, needs_not_met=STEP), at(2, 5, needs_not_met=STEP)]

    assert said(asked, *places) == []
    for _, _, without in demands(asked):
        assert (without.avoid, without.kept_apart_from) == (asked.avoid, asked.kept_apart_from)
        assert (without.refused_tonight, without.asked_now) == (asked.refused_tonight, asked.asked_now)


def test_places_that_open_before_the_court_sits_are_said_with_the_hour() -> None:
    seven = {"admits_from": 7 * 60, "admits_until": 20 * 60}
    places = [at(1, 6, **seven), at(2, 3, **seven), at(3, 9, admits_from=9 * 60, admits_until=20 * 60)]

    assert said(child(), *places) == [
        "2 more from 07:00, when they admit: the nearest is House 2, 3.0 miles.",
        "3 more from 09:00, when they admit: the nearest is House 2, 3.0 miles.",
    ]
    assert said(child(), *places, until=NIGHT + timedelta(hours=4)) == []
    assert said(child(), places[2]) == ["1 more from 09:00, when it admits: House 3, 9.0 miles."]
    assert said(child(), at(4, 1, admits_from=60, admits_until=120)) == []  # opens tomorrow night


@pytest.mark.parametrize(
    ("away", "sentence"),
    [
        ([1, 2, 3, 12], None),
        ([1, 21], None),
        ([1, 12, 14], "Only 1 place that suits is within 10 miles; 2 more are within 10 miles farther: the nearest is"),
        ([1, 2, 12], "Only 2 places that suit are within 10 miles; 1 more is within 10 miles farther: House 12, 12.0"),
        ([12, 14], "No place that suits is within 10 miles; 2 are within 20: the nearest is House 12, 12.0 miles."),
    ],
)
def test_where_few_are_near_what_lies_farther_is_said(away: list[int], sentence: str | None) -> None:
    change = farther(question(), [at(number, number) for number in away])

    assert (change is None) == (sentence is None)
    if change and sentence:
        assert wording.what_would_change(change).startswith(sentence)


@settings(max_examples=200, deadline=None)
@given(worlds, children, st.booleans(), st.booleans())
def test_how_many_more_and_the_nearest_are_those_of_searching_again(
    places: list[Candidate], asked: Child, shut: bool, secure: bool
) -> None:
    if secure:
        asked, places = replace(asked, secure=True), [p._replace(secure=p.id % 2 == 0) for p in places]
    if shut:
        places = [p._replace(admits_from=(6 + p.id % 3) * 60, admits_until=20 * 60) for p in places]
    about = question(asked)
    now = {offered.id for offered in places if suits(about, offered)}

    found = changes(about, places, until=COURT)

    assert len(found) <= MOST_SEARCHES
    assert sum(change.kind is Kind.LATER for change in found) <= MOST_TIMES
    for change in found:
        again = question(without(asked, change), at=change.at or NIGHT)
        gained = [offered for offered in places if offered.id not in now and suits(again, offered)]
        assert change.more == len(gained) > 0
        assert change.nearest_m == min(distance(about, offered) for offered in gained)
        assert change.nearest in gained
    for kind, need, other in demands(asked):  # and what is not said would bring nothing
        if not any((change.kind, change.need) == (kind, need) for change in found):
            assert {p.id for p in places if suits(question(other), p)} <= now


def without(asked: Child, change: Change) -> Child:
    if change.kind is Kind.LATER:
        assert change.at is not None
        assert NIGHT < change.at < COURT
        assert change.at.astimezone(LONDON).minute == 0
        return asked
    return next(other for kind, need, other in demands(asked) if (kind, need) == (change.kind, change.need))
