"""What the pages show of requests: the officer's view of one, the duty officer's view of all of theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..db import reading
from ..domain import geo
from ..domain.needs import Need, RefusalReason, Sex
from ..domain.suitability import needs_in
from ..errors import NotFound
from ..models import (
    Authority,
    BedRequest,
    Contact,
    Detention,
    Place,
    Placement,
    RequestState,
    Suite,
)

RECENT = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """One request with its place, its text and its answer."""

    id: int
    detention_reference: str
    reference: str
    state: RequestState
    asked_at: datetime
    asked_by: str
    hold_expires_at: datetime
    ring_asked_at: datetime | None
    ended_at: datetime | None
    refusal_reason: RefusalReason | None
    refusal_words: str | None
    place_id: int
    place_code: str
    place_name: str
    place_town: str
    place_address: str | None
    """Only once accepted: where children live is confidential."""
    place_postcode: str | None
    authority_name: str
    contact_role: str
    contact_number: str | None
    """Of whoever was to be rung when it was asked; `progress` knows whom to ring now."""
    by_text: bool
    by_itself: bool
    """Asked by a standing search, not by a press."""
    given_back_at: datetime | None
    """When the child did not come after all, or left; the acceptance is over then."""
    arrived_at: datetime | None
    suite_id: int
    suite_name: str
    suite_phone: str
    distance_m: float
    """In a straight line, from the suite to the place."""
    age: int
    sex: Sex
    secure: bool
    needs: tuple[Need, ...]

    @property
    def has_bed(self) -> bool:
        """Whether the child has this bed now."""
        return self.state is RequestState.ACCEPTED and self.given_back_at is None

    @property
    def travel_minutes(self) -> float:
        """From the suite to the place by car at night: an estimate."""
        return geo.travel_minutes(self.distance_m)


def _views() -> Select[*tuple[Any, ...]]:
    return (
        select(BedRequest, Place, Authority.name, Contact, Placement, Detention, Suite)
        .join(Place, Place.id == BedRequest.place_id)
        .join(Authority, Authority.code == Place.authority_code)
        .join(Contact, Contact.id == BedRequest.contact_id)
        .join(Detention, Detention.id == BedRequest.detention_id)
        .join(Suite, Suite.id == Detention.suite_id)
        .outerjoin(Placement, Placement.request_id == BedRequest.id)
        .where(Detention.reduced_at.is_(None))  # of the others only the figures are left
    )


def _read(statement: Select[*tuple[Any, ...]]) -> list[RequestView]:
    with reading() as connection, Session(bind=connection) as session:
        return [_view(*row) for row in session.execute(statement)]


def _view(
    request: BedRequest,
    place: Place,
    authority: str,
    contact: Contact,
    placement: Placement | None,
    detention: Detention,
    suite: Suite,
) -> RequestView:
    accepted = request.state == RequestState.ACCEPTED
    return RequestView(
        id=request.id,
        detention_reference=detention.reference,
        reference=request.reference,
        state=RequestState(request.state),
        asked_at=request.asked_at,
        asked_by=request.asked_by,
        hold_expires_at=request.hold_expires_at,
        ring_asked_at=request.ring_asked_at,
        ended_at=request.ended_at,
        refusal_reason=RefusalReason(request.refusal_reason) if request.refusal_reason else None,
        refusal_words=request.refusal_words,
        place_id=place.id,
        place_code=place.code,
        place_name=place.name,
        place_town=place.town,
        place_address=place.address if accepted else None,
        place_postcode=place.postcode if accepted else None,
        authority_name=authority,
        contact_role=contact.role,
        contact_number=contact.landline or contact.mobile,
        by_text=request.by_text,
        by_itself=request.search_id is not None,
        given_back_at=placement.ended_at if placement else None,
        arrived_at=placement.arrived_at if placement else None,
        suite_id=suite.id,
        suite_name=suite.name,
        suite_phone=suite.phone,
        distance_m=geo.distance_m(
            geo.GridPoint(suite.easting, suite.northing), geo.GridPoint(place.easting, place.northing)
        ),
        age=detention.age,
        sex=Sex(detention.sex),
        secure=detention.secure,
        needs=needs_in(detention.needs),
    )


def request_for_suite(request_id: int, *, suite_id: int) -> RequestView:
    """One request of this suite.

    Raises:
        NotFound: there is none.
    """
    return request_for_suites(request_id, suites=[suite_id])


def request_for_suites(request_id: int, *, suites: Collection[int]) -> RequestView:
    """One request of any of these suites.

    Raises:
        NotFound: there is none.
    """
    return _one(_views().where(BedRequest.id == request_id, Detention.suite_id.in_(suites)), request_id)


def request_for_authority(request_id: int, *, authority_code: str) -> RequestView:
    """One request to this authority.

    Raises:
        NotFound: there is none.
    """
    return _one(_views().where(BedRequest.id == request_id, Place.authority_code == authority_code), request_id)


def _one(statement: Select[*tuple[Any, ...]], request_id: int) -> RequestView:
    views = _read(statement)
    if not views:
        raise NotFound(f"no request {request_id} for this person")
    return views[0]


def requests_of_detention(reference: str, *, suite_id: int) -> list[RequestView]:
    """Every request made for one child, latest first."""
    return _read(
        _views()
        .where(Detention.reference == reference, Detention.suite_id == suite_id)
        .order_by(BedRequest.asked_at.desc(), BedRequest.id.desc())
    )


def requests_of_authority(authority_code: str, *, now: datetime) -> list[RequestView]:
    """Requests to one authority: the open ones, and those that ended in the last 24 hours; oldest open first."""
    views = _read(
        _views()
        .where(
            Place.authority_code == authority_code,
            (BedRequest.state == RequestState.OPEN) | (BedRequest.ended_at > now - RECENT),
        )
        .order_by(BedRequest.asked_at, BedRequest.id)
    )
    return sorted(views, key=lambda view: view.state is not RequestState.OPEN)


def authorities() -> list[tuple[str, str]]:
    """Code and name of every authority, by name."""
    with reading() as connection:
        return [
            (row.code, row.name)
            for row in connection.execute(select(Authority.code, Authority.name).order_by(Authority.name))
        ]
