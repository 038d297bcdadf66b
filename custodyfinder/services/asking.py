"""Asking one authority for one bed for one child."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import transaction
from ..domain import escalation
from ..domain.ranking import Option
from ..domain.record import OutcomeKind
from ..domain.replies import new_reference
from ..domain.suitability import Candidate, Question, reasons_against
from ..errors import Conflict, NotFound
from ..models import Authority, BedRequest, Detention, Place, Placement, RequestState
from ..wiring import wired
from . import audit, beds, enquiries, escalating, oncall, policies, repeats
from .detentions import outcome_of
from .repeats import Repeatable
from .requests import expire_due

REFERENCE_RESTS = timedelta(days=30)
"""A reference is not used again for this long: a late answer must never reach another child's request."""


class NoLongerSuits(Conflict):
    """The place suited when the officer looked, and does not now."""

    def __init__(self, place_id: int, reasons: str) -> None:
        super().__init__(f"place {place_id} no longer suits", public=f"{reasons} Choose another place.")


class AlreadyPlaced(Conflict):
    """Another authority has accepted this child."""

    public = "This child has a bed already: another request was accepted."


class RecordEnded(Conflict):
    """How the child's time ended has been recorded: nobody else is asked."""

    def __init__(self, detention_id: int, how: OutcomeKind) -> None:
        super().__init__(
            f"detention {detention_id} has ended",
            public=f"This record has ended: {how.label.lower()}. If that is wrong, open the record again first.",
        )


def check_goes_on(session: Session, detention_id: int) -> None:
    """Refuse to ask for a child who has a bed, or whose record has ended.

    Raises:
        AlreadyPlaced, RecordEnded: as they say.
    """
    going_on = select(Placement.id).where(Placement.detention_id == detention_id, Placement.ended_at.is_(None))
    if session.scalar(going_on) is not None:
        raise AlreadyPlaced(f"detention {detention_id} has a placement")
    if ended := outcome_of(session, detention_id):
        raise RecordEnded(detention_id, OutcomeKind(ended.kind))


def ask(
    detention_reference: str,
    place_id: int,
    *,
    suite_id: int,
    by: str,
    shown: Option | None,
    now: datetime,
    under: Repeatable | None = None,
) -> int:
    """Hold one bed for this child and text the place's authority. Return the request's id.

    The bed, the request, the text and the audit line are one transaction. Asking again while the
    first request is open gives that one: a second click changes nothing.

    Args:
        shown: The place as it is ranked at the click; kept with the request.
        under: A program's key: asking again under it gives the first request, whatever became of it.

    Raises:
        KeyUsedForAnother: the key was used for another child or place.
        NotFound: there is no such detention at this suite, or no such place.
        AlreadyPlaced: the child has been accepted somewhere.
        RecordEnded: how the child's time ended has been recorded.
        NoLongerSuits: a hard rule leaves the place out by now.
        NoBedLeft: somebody else took the last bed first.
    """
    expire_due(now=now)
    for last_turn in (False, True):
        try:
            with transaction() as session:
                detention = _locked(session, detention_reference, suite_id)
                first = None if under is None else repeats.first_request(session, under)
                if first is not None:
                    return first
                request_id = ask_in(session, detention, place_id, by=by, shown=shown, search_id=None, now=now)
                if under is not None:
                    repeats.keep(session, under, request_id, now=now)
                return request_id
        except IntegrityError:
            # Somebody drew the same reference in the same moment, one time in 20,000; or used the same
            # key for another child.
            if last_turn:
                raise
    raise AssertionError("the second turn returns or raises")


def _locked(session: Session, reference: str, suite_id: int) -> Detention:
    detention = session.scalar(
        select(Detention)
        .where(Detention.reference == reference, Detention.suite_id == suite_id)
        .with_for_update()  # two clicks at once come one after the other
    )
    if detention is None:
        raise NotFound(f"no such detention at suite {suite_id}")
    return detention


def ask_in(
    session: Session,
    detention: Detention,
    place_id: int,
    *,
    by: str,
    shown: Option | None,
    search_id: int | None,
    now: datetime,
    texted: bool = True,
) -> int:
    """`ask`, in the caller's transaction, which has locked the detention.

    Args:
        search_id: The standing search that asks, if one does.
        texted: False where the answer is known from the telephone, and nobody is to be woken.
    """
    again = session.scalar(
        select(BedRequest.id).where(
            BedRequest.detention_id == detention.id,
            BedRequest.place_id == place_id,
            BedRequest.state == RequestState.OPEN,
        )
    )
    if again is not None:
        return again
    check_goes_on(session, detention.id)
    # Locked before the rules are asked: two children who must be kept apart may be asking at once.
    place = session.get(Place, place_id, with_for_update=True)
    if place is None:
        raise NotFound(f"no such place: {place_id}")
    _check_suits(session, detention, place, now=now)
    went_by = _as_shown(place, shown)
    beds.take(session, place_id)
    request = _open_request(session, detention, place, by=by, went_by=went_by, search_id=search_id, now=now)
    audit.record(session, by, "bed asked for", f"request:{request.id}", at=now, detention=detention.id, place=place_id)
    if texted and request.by_text:
        escalating.take_step(session, request, why="asked", now=now)
    return request.id


def _check_suits(session: Session, detention: Detention, place: Place, *, now: datetime) -> None:
    child = enquiries.child_in_session(session, detention.id, now=now)
    question = Question.about(child, at=now, weights=wired().weights)
    reasons = reasons_against(question, _candidate(place))
    if [reason.code for reason in reasons] == ["no_bed"]:
        raise beds.NoBedLeft(f"no bed left: place {place.id}")
    if reasons:
        raise NoLongerSuits(place.id, " ".join(reason.text for reason in reasons))


def _candidate(place: Place) -> Candidate:
    # No hard rule reads the authority's name.
    names = (name for name in Candidate._fields if name != "authority_name")
    return Candidate(authority_name="", **{name: getattr(place, name) for name in names})


def _open_request(
    session: Session,
    detention: Detention,
    place: Place,
    *,
    by: str,
    went_by: dict[str, object],
    search_id: int | None,
    now: datetime,
) -> BedRequest:
    authority = session.get_one(Authority, place.authority_code)
    to_ring = oncall.to_ring(session, authority.code, now=now)
    if to_ring is None:
        raise NotFound(
            f"authority {authority.code} has no contact",
            public="Nobody is recorded as on duty for this authority. Ring its switchboard, and choose another place.",
        )
    # As it is now: a change made while somebody is being asked must not change whom.
    policy = policies.current(session, authority.code, hold_for=wired().settings.hold_for)
    request = BedRequest(
        detention_id=detention.id,
        place_id=place.id,
        contact_id=to_ring.id,
        search_id=search_id,
        by_text=authority.texted,
        reference=_unused_reference(session, now=now),
        asked_at=now,
        asked_by=by,
        hold_expires_at=now + policy.gives_up,
        policy=escalation.as_json(policy),
        next_step=0,
        shown=went_by,
    )
    session.add(request)
    session.flush()
    return request


def _as_shown(place: Place, shown: Option | None) -> dict[str, object]:
    """What was known at the click, for the record: the count and its age, and the option as it is ranked."""
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
