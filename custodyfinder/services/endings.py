"""What every ending of a request shares: the locks, the one conditional update, who is told.

Each ending frees or uses the held bed exactly once, because each begins with the same conditional
update of the request from open: whoever changes that row acts, everybody else is told how it ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..domain import wording
from ..domain.escalation import Target
from ..errors import Conflict, NotFound
from ..models import (
    GOING_ON,
    Authority,
    BedRequest,
    Detention,
    Place,
    Placement,
    RequestState,
    SearchEnd,
    StandingSearch,
    StepTaken,
    Suite,
    TextKind,
    TextMessage,
    TextState,
)
from . import audit, beds, oncall, outbox

PROGRAM = "custodyfinder"
"""Who did what nobody did."""


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


def lock(session: Session, request_id: int) -> None:
    """Lock the request's detention, then the places its open requests hold beds of, by id.

    Every transaction that ends a request locks in this order before it writes, so none waits for
    another in a ring. (SQLite has one writer at a time and needs no locks.)
    """
    detention_id = session.scalar(select(BedRequest.detention_id).where(BedRequest.id == request_id))
    if detention_id is not None:
        lock_detention(session, detention_id)
        lock_held_places(session, detention_id)


def lock_detention(session: Session, detention_id: int) -> None:
    """Lock a detention: whoever asks for this child, or answers, comes one after the other."""
    session.execute(select(Detention.id).where(Detention.id == detention_id).with_for_update())


def lock_held_places(session: Session, detention_id: int) -> None:
    """Lock the places that this child's open requests hold beds of, by id; after the detention."""
    held = select(BedRequest.place_id).where(
        BedRequest.detention_id == detention_id, BedRequest.state == RequestState.OPEN
    )
    session.execute(select(Place.id).where(Place.id.in_(held)).order_by(Place.id).with_for_update())


def end(
    session: Session,
    request_id: int,
    state: RequestState,
    *,
    authority_code: str | None,
    by: str,
    channel: str | None,
    now: datetime,
) -> BedRequest:
    """Move a request from open to `state`, if it still is open, and wake or end the standing search.

    Raises:
        NotFound: there is no such request (of this authority).
        AlreadyEnded: somebody else was quicker.
    """
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
    _move_search(session, request, by=by, now=now)
    return request


def _move_search(session: Session, request: BedRequest, *, by: str, now: datetime) -> None:
    """A standing search for this child ends with the first acceptance, and looks again at once after any other end."""
    going_on = update(StandingSearch).where(StandingSearch.detention_id == request.detention_id, GOING_ON)
    if request.state == RequestState.ACCEPTED:
        session.execute(going_on.values(ended_at=now, ended_by=by, ended_why=SearchEnd.ACCEPTED.value))
    else:
        session.execute(going_on.values(look_at=now))


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
            .where(Placement.detention_id == request.detention_id, Placement.ended_at.is_(None))
        ).first()
        if winner is not None:
            return Ending(request_id, RequestState.ACCEPTED, winner[0], winner[1])
    return Ending(request_id, RequestState(request.state), authority, request.ended_at)


def tell(session: Session, request: BedRequest, body: str, *, but: Iterable[str | None] = (), now: datetime) -> int:
    """Tell every phone that was asked, and whose text is not known to have failed, how the request ended.

    Returns:
        How many phones are told.
    """
    outbox.drop(session, request_id=request.id, now=now)
    asked = session.scalars(
        select(StepTaken.number)
        .join(TextMessage, TextMessage.id == StepTaken.text_id)
        .where(
            StepTaken.request_id == request.id,
            TextMessage.state.not_in([TextState.FAILED, TextState.UNDELIVERED]),
        )
        .order_by(StepTaken.id)
    )
    left_out = {None, *but}
    numbers = [number for number in dict.fromkeys(asked) if number is not None and number not in left_out]
    for number in numbers:
        outbox.promise(session, kind=TextKind.NOTICE, to=number, body=body, request_id=request.id, now=now)
    return len(numbers)


