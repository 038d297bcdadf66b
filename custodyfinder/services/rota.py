"""An authority's rota: its weekly shifts, overrides for one time, and what is wrong with it in the days ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import rota
from ..domain.rota import Day, Gap, Shift
from ..errors import BadInput, NotFound
from ..gateways import holidays
from ..models import Contact, RotaOverride, WeeklyShift
from . import audit, oncall

AHEAD = timedelta(days=7)
LONGEST_OVERRIDE = timedelta(days=14)
MOST_SHIFTS = 500

_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, kw_only=True)
class ShiftLine:
    """One weekly shift, for the manager's page."""

    id: int
    day: Day
    starts: int
    ends: int
    contact: str


@dataclass(frozen=True, kw_only=True)
class OverrideLine:
    """One override that has not ended."""

    id: int
    contact: str
    starts_at: datetime
    ends_at: datetime


def shifts_of(authority_code: str) -> list[ShiftLine]:
    """The week, by day and time."""
    with reading() as connection:
        rows = connection.execute(
            select(WeeklyShift.id, WeeklyShift.day, WeeklyShift.starts, WeeklyShift.ends, Contact.name)
            .join(Contact, Contact.id == WeeklyShift.contact_id)
            .where(WeeklyShift.authority_code == authority_code)
            .order_by(WeeklyShift.day, WeeklyShift.starts, Contact.name)
        )
        return [ShiftLine(id=r.id, day=Day(r.day), starts=r.starts, ends=r.ends, contact=r.name) for r in rows]


def overrides_of(authority_code: str, *, now: datetime) -> list[OverrideLine]:
    """The overrides that have not ended, in order."""
    with reading() as connection:
        rows = connection.execute(
            select(RotaOverride.id, Contact.name, RotaOverride.starts_at, RotaOverride.ends_at)
            .join(Contact, Contact.id == RotaOverride.contact_id)
            .where(RotaOverride.authority_code == authority_code, RotaOverride.ends_at > now)
            .order_by(RotaOverride.starts_at)
        )
        return [OverrideLine(id=r.id, contact=r.name, starts_at=r.starts_at, ends_at=r.ends_at) for r in rows]


def add_shift(shift: Shift, *, authority_code: str, by: str, now: datetime) -> None:
    """Put a contact on duty every week.

    Raises:
        BadInput: the same contact has a shift that overlaps.
        NotFound: there is no such contact of this authority.
    """
    with transaction() as session:
        _check_contacts(session, authority_code, {shift.contact_id})
        shifts = [*_shifts(session, authority_code), shift]
        if overlap(shifts) is not None:
            raise BadInput("overlap", field="starts", public="This contact is on duty at that time already.")
        session.add(_row(shift, authority_code))
        audit.record(session, by, "shift added", f"authority:{authority_code}", at=now, contact=shift.contact_id)


