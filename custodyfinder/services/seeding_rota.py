"""The demonstration's contacts and rotas from their seed files."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import transaction
from ..domain.rota import Day
from ..models import AuditEvent, Authority, Contact, WeeklyShift
from .rota_csv import DAYS
from .seed_files import Row, read

WEEKDAYS = (Day.MONDAY, Day.TUESDAY, Day.WEDNESDAY, Day.THURSDAY, Day.FRIDAY)
WEEKEND = (Day.SATURDAY, Day.SUNDAY)

_NAMED = {name: (day,) for day, name in DAYS.items()} | {"weekdays": WEEKDAYS, "weekend": WEEKEND}


def contacts(path: Path, *, now: datetime) -> int:
    """Load contacts; who is there already, by authority and name, stays as they are. Return how many are new.

    An authority with more than one contact on record was loaded before. Whom its manager has renamed or taken
    off the list since does not come back.
    """
    rows = read(path, ("authority_code", "name", "role", "mobile", "landline", "stands", "confirmed"))
    with transaction() as session:
        authorities = set(session.scalars(select(Authority.code)))
        there = session.execute(
            select(Contact.authority_code, Contact.name, Contact.is_fallback, Contact.is_manager)
        ).all()
        known = {(row.authority_code, row.name): 0 for row in there}
        # A database of an older version has a fallback of its own, and there is one at most.
        taken = {("fallback", row.authority_code) for row in there if row.is_fallback}
        taken |= {("manager", row.authority_code) for row in there if row.is_manager}
        loaded = {code for code, count in Counter(row.authority_code for row in there).items() if count > 1}
        new = []
        for row in rows:
            code = row.known("authority_code", authorities, "authority")
            name, stands = row.text("name", most=80), row.one_of("stands", ["", "fallback", "manager"])
            confirmed = row.one_of("confirmed", ["yes", "no"]) == "yes"
            contact = Contact(
                authority_code=code,
                name=name,
                role=row.text("role", most=80),
                mobile=row.phone("mobile"),
                landline=row.phone("landline"),
                is_fallback=stands == "fallback" and ("fallback", code) not in taken,
                is_manager=stands == "manager" and ("manager", code) not in taken,
                verified_at=now if confirmed else None,
            )
            if known.get((code, name)):
                raise row.wrong("name", f"{name!r} stands on line {known[code, name]} already")
            if (code, name) not in known and code not in loaded:
                new.append(contact)
            known[code, name] = row.line
        session.add_all(new)
        return len(new)


def shifts(path: Path) -> int:
    """Load weekly shifts of authorities that have none and never had. Return how many are new."""
    rows = read(path, ("authority_code", "contact", "days", "starts", "ends"))
    with transaction() as session:
        contacts = {
            (row.authority_code, row.name): row.id
            for row in session.execute(
                select(Contact.authority_code, Contact.name, Contact.id).where(Contact.removed_at.is_(None))
            )
        }
        theirs = set(session.scalars(select(WeeklyShift.authority_code).distinct())) | _emptied(session, rows)
        new = [shift for row in rows for shift in _shifts(row, contacts, theirs)]
        session.add_all(new)
        return len(new)


def _emptied(session: Session, rows: list[Row]) -> set[str]:
    """Authorities whose managers have taken shifts out: a rota that they emptied stays empty."""
    subjects = {f"authority:{row.text('authority_code')}" for row in rows}
    taken_out = select(AuditEvent.subject).where(
        AuditEvent.subject.in_(subjects), AuditEvent.action.in_(("shift removed", "rota replaced"))
    )
    return {subject.removeprefix("authority:") for subject in session.scalars(taken_out.distinct())}


def _shifts(row: Row, contacts: dict[tuple[str, str], int], theirs: set[str]) -> list[WeeklyShift]:
    """The shifts of one row; none, though the row is checked, for an authority whose rota is its own by now."""
    code, name = row.text("authority_code"), row.text("contact", most=80)
    if code not in theirs and (code, name) not in contacts:
        raise row.wrong("contact", f"{name!r} is not a contact of {code}")
    starts, ends = row.clock("starts"), row.clock("ends")
    if starts is None or ends is None:
        raise row.wrong("starts" if starts is None else "ends", "is empty")
    days: list[Day] = []
    for part in row.text("days").split(";"):
        if part not in _NAMED:
            raise row.wrong("days", f"{part!r} is not a day; give {', '.join(_NAMED)}")
        days.extend(_NAMED[part])
    if code in theirs:
        return []
    return [
        WeeklyShift(authority_code=code, contact_id=contacts[code, name], day=int(day), starts=starts, ends=ends)
        for day in days
    ]
