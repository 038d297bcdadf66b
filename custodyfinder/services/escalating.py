"""Taking the steps of a request's escalation policy: on the timer, or at once where a text did not arrive."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import escalation, wording
from ..domain.escalation import Step, Target
from ..domain.needs import Sex
from ..domain.suitability import needs_in
from ..models import (
    NOT_FOLLOWED_UP,
    OPEN,
    BedRequest,
    Contact,
    Detention,
    Place,
    RequestState,
    StepTaken,
    TextKind,
    TextMessage,
    TextState,
)
from . import audit, oncall, outbox
from .endings import PROGRAM, leave_unanswered, lock, suite_of

MARGIN = 0.05
"""A text dies by this part of a step before the next is taken: two are never on their way for one answer."""

GONE = "is no longer a contact"
NOBODY: dict[str, str] = {
    Target.ON_DUTY: "nobody is on duty",
    Target.FALLBACK: "no fallback contact is recorded",
    Target.MANAGER: "no manager is recorded",
}


def take_step(session: Session, request: BedRequest, *, why: str, now: datetime) -> None:
    """Take the next step that reaches somebody, in the caller's transaction, which has locked the detention.

    Steps that reach nobody are skipped at once, and the record says why. Where none is left and no
    text is on its way or has arrived, nobody is going to answer: the request ends here, unanswered.
    """
    policy = escalation.from_json(request.policy)
    request.next_step_at = None
    while request.next_step < len(policy.steps):
        number = request.next_step
        request.next_step += 1
        next_at = policy.next_at(number, taken_at=now)
        reached = _text(session, request, policy.steps[number], number, until=next_at, now=now)
        audit.record(
            session,
            PROGRAM,
            "step taken" if reached else "step skipped",
            f"request:{request.id}",
            at=now,
            step=number,
            why=why,
        )
        if reached:
            request.next_step_at = next_at
            session.flush()
            return
    session.flush()
    if request.by_text and not _somebody_may_answer(session, request):
        leave_unanswered(session, request.id, now=now)


def _text(
    session: Session, request: BedRequest, step: Step, number: int, *, until: datetime | None, now: datetime
) -> bool:
    place = session.get_one(Place, request.place_id)
    ends = min(until or request.hold_expires_at, request.hold_expires_at)
    use_until = ends - MARGIN * (ends - now)
    texted: set[str] = set()
    for target in step.targets:
        contacts = oncall.whom(session, place.authority_code, target, now=now)
        if not contacts:
            _note(session, request, number, target, None, NOBODY.get(target, GONE), now)
        for contact in contacts:
            skipped = oncall.why_not(contact)
            if skipped is not None:
                _note(session, request, number, target, contact, skipped, now)
            elif contact.mobile is not None and contact.mobile not in texted:  # a team may share a phone
                texted.add(contact.mobile)
                ask_by_text(session, request, contact, target=target, step=number, use_until=use_until, now=now)
    return bool(texted)


def _note(
    session: Session,
    request: BedRequest,
    step: int,
    target: str,
    contact: Contact | None,
    skipped: str,
    now: datetime,
) -> None:
    session.add(
        StepTaken(
            request_id=request.id,
            step=step,
            target=target,
            contact_id=contact and contact.id,
            skipped=skipped,
            at=now,
        )
    )


def ask_by_text(
    session: Session,
    request: BedRequest,
    contact: Contact,
    *,
    target: str,
    step: int,
    use_until: datetime,
    now: datetime,
) -> None:
    """Promise one contact the text that asks, and make the reference good from their phone."""
    number = contact.mobile
    if number is None:
        raise ValueError(f"contact {contact.id} has no mobile")
    before = session.scalar(
        select(StepTaken.id).where(StepTaken.request_id == request.id, StepTaken.number == number).limit(1)
    )
    call = wording.Call.MANAGER if target == Target.MANAGER else wording.Call.AGAIN if before else wording.Call.FIRST
    text = outbox.promise(
        session,
        kind=TextKind.ASK,
        to=number,
        body=wording.bed_needed(_asked(session, request, call)),
        request_id=request.id,
        use_until=use_until,
        now=now,
    )
    session.add(
        StepTaken(
            request_id=request.id,
            step=step,
            target=target,
            contact_id=contact.id,
            number=number,
            text_id=text.id,
            at=now,
        )
    )
    session.flush()


def _asked(session: Session, request: BedRequest, call: wording.Call) -> wording.Asked:
    detention = session.get_one(Detention, request.detention_id)
    place = session.get_one(Place, request.place_id)
    suite = suite_of(session, request)
    return wording.Asked(
        age=detention.age,
        sex=Sex(detention.sex),
        secure=detention.secure,
        needs=needs_in(detention.needs),
        place_code=place.code,
        suite=suite.name,
        reference=request.reference,
        desk_phone=suite.phone,
        ends_at=request.hold_expires_at,
        call=call,
    )


def _somebody_may_answer(session: Session, request: BedRequest) -> bool:
    alive = (
        select(StepTaken.id)
        .join(TextMessage, TextMessage.id == StepTaken.text_id)
        .where(
            StepTaken.request_id == request.id,
            TextMessage.state.not_in([TextState.FAILED, TextState.UNDELIVERED]),
        )
    )
    return session.scalar(alive.limit(1)) is not None


def take_due(*, now: datetime) -> int:
    """Take every step whose time has come, and at once every step whose forerunner's texts did not arrive.

    Each request in a transaction of its own. Return how many steps were looked at.
    """
    with reading() as connection:
        timed = connection.scalars(select(BedRequest.id).where(OPEN, BedRequest.next_step_at <= now)).all()
        failed = connection.scalars(select(TextMessage.request_id).where(NOT_FOLLOWED_UP).distinct()).all()
    for request_id in timed:
        _take_timed(request_id, now=now)
    for about in failed:
        if about is not None:
            _follow_up(about, now=now)
    return len(timed) + len(failed)


def _take_timed(request_id: int, *, now: datetime) -> None:
    with transaction() as session:
        lock(session, request_id)
        request = session.get_one(BedRequest, request_id)
        due = request.next_step_at is not None and request.next_step_at <= now
        # Answered, or taken by another process, a moment ago: nothing is left to do.
        if request.state == RequestState.OPEN and due and request.hold_expires_at > now:
            take_step(session, request, why="nobody answered", now=now)


def _follow_up(request_id: int, *, now: datetime) -> None:
    with transaction() as session:
        lock(session, request_id)
        failed = session.scalars(
            update(TextMessage)
            .where(TextMessage.request_id == request_id, NOT_FOLLOWED_UP)
            .values(followed_up_at=now)
            .returning(TextMessage.id)
        ).all()
        request = session.get_one(BedRequest, request_id)
        if request.state != RequestState.OPEN or not failed:
            return
        states = session.execute(
            select(TextMessage.id, TextMessage.state)
            .join(StepTaken, StepTaken.text_id == TextMessage.id)
            .where(StepTaken.request_id == request_id, StepTaken.step == request.next_step - 1)
        ).all()
        # The timer goes on for whoever of this step was reached; a text of an earlier step changes nothing.
        of_this_step = any(text_id in failed for text_id, _ in states)
        lost = {TextState.FAILED, TextState.UNDELIVERED}
        if of_this_step and all(state in lost for _, state in states):
            take_step(session, request, why="the text did not arrive", now=now)
