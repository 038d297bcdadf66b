"""Who signs in, of which organisation, and whose records they may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from ..db import reading
from ..domain.roles import TABLE, Permission, Reach, Role
from ..errors import NotFound
from ..models import Authority, Detention, Person, RecordGrant, Suite


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The person behind a session."""

    id: int
    username: str
    name: str
    role: Role
    suite_id: int | None
    suite_name: str | None
    force: str | None
    authority_code: str | None
    authority_name: str | None

    def may(self, permission: Permission) -> bool:
        """Whether this is theirs to do at all."""
        return self.role in TABLE[permission]

    @property
    def organisation(self) -> str:
        """As a page names it."""
        return self.force or self.authority_name or self.role.of.value.capitalize()


def people() -> Select[*tuple[Any, ...]]:
    """The columns of `SignedIn`, of everybody."""
    return (
        select(
            Person.id,
            Person.username,
            Person.name,
            Person.role,
            Person.suite_id,
            Suite.name.label("suite_name"),
            func.coalesce(Person.force, Suite.force).label("force"),
            Person.authority_code,
            Authority.name.label("authority_name"),
            Person.disabled_at,
        )
        .outerjoin(Suite, Suite.id == Person.suite_id)
        .outerjoin(Authority, Authority.code == Person.authority_code)
    )


def signed_in(row: Row[*tuple[Any, ...]]) -> SignedIn:
    """The person of a row of `people`."""
    known = {name: getattr(row, name) for name in SignedIn.__dataclass_fields__}
    return SignedIn(**known | {"role": Role(row.role)})


def by_username(username: str) -> SignedIn:
    """The person of this name whose account is open.

    Raises:
        NotFound: there is none, or it was closed.
    """
    with reading() as connection:
        row = connection.execute(people().where(Person.username == username, Person.disabled_at.is_(None))).first()
    if row is None:
        raise NotFound("no such person")
    return signed_in(row)


def everybody() -> list[SignedIn]:
    """Everybody who may sign in, by role and name."""
    with reading() as connection:
        rows = connection.execute(people().where(Person.disabled_at.is_(None)).order_by(Person.role, Person.username))
        return [signed_in(row) for row in rows]


def suites_of(person: SignedIn) -> frozenset[int]:
    """The suites all of whose records this person may see, by the table of roles."""
    reach = TABLE[Permission.READ_RECORD].get(person.role)
    if reach is Reach.SUITE and person.suite_id is not None:
        return frozenset([person.suite_id])
    if reach is Reach.FORCE:
        with reading() as connection:
            return frozenset(connection.scalars(select(Suite.id).where(Suite.force == person.force)))
    return frozenset()


def suites_for(person: SignedIn, reference: str, *, now: datetime) -> Collection[int]:
    """The suites to look for this one record in: those of the person, or that of a record which they were given."""
    if TABLE[Permission.READ_RECORD].get(person.role) is not Reach.GIVEN:
        return suites_of(person)
    given = (
        select(Detention.suite_id)
        .join(RecordGrant, RecordGrant.detention_id == Detention.id)
        .where(Detention.reference == reference, RecordGrant.person_id == person.id, RecordGrant.until > now)
    )
    with reading() as connection:
        return frozenset(connection.scalars(given))
