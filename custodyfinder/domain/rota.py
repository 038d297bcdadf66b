"""Who is on duty when: weekly shifts by the London wall clock, overrides, bank holidays.

A shift belongs to the day that it starts on. On a bank holiday an authority's own shifts for bank holidays
hold, or its Sunday's where it has none; what began the evening before runs on to its end. A wall time that a
clock change skips is the instant an hour later on the wall, and one that comes twice is its first: shifts that
meet there leave no gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")
_DAY = timedelta(days=1)
_AROUND = timedelta(days=15)
"""How far a turn is followed outwards: a phone that is always on duty has turns of a month, not without end."""


class Day(IntEnum):
    """A day of the rota."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6
    BANK_HOLIDAY = 7


@dataclass(frozen=True, slots=True)
class Shift:
    """One contact on duty every week.

    Times are minutes after midnight in London, 0 to 1439; an end at or before the start is on the next
    day, so that equal times are 24 hours.

    Raises:
        ValueError: a time is out of bounds.
    """

    contact_id: int
    day: Day
    starts: int
    ends: int

    def __post_init__(self) -> None:
        if not (0 <= self.starts <= 1439 and 0 <= self.ends <= 1439):
            raise ValueError("a shift's times are minutes after midnight, 0 to 1439")


@dataclass(frozen=True, slots=True)
class Override:
    """One contact in place of whoever the weekly rota has, for exactly this time.

    Raises:
        ValueError: a time has no zone, or the end is not after the start.
    """

    contact_id: int
    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        _aware(self.starts, self.ends)
        if self.ends <= self.starts:
            raise ValueError("an override ends after it starts")


@dataclass(frozen=True, slots=True)
class Rota:
    """An authority's weekly shifts, its overrides, and which days are bank holidays."""

    shifts: tuple[Shift, ...]
    overrides: tuple[Override, ...]
    is_bank_holiday: Callable[[date], bool]


class Turn(NamedTuple):
    """One contact on duty, from one instant until another, in UTC; at its end it is over."""

    contact_id: int
    starts: datetime
    ends: datetime


class Gap(NamedTuple):
    """Nobody is on duty."""

    starts: datetime
    ends: datetime


def turns(rota: Rota, *, since: datetime, until: datetime) -> list[Turn]:
    """Every turn that overlaps [since, until), by its start and then the contact.

    Turns are whole, as far as 15 days before and after; shifts of one contact that touch or overlap are one turn.

    Raises:
        ValueError: a time has no zone.
    """
    _aware(since, until)
    overrides = sorted(rota.overrides, key=lambda each: each.starts)
    found = [Turn(each.contact_id, each.starts.astimezone(UTC), each.ends.astimezone(UTC)) for each in overrides]
    for turn in _weekly(rota, since - _AROUND, until + _AROUND):
        found += _cut(turn, overrides)
    joined = _joined(found)
    return sorted(
        (turn for turn in joined if turn.ends > since and turn.starts < until),
        key=lambda turn: (turn.starts, turn.contact_id),
    )


def on_duty(rota: Rota, *, at: datetime) -> tuple[Turn, ...]:
    """Who is on duty at one instant."""
    return tuple(turns(rota, since=at, until=at + timedelta(microseconds=1)))


def next_on(rota: Rota, *, after: datetime, within: timedelta = timedelta(days=8)) -> Turn | None:
    """The first turn that starts after an instant, of a contact who is not on duty up to it; None within that time."""
    coming = coming_on(rota, since=after, until=after + within)
    return coming[0] if coming else None


def coming_on(rota: Rota, *, since: datetime, until: datetime) -> list[Turn]:
    """Turns that start in (since, until]; who goes on from shift to shift does not come on again."""
    all_turns = turns(rota, since=since, until=until + timedelta(microseconds=1))
    return [turn for turn in all_turns if since < turn.starts <= until]


def gaps(
    rota: Rota, *, since: datetime, until: datetime, reachable: Callable[[int], bool] = lambda _: True
) -> list[Gap]:
    """Times in [since, until) when nobody who is `reachable`, by contact, is on duty."""
    found: list[Gap] = []
    covered = since
    for turn in turns(rota, since=since, until=until):
        if not reachable(turn.contact_id):
            continue
        if turn.starts > covered:
            found.append(Gap(covered, turn.starts))
        covered = max(covered, turn.ends)
    if covered < until:
        found.append(Gap(covered, until))
    return found


def _weekly(rota: Rota, since: datetime, until: datetime) -> Iterable[Turn]:
    has_holidays = any(shift.day is Day.BANK_HOLIDAY for shift in rota.shifts)
    day = since.astimezone(_LONDON).date() - _DAY
    while day <= until.astimezone(_LONDON).date():
        kind = Day(day.weekday())
        if rota.is_bank_holiday(day):
            kind = Day.BANK_HOLIDAY if has_holidays else Day.SUNDAY
        for shift in rota.shifts:
            if shift.day is kind:
                last = day if shift.ends > shift.starts else day + _DAY
                yield Turn(shift.contact_id, _instant(day, shift.starts), _instant(last, shift.ends))
        day += _DAY


def _instant(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), _LONDON).astimezone(UTC)


def _cut(turn: Turn, overrides: list[Override]) -> Iterable[Turn]:
    start = turn.starts
    for each in overrides:
        if each.ends <= start or each.starts >= turn.ends:
            continue
        if each.starts > start:
            yield Turn(turn.contact_id, start, each.starts.astimezone(UTC))
        start = max(start, each.ends.astimezone(UTC))
    if start < turn.ends:
        yield Turn(turn.contact_id, start, turn.ends)


def _joined(found: list[Turn]) -> list[Turn]:
    whole: list[Turn] = []
    for turn in sorted(found):
        if turn.starts >= turn.ends:
            continue
        if whole and whole[-1].contact_id == turn.contact_id and turn.starts <= whole[-1].ends:
            whole[-1] = whole[-1]._replace(ends=max(whole[-1].ends, turn.ends))
        else:
            whole.append(turn)
    return whole


def _aware(*instants: datetime) -> None:
    if any(instant.tzinfo is None for instant in instants):
        raise ValueError("a time without a zone")
