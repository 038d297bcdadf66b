"""The custody clock: how long a child has been held since charge, and how long until the court sits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")

NIGHT_BEGINS, NIGHT_ENDS = time(0, 0), time(8, 0)
OVERNIGHT = timedelta(hours=4)
"""Four hours or more between 00:00 and 08:00: how one force's returns define a child held overnight."""


@dataclass(frozen=True, kw_only=True)
class CustodyClock:
    """Where one detention stands in time."""

    since_charge: timedelta
    to_court: timedelta
    """Below nothing where the court's time has passed."""
    overnight: bool
    """The child has been in the station for four hours or more of one night, London time."""


def read_clock(*, charged_at: datetime, court_at: datetime, until: datetime) -> CustodyClock:
    """The clock at `until`: now, or when the child left."""
    return CustodyClock(
        since_charge=max(until - charged_at, timedelta()),
        to_court=court_at - until,
        overnight=longest_night(charged_at, until) >= OVERNIGHT,
    )


def longest_night(start: datetime, end: datetime) -> timedelta:
    """The longest time between `start` and `end` that lies in one night, 00:00 to 08:00 in London."""
    longest = timedelta()
    day = start.astimezone(_LONDON).date()
    while (begins := datetime.combine(day, NIGHT_BEGINS, _LONDON)) < end:
        ends = datetime.combine(day, NIGHT_ENDS, _LONDON)
        # Subtracted as instants: two times of one zone would be subtracted as the wall shows them,
        # an hour wrong in the nights when the clocks change.
        first = max(start.timestamp(), begins.timestamp())
        last = min(end.timestamp(), ends.timestamp())
        longest = max(longest, timedelta(seconds=last - first))
        day += timedelta(days=1)
    return longest
