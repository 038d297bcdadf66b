"""Places that can take nobody for a while: taken out of service with a reason, and put back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..errors import BadInput
from ..models import Place
from . import audit
from .bed_reports import locked
from .endings import PROGRAM

SHORTEST_REASON, LONGEST_REASON = 3, 120
LONGEST_OUT = timedelta(days=366)


class NoSuchDay(BadInput):
    """The end of being out of service is no day and time."""

    public = "Enter a day such as 2026-11-25 and a time such as 08:00."


def take_out(
    place_id: int, *, reason: str, until: datetime | None, authority_code: str, by: str, now: datetime
) -> None:
    """Take a place out of service: it is left out of every search, and of the counts that are asked for.

    Args:
        until: It comes back by itself then; None: when somebody puts it back.

    Raises:
        BadInput: the reason is too short or long, or the time is not ahead or more than a year away.
        NotFound: there is no such place of this authority.
    """
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadInput(
            "reason",
            field="reason",
            public=f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters. No names.",
        )
    if until is not None and not now < until <= now + LONGEST_OUT:
        raise BadInput("until", field="until", public="The time must be ahead, and within a year.")
    with transaction() as session:
        (place,) = locked(session, {place_id: 0}, authority_code)
        place.out_of_service, place.out_of_service_until = reason, until
        # The reason is about a building or its staff, not a child: it explains a gap for years to come.
        audit.record(
            session,
            by,
            "out of service",
            f"place:{place_id}",
            at=now,
            reason=reason,
            until=until and until.isoformat(),
        )


def put_back(place_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Put a place back into service; its count is as old as it was.

    Raises:
        NotFound: there is no such place of this authority.
    """
    with transaction() as session:
        (place,) = locked(session, {place_id: 0}, authority_code)
        if place.out_of_service is not None:
            _put_back(session, place, by=by, now=now)


def return_to_service_due(*, now: datetime) -> int:
    """Put back every place whose time out of service is over. Return how many."""
    with reading() as connection:
        due = connection.scalars(select(Place.id).where(Place.out_of_service_until <= now)).all()
    for place_id in due:
        with transaction() as session:
            place = session.get_one(Place, place_id, with_for_update=True)
            if place.out_of_service_until is not None and place.out_of_service_until <= now:
                _put_back(session, place, by=PROGRAM, now=now)
    return len(due)


def _put_back(session: Session, place: Place, *, by: str, now: datetime) -> None:
    place.out_of_service = place.out_of_service_until = None
    audit.record(session, by, "back in service", f"place:{place.id}", at=now)
