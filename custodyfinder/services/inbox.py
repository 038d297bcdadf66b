"""What a text that came in does.

The number and the reference must belong together: a reference is good only from the phone it was
sent to. Whatever is not understood changes nothing and is answered with what to send instead.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import wording
from ..domain.replies import Kind, Reply, parse
from ..models import BedRequest, Contact, Detention, IncomingText, Place, RequestState, Suite
from . import requests
from .asking import REFERENCE_RESTS

log = logging.getLogger(__name__)

LONGEST_BODY = 1600
"""Twilio's own limit for one text; anything beyond is cut off before it is kept."""

CHANNEL = "text"


def receive(*, provider_id: str, from_number: str, body: str, now: datetime) -> str | None:
    """Act on one incoming text. Return the reply, or None where none is due.

    The answer, its effect and the note of it are one transaction. The same `provider_id` again is
    the same text again: it is answered as before and does nothing new. A number that is nobody's
    is noted and hears nothing.
    """
    body = body[:LONGEST_BODY]
    requests.expire_due(now=now)
    before = _answered(provider_id)
    if before is not None:
        return before.reply
    try:
        return _receive(provider_id, from_number, body, now=now)
    except IntegrityError:
        # The same webhook twice at once: the other one has acted, and its note is there now.
        before = _answered(provider_id)
        if before is None:
            raise
        return before.reply


@dataclass(frozen=True)
class _Answered:
    reply: str | None


def _answered(provider_id: str) -> _Answered | None:
    with reading() as connection:
        row = connection.execute(select(IncomingText.reply).where(IncomingText.provider_id == provider_id)).first()
    return None if row is None else _Answered(row.reply)


def _receive(provider_id: str, from_number: str, body: str, *, now: datetime) -> str | None:
    reply = parse(body)
    with transaction() as session:
        text = IncomingText(
            provider_id=provider_id,
            from_number=from_number,
            body=body.replace("\0", ""),  # PostgreSQL keeps no NUL
            received_at=now,
            meaning=reply.kind.value,
        )
        session.add(text)
        session.flush()  # a second copy stops here, before it acts
        contact = session.scalar(select(Contact).where(Contact.mobile == from_number).limit(1))
        if contact is None:
            log.warning("incoming text %s is from a number that is nobody's", text.id)
            return None
        text.reply = _answer(session, text, contact, reply, now=now)
        return text.reply


def _answer(session: Session, text: IncomingText, contact: Contact, reply: Reply, *, now: datetime) -> str | None:
    if reply.kind is Kind.CARRIER:
        return None  # Twilio answers these words itself
    if reply.reference is None or reply.kind in (Kind.BARE, Kind.UNCLEAR):
        open_here = session.scalars(
            select(BedRequest.reference)
            .where(BedRequest.sent_to == contact.mobile, BedRequest.state == RequestState.OPEN)
            .order_by(BedRequest.asked_at)
        ).all()
        return wording.which_reference(tuple(open_here)) if reply.kind is Kind.BARE else wording.help_text()
    request = session.scalar(
        select(BedRequest)
        .where(
            BedRequest.reference == reply.reference,
            BedRequest.sent_to == contact.mobile,
            BedRequest.asked_at > now - REFERENCE_RESTS,
        )
        .order_by(BedRequest.asked_at.desc())
        .limit(1)
    )
    if request is None:
        return wording.unknown_reference()
    text.request_id = request.id
    try:
        return _act(session, request, contact, reply, now=now)
    except requests.AlreadyEnded as error:
        return error.ending.sentence


def _act(session: Session, request: BedRequest, contact: Contact, reply: Reply, *, now: datetime) -> str:
    place = session.get_one(Place, request.place_id)
    suite = session.scalars(
        select(Suite).join(Detention, Detention.suite_id == Suite.id).where(Detention.id == request.detention_id)
    ).one()
    by = f"contact:{contact.id}"
    if reply.kind is Kind.ACCEPT:
        requests.accept_in(session, request.id, authority_code=place.authority_code, by=by, channel=CHANNEL, now=now)
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
