"""The people of an organisation: who is added, whose account is closed, who starts afresh."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.roles import ADDS, Organisation, Role
from ..errors import BadInput, NotFound
from ..models import Authority, KeptForm, Person, RecordGrant, RecoveryCode, SignInSession, Suite
from . import accounts, audit, sessions, signing_in
from .accounts import SignedIn
from .secrets_kept import code_hash, new_code

SETUP_FOR = timedelta(days=3)
COMMAND_LINE = "command line"

_USERNAME = re.compile(r"[a-z0-9][a-z0-9.@_'+-]*")


@dataclass(frozen=True, kw_only=True)
class NewPerson:
    """Somebody to be added. Which of suite, force and authority is wanted follows from the role."""

    username: str
    name: str
    role: Role
    suite_slug: str | None = None
    force: str | None = None
    authority_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """One line of an administrator's list."""

    id: int
    username: str
    name: str
    role: Role
    where: str
    closed: bool
    set_up: bool
    last_seen_at: datetime | None


def of_admin(admin: SignedIn) -> list[Account]:
    """The accounts that this administrator keeps, open ones first."""
    last = (
        select(SignInSession.person_id, func.max(SignInSession.seen_at).label("seen_at"))
        .group_by(SignInSession.person_id)
        .subquery()
    )
    query = accounts.people().add_columns(Person.password_hash, Person.oidc_subject, last.c.seen_at)
    query = query.outerjoin(last, last.c.person_id == Person.id).order_by(
        Person.disabled_at.is_not(None), Person.role, Person.username
    )
    with reading() as connection:
        rows = connection.execute(query.where(Person.role.in_(ADDS[admin.role]))).all()
    return [
        Account(
            id=row.id,
            username=row.username,
            name=row.name,
            role=Role(row.role),
            where=row.suite_name or row.force or row.authority_name or Role(row.role).of.value,
            closed=row.disabled_at is not None,
            set_up=row.password_hash is not None or row.oidc_subject is not None,
            last_seen_at=row.seen_at,
        )
        for row in rows
        if _keeps(admin, accounts.signed_in(row))
    ]


def _keeps(admin: SignedIn, person: SignedIn) -> bool:
    if person.role not in ADDS[admin.role]:
        return False
    if admin.role is Role.FORCE_ADMIN:
        return person.force == admin.force
    if admin.role is Role.AUTHORITY_ADMIN:
        return person.authority_code == admin.authority_code
    return True


def add(new: NewPerson, *, admin: SignedIn, now: datetime) -> str:
    """Add somebody to the administrator's organisation. Return the code with which they set up their account.

    Raises:
        BadInput: a role that is not theirs to give, an unknown suite or organisation, a username that is taken.
    """
    if new.role not in ADDS[admin.role]:
        raise BadInput("role", public="Choose one of the roles in the list.", field="role")
    with transaction() as session:
        person = _add(session, new)
        if not _keeps(admin, _as_signed_in(session, person)):
            raise BadInput("organisation", public="Choose a suite of your own force.", field="suite")
        return _give_code(session, person, by=admin.username, action="person added", now=now)


def add_with_password(new: NewPerson, password: str, *, now: datetime) -> None:
    """The same from the command line, for the first administrator; the second factor is set up at the first sign-in.

    Raises:
        BadInput: as `add`, or a password that is too short.
    """
    signing_in.check_new_password(new.username, password)
    with transaction() as session:
        person = _add(session, new)
        person.password_hash = signing_in.hasher.hash(password)
        audit.record(session, COMMAND_LINE, "person added", f"person:{person.id}", at=now)


def _add(session: Session, new: NewPerson) -> Person:
    username, name = new.username.strip().lower(), new.name.strip()
    if not _USERNAME.fullmatch(username) or len(username) > 60:
        raise BadInput(
            "username",
            public="The username needs 1 to 60 small letters, digits or the signs . @ _ - such as r.khan.",
            field="username",
        )
    if not 0 < len(name) <= 80:
        raise BadInput("name", public="The name needs 1 to 80 characters.", field="name")
    if session.scalar(select(Person.id).where(Person.username == username)) is not None:
        raise BadInput(
            "username", public=f"There is a person {username} already. Choose another username.", field="username"
        )
    person = Person(username=username, name=name, role=new.role.value)
    _place(session, person, new)
    session.add(person)
    session.flush()
    return person


