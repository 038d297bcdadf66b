"""The bed arithmetic: free, held, taken. `bed_reports` has what people say of it.

A bed is free, or held for an open request, or taken. Asking moves one from free to held; refusing,
withdrawing and expiring move it back; accepting takes it away for good. Only a person's report
says how many are free, and only a report renews `confirmed_at`: a count that our own bookkeeping
moved is no fresher than it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..errors import Conflict, NotFound
from ..models import BedRequest, Place, RequestState
from . import audit

RECORD_DAYS = 90
"""How far back a place's own record of answers goes."""


class NoBedLeft(Conflict):
    """Somebody else took the last bed between the search and the click."""

    public = "The last bed here has just been taken. Choose another place."


def take(session: Session, place_id: int) -> None:
    """Move one bed from free to held, if there is one.

    Raises:
        NotFound: there is no such place.
        NoBedLeft: none is free, or the place is out of service.
    """
    # One conditional UPDATE, so that the database decides who was first.
    taken = session.scalar(
        update(Place)
        .where(Place.id == place_id, Place.beds_free > 0, Place.out_of_service.is_(None))
        .values(beds_free=Place.beds_free - 1, beds_held=Place.beds_held + 1)
        .returning(Place.id)
    )
    if taken is None:
        if session.get(Place, place_id) is None:
            raise NotFound(f"no such place: {place_id}")
        raise NoBedLeft(f"no bed left: place {place_id}")


def give_back(session: Session, place_id: int) -> None:
    """Move one held bed back to free: its request ended without a child."""
    session.execute(
        update(Place).where(Place.id == place_id).values(beds_free=Place.beds_free + 1, beds_held=Place.beds_held - 1)
    )


def use(session: Session, place_id: int) -> None:
    """Take one held bed away: a child was accepted into it."""
    session.execute(update(Place).where(Place.id == place_id).values(beds_held=Place.beds_held - 1))


def renew_record(session: Session, place_id: int, *, now: datetime) -> None:
    """Recompute a place's record of answers from its requests of the last 90 days.

    Recomputed, not counted up: a counter that misses one event is wrong for ever.
    """
    rows = session.execute(
        select(BedRequest.state, BedRequest.asked_at, BedRequest.ended_at).where(
            BedRequest.place_id == place_id,
            BedRequest.ended_at > now - timedelta(days=RECORD_DAYS),
            # What the police took back says nothing of the place.
            BedRequest.state.in_([RequestState.ACCEPTED, RequestState.REFUSED, RequestState.EXPIRED]),
        )
    ).all()
    minutes = [(ended - asked) / timedelta(minutes=1) for _, asked, ended in rows if ended is not None]
    session.execute(
        update(Place)
        .where(Place.id == place_id)
        .values(
            ended=len(rows),
            refused=sum(state == RequestState.REFUSED for state, _, _ in rows),
            answer_minutes=sum(minutes) / len(minutes) if minutes else 0.0,
        )
    )


def reconcile(*, now: datetime) -> list[int]:
    """Recount every place's held beds against its open requests; put right and audit each difference.

    Renews the records of answers as well, so that an old refusal stops counting after its 90 days.

    Returns:
        The ids of the places that were wrong. It should be empty, always.
    """
    asked = select(BedRequest.place_id).where(BedRequest.state == RequestState.OPEN)
    with reading() as connection:
        with_record = connection.scalars(select(Place.id).where(Place.ended > 0).order_by(Place.id)).all()
    for place_id in with_record:
        with transaction() as session:
            renew_record(session, place_id, now=now)
    with transaction() as session:
        # The lock comes first: a request that is being made now has then moved both numbers, or neither.
        held = {
            place.id: place
            for place in session.scalars(
                select(Place).where((Place.beds_held > 0) | Place.id.in_(asked)).order_by(Place.id).with_for_update()
            )
        }
        counted = select(BedRequest.place_id, func.count().label("number")).where(BedRequest.state == RequestState.OPEN)
        open_requests = {row.place_id: row.number for row in session.execute(counted.group_by(BedRequest.place_id))}
        wrong = [place for place in held.values() if place.beds_held != open_requests.get(place.id, 0)]
        for place in wrong:
            right = open_requests.get(place.id, 0)
            audit.record(
                session,
                "custodyfinder",
                "held beds corrected",
                f"place:{place.id}",
                at=now,
                before=place.beds_held,
                after=right,
            )
            place.beds_free = min(max(0, place.beds_free + place.beds_held - right), place.beds_total - right)
            place.beds_held = right
        return [place.id for place in wrong]
