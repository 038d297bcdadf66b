"""Who signs in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, Select, select

from ..db import reading, transaction
from ..errors import BadInput, CustodyfinderError, NotFound
from ..models import Authority, Person, Role, Suite
from . import audit

SHORTEST_PASSWORD = 12

hasher = PasswordHasher()
"""argon2id with the library's own costs; tests lower them."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$GpZ3sK/oH9p7VIiV56G/64Zo/8GaUw434IimaPqxwCo"


class SignInFailed(CustodyfinderError):
    """Unknown, disabled, or a wrong password: one message, so that nobody learns which."""

    status = 422
    public = "That username and password do not match. Check both and try again."


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


def _people() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Person.id,
            Person.username,
            Person.name,
            Person.role,
            Person.suite_id,
            Suite.name.label("suite_name"),
            Suite.force,
            Person.authority_code,
            Authority.name.label("authority_name"),
            Person.password_hash,
            Person.disabled_at,
        )
        .outerjoin(Suite, Suite.id == Person.suite_id)
        .outerjoin(Authority, Authority.code == Person.authority_code)
    )


def _signed_in(row: Row[*tuple[Any, ...]]) -> SignedIn:
    known = {name: getattr(row, name) for name in SignedIn.__dataclass_fields__}
    return SignedIn(**known | {"role": Role(row.role)})


def sign_in(username: str, password: str, *, now: datetime) -> SignedIn:
    """Check a password and note the sign-in.

    Raises:
        SignInFailed: nobody by that name, a wrong password, or a disabled person.
    """
    with reading() as connection:
        row = connection.execute(_people().where(Person.username == username.strip().lower())).first()
    try:
        # An unknown name costs as much time as a known one.
        hasher.verify(_NOBODY if row is None else row.password_hash, password)
    except (VerificationError, InvalidHashError):
        raise SignInFailed("sign-in failed") from None
    if row is None or row.disabled_at is not None:
        raise SignInFailed("sign-in failed")
    return _note_sign_in(_signed_in(row), now=now)


def sign_in_demo(username: str, *, now: datetime) -> SignedIn:
    """Sign a seeded person in with one press. Only the demonstration's pages call this.

    Raises:
        NotFound: there is no such person.
    """
    with reading() as connection:
        row = connection.execute(_people().where(Person.username == username, Person.disabled_at.is_(None))).first()
    if row is None:
        raise NotFound("no such person in the demonstration")
    return _note_sign_in(_signed_in(row), now=now)


def _note_sign_in(person: SignedIn, *, now: datetime) -> SignedIn:
    with transaction() as session:
        audit.record(session, person.username, "signed in", f"person:{person.id}", at=now)
    return person


def person(person_id: int) -> SignedIn:
    """The person of a session.

    Raises:
        NotFound: removed or disabled since.
    """
    with reading() as connection:
        row = connection.execute(_people().where(Person.id == person_id, Person.disabled_at.is_(None))).first()
    if row is None:
        raise NotFound(f"no such person: {person_id}")
    return _signed_in(row)


def suites_of(person: SignedIn) -> frozenset[int]:
    """The suites whose records this person may see: an officer's own; an inspector's whole force; nobody else's any."""
    if person.role is Role.CUSTODY_OFFICER and person.suite_id is not None:
        return frozenset([person.suite_id])
    if person.role is Role.INSPECTOR:
        with reading() as connection:
            return frozenset(connection.scalars(select(Suite.id).where(Suite.force == person.force)))
    return frozenset()


def everybody() -> list[SignedIn]:
    """Everybody who may sign in, by role and name."""
    with reading() as connection:
        rows = connection.execute(_people().where(Person.disabled_at.is_(None)).order_by(Person.role, Person.username))
        return [_signed_in(row) for row in rows]


def add(
    username: str,
    name: str,
    password: str,
    *,
    suite_slug: str | None,
    authority_code: str | None,
    manager: bool = False,
    inspector: bool = False,
    now: datetime,
) -> None:
    """Add a custody officer of a suite, an `inspector` of its force, or a duty officer or `manager` of an authority.

    Raises:
        BadInput: neither or both of suite and authority, an unknown one, a name taken, or a short password.
    """
    if (suite_slug is None) == (authority_code is None):
        raise BadInput("person", public="Give either a suite (a custody officer) or an authority (a duty officer).")
    role = _role(suite_slug, authority_code, manager=manager, inspector=inspector)
    for what, value, most in (("username", username, 60), ("name", name, 80)):
        if not 0 < len(value.strip()) <= most:
            raise BadInput(what, public=f"The {what} needs 1 to {most} characters.")
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput("password", public=f"The password needs at least {SHORTEST_PASSWORD} characters.")
    with transaction() as session:
        if session.scalar(select(Person.id).where(Person.username == username)) is not None:
            raise BadInput("username", public=f"There is a person {username} already. Choose another username.")
        suite_id = suite_slug and session.scalar(select(Suite.id).where(Suite.slug == suite_slug))
        if suite_slug is not None and suite_id is None:
            raise BadInput("suite", public=f"There is no suite {suite_slug}. `seed reference` loads the suites.")
        if authority_code is not None and session.get(Authority, authority_code) is None:
            raise BadInput("authority", public=f"There is no authority {authority_code}. Give its ONS code.")
        person = Person(
            username=username,
            name=name,
            role=role.value,
            suite_id=suite_id,
            authority_code=authority_code,
            password_hash=hasher.hash(password),
        )
        session.add(person)
        session.flush()
        audit.record(session, "command line", "person added", f"person:{person.id}", at=now)


def _role(suite_slug: str | None, authority_code: str | None, *, manager: bool, inspector: bool) -> Role:
    if manager and authority_code is None:
        raise BadInput("manager", public="A manager is of an authority: give --authority as well.")
    if inspector and suite_slug is None:
        raise BadInput("inspector", public="An inspector is of a force: give --suite as well, any suite of it.")
    if suite_slug is not None:
        return Role.INSPECTOR if inspector else Role.CUSTODY_OFFICER
    return Role.MANAGER if manager else Role.DUTY_OFFICER


def disable(username: str, *, now: datetime) -> None:
    """Close a person's account; their sessions end with their next page.

    Raises:
        BadInput: there is no such person.
    """
    with transaction() as session:
        person = session.scalar(select(Person).where(Person.username == username))
        if person is None:
            raise BadInput("username", public=f"There is no person {username}. `users list` shows everybody.")
        person.disabled_at = person.disabled_at or now
        audit.record(session, "command line", "person disabled", f"person:{person.id}", at=now)