def _place(session: Session, person: Person, new: NewPerson) -> None:
    """Put the person into the organisation that the role wants, and no other."""
    if new.role is Role.CUSTODY_OFFICER:
        person.suite_id = session.scalar(select(Suite.id).where(Suite.slug == new.suite_slug))
        if person.suite_id is None:
            raise BadInput(
                "suite",
                public=f"There is no suite {new.suite_slug or ''}. `seed reference` loads the suites.",
                field="suite",
            )
    elif new.role.of is Organisation.FORCE:
        if session.scalar(select(Suite.id).where(Suite.force == new.force).limit(1)) is None:
            raise BadInput("force", public=f"There is no force {new.force or ''}. Give its whole name.", field="force")
        person.force = new.force
    elif new.role.of is Organisation.AUTHORITY:
        if new.authority_code is None or session.get(Authority, new.authority_code) is None:
            raise BadInput(
                "authority",
                public=f"There is no authority {new.authority_code or ''}. Give its ONS code.",
                field="authority",
            )
        person.authority_code = new.authority_code


def close(person_id: int, *, admin: SignedIn, now: datetime) -> None:
    """Close an account; its sessions end at once.

    Raises:
        BadInput: one's own.
        NotFound: it is not the administrator's to keep.
    """
    if person_id == admin.id:
        raise BadInput("self", public="Somebody else has to close your own account.")
    with transaction() as session:
        _close(session, _kept(session, person_id, admin), by=admin.username, now=now)


def close_by_command(username: str, *, now: datetime) -> None:
    """The same from the command line.

    Raises:
        BadInput: there is no such person.
    """
    with transaction() as session:
        person = session.scalar(select(Person).where(Person.username == username))
        if person is None:
            raise BadInput("username", public=f"There is no person {username}. `users list` shows everybody.")
        _close(session, person, by=COMMAND_LINE, now=now)


def _close(session: Session, person: Person, *, by: str, now: datetime) -> None:
    person.disabled_at = person.disabled_at or now
    sessions.end_all(session, person.id, now=now)
    session.execute(delete(KeptForm).where(KeptForm.person_id == person.id))
    for grant in session.scalars(
        select(RecordGrant).where(RecordGrant.person_id == person.id, RecordGrant.until > now)
    ):
        grant.until = now
    audit.record(session, by, "person disabled", f"person:{person.id}", at=now)


def start_afresh(person_id: int, *, admin: SignedIn, now: datetime) -> str:
    """Open an account anew: no password, no second factor, no session. Return the code to set it up with.

    For a forgotten password, a lost phone, or a closed account whose owner is back.

    Raises:
        BadInput: one's own.
        NotFound: it is not the administrator's to keep.
    """
    if person_id == admin.id:
        raise BadInput("self", public="Somebody else has to start your own account afresh.")
    with transaction() as session:
        person = _kept(session, person_id, admin)
        person.disabled_at = person.password_hash = person.totp_secret = None
        person.totp_confirmed_at = person.totp_step = None
        person.oidc_issuer = person.oidc_subject = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
        sessions.end_all(session, person.id, now=now)
        return _give_code(session, person, by=admin.username, action="account started afresh", now=now)


def _kept(session: Session, person_id: int, admin: SignedIn) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or not _keeps(admin, _as_signed_in(session, person)):
        raise NotFound(f"person {person_id} is not kept by person {admin.id}")
    return person


def _as_signed_in(session: Session, person: Person) -> SignedIn:
    return accounts.signed_in(session.execute(accounts.people().where(Person.id == person.id)).one())


def _give_code(session: Session, person: Person, *, by: str, action: str, now: datetime) -> str:
    code = new_code()
    person.setup_hash, person.setup_until = code_hash(code), now + SETUP_FOR
    audit.record(session, by, action, f"person:{person.id}", at=now)
    return code
