"""The child has arrived at the place: that is recorded, and asked about where nobody has."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, cast, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import wording
from ..errors import NotFound
from ..models import (
    Authority,
    BedRequest,
    Contact,
    Detention,
    Once,
    Place,
    Placement,
    StepTaken,
    Suite,
    TextKind,
)
from . import audit, oncall, outbox
from .endings import PROGRAM

REMIND_AFTER = timedelta(minutes=90)
NO_USE_AFTER = timedelta(hours=12)
"""An arrival that nobody recorded by then is a matter for the morning, not for a text."""


def record(
    request_id: int, *, by: str, now: datetime, suite_id: int | None = None, authority_code: str | None = None
) -> None:
    """Note that the child of an accepted request has arrived. A second note changes nothing.

    Args:
        suite_id, authority_code: Whose request it must be; give one.

    Raises:
        NotFound: there is no accepted request like this of theirs.
    """
    with transaction() as session:
        found = (
            select(Placement)
            .join(BedRequest, BedRequest.id == Placement.request_id)
            .join(Detention, Detention.id == Placement.detention_id)
            .join(Place, Place.id == Placement.place_id)
            .where(BedRequest.id == request_id, Detention.reduced_at.is_(None))
        )
        if suite_id is not None:
            found = found.where(Detention.suite_id == suite_id)
        else:
            found = found.where(Place.authority_code == authority_code)
        placement = session.scalar(found.with_for_update(of=Placement))
        if placement is None:
            raise NotFound(f"no accepted request {request_id} for this person")
        if placement.arrived_at is None:
            placement.arrived_at, placement.arrived_by = now, by
            audit.record(session, by, "arrival recorded", f"request:{request_id}", at=now)


def remind_due(*, now: datetime) -> int:
    """Remind both sides, once, of each child who was accepted 90 minutes ago and has not been recorded as arrived."""
    with reading() as connection:
        late = connection.scalars(
            select(Placement.id)
            .outerjoin(Once, Once.key == _key())
            .where(
                Placement.arrived_at.is_(None),
                Placement.ended_at.is_(None),
                Placement.accepted_at <= now - REMIND_AFTER,
                Placement.accepted_at > now - NO_USE_AFTER,
                Once.key.is_(None),
            )
        ).all()
    for placement_id in late:
        try:
            with transaction() as session:
                session.add(Once(key=f"arrival:{placement_id}", at=now))
                session.flush()  # another process that reminds at this moment stops here
                _remind(session, session.get_one(Placement, placement_id), now=now)
        except IntegrityError:
            continue
    return len(late)


def _key() -> ColumnElement[str]:
    return literal("arrival:").concat(cast(Placement.id, String))


def _remind(session: Session, placement: Placement, *, now: datetime) -> None:
    request = session.get_one(BedRequest, placement.request_id)
    place = session.get_one(Place, placement.place_id)
    authority = session.get_one(Authority, place.authority_code)
    suite = session.scalars(
        select(Suite).join(Detention, Detention.suite_id == Suite.id).where(Detention.id == placement.detention_id)
    ).one()
    told = []
    contact = _who_knows(session, request, authority.code, now=now)
    if contact is not None and contact.mobile is not None:
        body = wording.arrival_to_contact(request.reference, place.code, suite.name, suite.phone, placement.accepted_at)
        outbox.promise(session, kind=TextKind.NOTICE, to=contact.mobile, body=body, request_id=request.id, now=now)
        told.append("authority")
    if suite.mobile is not None:  # the desk's page says it in any case
        body = wording.arrival_to_suite(request.reference, place.code, authority.name, placement.accepted_at)
        outbox.promise(session, kind=TextKind.NOTICE, to=suite.mobile, body=body, request_id=request.id, now=now)
        told.append("suite")
    audit.record(session, PROGRAM, "arrival asked about", f"request:{request.id}", at=now, told=told)


def _who_knows(session: Session, request: BedRequest, authority_code: str, *, now: datetime) -> Contact | None:
    """Who accepted, else who was asked last, else who is on duty now; the first of them who can be texted."""
    answered = (request.ended_by or "").partition("contact:")[2]
    candidates = list(session.scalars(select(Contact).where(Contact.id == int(answered)))) if answered else []
    candidates += session.scalars(
        select(Contact)
        .join(StepTaken, StepTaken.contact_id == Contact.id)
        .where(StepTaken.request_id == request.id, StepTaken.text_id.is_not(None))
        .order_by(StepTaken.id.desc())
    )
    for target in ("on_duty", "fallback"):
        candidates += oncall.whom(session, authority_code, target, now=now)
    return next((each for each in candidates if each.removed_at is None and oncall.why_not(each) is None), None)
