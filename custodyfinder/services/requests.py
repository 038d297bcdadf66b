"""Answering a request, taking it back, and letting it run out: each once."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import wording
from ..domain.needs import RefusalReason
from ..errors import BadInput, NotFound
from ..models import OPEN, Authority, BedRequest, Detention, Placement, RequestState
from . import audit, beds, outbox
from .endings import PROGRAM, AlreadyEnded, Ending, end, ending_of, leave_unanswered, lock, tell, withdraw_in

log = logging.getLogger(__name__)

MOST_WORDS = 200


def accept(request_id: int, *, authority_code: str, by: str, channel: str, now: datetime) -> None:
    """The authority takes the child: the held bed becomes a placement, the child's other requests are withdrawn.

    Raises:
        NotFound: there is no such request of this authority.
        AlreadyEnded: it was answered, withdrawn (another authority was quicker, say) or has expired.
    """
    expire_due(now=now)
    with transaction() as session:
        accept_in(session, request_id, authority_code=authority_code, by=by, channel=channel, now=now)


def accept_in(
    session: Session,
    request_id: int,
    *,
    authority_code: str,
    by: str,
    channel: str,
    now: datetime,
    from_number: str | None = None,
) -> None:
    """`accept`, in the caller's transaction. Everybody else who was asked is told; not `from_number`, who answered."""
    lock(session, request_id)  # two acceptances for one child meet here; the second finds its request withdrawn
    request = end(
        session,
        request_id,
        RequestState.ACCEPTED,
        authority_code=authority_code,
        by=by,
        channel=channel,
        now=now,
    )
    outbox.drop(session, request_id=request.id, now=now)
    beds.use(session, request.place_id)
    session.add(
        Placement(
            request_id=request.id,
            place_id=request.place_id,
            detention_id=request.detention_id,
            accepted_at=now,
        )
    )
    beds.renew_record(session, request.place_id, now=now)
    winner = session.scalars(select(Authority.name).where(Authority.code == authority_code)).one()
    tell(session, request, wording.accepted_here(request.reference, winner, now), but=(from_number,), now=now)
    others = session.scalars(
        select(BedRequest.id)
        .where(BedRequest.detention_id == request.detention_id, BedRequest.state == RequestState.OPEN)
        .order_by(BedRequest.place_id)
    ).all()
    for other in others:
        lost = end(session, other, RequestState.WITHDRAWN, authority_code=None, by=PROGRAM, channel=None, now=now)
        beds.give_back(session, lost.place_id)
        tell(session, lost, wording.accepted_elsewhere(lost.reference, winner, now), now=now)


def refuse(
    request_id: int,
    *,
    reason: RefusalReason,
    words: str,
    authority_code: str,
    by: str,
    channel: str,
    now: datetime,
) -> None:
    """The authority says no, and why. The bed is free again.

    Raises:
        BadInput: the words are longer than 200 characters.
        NotFound: there is no such request of this authority.
        AlreadyEnded: it was answered, withdrawn or has expired.
    """
    if len(words) > MOST_WORDS:
        raise BadInput(
            "words",
            field="words",
            public=f"Use {MOST_WORDS} characters or fewer; you have used {len(words)}.",
        )
    expire_due(now=now)
    with transaction() as session:
        refuse_in(
            session,
            request_id,
            reason=reason,
            words=words,
            authority_code=authority_code,
            by=by,
            channel=channel,
            now=now,
        )


def refuse_in(
    session: Session,
    request_id: int,
    *,
    reason: RefusalReason,
    words: str,
    authority_code: str,
    by: str,
    channel: str,
    now: datetime,
) -> None:
    """`refuse`, in the caller's transaction."""
    lock(session, request_id)
    request = end(
        session,
        request_id,
        RequestState.REFUSED,
        authority_code=authority_code,
        by=by,
        channel=channel,
        now=now,
    )
    outbox.drop(session, request_id=request.id, now=now)
    request.refusal_reason = reason.value
    request.refusal_words = words or None
    session.flush()
    beds.give_back(session, request.place_id)
    beds.renew_record(session, request.place_id, now=now)


def ending(request_id: int, *, authority_code: str) -> Ending:
    """How a request to this authority ended.

    Raises:
        NotFound: there is no such request of this authority.
        RuntimeError: it is open.
    """
    with reading() as connection, Session(bind=connection) as session:
        return ending_of(session, request_id, authority_code=authority_code)


def ask_to_ring(session: Session, request_id: int, *, by: str, now: datetime) -> None:
    """The contact cannot decide by text and asks the suite to ring. The request stays open.

    Raises:
        AlreadyEnded: it was answered, withdrawn or has expired.
    """
    lock(session, request_id)
    request = session.get_one(BedRequest, request_id, populate_existing=True)
    if request.state != RequestState.OPEN:
        raise AlreadyEnded(ending_of(session, request_id))
    request.ring_asked_at = now
    audit.record(session, by, "asked to be rung", f"request:{request_id}", at=now)


def withdraw(request_id: int, *, suite_id: int, by: str, now: datetime) -> None:
    """The police take the request back. The bed is free again and the contact is told.

    Raises:
        NotFound: there is no such request of this suite.
        AlreadyEnded: it was answered, withdrawn or has expired.
    """
    expire_due(now=now)
    with transaction() as session:
        ours = session.scalar(
            select(BedRequest.id)
            .join(Detention, Detention.id == BedRequest.detention_id)
            .where(BedRequest.id == request_id, Detention.suite_id == suite_id)
        )
        if ours is None:
            raise NotFound(f"no request {request_id} of suite {suite_id}")
        lock(session, request_id)
        withdraw_in(session, request_id, by=by, now=now)


def expire_due(*, now: datetime) -> int:
    """End every open request whose hold has run out. Return how many ended.

    Called before every asking and answering as well, so that a hold ends on time even where no
    delivery process runs. Each request ends in a transaction of its own.
    """
    with reading() as connection:
        due = connection.scalars(select(BedRequest.id).where(OPEN, BedRequest.hold_expires_at <= now)).all()
    ended = 0
    for request_id in due:
        try:
            ended += _expire(request_id, now=now)
        except IntegrityError as error:
            # A count of beds that has drifted: reconciliation puts it right within minutes and the next
            # turn ends this request. It must not keep everybody else from asking and answering.
            log.error("request %s could not expire: %s", request_id, type(error.orig).__name__)
    return ended


def _expire(request_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        lock(session, request_id)
        if session.get_one(BedRequest, request_id).state != RequestState.OPEN:
            return False  # answered, or ended by another process, a moment ago
        leave_unanswered(session, request_id, now=now)
        return True
