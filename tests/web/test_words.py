"""How distances and times read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder import clock
from custodyfinder.domain import wording
from custodyfinder.web import words

from ..conftest import NIGHT

MILE = 1609.344


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0.0, "under a minute"),
        (0.4, "under a minute"),
        (0.6, "1 minute"),
        (1.4, "1 minute"),
        (1.6, "2 minutes"),
        (90, "90 minutes"),
    ],
)
def test_minutes_are_whole_and_never_none(number: float, said: str) -> None:
    assert words.minutes(number) == said


@pytest.mark.parametrize(
    ("miles", "said"),
    [(0, "0.0 miles"), (3.24, "3.2 miles"), (19.94, "19.9 miles"), (20, "20 miles"), (99.6, "100 miles")],
)
def test_miles_have_one_decimal_under_twenty(miles: float, said: str) -> None:
    assert wording.miles(miles * MILE) == said


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_an_age_is_in_the_largest_unit_that_fills(
    monkeypatch: pytest.MonkeyPatch, before: timedelta, said: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NIGHT)

    assert words.ago(NIGHT - before) == said
