"""When a court may next sit: a first guess for a form, which the officer puts right."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")

OPENS = time(10, 0)
SUNDAY = 6
NOTICE = timedelta(hours=1)
"""A sitting sooner than this is not the one that a child who is being charged now is taken to."""


def next_sitting(now: datetime) -> datetime:
    """The next ten o'clock in London that is an hour away or more, and not on a Sunday.

    A child charged is brought before the court as soon as practicable, and not later than its first
    sitting after charge (PACE 1984 s.46). Remand courts also sit on Saturdays and many bank holidays.
    """
    day = now.astimezone(_LONDON).date()
    while True:
        sits = datetime.combine(day, OPENS, _LONDON).astimezone(UTC)
        if sits >= now + NOTICE and day.weekday() != SUNDAY:
            return sits
        day += timedelta(days=1)
