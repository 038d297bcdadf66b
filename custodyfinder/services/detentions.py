"""Opening the record of one child's time after charge, and showing it."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.custody_clock import CustodyClock, read_clock
from ..domain.geo import Circle
from ..domain.needs import Need, Sex
from ..domain.record import Answer, BailGround, Ethnicity, OutcomeKind, Regime, Risk
from ..domain.replies import new_reference
from ..domain.suitability import need_bits, needs_in
from ..errors import BadInput, Conflict, NotFound
from ..models import Authority, BedRequest, Detention, Outcome, RequestState, Suite
from ..wiring import wired
from . import audit, telling
from .charges import Charge, check_charge, custody_record_number
from .enquiries import Enquiry, Home, circles_to_avoid, find_home, polygons, responsible


@dataclass(frozen=True, kw_only=True)
class OpenDetention:
    """One record as its pages show it."""

    id: int
    reference: str
    custody_record: str
    suite_id: int
    suite_name: str
    suite_phone: str
    force: str
    opened_at: datetime
    opened_by: str
    officer: str
    arrived_at: datetime | None
    charged_at: datetime
    bail_refused_at: datetime
    court_at: datetime
    bail_ground: BailGround
    appropriate_adult: Answer
    age: int
    sex: Sex
    ethnicity: Ethnicity | None
    risks: Mapping[Risk, Answer]
    secure: bool
    secure_reasons: str | None
    other_would_do: bool | None
    needs: tuple[Need, ...]
    needs_no: tuple[Need, ...]
    home_district: str | None
    responsible_code: str
    responsible_name: str
    """The authority to ask first."""
    ended: OutcomeKind | None
    """The latest outcome that was recorded; None while the child's time goes on."""
    ended_at: datetime | None
    requests_open: int
    requests_ended: int

    @property
    def not_known(self) -> tuple[Need, ...]:
        """Needs of which nothing is known. Never read as no."""
        return tuple(need for need in Need if need not in self.needs and need not in self.needs_no)

    def clock(self, now: datetime) -> CustodyClock:
        """Where the record stands in time: now, or when the child left the station.

        A child who is not moved stays there until the court sits.
        """
        left = self.court_at if self.ended is OutcomeKind.NOT_TRANSFERRED else self.ended_at
        until = min(now, left) if left else now
        return read_clock(charged_at=self.charged_at, court_at=self.court_at, until=until)


def open_detention(enquiry: Enquiry, charge: Charge, *, suite_id: int, by: str, now: datetime) -> str:
    """Open the record of a child charged and refused bail. Return its reference.

    The responsible authority's duty contact is told in the same transaction: that is the law's first
    step and does not wait for a search. Of the home only the postcode district is kept.

    Raises:
        BadInput: something that was said cannot be used, or fails a test of the Act; `field` says what.
        NotFound: there is no such suite.
    """
    postcodes = wired().postcodes
    for fault in check_charge(enquiry, charge, now=now):
        raise BadInput(fault.field, field=fault.field, public=fault.sentence)
    number = custody_record_number(charge.custody_record)
    home = find_home(postcodes, enquiry.home_postcode)
    circles = circles_to_avoid(postcodes, enquiry.avoid)
    polygons(enquiry.avoid_geojson)
    try:
        return _open(enquiry, charge, number, home, circles, suite_id=suite_id, by=by, now=now)
    except IntegrityError as error:
        raise _twice(number, suite_id) from error


def _twice(number: str, suite_id: int) -> BadInput:
    """Two records for one child would ask every authority twice."""
    with reading() as connection:
        other = connection.scalar(
            select(Detention.reference).where(Detention.suite_id == suite_id, Detention.custody_record == number)
        )
    if other is None:
        raise RuntimeError("a record could not be opened, and not for its custody record number")
    return BadInput(
        "custody record",
        field="custody_record",
        public=f"There is a record for {number} already: {other}. Open that one, or check the number.",
    )


