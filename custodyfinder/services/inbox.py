"""What a text that came in does.

The webhook only keeps it; a delivery process works it within a second, and the answer goes out as a
text of its own. The number and the reference must belong together: a reference is good only from the
phones it was sent to. Whatever is not understood changes nothing and is answered with what to send
instead, five times an hour. A number that is nobody's is kept and hears nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import transaction
from ..domain import wording
from ..domain.plain_text import visible
from ..domain.replies import Kind, Reply, parse
from ..models import (
    UNWORKED,
    BedRequest,
    Contact,
    IncomingText,
    Place,
    RequestState,
    StepTaken,
    TextKind,
    TextMessage,
)
from . import bed_texts, contacts, outbox, requests
from .asking import REFERENCE_RESTS
from .endings import AlreadyEnded, suite_of

log = logging.getLogger(__name__)

LONGEST_BODY = 1600
"""Twilio's own limit for one text; anything beyond is cut off before it is kept."""

CHANNEL = "text"

HELPFUL_REPLIES = 5
"""An hour, to one number: two machines that answer each other come to rest."""

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 30, 120))
"""After an error of ours over a text, before it is worked again; then it is put aside, and the log says so."""

OF_BEDS = frozenset({Kind.BEDS, Kind.BEDS_REPORT, Kind.BEDS_SAME, Kind.BEDS_UNCLEAR, Kind.UNDO})


def receive(*, provider_id: str, from_number: str, body: str, now: datetime) -> None:
    """Keep one incoming text. One insert, so that a flood of them slows nobody.

    The same `provider_id` again is the same text again, and nothing new.
    """
    try:
        with transaction() as session:
            session.add(
                IncomingText(
                    provider_id=provider_id,
                    from_number=from_number,
                    body=visible(body)[:LONGEST_BODY],
                    received_at=now,
                    due_at=now,
                )
            )
    except IntegrityError:
        with transaction() as session:
            if session.scalar(select(IncomingText.id).where(IncomingText.provider_id == provider_id)) is None:
                raise


