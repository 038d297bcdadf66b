"""What a rogue administrator of the database can do: the triggers off, then anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from custodyfinder.db import db, transaction
from custodyfinder.domain.audit_chain import Head, Line, chain
from custodyfinder.services import audit

from ..conftest import NIGHT


def write(count: int) -> None:
    """So many lines, each in a transaction of its own."""
    for number in range(count):
        with transaction() as session:
            audit.record(session, "officer", "call recorded", f"request:{number}", at=NIGHT, said="no answer")


@contextmanager
def unguarded() -> Iterator[Connection]:
    """A transaction that the triggers do not see."""
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in ("audit_event_update", "audit_event_delete", "audit_head_delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        yield connection


def run(*statements: str) -> None:
    """Run these, unguarded."""
    with unguarded() as connection:
        for statement in statements:
            connection.execute(text(statement))


def change(columns: str, *, row: int) -> None:
    """Set columns of one row, unguarded."""
    run(f"UPDATE audit_event SET {columns} WHERE id = {row}")  # noqa: S608 - the tests' own words


def forge(number: int, *, previous: str) -> None:
    """Put in a row under this number that fits its own digest, and follows the one with that digest."""
    line = Line(at=NIGHT, actor="rogue", action="call recorded", subject="request:1")
    (link,) = chain([line], after=Head(number - 1, previous))
    with unguarded() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_event (id, at, actor, action, subject, details, previous, digest)"
                " VALUES (:id, :at, :actor, :action, :subject, '{}', :previous, :digest)"
            ),
            {
                "id": link.id,
                "at": NIGHT if connection.dialect.name == "postgresql" else f"{NIGHT:%Y-%m-%d %H:%M:%S.%f}",
                "actor": line.actor,
                "action": line.action,
                "subject": line.subject,
                "previous": link.previous,
                "digest": link.digest,
            },
        )
