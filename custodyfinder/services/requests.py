"""How asking for a bed ends: accepted, refused, withdrawn or expired; once.

Each ending frees or uses the held bed exactly once, because each begins with the same conditional
update of the request from open: whoever changes that row acts, everybody else is told how it ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import wording
from ..domain.needs import RefusalReason
from ..errors import BadInput, Conflict, NotFound
from ..models import OPEN, Authority, BedRequest, Detention, Place, Placement, RequestState, Suite
from . import audit, beds, outbox

log = logging.getLogger(__name__)

MOST_WORDS = 200


class AlreadyEnded(Conflict):
    """The request has ended, in one way, once; `ending` says which."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"request {ending.request_id} is {ending.state}", public=ending.sentence)
        self.ending = ending


@dataclass(frozen=True)
class Ending:
    """How and when a request ended."""

    request_id: int
    state: RequestState
    authority: str
    at: datetime

    @property
    def sentence(self) -> str:
        """One sentence for the page or the text."""
        return wording.already(self.state.value, by=self.authority, at=self.at)


def accept(request_id: int, *, authority_code: str, by: str, channel: str, now: datetime) -> None:
    """The authority takes the child: the held bed becomes a placement, the child's other requests are withdrawn.

    Raises:
        NotFound: there is no such request of this authority.
        AlreadyEnded: it was answered, withdrawn (another authority was quicker, say) or has expired.
    """
    expire_due(now=now)
    with transaction() as session:
        accept_in(session, request_id, authority_code=authority_code, by=by, channel=channel, now=now)


def accept_in(session: Session, request_id: int, *, authority_code: str, by: str, channel: str, now: datetime) -> None:
    """`accept`, in the caller's transaction."""
    _lock(session, request_id)  # two acceptances for one child meet here; the second finds its request withdrawn
    request = _end(
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
    others = session.scalars(
        select(BedRequest.id)
        .where(BedRequest.detention_id == request.detention_id, BedRequest.state == RequestState.OPEN)
        .order_by(BedRequest.place_id)
    ).all()
    for other in others:
        _withdraw(session, other, by="custodyfinder", now=now)


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
    _lock(session, request_id)
    request = _end(
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


def ask_to_ring(session: Session, request_id: int, *, by: str, now: datetime) -> None:
    """The contact cannot decide by text and asks the suite to ring. The request stays open.

    Raises:
        AlreadyEnded: it was answered, withdrawn or has expired.
    """
    _lock(session, request_id)
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
        _lock(session, request_id)
        _withdraw(session, request_id, by=by, now=now)


def _withdraw(session: Session, request_id: int, *, by: str, now: datetime) -> None:
    request = _end(session, request_id, RequestState.WITHDRAWN, authority_code=None, by=by, channel=None, now=now)
    beds.give_back(session, request.place_id)
    _tell_contact(session, request, wording.withdrawn_notice, now=now)


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
        _lock(session, request_id)
        if session.get_one(BedRequest, request_id).state != RequestState.OPEN:
            return False  # answered, or ended by another process, a moment ago
        request = _end(
            session,
            request_id,
            RequestState.EXPIRED,
            authority_code=None,
            by="custodyfinder",
            channel=None,
            now=now,
        )
        beds.give_back(session, request.place_id)
        beds.renew_record(session, request.place_id, now=now)
        _tell_contact(session, request, wording.expired_notice, now=now)
        return True


def _lock(session: Session, request_id: int) -> int | None:
    """Lock the request's detention, then the places its open requests hold beds of, by id.

    Every transaction that ends a request locks in this order before it writes, so none waits for
    another in a ring. (SQLite has one writer at a time and needs no locks.)
    """
    detention_id = session.scalar(
        select(Detention.id)
        .join(BedRequest, BedRequest.detention_id == Detention.id)
        .where(BedRequest.id == request_id)
        .with_for_update(of=Detention)
    )
    held = select(BedRequest.place_id).where(
        BedRequest.detention_id == detention_id, BedRequest.state == RequestState.OPEN
    )
    session.scalars(select(Place.id).where(Place.id.in_(held)).order_by(Place.id).with_for_update()).all()
    return detention_id


def _end(
    session: Session,
    request_id: int,
    state: RequestState,
    *,
    authority_code: str | None,
    by: str,
    channel: str | None,
    now: datetime,
) -> BedRequest:
    ended = (
        update(BedRequest)
        .where(BedRequest.id == request_id, BedRequest.state == RequestState.OPEN)
        .values(state=state.value, ended_at=now, ended_by=by, channel=channel)
        .returning(BedRequest)
    )
    if authority_code is not None:
        of_authority = select(Place.id).where(Place.authority_code == authority_code)
        ended = ended.where(BedRequest.place_id.in_(of_authority))
    request = session.scalar(ended, execution_options={"populate_existing": True})
    if request is None:
        raise AlreadyEnded(ending_of(session, request_id, authority_code=authority_code))
    audit.record(session, by, f"request {state.value}", f"request:{request_id}", at=now)
    return request


def ending_of(session: Session, request_id: int, *, authority_code: str | None = None) -> Ending:
    """How a request that is no longer open ended.

    Raises:
        NotFound: there is no such request (of this authority).
    """
    found = select(BedRequest, Authority.name).where(BedRequest.id == request_id)
    found = found.join(Place, Place.id == BedRequest.place_id).join(Authority, Authority.code == Place.authority_code)
    if authority_code is not None:
        found = found.where(Place.authority_code == authority_code)
    row = session.execute(found.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(f"no request {request_id} of authority {authority_code}")
    request, authority = row
    if request.ended_at is None:
        raise RuntimeError(f"request {request_id} is open")
    if request.state == RequestState.WITHDRAWN:
        # Withdrawn because somebody else took the child: that is what the late answerer needs to hear.
        winner = session.execute(
            select(Authority.name, Placement.accepted_at)
            .join(Place, Place.authority_code == Authority.code)
            .join(Placement, Placement.place_id == Place.id)
            .where(Placement.detention_id == request.detention_id)
        ).first()
        if winner is not None:
            return Ending(request_id, RequestState.ACCEPTED, winner[0], winner[1])
    return Ending(request_id, RequestState(request.state), authority, request.ended_at)


def _tell_contact(session: Session, request: BedRequest, words: Callable[[str, str], str], *, now: datetime) -> None:
    if outbox.drop(session, request_id=request.id, now=now):
        return  # they were never asked
    suite = session.scalars(
        select(Suite.name).join(Detention, Detention.suite_id == Suite.id).where(Detention.id == request.detention_id)
    ).one()
    outbox.promise(session, to=request.sent_to, body=words(request.reference, suite), request_id=request.id, now=now)
