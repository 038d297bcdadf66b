"""Opening what the search needs of one child's time after charge, and making the child of the ranking from it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.geo import Areas, Circle, GridPoint, polygons_from_geojson
from ..domain.needs import Need, Sex
from ..domain.replies import new_reference
from ..domain.suitability import OLDEST, YOUNGEST, Child, need_bits, needs_in
from ..errors import BadInput, NotFound
from ..gateways.postcodes import PostcodeDirectory
from ..models import Authority, BedRequest, Detention, Placement, RequestState, Suite
from ..wiring import wired
from . import audit

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


@dataclass(frozen=True, kw_only=True)
class OpenDetention:
    """One detention as its pages show it."""

    id: int
    reference: str
    suite_id: int
    suite_name: str
    opened_at: datetime
    age: int
    sex: Sex
    secure: bool
    needs: tuple[Need, ...]
    home_district: str | None
    responsible_name: str
    """The authority to ask first."""


def check_age(age: int) -> None:
    """Refuse an age that is no child's in custody.

    Raises:
        BadInput: under 10 (not criminally responsible) or 18 and over (not a child).
    """
    if age < YOUNGEST:
        raise BadInput(
            "age",
            field="age",
            public="Age must be 10 or over: a child under 10 cannot be charged. Check the age.",
        )
    if age > OLDEST:
        raise BadInput(
            "age",
            field="age",
            public="Age must be 17 or under: someone of 18 is not a child. If they may be under 18, enter 17.",
        )


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
        centre=postcodes.district_centre(found.district),
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
        responsible=_responsible(enquiry.looked_after_by, home, suite_authority),
        secure=enquiry.secure,
        approved_under_13=enquiry.approved_under_13,
        needs=enquiry.needs,
        home=None if home is None else home.centre,
        avoid=Areas(circles_to_avoid(postcodes, enquiry.avoid), _polygons(enquiry.avoid_geojson)),
    )


def open_detention(enquiry: Enquiry, *, suite_id: int, by: str, now: datetime) -> str:
    """Keep what is needed to find this child a bed. Return the detention's reference.

    Of the home only the postcode district is kept.

    Raises:
        BadInput: something in the enquiry cannot be used; `field` says what.
        NotFound: there is no such suite.
    """
    postcodes = wired().postcodes
    check_age(enquiry.age)
    home = find_home(postcodes, enquiry.home_postcode)
    circles = circles_to_avoid(postcodes, enquiry.avoid)
    _polygons(enquiry.avoid_geojson)
    with transaction() as session:
        suite = session.get(Suite, suite_id)
        if suite is None:
            raise NotFound(f"no such suite: {suite_id}")
        if enquiry.looked_after_by and session.get(Authority, enquiry.looked_after_by) is None:
            raise BadInput("authority", field="looked_after_by", public="Choose an authority from the list.")
        _check_keep_apart(session, enquiry.keep_apart)
        detention = Detention(
            reference=_unused_reference(session),
            suite_id=suite_id,
            opened_at=now,
            opened_by=by,
            age=enquiry.age,
            sex=enquiry.sex.value,
            secure=enquiry.secure,
            approved_under_13=enquiry.approved_under_13,
            needs=need_bits(enquiry.needs),
            home_district=home and home.district,
            home_easting=home and round(home.centre.easting),
            home_northing=home and round(home.centre.northing),
            responsible_code=_responsible(enquiry.looked_after_by, home, suite.authority_code),
            avoid_circles=[[c.centre.easting, c.centre.northing, c.radius_m] for c in circles],
            avoid_geojson=enquiry.avoid_geojson,
            keep_apart=sorted(enquiry.keep_apart),
        )
        session.add(detention)
        session.flush()
        audit.record(session, by, "detention opened", f"detention:{detention.id}", at=now)
        return detention.reference


def show(reference: str, *, suite_id: int) -> OpenDetention:
    """One detention of this suite.

    Raises:
        NotFound: there is none with this reference at this suite.
    """
    with reading() as connection:
        row = connection.execute(
            select(Detention, Suite.name, Authority.name.label("responsible_name"))
            .join(Suite, Suite.id == Detention.suite_id)
            .join(Authority, Authority.code == Detention.responsible_code)
            .where(Detention.reference == reference, Detention.suite_id == suite_id)
        ).first()
    if row is None:
        raise NotFound(f"no such detention at suite {suite_id}")
    found = row._mapping
    return OpenDetention(
        id=found["id"],
        reference=found["reference"],
        suite_id=found["suite_id"],
        suite_name=found["name"],
        opened_at=found["opened_at"],
        age=found["age"],
        sex=Sex(found["sex"]),
        secure=found["secure"],
        needs=needs_in(found["needs"]),
        home_district=found["home_district"],
        responsible_name=found["responsible_name"],
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
            _polygons(found.avoid_geojson),
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


def _polygons(geojson: str | None) -> tuple[shapely.Polygon, ...]:
    if not geojson:
        return ()
    try:
        return polygons_from_geojson(geojson)
    except BadInput as error:
        error.field = "avoid_geojson"
        raise


def _responsible(looked_after_by: str | None, home: Home | None, suite_authority: str) -> str:
    # Concordat practice: the authority that looks after the child, else where the child lives, else the suite's.
    return looked_after_by or (home and home.authority_code) or suite_authority


def _check_keep_apart(session: Session, references: frozenset[str]) -> None:
    known = set(session.scalars(select(Detention.reference).where(Detention.reference.in_(references))))
    unknown = sorted(references - known)
    if unknown:
        raise BadInput(
            "keep apart",
            field="keep_apart",
            public=f"There is no record with the reference {unknown[0][:12]}. Check it, or leave it out.",
        )


def _unused_reference(session: Session) -> str:
    while True:
        # Two of a request's kind, so that nobody takes one for the other.
        reference = f"{new_reference(secrets.choice)}-{new_reference(secrets.choice)[:3]}"
        if session.scalar(select(Detention.id).where(Detention.reference == reference)) is None:
            return reference