def remove_shift(shift_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Take a weekly shift out.

    Raises:
        NotFound: there is no such shift of this authority.
    """
    with transaction() as session:
        gone = session.scalar(
            delete(WeeklyShift)
            .where(WeeklyShift.id == shift_id, WeeklyShift.authority_code == authority_code)
            .returning(WeeklyShift.contact_id)
        )
        if gone is None:
            raise NotFound(f"no shift {shift_id} of {authority_code}")
        audit.record(session, by, "shift removed", f"authority:{authority_code}", at=now, contact=gone)


def set_shifts(shifts: list[Shift], *, authority_code: str, by: str, now: datetime) -> None:
    """Replace the whole week.

    Raises:
        BadInput: a contact is on duty twice at one time.
        NotFound: a shift names somebody who is not a contact of this authority.
    """
    if overlap(shifts) is not None:
        raise BadInput("overlap", public="A contact is on duty twice at one time.")
    with transaction() as session:
        _check_contacts(session, authority_code, {shift.contact_id for shift in shifts})
        session.execute(delete(WeeklyShift).where(WeeklyShift.authority_code == authority_code))
        session.add_all(_row(shift, authority_code) for shift in shifts)
        audit.record(session, by, "rota replaced", f"authority:{authority_code}", at=now, shifts=len(shifts))


def overlap(shifts: list[Shift]) -> tuple[int, int] | None:
    """Positions of the first two shifts of one contact that overlap in the week; None where none do.

    Shifts for bank holidays are held against each other only: a bank holiday may be any day.
    """
    spans = [(shift, *_span(shift)) for shift in shifts]
    for second, (shift, starts, ends) in enumerate(spans):
        for first, (other, other_starts, other_ends) in enumerate(spans[:second]):
            if shift.contact_id != other.contact_id:
                continue
            if (shift.day is Day.BANK_HOLIDAY) != (other.day is Day.BANK_HOLIDAY):
                continue
            for week in (-_WEEK, 0, _WEEK):  # Sunday night runs into Monday
                if starts < other_ends + week and other_starts + week < ends:
                    return first, second
    return None


_WEEK = 7 * 24 * 60


def _span(shift: Shift) -> tuple[int, int]:
    starts = shift.day * 24 * 60 + shift.starts
    length = (shift.ends - shift.starts) % (24 * 60) or 24 * 60
    return starts, starts + length


def add_override(
    contact_id: int, *, starts: datetime, ends: datetime, authority_code: str, by: str, now: datetime
) -> None:
    """Put a contact on duty in place of whoever the weekly rota has, for one time.

    Args:
        starts, ends: Wall times of London, without a zone, as they were typed; or aware instants.

    Raises:
        BadInput: it ends before it starts, is over, or is longer than 14 days.
        NotFound: there is no such contact of this authority.
    """
    first, last = _instant(starts), _instant(ends)
    if last <= first:
        raise BadInput("override", field="ends", public="The end must come after the start.")
    if last <= now:
        raise BadInput("override", field="ends", public="That time is over. Check the dates.")
    if last - first > LONGEST_OVERRIDE:
        raise BadInput("override", field="ends", public="An override is for 14 days at most. Change the rota instead.")
    with transaction() as session:
        _check_contacts(session, authority_code, {contact_id})
        session.add(
            RotaOverride(
                authority_code=authority_code,
                contact_id=contact_id,
                starts_at=first,
                ends_at=last,
                made_by=by,
                made_at=now,
            )
        )
        audit.record(session, by, "override added", f"authority:{authority_code}", at=now, contact=contact_id)


def remove_override(override_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Take an override out.

    Raises:
        NotFound: there is no such override of this authority.
    """
    with transaction() as session:
        gone = session.scalar(
            delete(RotaOverride)
            .where(RotaOverride.id == override_id, RotaOverride.authority_code == authority_code)
            .returning(RotaOverride.contact_id)
        )
        if gone is None:
            raise NotFound(f"no override {override_id} of {authority_code}")
        audit.record(session, by, "override removed", f"authority:{authority_code}", at=now, contact=gone)


# --- what is wrong in the days ahead --------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Problems:
    """What would hurt in the next seven days. Names are of contacts."""

    gaps: tuple[Gap, ...]
    """Nobody who can be texted is on duty; the fallback answers."""
    unconfirmed: tuple[str, ...]
    opted_out: tuple[str, ...]
    no_fallback: bool
    no_manager: bool
    no_rota: bool
    """No shift at all: the fallback answers always. Not a problem by itself."""
    holidays_end: bool
    """The list of bank holidays runs out."""

    @property
    def any(self) -> bool:
        """Whether somebody has to do something."""
        return bool(self.gaps or self.unconfirmed or self.opted_out or self.no_fallback or self.no_manager)


def problems(authority_code: str, *, now: datetime) -> Problems:
    """What is wrong for one authority."""
    with reading() as connection, Session(bind=connection) as session:
        contacts = session.scalars(
            select(Contact).where(Contact.authority_code == authority_code, Contact.removed_at.is_(None))
        ).all()
        return problems_of(oncall.rota_of(session, authority_code, now=now), list(contacts), now=now)


def problems_of(its_rota: rota.Rota, contacts: list[Contact], *, now: datetime) -> Problems:
    """As `problems`, of what was read already."""
    reachable = {contact.id for contact in contacts if oncall.why_not(contact) is None}
    coming = {override.contact_id for override in its_rota.overrides if override.ends > now}
    needed = {shift.contact_id for shift in its_rota.shifts} | coming
    named = [each for each in contacts if each.id in needed or each.is_fallback or each.is_manager]
    until = now + AHEAD
    return Problems(
        gaps=tuple(rota.gaps(its_rota, since=now, until=until, reachable=reachable.__contains__))
        if its_rota.shifts
        else (),
        unconfirmed=tuple(each.name for each in named if each.mobile is not None and each.verified_at is None),
        opted_out=tuple(each.name for each in named if each.opted_out_at is not None),
        no_fallback=not any(each.is_fallback for each in contacts),
        no_manager=not any(each.is_manager for each in contacts),
        no_rota=not its_rota.shifts,
        holidays_end=holidays.known_until() < until.astimezone(_LONDON).date(),
    )


# --- what they share ------------------------------------------------------------------------


def _instant(wall: datetime) -> datetime:
    return (wall if wall.tzinfo else wall.replace(tzinfo=_LONDON)).astimezone(UTC)


def _shifts(session: Session, authority_code: str) -> list[Shift]:
    rows = session.scalars(select(WeeklyShift).where(WeeklyShift.authority_code == authority_code))
    return [Shift(row.contact_id, Day(row.day), row.starts, row.ends) for row in rows]


def _row(shift: Shift, authority_code: str) -> WeeklyShift:
    return WeeklyShift(
        authority_code=authority_code,
        contact_id=shift.contact_id,
        day=int(shift.day),
        starts=shift.starts,
        ends=shift.ends,
    )


def _check_contacts(session: Session, authority_code: str, contact_ids: set[int]) -> None:
    there = session.scalars(
        select(Contact.id)
        .where(Contact.id.in_(contact_ids), Contact.authority_code == authority_code, Contact.removed_at.is_(None))
        .with_for_update()  # nobody is removed while they are put on duty
    )
    if missing := contact_ids - set(there):
        raise NotFound(f"no contacts {sorted(missing)} of {authority_code}")
