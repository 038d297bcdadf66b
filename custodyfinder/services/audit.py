"""Who did what to what, when: written in the transaction that does it, chained so that it cannot be changed unseen.

Lines wait with their session until it commits. Then everything else is flushed, so that every other lock
is taken, the one row of the chain's end is locked, and the lines are numbered and sealed. The end being
always the last lock, two transactions that wait for it never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from flask import g, has_app_context
from sqlalchemy import Table, bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import audit_chain
from ..domain.audit_chain import Head, Line, Link
from ..errors import BadInput
from ..models import AuditEvent, AuditHead, Once

_WAITING = "custodyfinder.audit"
_LONGEST_ORIGIN = 45  # an IPv6 address
LONGEST_WHY = 60
"""Characters of a justification."""

# Made once and run as they are: all who commit wait for whoever runs them.
_EVENT, _HEAD = (cast(Table, table.__table__) for table in (AuditEvent, AuditHead))
_LOCK = select(_HEAD.c.last_id, _HEAD.c.digest).where(_HEAD.c.id == 1).with_for_update()
_WRITE = insert(_EVENT)
_MOVE = update(_HEAD).where(_HEAD.c.id == 1).values(last_id=bindparam("to"), digest=bindparam("sealed"))

LOOKED = "looked"
"""The action of somebody who opened a page."""


def record(session: Session, actor: str, action: str, subject: str, *, at: datetime, **details: Any) -> None:
    """Write one audit line into the caller's transaction. Ids and codes only: no number, no postcode, no words.

    Raises:
        RuntimeError: a savepoint is open; lines of a part that may still be taken back cannot be chained.
        ValueError: the details are not what both databases give back unchanged.
    """
    add(session, [Line(at=at, actor=actor, action=action, subject=subject, details=details, origin=origin())])


def add(session: Session, lines: Iterable[Line]) -> None:
    """`record` for lines that are made already, however many. They are chained in this order."""
    if session.in_nested_transaction():
        raise RuntimeError("an audit line within a savepoint")
    made = list(lines)
    for line in made:
        audit_chain.check(line)
    under_way = session.get_transaction() or session.begin()
    whose, waiting = session.info.get(_WAITING, (None, []))
    # A session that was rolled back and is used again has lost its lines with the rest.
    session.info[_WAITING] = (under_way, [*waiting, *made] if whose is under_way else made)


def origin() -> str | None:
    """Where the person at the page came from, by address; None for a process."""
    found: str | None = getattr(g, "origin", None) if has_app_context() else None
    return found and found[:_LONGEST_ORIGIN]


@event.listens_for(Session, "before_commit")
def _seal(session: Session) -> None:
    """Number and chain the lines that wait, as the last thing before the commit."""
    if _WAITING not in session.info or session.in_nested_transaction():
        return
    whose, lines = session.info.pop(_WAITING)
    if whose is not session.get_transaction() or not lines:
        return
    session.flush()  # every other lock is taken before the one that all wait for
    connection = session.connection()
    last = connection.execute(_LOCK).one()
    links = list(audit_chain.chain(lines, after=Head(last.last_id, last.digest)))
    connection.execute(_WRITE, [_row(link, line) for link, line in zip(links, lines, strict=True)])
    connection.execute(_MOVE, {"to": links[-1].id, "sealed": links[-1].digest})


def _row(link: Link, line: Line) -> dict[str, object]:
    return {
        "id": link.id,
        "at": line.at,
        "actor": line.actor,
        "action": line.action,
        "subject": line.subject,
        "details": line.details,
        "origin": line.origin,
        "why": line.why,
        "previous": link.previous,
        "digest": link.digest,
    }


class Looker(Protocol):
    """A person, or a program."""

    @property
    def id(self) -> int | str:
        """Tells them apart."""

    @property
    def username(self) -> str:
        """As the trail names them."""


def looked(person: Looker, subject: str, *, why: str, now: datetime) -> bool:
    """Note that somebody opened a record: who, from where, why (Data Protection Act 2018 s.62).

    Once for each person, record and hour; the usual page view only reads. Return whether a line was written.

    Raises:
        BadInput: no reason is given, or more than 60 characters of it.
    """
    if not why.strip() or len(why) > LONGEST_WHY:
        raise BadInput("why", field="why", public=f"Say why you look, in at most {LONGEST_WHY} characters.")
    key = f"looked:{person.id}:{subject}:{now.astimezone(UTC):%Y%m%dT%H}"
    if _is_noted(key):
        return False
    line = Line(at=now, actor=person.username, action=LOOKED, subject=subject, origin=origin(), why=why)
    try:
        with transaction() as session:
            session.add(Once(key=key, at=now))
            session.flush()  # another request of the same person at this moment stops here
            add(session, [line])
    except IntegrityError:
        if not _is_noted(key):
            raise
        return False
    return True


def _is_noted(key: str) -> bool:
    with reading() as connection:
        return connection.scalar(select(Once.key).where(Once.key == key)) is not None
