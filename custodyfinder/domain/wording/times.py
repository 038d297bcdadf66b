"""Times of London and British numbers, as people read them; times of the world, as programs do."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")


def london_clock(instant: datetime) -> str:
    """The London time of an aware instant, as in 02:14.

    Raises:
        ValueError: the instant has no zone.
    """
    return f"{_london(instant):%H:%M}"


def london_when(instant: datetime, *, now: datetime) -> str:
    """As in "at 02:14" on the London day of `now`, else "on 3 March at 02:14".

    Raises:
        ValueError: either has no zone.
    """
    local = _london(instant)
    if local.date() == _london(now).date():
        return f"at {local:%H:%M}"
    return f"on {local.day} {local:%B} at {local:%H:%M}"


def london_moment(instant: datetime) -> str:
    """As in "24 November 2026 at 02:10", for what is read years later; with BST or GMT in the hour that comes twice.

    Raises:
        ValueError: the instant has no zone.
    """
    local = _london(instant)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{local.day} {local:%B %Y} at {local:%H:%M}{f' {local:%Z}' if twice else ''}"


def utc(instant: datetime) -> str:
    """As in "2026-11-24T02:10:00Z", for programs.

    Raises:
        ValueError: the instant has no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _london(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant.astimezone(_LONDON)


def phone(number: str) -> str:
    """A British number as people read it: "020 7946 0123", "07700 900123"; anything else as it is."""
    if not number.startswith("+44"):
        return number
    national = "0" + number[3:]
    if national.startswith("02"):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    return f"{national[:5]} {national[5:]}"
