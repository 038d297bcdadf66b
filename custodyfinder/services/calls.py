"""The officer rang the authority: what was said goes on the record, and counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import transaction
from ..domain.needs import RefusalReason
from ..errors import BadInput, NotFound
from ..models import Authority, BedRequest, Call, CallOutcome, Detention, Place, RequestState, SearchEnd
from . import asking, audit, requests
from .endings import lock_detention, lock_held_places, stop_asking
from .requests import MOST_WORDS

CHANNEL = "phone"
LATEST_TOLD = timedelta(hours=12)
"""How long ago a call may have been, and still be recorded: a shift."""


def record(
    request_id: int,
    *,
    said: CallOutcome,
    words: str,
    reason: RefusalReason,
    suite_id: int,
    by: str,
    now: datetime,
    occurred_at: datetime | None = None,
) -> int:
    """Write down a call about a request. Return the id of the request that it settled, or is about.

    "Accepted" accepts the open request. Where that has ended without a bed, the place is asked and
    accepted in one go, if it has a bed and still suits: that is another request, and nobody is texted.
    "Refused" refuses it, if it is open. Anything else is written down only.

    Args:
        reason: For a refusal.
        occurred_at: When the call was made; now, if None.

    Raises:
        BadInput: the words are longer than 200 characters, or the call is ahead or more than 12 hours ago.
        NotFound: there is no such request of this suite.
        AlreadyPlaced, NoBedLeft, NoLongerSuits: an acceptance cannot be kept any more.
    """
    _check_words(words)
    at = occurred_at or now
    if not now - LATEST_TOLD <= at <= now:
        raise BadInput("time of call", field="at", public="The call must have been in the last 12 hours.")
    requests.expire_due(now=now)
    with transaction() as session:
        request = _of_suite(session, request_id, suite_id)
        settled = request_id
        if said is CallOutcome.ACCEPTED:
            settled = _accept(session, request, by=by, now=now)
        elif said is CallOutcome.REFUSED and request.state == RequestState.OPEN:
            requests.refuse_in(
                session,
                request_id,
                reason=reason,
                words=words,
                authority_code=_authority(session, request),
                by=by,
                channel=CHANNEL,
                now=now,
            )
        session.add(
            Call(
                detention_id=request.detention_id,
                authority_code=_authority(session, request),
                request_id=settled,
                secure=_place(session, request).secure,
                reason=reason.value if said is CallOutcome.REFUSED else None,
                said=said.value,
                words=words or None,
                occurred_at=at,
                recorded_at=now,
                by=by,
            )
        )
        audit.record(session, by, "call recorded", f"request:{settled}", at=now, said=said.value)
        return settled


def record_with_authority(
    reference: str,
    *,
    authority_code: str,
    secure: bool,
    said: CallOutcome,
    words: str,
    reason: RefusalReason,
    suite_id: int,
    by: str,
    now: datetime,
) -> None:
    """Write down a call to an authority that is about no place of its list.

    "Accepted" ends the search for this child: the authority may place the child where it decides, a
    family member's home included (PACE 1984 s.38(6B)).

    Raises:
        BadInput: the words are longer than 200 characters, or there is no such authority.
        NotFound: there is no such record at this suite.
        AlreadyPlaced, RecordEnded: the child has a bed, or the record has ended, and "accepted" comes too late.
    """
    _check_words(words)
    requests.expire_due(now=now)
    with transaction() as session:
        detention_id = session.scalar(
            select(Detention.id).where(Detention.reference == reference, Detention.suite_id == suite_id)
        )
        if detention_id is None:
            raise NotFound(f"no such detention at suite {suite_id}")
        if session.get(Authority, authority_code) is None:
            raise BadInput("authority", field="authority", public="Choose the authority that you rang.")
        lock_detention(session, detention_id)
        if said is CallOutcome.ACCEPTED:
            asking.check_goes_on(session, detention_id)
            stop_asking(session, detention_id, SearchEnd.ACCEPTED, by=by, now=now)
        session.add(
            Call(
                detention_id=detention_id,
                authority_code=authority_code,
                secure=secure,
                reason=reason.value if said is CallOutcome.REFUSED else None,
                said=said.value,
                words=words or None,
                occurred_at=now,
                recorded_at=now,
                by=by,
            )
        )
        about = f"detention:{detention_id}"
        audit.record(session, by, "call recorded", about, at=now, authority=authority_code, said=said.value)


def _check_words(words: str) -> None:
    if len(words) > MOST_WORDS:
        raise BadInput(
            "words", field="words", public=f"Use {MOST_WORDS} characters or fewer; you have used {len(words)}."
        )


def _of_suite(session: Session, request_id: int, suite_id: int) -> BedRequest:
    detention_id = session.scalar(
        select(Detention.id)
        .join(BedRequest, BedRequest.detention_id == Detention.id)
        .where(BedRequest.id == request_id, Detention.suite_id == suite_id, Detention.reduced_at.is_(None))
    )
    if detention_id is None:
        raise NotFound(f"no request {request_id} of suite {suite_id}")
    lock_detention(session, detention_id)
    return session.get_one(BedRequest, request_id)


def _accept(session: Session, request: BedRequest, *, by: str, now: datetime) -> int:
    authority_code = _authority(session, request)
    request_id = request.id
    if request.state != RequestState.OPEN:
        detention = session.get_one(Detention, request.detention_id)
        request_id = asking.ask_in(
            session, detention, request.place_id, by=by, shown=None, search_id=None, texted=False, now=now
        )
    else:
        lock_held_places(session, request.detention_id)
    requests.accept_in(session, request_id, authority_code=authority_code, by=by, channel=CHANNEL, now=now)
    return request_id


def _authority(session: Session, request: BedRequest) -> str:
    return _place(session, request).authority_code


def _place(session: Session, request: BedRequest) -> Place:
    return session.get_one(Place, request.place_id)
