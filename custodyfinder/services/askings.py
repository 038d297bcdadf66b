"""Every time that an authority was asked for one child, by text or by telephone, and what it answered.

What a certificate rests on, and what it lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.detention import Asking
from ..domain.needs import RefusalReason
from ..models import Authority, BedRequest, Call, CallOutcome, Contact, Place, Placement, RequestState


@dataclass(frozen=True, kw_only=True)
class AskingLine:
    """One of them."""

    authority: str
    secure: bool
    by_text: bool
    asked_at: datetime
    asked_by: str
    answer: str
    """A `RequestState`, or of a call that settled nothing a `CallOutcome`."""
    reason: RefusalReason | None
    words: str | None
    answered_at: datetime | None
    answered_by: str | None
    """A contact's role, or a username; never a number."""
    given_back_at: datetime | None
    """When the bed that was accepted was given back, if it was."""

    def as_fact(self) -> Asking:
        """For the tests of the Act. A bed that was given back is no longer open to the child."""
        answer = "withdrawn" if self.given_back_at else self.answer
        return Asking(authority=self.authority, secure=self.secure, answer=answer, at=self.asked_at)


def of_detention(session: Session, detention_id: int) -> list[AskingLine]:
    """All of them, in order, in the caller's transaction."""
    lines = [*_requests(session, detention_id), *_calls(session, detention_id)]
    return sorted(lines, key=lambda line: line.asked_at)


def _requests(session: Session, detention_id: int) -> list[AskingLine]:
    rows = session.execute(
        select(BedRequest, Place.secure, Authority.name, Placement)
        .join(Place, Place.id == BedRequest.place_id)
        .join(Authority, Authority.code == Place.authority_code)
        .outerjoin(Placement, Placement.request_id == BedRequest.id)
        .where(BedRequest.detention_id == detention_id)
        .order_by(BedRequest.id)
    ).all()
    roles = _roles(session, [request.ended_by for request, *_ in rows])
    return [
        AskingLine(
            authority=authority,
            secure=secure,
            by_text=request.by_text,
            asked_at=request.asked_at,
            asked_by=request.asked_by,
            answer=RequestState.ACCEPTED.value if placement else request.state,
            reason=RefusalReason(request.refusal_reason) if request.refusal_reason else None,
            words=request.refusal_words,
            answered_at=placement.accepted_at if placement else request.ended_at,
            answered_by=None if placement and placement.ended_at else roles.get(request.ended_by, request.ended_by),
            given_back_at=placement.ended_at if placement else None,
        )
        for request, secure, authority, placement in rows
    ]


def _roles(session: Session, who: list[str | None]) -> dict[str | None, str]:
    """The roles of those who answered by phone: nobody's name, nobody's number."""
    ids = {each: int(each.removeprefix("contact:")) for each in who if each and each.startswith("contact:")}
    named = dict(session.execute(select(Contact.id, Contact.role).where(Contact.id.in_(ids.values()))).all())
    return {each: named[key] for each, key in ids.items() if key in named}


def _calls(session: Session, detention_id: int) -> list[AskingLine]:
    """Calls that settled no request: those that did are in the request's own line."""
    rows = session.execute(
        select(Call, Authority.name)
        .join(Authority, Authority.code == Call.authority_code)
        .where(
            Call.detention_id == detention_id,
            Call.request_id.is_(None) | Call.said.in_([CallOutcome.NO_ANSWER, CallOutcome.RING_BACK]),
        )
        .order_by(Call.id)
    ).all()
    return [
        AskingLine(
            authority=authority,
            secure=call.secure,
            by_text=False,
            asked_at=call.occurred_at,
            asked_by=call.by,
            answer=call.said,
            reason=RefusalReason(call.reason) if call.reason else None,
            words=call.words,
            answered_at=call.occurred_at,
            answered_by=None,
            given_back_at=None,
        )
        for call, authority in rows
    ]
