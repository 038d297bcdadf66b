"""The custody clock, in London time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custodyfinder.domain.custody_clock import longest_night, read_clock

NIGHT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


def test_the_clock_tells_hours_since_charge_and_to_court() -> None:
    clock = read_clock(charged_at=NIGHT - timedelta(hours=3), court_at=NIGHT + timedelta(hours=8), until=NIGHT)

    assert (clock.since_charge, clock.to_court, clock.overnight) == (timedelta(hours=3), timedelta(hours=8), False)


@pytest.mark.parametrize(
    ("charged", "until", "overnight"),
    [
        ((24, 0, 0), (24, 4, 0), True),
        ((24, 0, 1), (24, 4, 0), False),
        ((23, 20, 0), (24, 4, 0), True),
        ((23, 20, 0), (24, 3, 59), False),
        ((24, 4, 1), (24, 12, 0), False),
        ((24, 8, 0), (24, 23, 59), False),
        ((22, 9, 0), (24, 1, 0), True),
    ],
)
def test_overnight_is_four_hours_or_more_between_midnight_and_eight(
    charged: tuple[int, int, int], until: tuple[int, int, int], overnight: bool
) -> None:
    """As one force defines it for its returns."""
    start, end = (datetime(2026, 11, *each, tzinfo=UTC) for each in (charged, until))

    assert read_clock(charged_at=start, court_at=end, until=end).overnight is overnight


def test_two_short_nights_do_not_make_a_long_one() -> None:
    start = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

    assert longest_night(start, start + timedelta(hours=22)) == timedelta(hours=3)


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 29, tzinfo=UTC), 7), (datetime(2026, 10, 24, 23, tzinfo=UTC), 9)]
)
def test_a_night_in_which_the_clocks_change_is_as_long_as_it_is(day: datetime, hours: int) -> None:
    assert longest_night(day - timedelta(hours=3), day + timedelta(hours=12)) == timedelta(hours=hours)
