"""One definition of how far a bed count can be relied on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.costs import costs
from custodyfinder.domain.freshness import Freshness, freshness
from custodyfinder.domain.weights import Weights

from .making import NIGHT, place, question


@pytest.mark.parametrize(
    ("ago", "found"),
    [
        (timedelta(0), Freshness.FRESH),
        (timedelta(hours=2), Freshness.FRESH),
        (timedelta(hours=2, seconds=1), Freshness.AGEING),
        (timedelta(hours=8), Freshness.AGEING),
        (timedelta(hours=8, seconds=1), Freshness.STALE),
        (timedelta(days=400), Freshness.STALE),
        (timedelta(minutes=-1), Freshness.FRESH),  # confirmed while the page was made
    ],
)
def test_a_count_is_fresh_for_two_hours_and_stale_after_eight(ago: timedelta, found: Freshness) -> None:
    assert freshness(NIGHT - ago, at=NIGHT, weights=Weights()) is found


def test_a_count_that_nobody_confirmed_is_never_fresh() -> None:
    assert freshness(None, at=NIGHT, weights=Weights()) is Freshness.NEVER


def test_a_forces_own_hours_count() -> None:
    own = Weights(fresh_hours=1, stale_hours=3)

    assert freshness(NIGHT - timedelta(hours=4), at=NIGHT, weights=own) is Freshness.STALE


@given(st.none() | st.floats(0, 100))
def test_a_count_costs_nothing_while_it_is_fresh_and_its_reason_says_ring_just_when_it_is_stale(
    hours: float | None,
) -> None:
    confirmed = None if hours is None else NIGHT - timedelta(hours=hours)
    found = freshness(confirmed, at=NIGHT, weights=Weights())

    said = [cost.text for cost in costs(question(), place(confirmed_at=confirmed))]

    assert said == [] or found is not Freshness.FRESH
    assert any("ring to confirm" in text for text in said) == found.ring_first
