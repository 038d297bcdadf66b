"""What an officer says of a child when looking for a bed, and the child of the ranking made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading
from ..domain import detention as tests_of_the_act
from ..domain.geo import Areas, Circle, GridPoint, polygons_from_geojson
from ..domain.needs import Need, Sex
from ..domain.suitability import Child, needs_in
from ..errors import BadInput, NotFound
from ..gateways.postcodes import PostcodeDirectory
from ..models import BedRequest, Detention, Placement, RequestState, Suite

TONIGHT = timedelta(hours=18)
"""How long a refusal counts as "tonight's": from an evening charge to the court of the next day."""

KEPT_APART_FOR = timedelta(days=3)
"""Records older than this name nobody who is still in a bed of one night."""

FARTHEST_AVOIDED_KM = 100.0
MOST_AREAS = 20


@dataclass(frozen=True, kw_only=True)
class Enquiry:
    """What an officer says of a child when looking for a bed."""

    age: int
    sex: Sex
    secure: bool = False
    approved_under_13: bool = False
    needs: frozenset[Need] = frozenset()
    home_postcode: str | None = None
    looked_after_by: str | None = None
    """Code of the authority that looks after the child; it then is the one to ask first."""
    avoid: tuple[tuple[str, float], ...] = ()
    """Circles round postcodes: (postcode, kilometres)."""
    avoid_geojson: str | None = None
    keep_apart: frozenset[str] = frozenset()
    """References of other detentions whose child must be kept apart from this one."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where the child lives, as far as the program keeps it."""

    district: str
    centre: GridPoint
    authority_code: str | None


def check_age(age: int) -> None:
    """Refuse an age that is no child's in custody.

    Raises:
        BadInput: under 10 (not criminally responsible) or 18 and over (not a child).
    """
    for fault in tests_of_the_act.faults_of_age(age):
        raise BadInput("age", field=fault.field, public=fault.sentence)


def find_home(postcodes: PostcodeDirectory, postcode: str | None) -> Home | None:
    """The home district and its authority. The postcode itself is forgotten here.

    Raises:
        BadInput: the postcode is malformed, unknown or outside Great Britain.
    """
    if postcode is None:
        return None
    try:
        found = postcodes.find(postcode)
    except BadInput as error:
        error.field = "home_postcode"
        raise
    return Home(
        district=found.district,
        centre=postcodes.district(found.district).centre,
        authority_code=found.authority_code,
    )


def circles_to_avoid(postcodes: PostcodeDirectory, avoid: tuple[tuple[str, float], ...]) -> tuple[Circle, ...]:
    """Circles round postcodes, in metres on the grid.

    Raises:
        BadInput: a postcode cannot be found, a distance is not above 0 and up to 100 km, or there are too many.
    """
    if len(avoid) > MOST_AREAS:
        raise BadInput("areas", field="avoid", public=f"Give at most {MOST_AREAS} areas to avoid.")
    circles = []
    for postcode, kilometres in avoid:
        if not 0 < kilometres <= FARTHEST_AVOIDED_KM:
            raise BadInput(
                "radius",
                field="avoid",
                public="The distance to keep away must be above 0 and up to 100 km (62 miles).",
            )
        try:
            centre = postcodes.find(postcode).point
        except BadInput as error:
            error.field = "avoid"
            raise
        circles.append(Circle(centre, kilometres * 1000))
    return tuple(circles)


def child_of(enquiry: Enquiry, *, origin: GridPoint, suite_authority: str, postcodes: PostcodeDirectory) -> Child:
    """The child of the ranking, for an enquiry that is not kept (the command line).

    Raises:
        BadInput: something in the enquiry cannot be used; `field` says what.
    """
    check_age(enquiry.age)
    home = find_home(postcodes, enquiry.home_postcode)
    return Child(
        origin=origin,
        age=enquiry.age,
        sex=enquiry.sex,
        responsible=responsible(enquiry.looked_after_by, home, suite_authority),
        secure=enquiry.secure,
        approved_under_13=enquiry.approved_under_13,
        needs=enquiry.needs,
        home=None if home is None else home.centre,
        avoid=Areas(circles_to_avoid(postcodes, enquiry.avoid), polygons(enquiry.avoid_geojson)),
    )


def child_in(detention_id: int, *, now: datetime) -> Child:
    """The child of the ranking as things stand now: refusals of tonight and open requests included.

    Raises:
        NotFound: there is no such detention.
    """
    with reading() as connection, Session(bind=connection) as session:
        return child_in_session(session, detention_id, now=now)


def child_in_session(session: Session, detention_id: int, *, now: datetime) -> Child:
    """`child_in`, in the caller's transaction."""
    found = session.get(Detention, detention_id)
    if found is None:
        raise NotFound(f"no such detention: {detention_id}")
    suite = session.get_one(Suite, found.suite_id)
    asked = session.execute(
        select(BedRequest.place_id, BedRequest.state, BedRequest.ended_at).where(
            BedRequest.detention_id == detention_id
        )
    ).all()
    home = (
        None
        if found.home_easting is None or found.home_northing is None
        else GridPoint(found.home_easting, found.home_northing)
    )
    return Child(
        origin=GridPoint(suite.easting, suite.northing),
        age=found.age,
        sex=Sex(found.sex),
        responsible=found.responsible_code,
        secure=found.secure,
        approved_under_13=found.approved_under_13,
        needs=frozenset(needs_in(found.needs)),
        home=home,
        avoid=Areas(
            tuple(Circle(GridPoint(east, north), metres) for east, north, metres in found.avoid_circles),
            polygons(found.avoid_geojson),
        ),
        kept_apart_from=_places_of_those_kept_apart(session, found),
        refused_tonight=frozenset(
            place
            for place, state, ended in asked
            if state == RequestState.REFUSED and ended is not None and ended > now - TONIGHT
        ),
        asked_now=frozenset(place for place, state, _ in asked if state == RequestState.OPEN),
    )


def _places_of_those_kept_apart(session: Session, child: Detention) -> frozenset[int]:
    """Places where somebody is, or is about to be, whom this child names, or who names this child."""
    recent = session.scalars(select(Detention).where(Detention.opened_at > child.opened_at - KEPT_APART_FOR))
    apart = [other.id for other in recent if other.reference in child.keep_apart or child.reference in other.keep_apart]
    there = session.scalars(
        select(Placement.place_id).where(Placement.detention_id.in_(apart), Placement.ended_at.is_(None))
    )
    asked = session.scalars(
        select(BedRequest.place_id).where(BedRequest.detention_id.in_(apart), BedRequest.state == RequestState.OPEN)
    )
    return frozenset([*there, *asked])


def polygons(geojson: str | None) -> tuple[shapely.Polygon, ...]:
    if not geojson:
        return ()
    try:
        return polygons_from_geojson(geojson)
    except BadInput as error:
        error.field = "avoid_geojson"
        raise


def responsible(looked_after_by: str | None, home: Home | None, suite_authority: str) -> str:
    # Concordat practice: the authority that looks after the child, else where the child lives, else the suite's.
    return looked_after_by or (home and home.authority_code) or suite_authority
