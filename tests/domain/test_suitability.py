"""What rules a place out, and what counts against it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.costs import cost_minutes, costs
from custodyfinder.domain.geo import Areas, Circle, GridPoint
from custodyfinder.domain.needs import Need, Sex
from custodyfinder.domain.suitability import (
    Candidate,
    Child,
    admits_at,
    need_bits,
    needs_in,
    reasons_against,
    sex_bits,
    suits,
)
from custodyfinder.domain.weights import Weights

from .making import CAMDEN, HARINGEY, NIGHT, child, place, question


def codes(asked: Child, offered: Candidate) -> list[str]:
    return [reason.code for reason in reasons_against(question(asked), offered)]


def cost_codes(offered: Candidate, asked: Child | None = None) -> dict[str, float]:
    return {cost.code: cost.minutes for cost in costs(question(asked), offered)}


def test_a_place_that_meets_everything_is_not_ruled_out() -> None:
    assert codes(child(), place()) == []
    assert suits(question(), place())


PLACE_1 = GridPoint(532150, 190350)


@pytest.mark.parametrize(
    ("code", "of_child", "of_place"),
    [
        ("no_bed", {}, {"beds_free": 0}),
        ("out_of_service", {}, {"out_of_service": "boiler"}),
        ("age", {"age": 12}, {"age_min": 13}),
        ("age", {"age": 17}, {"age_max": 16}),
        ("sex", {"sex": Sex.FEMALE}, {"sexes": sex_bits([Sex.MALE])}),
        ("sex", {"sex": Sex.MALE}, {"sexes": sex_bits([Sex.FEMALE])}),
        ("not_secure", {"secure": True}, {}),
        ("secure", {}, {"secure": True, "kind": "secure"}),
        ("under_13", {"secure": True, "age": 12}, {"secure": True, "kind": "secure"}),
        ("hours", {}, {"admits_from": 18 * 60, "admits_until": 2 * 60}),
        (
            "need_not_met",
            {"needs": frozenset({Need.STEP_FREE})},
            {"needs_not_met": need_bits([Need.STEP_FREE])},
        ),
        ("area_to_avoid", {"avoid": Areas((Circle(PLACE_1, 1.0),))}, {}),
        ("keep_apart", {"kept_apart_from": frozenset({1})}, {}),
        ("refused_tonight", {"refused_tonight": frozenset({1})}, {}),
        ("asked_now", {"asked_now": frozenset({1})}, {}),
    ],
)
def test_each_hard_rule_alone_leaves_a_place_out_and_says_so(
    code: str, of_child: dict[str, Any], of_place: dict[str, Any]
) -> None:
    reasons = reasons_against(question(child(**of_child)), place(**of_place))

    assert [reason.code for reason in reasons] == [code]
    assert reasons[0].text.endswith(".")
    assert not suits(question(child(**of_child)), place(**of_place))


def test_every_reason_is_given_not_only_the_first() -> None:
    worst = place(beds_free=0, out_of_service="flood", age_max=14, sexes=1)

    assert codes(child(), worst) == ["no_bed", "out_of_service", "age", "sex"]


def test_under_13_may_be_secure_with_the_secretary_of_states_approval() -> None:
    """Children (Secure Accommodation) Regulations 1991 reg. 4."""
    secure = place(secure=True, kind="secure")

    assert codes(child(secure=True, age=12, approved_under_13=True), secure) == []
    assert codes(child(secure=True, age=13), secure) == []


def test_a_need_that_is_not_known_is_never_read_as_no() -> None:
    asked = child(needs=frozenset({Need.STEP_FREE}))

    assert codes(asked, place()) == []
    assert cost_codes(place(), asked) == {"need_unknown": Weights().need_unknown}


def test_a_need_that_is_met_costs_nothing() -> None:
    asked = child(needs=frozenset({Need.STEP_FREE}))

    assert cost_codes(place(needs_met=need_bits([Need.STEP_FREE])), asked) == {}


def test_needs_that_the_child_does_not_have_are_no_matter() -> None:
    assert codes(child(), place(needs_not_met=need_bits(Need))) == []
    assert cost_codes(place()) == {}


@given(st.sets(st.sampled_from(list(Need))))
def test_needs_survive_the_bit_mask(needs: set[Need]) -> None:
    assert set(needs_in(need_bits(needs))) == needs


def test_hours_of_admission_are_londons_in_summer_too() -> None:
    evening = place(admits_from=18 * 60, admits_until=22 * 60)
    half_past_nine_in_july = datetime(2026, 7, 1, 20, 30, tzinfo=UTC)
    half_past_ten_in_july = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)

    assert suits(question(at=half_past_nine_in_july), evening)
    assert not suits(question(at=half_past_ten_in_july), evening)


@pytest.mark.parametrize(
    ("minute", "admits"),
    [(18 * 60, True), (23 * 60, True), (0, True), (119, True), (120, False), (1079, False)],
)
def test_a_window_across_midnight_admits_on_both_sides(minute: int, admits: bool) -> None:
    assert admits_at(place(admits_from=18 * 60, admits_until=120), minute) is admits


@pytest.mark.parametrize(
    ("hours", "minutes"), [(0, 0), (2, 0), (5, 15), (8, 30), (16, 37.5), (24, 45), (25, 45), (24 * 365, 45)]
)
def test_a_count_costs_more_the_older_it_is(hours: float, minutes: float) -> None:
    confirmed = NIGHT - timedelta(hours=hours)

    assert cost_minutes(question(), place(confirmed_at=confirmed)) == minutes


def test_a_count_that_nobody_ever_confirmed_costs_an_hour_and_says_ring() -> None:
    (cost,) = costs(question(), place(confirmed_at=None))

    assert (cost.code, cost.minutes) == ("count_age", 60)
    assert "ring to confirm" in cost.text


def test_a_count_over_a_day_old_says_ring_to_confirm() -> None:
    (cost,) = costs(question(), place(confirmed_at=NIGHT - timedelta(hours=30)))

    assert "ring to confirm" in cost.text


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_an_older_count_never_costs_less(one: float, other: float) -> None:
    newer, older = sorted((one, other))

    assert Weights().count_age_minutes(newer) <= Weights().count_age_minutes(older)


def test_the_responsible_authority_comes_first() -> None:
    elsewhere = place(authority_code=CAMDEN, authority_name="Camden")

    assert cost_codes(elsewhere) == {"not_responsible": Weights().not_responsible}
    assert cost_codes(place(authority_code=HARINGEY)) == {}


def test_far_from_home_costs_and_near_home_does_not() -> None:
    near, far = GridPoint(533000, 191000), GridPoint(425000, 564000)

    assert cost_codes(place(), child(home=near)) == {}
    assert cost_codes(place(), child(home=far)) == {"far_from_home": Weights().far_from_home_most}


def test_two_bad_nights_do_not_condemn_a_place() -> None:
    assert cost_codes(place(ended=4, refused=4, answer_minutes=90)) == {}


def test_a_place_that_often_refuses_and_is_slow_comes_later() -> None:
    found = cost_codes(place(ended=20, refused=20, answer_minutes=30))

    assert set(found) == {"slow_to_answer", "often_refuses"}
    assert 0 < found["often_refuses"] < Weights().always_refuses


@given(st.integers(0, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), st.floats(0, 2000))
def test_a_record_never_earns_minutes_back(record: tuple[int, int], answer: float) -> None:
    ended, refused = record

    assert cost_minutes(question(), place(ended=ended, refused=refused, answer_minutes=answer)) >= 0


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        question(at=datetime(2026, 11, 24, 2, 10))  # noqa: DTZ001 - that is the point
