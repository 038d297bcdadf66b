"""Records given to inspectors to read, for a time and for a reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ..db import reading, transaction
from ..domain.roles import Role
from ..errors import BadInput, NotFound
from ..models import Detention, Person, RecordGrant, Suite
from . import audit
from .accounts import SignedIn

LONGEST = 90
"""Days."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Who may read a record, and until when."""

    id: int
    name: str
    until: datetime
    given_by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class GivenRecord:
    """A record that somebody was given."""

    reference: str
    suite: str
    opened_at: datetime
    until: datetime


def inspectors() -> list[tuple[str, str]]:
    """Username and name of those to whom a record can be given."""
    with reading() as connection:
        rows = connection.execute(
            select(Person.username, Person.name)
            .where(Person.role == Role.INSPECTOR.value, Person.disabled_at.is_(None))
            .order_by(Person.name)
        )
        return [(row.username, row.name) for row in rows]


def give(
    reference: str, username: str, *, days: int, why: str, suites: Collection[int], by: str, now: datetime
) -> None:
    """Give a record of these suites to an inspector.

    Raises:
        BadInput: nobody of that name inspects, too long, or no reason.
        NotFound: there is no such record at these suites.
    """
    if not 1 <= days <= LONGEST:
        raise BadInput("days", public=f"Enter a number of days from 1 to {LONGEST}.", field="days")
    if not 3 <= len(why) <= 200:
        raise BadInput("why", public="Say why, in 3 to 200 characters, without a name.", field="why")
    with transaction() as session:
        detention = session.scalar(
            select(Detention).where(Detention.reference == reference, Detention.suite_id.in_(suites))
        )
        if detention is None:
            raise NotFound(f"no such detention at suites {sorted(suites)}")
        person = session.scalar(
            select(Person).where(
                Person.username == username, Person.role == Role.INSPECTOR.value, Person.disabled_at.is_(None)
            )
        )
        if person is None:
            raise BadInput("inspector", public="Choose an inspector from the list.", field="inspector")
        grant = RecordGrant(
            detention_id=detention.id,
            person_id=person.id,
            given_by=by,
            given_at=now,
            until=now + timedelta(days=days),
            why=why,
        )
        session.add(grant)
        audit.record(
            session, by, "record given", f"detention:{detention.id}", at=now, to=f"person:{person.id}", days=days
        )


def take_back(reference: str, grant_id: int, *, suites: Collection[int], by: str, now: datetime) -> None:
    """End a grant now. One that has ended stays as it is.

    Raises:
        NotFound: there is no such grant of a record of these suites.
    """
    with transaction() as session:
        grant = session.scalar(
            select(RecordGrant)
            .join(Detention, Detention.id == RecordGrant.detention_id)
            .where(RecordGrant.id == grant_id, Detention.reference == reference, Detention.suite_id.in_(suites))
        )
        if grant is None:
            raise NotFound(f"no such grant: {grant_id}")
        if grant.until > now:
            grant.until = now
            subject = f"detention:{grant.detention_id}"
            audit.record(session, by, "record taken back", subject, at=now, of=f"person:{grant.person_id}")


def of_record(detention_id: int, *, now: datetime) -> list[Grant]:
    """Who may read this record now."""
    with reading() as connection:
        rows = connection.execute(
            select(RecordGrant.id, Person.name, RecordGrant.until, RecordGrant.given_by, RecordGrant.why)
            .join(Person, Person.id == RecordGrant.person_id)
            .where(RecordGrant.detention_id == detention_id, RecordGrant.until > now)
            .order_by(RecordGrant.id)
        )
        return [Grant(id=row.id, name=row.name, until=row.until, given_by=row.given_by, why=row.why) for row in rows]


def given_to(person: SignedIn, *, now: datetime) -> list[GivenRecord]:
    """The records that this person was given, latest first."""
    with reading() as connection:
        rows = connection.execute(
            select(Detention.reference, Suite.name, Detention.opened_at, RecordGrant.until)
            .join(RecordGrant, RecordGrant.detention_id == Detention.id)
            .join(Suite, Suite.id == Detention.suite_id)
            .where(RecordGrant.person_id == person.id, RecordGrant.until > now)
            .order_by(RecordGrant.id.desc())
        )
        return [
            GivenRecord(reference=row.reference, suite=row.name, opened_at=row.opened_at, until=row.until)
            for row in rows
        ]