def suite_of(session: Session, request: BedRequest) -> Suite:
    """The suite that the child of this request is at."""
    return session.scalars(
        select(Suite).join(Detention, Detention.suite_id == Suite.id).where(Detention.id == request.detention_id)
    ).one()


def withdraw_in(session: Session, request_id: int, *, by: str, now: datetime) -> None:
    """`withdraw`, in the caller's transaction, which has locked the detention."""
    request = end(session, request_id, RequestState.WITHDRAWN, authority_code=None, by=by, channel=None, now=now)
    beds.give_back(session, request.place_id)
    tell(session, request, wording.withdrawn_notice(request.reference, suite_of(session, request).name), now=now)


def stop_asking(session: Session, detention_id: int, why: SearchEnd, *, by: str, now: datetime) -> None:
    """End the standing search of a child, if one goes on, and withdraw every open request.

    In the caller's transaction, which has locked the detention.
    """
    ended = session.scalar(
        update(StandingSearch)
        .where(StandingSearch.detention_id == detention_id, GOING_ON)
        .values(ended_at=now, ended_by=by, ended_why=why.value)
        .returning(StandingSearch.id)
    )
    lock_held_places(session, detention_id)
    if ended is not None:
        audit.record(session, by, f"search ended: {why.value}", f"detention:{detention_id}", at=now)
    still_open = session.scalars(
        select(BedRequest.id)
        .where(BedRequest.detention_id == detention_id, BedRequest.state == RequestState.OPEN)
        .order_by(BedRequest.place_id)
    ).all()
    for request_id in still_open:
        withdraw_in(session, request_id, by=by, now=now)


def release(session: Session, detention_id: int, *, by: str, now: datetime) -> None:
    """Give the bed of an accepted child back who has not come and will not; its contacts are told.

    In the caller's transaction, which has locked the detention. The placement stays on record, ended.
    """
    placement = session.scalar(
        select(Placement).where(
            Placement.detention_id == detention_id, Placement.ended_at.is_(None), Placement.arrived_at.is_(None)
        )
    )
    if placement is None:
        return
    place = session.get_one(Place, placement.place_id, with_for_update=True, populate_existing=True)
    placement.ended_at = now
    request = session.get_one(BedRequest, placement.request_id, populate_existing=True)
    request.state, request.ended_at, request.ended_by = RequestState.WITHDRAWN.value, now, by
    # Never above what the place has: a person may have counted the empty bed already.
    place.beds_free = min(place.beds_free + 1, place.beds_total - place.beds_held)
    beds.renew_record(session, place.id, now=now)
    audit.record(session, by, "bed given back", f"request:{request.id}", at=now)
    body = wording.withdrawn_notice(request.reference, suite_of(session, request).name)
    if tell(session, request, body, now=now):
        return
    # Accepted on the page or by telephone, and nobody was texted: somebody there still gets a bed ready.
    for contact in oncall.whom(session, place.authority_code, Target.ON_DUTY, now=now):
        if contact.mobile is not None and oncall.why_not(contact) is None:
            outbox.promise(session, kind=TextKind.NOTICE, to=contact.mobile, body=body, request_id=request.id, now=now)


def leave_unanswered(session: Session, request_id: int, *, now: datetime) -> None:
    """End an open request that nobody has answered: the bed is free again, and the authority's manager is told.

    In the caller's transaction, which has locked the detention.
    """
    request = end(session, request_id, RequestState.EXPIRED, authority_code=None, by=PROGRAM, channel=None, now=now)
    beds.give_back(session, request.place_id)
    beds.renew_record(session, request.place_id, now=now)
    suite = suite_of(session, request)
    place = session.get_one(Place, request.place_id)
    told = set()
    for manager in oncall.whom(session, place.authority_code, Target.MANAGER, now=now):
        if manager.mobile is not None and oncall.why_not(manager) is None:
            body = wording.nobody_answered(request.reference, place.code, suite.name, suite.phone)
            outbox.promise(session, kind=TextKind.NOTICE, to=manager.mobile, body=body, request_id=request.id, now=now)
            told.add(manager.mobile)
    tell(session, request, wording.expired_notice(request.reference, suite.name), but=told, now=now)