def _open(
    enquiry: Enquiry,
    charge: Charge,
    custody_record: str,
    home: Home | None,
    circles: Collection[Circle],
    *,
    suite_id: int,
    by: str,
    now: datetime,
) -> str:
    needs = enquiry.needs
    if charge.risk(Risk.EXPLOITATION) is Answer.YES:
        needs |= {Need.EXPLOITATION_SUPPORT}
    looked_after = Answer.YES if enquiry.looked_after_by else charge.risk(Risk.LOOKED_AFTER)
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
            custody_record=custody_record,
            opened_at=now,
            opened_by=by,
            officer=by,
            arrived_at=charge.arrived_at,
            charged_at=charge.charged_at,
            bail_refused_at=charge.bail_refused_at,
            court_at=charge.court_at,
            bail_ground=charge.bail_ground.value,
            appropriate_adult=charge.appropriate_adult.value,
            age=enquiry.age,
            sex=enquiry.sex.value,
            ethnicity=charge.ethnicity and charge.ethnicity.value,
            looked_after=looked_after.value,
            child_protection=charge.risk(Risk.CHILD_PROTECTION).value,
            missing_before=charge.risk(Risk.MISSING_BEFORE).value,
            exploitation=charge.risk(Risk.EXPLOITATION).value,
            secure=enquiry.secure,
            secure_reasons=charge.secure_reasons if enquiry.secure else None,
            other_would_do=charge.other_would_do if enquiry.secure else None,
            approved_under_13=enquiry.approved_under_13,
            needs=need_bits(needs),
            needs_no=need_bits(charge.needs_no - needs),
            home_district=home and home.district,
            home_easting=home and round(home.centre.easting),
            home_northing=home and round(home.centre.northing),
            responsible_code=responsible(enquiry.looked_after_by, home, suite.authority_code),
            avoid_circles=[[c.centre.easting, c.centre.northing, c.radius_m] for c in circles],
            avoid_geojson=enquiry.avoid_geojson,
            keep_apart=sorted(enquiry.keep_apart),
        )
        session.add(detention)
        session.flush()
        audit.record(session, by, "detention opened", f"detention:{detention.id}", at=now)
        telling.tell(session, detention, suite, now=now)
        return detention.reference


def note_out_of_scope(regime: Regime, *, suite_id: int, by: str, now: datetime) -> None:
    """Write down that somebody came here with a child who is held under another regime; nothing of the child."""
    with transaction() as session:
        audit.record(session, by, "out of scope", f"suite:{suite_id}", at=now, regime=regime.value)


def show(reference: str, *, suites: Collection[int]) -> OpenDetention:
    """One record of these suites.

    Raises:
        NotFound: there is none with this reference at any of them.
    """
    with reading() as connection, Session(bind=connection) as session:
        row = session.execute(
            select(Detention, Suite, Authority.name)
            .join(Suite, Suite.id == Detention.suite_id)
            .join(Authority, Authority.code == Detention.responsible_code)
            .where(Detention.reference == reference, Detention.suite_id.in_(suites))
        ).first()
        if row is None:
            raise NotFound(f"no such detention at suites {sorted(suites)}")
        found, suite, responsible_name = row
        ended = outcome_of(session, found.id)
        states = session.scalars(select(BedRequest.state).where(BedRequest.detention_id == found.id)).all()
        return OpenDetention(
            **{name: getattr(found, name) for name in _AS_KEPT},
            suite_name=suite.name,
            suite_phone=suite.phone,
            force=suite.force,
            bail_ground=BailGround(found.bail_ground),
            appropriate_adult=Answer(found.appropriate_adult),
            sex=Sex(found.sex),
            ethnicity=Ethnicity(found.ethnicity) if found.ethnicity else None,
            risks={risk: Answer(getattr(found, risk.value)) for risk in Risk},
            needs=needs_in(found.needs),
            needs_no=needs_in(found.needs_no),
            responsible_name=responsible_name,
            ended=OutcomeKind(ended.kind) if ended else None,
            ended_at=ended.occurred_at if ended else None,
            requests_open=states.count(RequestState.OPEN.value),
            requests_ended=len(states) - states.count(RequestState.OPEN.value),
        )


_AS_KEPT = (
    *("id", "reference", "custody_record", "suite_id", "opened_at", "opened_by", "officer"),
    *("arrived_at", "charged_at", "bail_refused_at", "court_at", "age"),
    *("secure", "secure_reasons", "other_would_do", "home_district", "responsible_code"),
)


def outcome_of(session: Session, detention_id: int) -> Outcome | None:
    """The outcome that counts: the last that was recorded; None while the child's time goes on."""
    last = session.scalar(
        select(Outcome).where(Outcome.detention_id == detention_id).order_by(Outcome.id.desc()).limit(1)
    )
    return None if last is None or last.kind == OutcomeKind.REOPENED else last


def ask_for_non_secure(reference: str, *, suite_id: int, by: str, now: datetime) -> None:
    """Ask for non-secure accommodation from now on: secure was refused, and other accommodation would do after all.

    It must then be used (PACE 1984 s.38(6)(b)). The reasons that were given for secure stay on the record's log.

    Raises:
        NotFound: there is no such record at this suite.
        Conflict: secure is not what it asks for.
    """
    with transaction() as session:
        found = session.scalar(
            select(Detention).where(Detention.reference == reference, Detention.suite_id == suite_id).with_for_update()
        )
        if found is None:
            raise NotFound(f"no such detention at suite {suite_id}")
        if not found.secure:
            raise Conflict("not secure", public="This record asks for non-secure accommodation already.")
        found.secure, found.other_would_do = False, True
        audit.record(session, by, "non-secure instead", f"detention:{found.id}", at=now)


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
