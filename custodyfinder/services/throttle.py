"""Tries that failed are counted in the database, so that every process counts the same.

Three limits, because each alone can be turned against somebody. Five for one name from one address stops
guessing. Twenty for one name from everywhere stops guessing from many addresses; whoever signed in from
the same address within a month is not held up by it, or anybody could lock a custody officer out at night
by typing their name elsewhere. A hundred from one address stops one password for many names; a police
station may be one address.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from ..models import Person, SignInSession, SignInTry

WITHIN = timedelta(minutes=15)
FOR_ONE_HERE = 5
FOR_ONE_ANYWHERE = 20
FROM_ONE_ADDRESS = 100
KNOWN_FOR = timedelta(days=30)


class What(StrEnum):
    """What is tried: each is counted for itself."""

    PASSWORD = "password"  # noqa: S105 - a word, no password
    CODE = "code"
    SETUP = "setup"


def admit(session: Session, what: What, who: str, *, origin: str, now: datetime) -> bool:
    """Whether the person called `who` may try once more; the try counts as failed until `forgive` is called.

    Noted before it is looked at, so that tries at the same moment count each other.
    """
    # Tries for one person wait for each other here; a name that nobody has guesses at nothing.
    person = session.scalar(select(Person.id).where(Person.username == who).with_for_update())
    name = _hash(what, who)
    here, anywhere, from_here = session.execute(
        select(
            func.count().filter(SignInTry.who == name, SignInTry.origin == origin),
            func.count().filter(SignInTry.who == name),
            func.count().filter(SignInTry.origin == origin),
        )
        .select_from(SignInTry)
        .where((SignInTry.who == name) | (SignInTry.origin == origin), SignInTry.at > now - WITHIN)
    ).one()
    if here >= FOR_ONE_HERE or from_here >= FROM_ONE_ADDRESS:
        return False
    if anywhere >= FOR_ONE_ANYWHERE and not _is_known(session, person, origin, now):
        return False
    session.add(SignInTry(at=now, who=name, origin=origin))
    return True


def _is_known(session: Session, person: int | None, origin: str, now: datetime) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    SignInSession.person_id == person,
                    SignInSession.origin == origin,
                    SignInSession.began_at > now - KNOWN_FOR,
                )
            )
        )
    )


def forgive(session: Session, what: What, who: str, *, origin: str) -> None:
    """They were right: forget their tries from here."""
    session.execute(delete(SignInTry).where(SignInTry.who == _hash(what, who), SignInTry.origin == origin))


def _hash(what: What, who: str) -> str:
    return hashlib.sha256(f"{what}:{who}".encode()).hexdigest()
