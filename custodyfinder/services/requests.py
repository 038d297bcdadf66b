"""Asking one authority for one bed, and how that ends.

Each ending frees or uses the held bed exactly once, because each begins with the same conditional
update of the request from open: whoever changes that row acts, everybody else is told how it ended.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import wording
from ..domain.needs import RefusalReason, Sex
from ..domain.ranking import Option
from ..domain.replies import new_reference
from ..domain.suitability import Question, needs_in, reasons_against
from ..errors import BadInput, Conflict, NotFound
from ..models import Authority, BedRequest, Contact, Detention, Place, Placement, RequestState, Suite
from ..wiring import wired
from . import audit, beds, detentions, outbox
from .candidates import candidate_of

REFERENCE_RESTS = timedelta(days=30)
"""A reference is not used again for this long: a late answer must never reach another child's request."""

MOST_WORDS = 200


class NoLongerSuits(Conflict):
    """The place suited when the officer looked, and does not now."""

    def __init__(self, place_id: int, reasons: str) -> None:
        super().__init__(f"place {place_id} no longer suits", public=f"{reasons} Choose another place.")


class AlreadyEnded(Conflict):
    """The request has ended, in one way, once; `ending` says which."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(f"request {ending.request_id} is {ending.state}", public=ending.sentence)
        self.ending = ending


class AlreadyPlaced(Conflict):
    """Another authority has accepted this child."""

    public = "This child has a bed already: another request was accepted."


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


def ask(
    detention_reference: str, place_id: int, *, suite_id: int, by: str, shown: Option | None, now: datetime
) -> int:
    """Hold one bed for this child and text the place's authority. Return the request's id.

    The bed, the request, the text and the audit line are one transaction. Asking again while the
    first request is open gives that one: a second click changes nothing.

    Args:
        shown: The place as the officer saw it ranked; kept with the request.

    Raises:
        NotFound: there is no such detention at this suite, or no such place.
        AlreadyPlaced: the child has been accepted somewhere.
        NoLongerSuits: a hard rule leaves the place out by now.
        NoBedLeft: somebody else took the last bed first.
    """
    expire_due(now=now)
    for last_turn in (False, True):
        try:
            with transaction() as session:
                return _ask(session, detention_reference, place_id, suite_id=suite_id, by=by, shown=shown, now=now)
        except IntegrityError:
            # Somebody drew the same reference in the same moment, one time in 200,000.
            if last_turn:
                raise
    raise AssertionError("the second turn returns or raises")


def _ask(
    session: Session,
    detention_reference: str,
    place_id: int,
    *,
    suite_id: int,
    by: str,
    shown: Option | None,
    now: datetime,
) -> int:
    detention = session.scalar(
        select(Detention)
        .where(Detention.reference == detention_reference, Detention.suite_id == suite_id)
        .with_for_update()  # two clicks at once come one after the other
    )
    if detention is None:
        raise NotFound(f"no such detention at suite {suite_id}")
    again = session.scalar(
        select(BedRequest.id).where(
            BedRequest.detention_id == detention.id,
            BedRequest.place_id == place_id,
            BedRequest.state == RequestState.OPEN,
        )
    )
    if again is not None:
        return again
    if session.scalar(select(Placement.id).where(Placement.detention_id == detention.id)) is not None:
        raise AlreadyPlaced(f"detention {detention.id} has a placement")
    place = session.get(Place, place_id)
    if place is None:
        raise NotFound(f"no such place: {place_id}")
    _check_suits(session, detention, place, now=now)
    beds.take(session, place_id)
    request = _open_request(session, detention, place, by=by, shown=shown, now=now)
    audit.record(
        session, by, "bed asked for", f"request:{request.id}", at=now, detention=detention.id, place=place_id
    )
    return request.id


def _check_suits(session: Session, detention: Detention, place: Place, *, now: datetime) -> None:
    child = detentions.child_in_session(session, detention.id, now=now)
    question = Question.about(child, at=now, weights=wired().weights)
    reasons = reasons_against(question, candidate_of(place))
    if [reason.code for reason in reasons] == ["no_bed"]:
        raise beds.NoBedLeft(f"no bed left: place {place.id}")
    if reasons:
        raise NoLongerSuits(place.id, " ".join(reason.text for reason in reasons))


def _open_request(
    session: Session, detention: Detention, place: Place, *, by: str, shown: Option | None, now: datetime
) -> BedRequest:
    contact = session.scalar(select(Contact).where(Contact.authority_code == place.authority_code))
    if contact is None:
        raise NotFound(
            f"authority {place.authority_code} has no contact",
            public="Nobody is recorded as on duty for this authority. Ring its switchboard, and choose another place.",
        )
    suite = session.get_one(Suite, detention.suite_id)
    expires = now + wired().settings.hold_for
    request = BedRequest(
        detention_id=detention.id,
        place_id=place.id,
        contact_id=contact.id,
        sent_to=contact.mobile,
        reference=_unused_reference(session, now=now),
        asked_at=now,
        asked_by=by,
        hold_expires_at=expires,
        shown=_as_shown(place, shown),
    )
    session.add(request)
    session.flush()
    asked = wording.Asked(
        age=detention.age,
        sex=Sex(detention.sex),
        secure=detention.secure,
        needs=needs_in(detention.needs),
        place_code=place.code,
        suite=suite.name,
        reference=request.reference,
        desk_phone=suite.phone,
        ends_at=expires,
    )
    outbox.promise(session, to=contact.mobile, body=wording.bed_needed(asked), request_id=request.id, now=now)
    return request


def _as_shown(place: Place, shown: Option | None) -> dict[str, object]:
    """What the officer went by, for the record: the count and its age, and the option as it was ranked."""
    return {
        "beds_free": place.beds_free,
        "confirmed_at": place.confirmed_at and place.confirmed_at.isoformat(),
        "distance_m": shown and round(shown.distance_m),
        "cost_minutes": shown and shown.cost_minutes,
        "reasons": [] if shown is None else [reason._asdict() for reason in shown.reasons],
    }


def _unused_reference(session: Session, *, now: datetime) -> str:
    while True:
        reference = new_reference(secrets.choice)
        used = select(BedRequest.id).where(
            BedRequest.reference == reference, BedRequest.asked_at > now - REFERENCE_RESTS
        )
        if session.scalar(used) is None:
            return reference


# --- endings --------------------------------------------------------------------------------


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
    session: Session, request_id: int, *, authority_code: str, by: str, channel: str, now: datetime
) -> None:
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
            "words", field="words", public=f"Use {MOST_WORDS} characters or fewer; you have used {len(words)}."
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
        session, request_id, RequestState.REFUSED, authority_code=authority_code, by=by, channel=channel, now=now
    )
    request.refusal_reason = reason.value
    request.refusal_words = words or None
    session.flush()
    beds.give_back(session, request.place_id)
    beds.renew_record(session, request.place_id, now=now)


def ask_to_ring(session: Session, request_id: int, *, by: str, now: datetime) -> None:
    """The contact cannot decide by text and asks the suite to ring. The request stays open."""
    request = session.get_one(BedRequest, request_id)
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
        due = connection.scalars(
            select(BedRequest.id).where(BedRequest.state == RequestState.OPEN, BedRequest.hold_expires_at <= now)
        ).all()
    return sum(_expire(request_id, now=now) for request_id in due)


def _expire(request_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        _lock(session, request_id)
        if session.get_one(BedRequest, request_id).state != RequestState.OPEN:
            return False  # answered, or ended by another process, a moment ago
        request = _end(
            session, request_id, RequestState.EXPIRED, authority_code=None, by="custodyfinder", channel=None, now=now
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
    if row is None or row[0].ended_at is None:
        raise NotFound(f"no request {request_id} of authority {authority_code}")
    request, authority = row
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


def _tell_contact(session: Session, request: BedRequest, words, *, now: datetime) -> None:  # type: ignore[no-untyped-def]
    suite = session.scalar(
        select(Suite.name)
        .join(Detention, Detention.suite_id == Suite.id)
        .where(Detention.id == request.detention_id)
    )
    outbox.promise(session, to=request.sent_to, body=words(request.reference, suite), request_id=request.id, now=now)