def work_next(*, now: datetime) -> bool:
    """Act on the text that has waited longest, and answer it. Return whether there was one.

    What it does, the note of it and the promised answer are one transaction.
    """
    text_id: int | None = None
    requests.expire_due(now=now)
    try:
        with transaction() as session:
            text = session.scalar(
                select(IncomingText)
                .where(UNWORKED, IncomingText.due_at <= now)
                .order_by(IncomingText.due_at, IncomingText.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if text is None:
                return False
            text_id = text.id
            _work(session, text, now=now)
    except Exception as error:
        if text_id is None:
            raise
        # One text that meets a bug of ours must not stop the ones behind it.
        log.exception("incoming text %s: %s", text_id, type(error).__name__)
        _put_off(text_id, now=now)
    return True


def _put_off(text_id: int, *, now: datetime) -> None:
    with transaction() as session:
        text = session.get_one(IncomingText, text_id, with_for_update=True)
        if text.attempts < len(PAUSES):
            text.due_at = now + PAUSES[text.attempts]
        else:
            log.error("incoming text %s is put aside after %s attempts", text_id, text.attempts + 1)
            text.worked_at = now
        text.attempts += 1


def _work(session: Session, text: IncomingText, *, now: datetime) -> None:
    reply = parse(text.body)
    text.meaning = reply.kind.value
    text.worked_at = now
    people = list(
        session.scalars(
            select(Contact).where(Contact.mobile == text.from_number, Contact.removed_at.is_(None)).order_by(Contact.id)
        )
    )
    if not people:
        log.warning("incoming text %s is from a number that is nobody's", text.id)
        return
    answer, understood = _answer(session, text, people, reply, now=now)
    if answer is None or not (understood or _may_still_be_helped(session, text.from_number, now=now)):
        return
    text.reply = answer
    outbox.promise(
        session,
        kind=TextKind.REPLY if understood else TextKind.HELP,
        to=text.from_number,
        body=answer,
        request_id=text.request_id,
        now=now,
    )


def _may_still_be_helped(session: Session, number: str, *, now: datetime) -> bool:
    # In the database, for the processes to count together.
    lately = (
        select(func.count())
        .select_from(TextMessage)
        .where(
            TextMessage.to_number == number,
            TextMessage.promised_at > now - timedelta(hours=1),
            TextMessage.kind == TextKind.HELP,
        )
    )
    return (session.scalar(lately) or 0) < HELPFUL_REPLIES


def _answer(
    session: Session, text: IncomingText, people: list[Contact], reply: Reply, *, now: datetime
) -> tuple[str | None, bool]:
    """What to answer, and whether the text was understood."""
    number = text.from_number
    if reply.kind is Kind.STOP:
        contacts.stop(session, number, now=now)
        return None, True  # Twilio confirms it itself, and would carry nothing more
    out = any(contact.opted_out_at is not None for contact in people)
    if reply.kind is Kind.START or (out and reply.kind is Kind.BARE and text.body.strip().upper() == "YES"):
        return contacts.start(session, number, now=now), True
    if reply.kind is Kind.CARRIER:
        return None, True  # Twilio answers these words itself
    if reply.kind is Kind.CODE:
        confirmed = contacts.confirm(session, number, reply.code, now=now)
        return (wording.code_wrong() if confirmed is None else confirmed), confirmed is not None
    if reply.kind in OF_BEDS:
        return bed_texts.answer(session, text, reply, people, now=now)
    if reply.kind is Kind.BARE:
        return wording.which_reference(_waiting_here(session, number)), False
    if reply.reference is None or reply.kind is Kind.UNCLEAR:
        return wording.help_text(), False
    return _about_a_request(session, text, reply, now=now)


def _waiting_here(session: Session, number: str) -> tuple[str, ...]:
    """References that wait for an answer from this phone, the oldest first."""
    waiting = session.scalars(
        select(BedRequest.reference)
        .join(StepTaken, StepTaken.request_id == BedRequest.id)
        .where(StepTaken.number == number, BedRequest.state == RequestState.OPEN)
        .order_by(BedRequest.asked_at, StepTaken.id)
    )
    return tuple(dict.fromkeys(waiting))


def _about_a_request(session: Session, text: IncomingText, reply: Reply, *, now: datetime) -> tuple[str, bool]:
    row = session.execute(
        select(BedRequest, StepTaken.contact_id)
        .join(StepTaken, StepTaken.request_id == BedRequest.id)
        .where(
            BedRequest.reference == reply.reference,
            StepTaken.number == text.from_number,
            BedRequest.asked_at > now - REFERENCE_RESTS,
        )
        .order_by(BedRequest.asked_at.desc(), StepTaken.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return wording.unknown_reference(), False
    request, contact_id = row
    text.request_id = request.id
    try:
        return _act(session, request, f"contact:{contact_id}", text.from_number, reply, now=now), True
    except AlreadyEnded as error:
        return error.ending.sentence, True


def _act(session: Session, request: BedRequest, by: str, number: str, reply: Reply, *, now: datetime) -> str:
    place = session.get_one(Place, request.place_id)
    suite = suite_of(session, request)
    if reply.kind is Kind.ACCEPT:
        requests.accept_in(
            session,
            request.id,
            authority_code=place.authority_code,
            by=by,
            channel=CHANNEL,
            from_number=number,
            now=now,
        )
        return wording.accepted(place.code, suite.name, suite.phone)
    if reply.kind is Kind.REFUSE:
        requests.refuse_in(
            session,
            request.id,
            reason=reply.reason,
            words=reply.words,
            authority_code=place.authority_code,
            by=by,
            channel=CHANNEL,
            now=now,
        )
        return wording.refused(place.code, suite.name, suite.phone)
    requests.ask_to_ring(session, request.id, by=by, now=now)
    return wording.ring_noted(suite.name, suite.phone)
