"""What would bring more places for a child: searched for, never guessed.

Only what may be given up is tried: secure accommodation, each need, time and distance. Never an area to avoid or a
child to be kept apart from, which keep children safe; and never secure accommodation for a child for whom it is not
asked, since nobody is locked up for want of a bed (PACE 1984 s.38(6)).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import hypot

from .geo import METRES_PER_MILE
from .needs import Need
from .suitability import LONDON, Candidate, Child, Question, admits_at, suits

NEAR_M = 10 * METRES_PER_MILE
"""Near the suite; and as far again is looked where few suit near by."""

FEW = 3
"""With fewer than this near by, it is said what lies farther."""

MOST_TIMES = 2
MOST_SEARCHES = 1 + len(Need) + MOST_TIMES + 1
"""Secure, each need, the next times at which a place opens, distance: no more is ever tried for one page."""


class Kind(StrEnum):
    """What would be different."""

    SECURE = "secure"
    NEED = "need"
    LATER = "later"
    FARTHER = "farther"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that would bring more places, how many, and the nearest of them."""

    kind: Kind
    more: int
    nearest: Candidate
    nearest_m: float
    need: Need | None = None
    """Which would not be needed."""
    at: datetime | None = None
    """When they begin to admit."""
    near: int = 0
    """How many suit near by, where more lie farther."""


def demands(child: Child) -> Iterator[tuple[Kind, Need | None, Child]]:
    """What may be given up for this child, one by one, and the child without it."""
    if child.secure:
        yield Kind.SECURE, None, replace(child, secure=False)
    for need in Need:
        if need in child.needs:
            yield Kind.NEED, need, replace(child, needs=child.needs - {need})


def changes(question: Question, places: Collection[Candidate], *, until: datetime) -> tuple[Change, ...]:
    """What would bring more of these places, most useful to ask about first: demands, then times.

    Args:
        places: At least those that do not suit now for a demand or for their hours; any others change nothing.
        until: When the court sits: what opens later is of no use.
    """
    left_out = [place for place in places if not suits(question, place)]
    found = []
    for kind, need, child in demands(question.child):
        without = Question.about(child, at=question.at, weights=question.weights)
        gained = [place for place in left_out if suits(without, place)]
        if gained:
            found.append(_change(question, kind, gained, need=need))
    return (*found, *_later(question, left_out, until=until))


def _later(question: Question, left_out: Collection[Candidate], *, until: datetime) -> Iterator[Change]:
    shut = [
        place
        for place in left_out
        if not admits_at(place, question.london_minute)
        and suits(question, place._replace(admits_from=None, admits_until=None))
    ]
    times = sorted({opens for place in shut if (opens := _opens(place, question.at)) < until})
    most = 0
    for at in times[:MOST_TIMES]:
        local = at.astimezone(LONDON)
        gained = [place for place in shut if admits_at(place, local.hour * 60 + local.minute)]
        if len(gained) > most:
            most = len(gained)
            yield _change(question, Kind.LATER, gained, at=at)


def _opens(place: Candidate, at: datetime) -> datetime:
    local, minute = at.astimezone(LONDON), place.admits_from or 0
    opens = local.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    return (opens if opens > local else opens + timedelta(days=1)).astimezone(UTC)


def farther(question: Question, places: Collection[Candidate]) -> Change | None:
    """What lies beyond what is near, where few suit near by; None where enough do, or nothing more lies there.

    Args:
        places: At least those that suit within twice `NEAR_M`.
    """
    suiting = [(place, _away(question, place)) for place in places if suits(question, place)]
    near = sum(away <= NEAR_M for _, away in suiting)
    beyond = [place for place, away in suiting if NEAR_M < away <= 2 * NEAR_M]
    return _change(question, Kind.FARTHER, beyond, near=near) if near < FEW and beyond else None


def _away(question: Question, place: Candidate) -> float:
    origin = question.child.origin
    return hypot(place.easting - origin.easting, place.northing - origin.northing)


def _change(
    question: Question,
    kind: Kind,
    gained: Collection[Candidate],
    *,
    need: Need | None = None,
    at: datetime | None = None,
    near: int = 0,
) -> Change:
    away, _, nearest = min((_away(question, place), place.id, place) for place in gained)
    return Change(kind=kind, more=len(gained), nearest=nearest, nearest_m=away, need=need, at=at, near=near)
