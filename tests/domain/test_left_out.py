"""The places that were left out, each under one reason."""

from __future__ import annotations

from custodyfinder.domain import wording
from custodyfinder.domain.left_out import grouped
from custodyfinder.domain.ranking import Guess, rank
from custodyfinder.domain.suitability import HARD_RULES

from .making import SUITE, place, question
from .test_ranking import Store

ORDER = tuple(wording.GROUPS)


def test_every_rule_that_leaves_a_place_out_has_a_group() -> None:
    assert {rule.code for rule in HARD_RULES} == set(wording.GROUPS)
    assert set(wording.GROUPS) >= wording.SAID_IN_FULL


def test_what_nobody_may_set_aside_weighs_more_than_what_may_change_tonight() -> None:
    assert ORDER[:2] == ("area_to_avoid", "keep_apart")
    assert ORDER[-1] == "no_bed"


def test_a_place_with_several_reasons_stands_once_under_the_weightiest_and_says_the_others() -> None:
    about = question()
    places = [
        place(id=1, easting=SUITE.easting + 3000, beds_free=0),
        place(id=2, easting=SUITE.easting + 1000, beds_free=0),
        place(id=3, beds_free=0, age_max=12, out_of_service="boiler"),
    ]
    left_out = rank(about, Store(about, places).fetch, limit=20, guess=Guess()).ruled_out

    groups = grouped(left_out, order=ORDER)

    assert [(group.code, [left.out.place.id for left in group.places]) for group in groups] == [
        ("age", [3]),
        ("no_bed", [2, 1]),
    ]
    (left,) = groups[0].places
    assert left.first.text == "Takes ages 10 to 12."
    assert [reason.code for reason in left.others] == ["out_of_service", "no_bed"]
