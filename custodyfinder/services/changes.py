"""What would bring more places for a child, over all places there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, or_, text
from sqlalchemy.engine import Connection

from ..db import reading
from ..domain import changes as domain
from ..domain.changes import FEW, NEAR_M, Change
from ..domain.ranking import Option, Ring, Wanted
from ..domain.suitability import Candidate, Child, Question, need_bits
from ..models import ABLE_NOW, Place
from ..wiring import wired
from .search import EVERY_PLACE, fetch

_NOBODY = Ring(0.0, 0.0)
_NEARBY = Ring(-1.0, 2 * NEAR_M)


def what_would_change(child: Child, *, known: Collection[Option], at: datetime, until: datetime) -> tuple[Change, ...]:
    """What would bring more places for this child, each with how many and the nearest; at most `MOST_SEARCHES`.

    Two reads, whatever is tried: all places that a demand or their hours may keep from suiting; and, where few suit
    near by, all that suit there and a little farther.

    Args:
        known: Options of the ranking, which save the second read where enough of them are near.
        at: The instant that hours of admission are judged at.
        until: When the court sits: what opens later is of no use.
    """
    question = Question.about(child, at=at, weights=wired().weights)
    with reading() as connection:
        perhaps = _perhaps_left_out_by_a_demand(connection, question)
        farther = None
        if sum(option.distance_m <= NEAR_M for option in known) < FEW:
            nearby = fetch(connection, question, Wanted(_NOBODY, _NEARBY, _NEARBY))
            farther = domain.farther(question, list(nearby))
    found = domain.changes(question, perhaps, until=until)
    return (*found, farther) if farther else found


def _perhaps_left_out_by_a_demand(connection: Connection, question: Question) -> Sequence[Candidate]:
    # Only what the database tells for certain; `suitability` has the last word. One demand is given up at a time,
    # so that a place which breaks two of them gains nothing.
    child = question.child
    broken: ColumnElement[int] = case((Place.secure != child.secure, 1), else_=0)
    for need in child.needs:
        broken += case((Place.needs_not_met.op("&")(need_bits([need])) != 0, 1), else_=0)
    wanted = EVERY_PLACE.where(
        text(ABLE_NOW),
        Place.age_min <= child.age,
        Place.age_max >= child.age,
        Place.sexes.op("&")(question.sex_bit) != 0,
        or_(broken == 1, and_(broken == 0, Place.admits_from.is_not(None))),
    )
    if not child.secure:  # never proposed where it is not asked for
        wanted = wanted.where(~Place.secure)
    return [Candidate._make(row) for row in connection.execute(wanted)]
