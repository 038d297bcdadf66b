"""What has been done for one request, in order, and whom to ring about it now: for the officer's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading
from ..domain.escalation import Target
from ..errors import NotFound
from ..models import (
    BedRequest,
    Call,
    CallOutcome,
    Contact,
    Detention,
    Place,
    Placement,
    RequestState,
    StepTaken,
    TextMessage,
    TextState,
)
from . import oncall
from .arrivals import REMIND_AFTER

TARGETS = {
    Target.ON_DUTY: "on duty",
    Target.FALLBACK: "fallback",
    Target.MANAGER: "manager",
    "coming_on": "came on duty",
}


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """Somebody was texted, or could not be."""

    at: datetime
    whom: str
    """ "Emergency Duty Team, on duty"."""
    skipped: str | None
    text_state: TextState | None
    text_error: str | None
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CallLine:
    """The officer rang."""

    occurred_at: datetime
    by: str
    said: CallOutcome
    words: str | None


class What(StrEnum):
    """What happened at a moment of a request."""

    ASKED = "asked"
    TEXT = "text"
    SKIPPED = "skipped"
    """Somebody could not be texted."""
    RING_ASKED = "ring asked"
    CALL = "call"
    ENDED = "ended"
    ARRIVED = "arrived"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One line of a request's story."""

    at: datetime
    what: What
    step: StepLine | None = None
    """With a text, or somebody who was skipped."""
    call: CallLine | None = None


@dataclass(frozen=True)
class RingLine:
    """A number to ring."""

    role: str
    why: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """All of it."""

    moments: tuple[Moment, ...]
    """In the order in which they happened."""
    ring: tuple[RingLine, ...]
    """Most useful first; empty where nobody has a number."""
    next_step_at: datetime | None
    nobody_reached: bool
    """No text is on its way to anybody or has arrived: only ringing helps."""
    arrival_is_late: bool


def of_request(request_id: int, *, suite_id: int, now: datetime) -> Progress:
    """What has been done for one request of this suite.

    Raises:
        NotFound: there is none.
    """
    with reading() as connection, Session(bind=connection) as session:
        request = session.scalar(
            select(BedRequest)
            .join(Detention, Detention.id == BedRequest.detention_id)
            .where(BedRequest.id == request_id, Detention.suite_id == suite_id, Detention.reduced_at.is_(None))
        )
        if request is None:
            raise NotFound(f"no request {request_id} of suite {suite_id}")
        steps = _steps(session, request_id)
        alive = [step for step in steps if step.text_state not in (None, TextState.FAILED, TextState.UNDELIVERED)]
        placement = session.scalar(select(Placement).where(Placement.request_id == request_id))
        return Progress(
            moments=_moments(request, steps, _calls(session, request_id), placement),
            ring=_ring(session, request, now=now),
            next_step_at=request.next_step_at if request.state == RequestState.OPEN else None,
            nobody_reached=not alive,
            arrival_is_late=placement is not None
            and placement.arrived_at is None
            and placement.accepted_at <= now - REMIND_AFTER,
        )


def _moments(
    request: BedRequest, steps: tuple[StepLine, ...], calls: tuple[CallLine, ...], placement: Placement | None
) -> tuple[Moment, ...]:
    found = [Moment(at=request.asked_at, what=What.ASKED)]
    for step in steps:
        found.append(Moment(at=step.sent_at or step.at, what=What.SKIPPED if step.skipped else What.TEXT, step=step))
    found += [Moment(at=call.occurred_at, what=What.CALL, call=call) for call in calls]
    for at, what in (
        (request.ring_asked_at, What.RING_ASKED),
        (request.ended_at, What.ENDED),
        (placement.arrived_at if placement else None, What.ARRIVED),
    ):
        if at is not None:
            found.append(Moment(at=at, what=what))
    order = list(What)
    return tuple(sorted(found, key=lambda moment: (moment.at, order.index(moment.what))))


def _steps(session: Session, request_id: int) -> tuple[StepLine, ...]:
    rows = session.execute(
        select(StepTaken, Contact.role, TextMessage)
        .outerjoin(Contact, Contact.id == StepTaken.contact_id)
        .outerjoin(TextMessage, TextMessage.id == StepTaken.text_id)
        .where(StepTaken.request_id == request_id)
        .order_by(StepTaken.id)
    ).all()
    return tuple(
        StepLine(
            at=step.at,
            whom=", ".join(part for part in (role, TARGETS.get(step.target)) if part),
            skipped=step.skipped,
            text_state=TextState(text.state) if text else None,
            text_error=text.error_code if text else None,
            sent_at=text.sent_at if text else None,
            settled_at=text.settled_at if text else None,
        )
        for step, role, text in rows
    )


def _calls(session: Session, request_id: int) -> tuple[CallLine, ...]:
    rows = session.scalars(select(Call).where(Call.request_id == request_id).order_by(Call.occurred_at, Call.id))
    return tuple(
        CallLine(occurred_at=call.occurred_at, by=call.by, said=CallOutcome(call.said), words=call.words)
        for call in rows
    )


def _ring(session: Session, request: BedRequest, *, now: datetime) -> tuple[RingLine, ...]:
    code = session.scalars(select(Place.authority_code).where(Place.id == request.place_id)).one()
    numbers: dict[str, RingLine] = {}
    for landline in (True, False):  # a duty desk's landline before anybody's own mobile
        for target in Target:
            for contact in oncall.whom(session, code, target, now=now):
                number = contact.landline if landline else contact.mobile
                if number is not None and number not in numbers:
                    numbers[number] = RingLine(contact.role, TARGETS[target], number)
    if not numbers:
        contact = session.get_one(Contact, request.contact_id)
        number = contact.landline or contact.mobile
        if number is not None:
            numbers[number] = RingLine(contact.role, "as recorded", number)
    return tuple(numbers.values())
