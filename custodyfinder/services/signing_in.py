"""Getting in: a password and then a second factor; an account set up by whoever was given its code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import transaction
from ..errors import BadInput, CustodyfinderError
from ..models import Person
from . import accounts, audit, second_factor, sessions, throttle
from .secrets_kept import code_hash
from .throttle import What

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

hasher = PasswordHasher()
"""argon2id with the library's own costs; tests lower them."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$GpZ3sK/oH9p7VIiV56G/64Zo/8GaUw434IimaPqxwCo"


class SignInFailed(CustodyfinderError):
    """Unknown, closed, wrong, or tried too often: one message, so that nobody learns which."""

    status = 422
    public = (
        "That could not be matched. Check what you typed and try again. "
        "After five wrong tries nothing is taken for 15 minutes."
    )


@dataclass(frozen=True, kw_only=True)
class HalfIn:
    """The password was right; the second factor is still to come."""

    person_id: int
    enrolled: bool
    """Whether there is a second factor already; else it is set up now."""


def check_password(username: str, password: str, *, origin: str, now: datetime) -> HalfIn:
    """The first step.

    Raises:
        SignInFailed: in every case that is not right.
    """
    who = username.strip().lower()
    with transaction() as session:
        admitted = throttle.admit(session, What.PASSWORD, who, origin=origin, now=now)
        person = session.scalar(select(Person).where(Person.username == who))
    # Outside of the transaction: it takes 50 ms. An unknown name costs as much as a known one.
    kept = _NOBODY if person is None or person.password_hash is None else person.password_hash
    right = _is_right(kept, password)
    if not admitted or person is None or not right or person.disabled_at is not None:
        if admitted and person is not None:
            _note_failure(person, now=now)
        raise SignInFailed("sign-in failed")
    with transaction() as session:
        throttle.forgive(session, What.PASSWORD, who, origin=origin)
    return HalfIn(person_id=person.id, enrolled=person.totp_confirmed_at is not None)


def _is_right(kept: str, password: str) -> bool:
    try:
        return hasher.verify(kept, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False


def _note_failure(person: Person, *, now: datetime) -> None:
    with transaction() as session:
        audit.record(session, person.username, "sign-in failed", f"person:{person.id}", at=now)


def check_code(person_id: int, code: str, *, origin: str, now: datetime) -> str:
    """The second step, by the app's code or a recovery code. Return the token of the session that begins.

    Raises:
        SignInFailed: wrong, used before, or tried too often.
    """
    with transaction() as session:
        person = _open_account(session, person_id)
        admitted = throttle.admit(session, What.CODE, person.username, origin=origin, now=now)
    if not admitted:
        raise SignInFailed(f"second factor of person {person_id} tried too often")
    with transaction() as session:
        person = _open_account(session, person_id)
        how = second_factor.take(session, person, code, now=now)
        if how is None:
            audit.record(session, person.username, "code refused", f"person:{person.id}", at=now)
        else:
            throttle.forgive(session, What.CODE, person.username, origin=origin)
            token = enter(session, person, how, origin=origin, now=now)
    if how is None:
        raise SignInFailed(f"wrong second factor of person {person_id}")
    return token


def enrol(person_id: int, code: str, *, origin: str, now: datetime) -> tuple[str, list[str]]:
    """Set up the second factor with the first code that the app shows. Return the session's token and recovery codes.

    Raises:
        BadInput: the code is not the one that the app shows now.
        SignInFailed: the account was closed, or has a second factor already.
    """
    with transaction() as session:
        person = _open_account(session, person_id)
        if person.totp_confirmed_at is not None:
            raise SignInFailed(f"person {person_id} has a second factor")
        if second_factor.take(session, person, code, now=now) is None:
            raise BadInput("code", public="That is not the code that the app shows now. Enter the next one.")
        person.totp_confirmed_at = now
        codes = second_factor.new_recovery_codes(session, person)
        audit.record(session, person.username, "second factor set up", f"person:{person.id}", at=now)
        return enter(session, person, "password", origin=origin, now=now), codes


def enter(session: Session, person: Person, how: str, *, origin: str, now: datetime) -> str:
    """Begin a session and note it, in the caller's transaction."""
    audit.record(session, person.username, "signed in", f"person:{person.id}", at=now, how=how)
    return sessions.begin(session, person.id, origin=origin, now=now)


def enter_demo(username: str, *, origin: str, now: datetime) -> str:
    """Sign a seeded person in with one press. Only the demonstration's pages call this.

    Raises:
        NotFound: there is no such person.
    """
    known = accounts.by_username(username)
    with transaction() as session:
        return enter(session, session.get_one(Person, known.id), "one press", origin=origin, now=now)


def set_up(username: str, code: str, password: str, *, origin: str, now: datetime) -> HalfIn:
    """Choose a password with the code that an administrator gave out. The code is then used up.

    Raises:
        BadInput: the password is too short or is the username.
        SignInFailed: unknown, wrong, used, too old, or tried too often.
    """
    who = username.strip().lower()
    check_new_password(who, password)
    hashed = hasher.hash(password)
    with transaction() as session:
        admitted = throttle.admit(session, What.SETUP, who, origin=origin, now=now)
    with transaction() as session:
        person = session.scalar(select(Person).where(Person.username == who).with_for_update())
        if not admitted or person is None or person.disabled_at is not None or not _fits(person, code, now):
            raise SignInFailed("an account could not be set up")
        person.password_hash, person.setup_hash, person.setup_until = hashed, None, None
        throttle.forgive(session, What.SETUP, who, origin=origin)
        audit.record(session, person.username, "account set up", f"person:{person.id}", at=now)
        return HalfIn(person_id=person.id, enrolled=person.totp_confirmed_at is not None)


def _fits(person: Person, code: str, now: datetime) -> bool:
    return person.setup_hash == code_hash(code) and person.setup_until is not None and now < person.setup_until


def check_new_password(username: str, password: str) -> None:
    """Refuse a password that is easily guessed.

    Raises:
        BadInput: which.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(
            "password",
            public=f"The password needs {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.",
            field="password",
        )
    if len(set(password.lower())) < 5 or (username and username in password.lower()):
        raise BadInput(
            "password",
            public="Choose a password that is not your username or one letter again and again.",
            field="password",
        )


def _open_account(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id, with_for_update=True)
    if person is None or person.disabled_at is not None:
        raise SignInFailed(f"no open account: {person_id}")
    return person
