"""Where somebody is signed in, and when that ends."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.roles import Role
from ..errors import CustodyfinderError, NotFound
from ..models import Person, SignInSession
from . import accounts, audit
from .accounts import SignedIn

IDLE = timedelta(minutes=15)
"""On a terminal that everybody uses. A duty officer's own phone stays signed in for the shift."""

IN_ALL = timedelta(hours=10)
"""A shift at a desk, and the handover after it."""

IN_ALL_ON_A_PHONE = timedelta(hours=17)
"""A night of out-of-hours duty, 17:00 to 09:00, and an hour for whoever signs in early or hands over late: who is
woken at 3 am is signed in. Less than a day, so that each shift begins with a sign-in."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is noted that somebody did something: a row written for every page would be many."""


class Why(StrEnum):
    """How a session came to its end."""

    IDLE = "idle"
    OVER = "over"
    SIGNED_OUT = "signed out"


class Ended(CustodyfinderError):
    """The session is over. `person` is whose it was where time ended it, so that what they typed can be kept."""

    status = 401
    public = "You are signed out. Sign in and go on."

    def __init__(self, why: Why, person: SignedIn | None = None) -> None:
        super().__init__(f"session ended: {why}")
        self.why = why
        self.person = person


@dataclass(frozen=True, kw_only=True)
class Current:
    """A session that goes on."""

    id: int
    person: SignedIn
    ends_at: datetime
    """Unless something is done before, and never later than `longest` after it began."""


def begin(session: Session, person_id: int, *, origin: str, now: datetime) -> str:
    """Write a session into the caller's transaction. Return its token: the browser has it, nobody else."""
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(token_hash=_hash(token), person_id=person_id, began_at=now, seen_at=now, origin=origin[:45])
    )
    return token


def current(token: str, *, now: datetime, acting: bool = True) -> Current:
    """Whoever has this token.

    Args:
        acting: Whether the person did something: a page that follows by itself keeps nobody signed in.

    Raises:
        Ended: signed out, too long idle, over, or the account was closed.
    """
    found = accounts.people().add_columns(
        SignInSession.id.label("session_id"),
        SignInSession.began_at,
        SignInSession.seen_at,
        SignInSession.ended_at,
    )
    found = found.join(SignInSession, SignInSession.person_id == Person.id)
    with reading() as connection:
        row = connection.execute(found.where(SignInSession.token_hash == _hash(token))).first()
    if row is None or row.ended_at is not None or row.disabled_at is not None:
        raise Ended(Why.SIGNED_OUT)
    person = accounts.signed_in(row)
    over = row.began_at + longest(person.role)
    if now >= over:
        raise Ended(Why.OVER, person)
    if now >= _ends(person.role, row.seen_at, over):
        raise Ended(Why.IDLE, person)
    seen_at = row.seen_at
    if acting:
        seen_at = now
        if now - row.seen_at >= SEEN_EVERY:
            _seen(row.session_id, now)
    return Current(id=row.session_id, person=person, ends_at=_ends(person.role, seen_at, over))


def longest(role: Role) -> timedelta:
    """How long a session of this role lasts at most, whatever is done in it."""
    return IN_ALL if role.shares_a_terminal else IN_ALL_ON_A_PHONE


def _ends(role: Role, seen_at: datetime, over: datetime) -> datetime:
    return min(seen_at + IDLE, over) if role.shares_a_terminal else over


def _seen(session_id: int, now: datetime) -> None:
    with transaction() as session:
        # A request that began earlier may come later: what was seen last counts.
        session.execute(
            update(SignInSession).where(SignInSession.id == session_id, SignInSession.seen_at < now).values(seen_at=now)
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """One line of the list of one's own sessions."""

    id: int
    began_at: datetime
    seen_at: datetime
    origin: str


def of_person(person: SignedIn, *, now: datetime) -> list[Place]:
    """Where this person is signed in now, latest first."""
    with reading() as connection:
        rows = connection.execute(
            select(SignInSession.id, SignInSession.began_at, SignInSession.seen_at, SignInSession.origin)
            .where(
                SignInSession.person_id == person.id,
                SignInSession.ended_at.is_(None),
                SignInSession.began_at > now - longest(person.role),
            )
            .order_by(SignInSession.id.desc())
        ).all()
    lines = [Place(id=row.id, began_at=row.began_at, seen_at=row.seen_at, origin=row.origin) for row in rows]
    return [line for line in lines if now < _ends(person.role, line.seen_at, line.began_at + longest(person.role))]


def sign_out(token: str, *, now: datetime) -> None:
    """End this session. One that has ended stays as it is."""
    with transaction() as session:
        ended = session.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == _hash(token), SignInSession.ended_at.is_(None))
            .values(ended_at=now)
            .returning(SignInSession.person_id)
        ).first()
        if ended is not None:
            who = session.get_one(Person, ended.person_id)
            audit.record(session, who.username, "signed out", f"person:{who.id}", at=now)


def sign_out_everywhere(person: SignedIn, *, now: datetime) -> None:
    """End every session of this person, this one too."""
    with transaction() as session:
        end_all(session, person.id, now=now)
        audit.record(session, person.username, "signed out everywhere", f"person:{person.id}", at=now)


def end_one(person: SignedIn, session_id: int, *, now: datetime) -> None:
    """End one session of this person.

    Raises:
        NotFound: it is somebody else's, or there is none.
    """
    with transaction() as session:
        ended = session.execute(
            update(SignInSession)
            .where(SignInSession.id == session_id, SignInSession.person_id == person.id)
            .values(ended_at=now)
            .returning(SignInSession.id)
        ).first()
        if ended is None:
            raise NotFound(f"no session {session_id} of person {person.id}")
        audit.record(session, person.username, "signed out elsewhere", f"person:{person.id}", at=now)


def end_all(session: Session, person_id: int, *, now: datetime) -> None:
    """End every session of a person, in the caller's transaction."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
