"""The chain of audit lines walked from its beginning, and its end noted outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.exc import IntegrityError

from ..db import reading, transaction
from ..domain.audit_chain import Fault, Head, Line, Link, first_fault
from ..models import AuditEvent, AuditHead, Once

BATCH = 2000
"""Lines read at a time."""

KEPT = timedelta(days=40)
"""How long what is done once is remembered. The longest that any of it could be done again is a day or so."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a walk along the chain has found."""

    lines: int
    """Lines read: up to the first fault, or all."""
    head: Head | None
    fault: Fault | None

    def as_json(self) -> dict[str, object]:
        """For other programs."""
        return {
            "lines": self.lines,
            "head": {"id": self.head.last_id, "digest": self.head.digest} if self.head else None,
            "fault": {"id": self.fault.id, "how": self.fault.how.value, "sentence": self.fault.sentence}
            if self.fault
            else None,
        }


def verify(*, anchor: Head | None = None, progress: Callable[[int], object] = lambda lines: None) -> Verified:
    """Compute the chain anew and compare, as it is at one moment; lines may be written meanwhile.

    Args:
        anchor: A head that was noted outside, which has to be a part of the chain still.
        progress: Called after each batch with the number of lines so far.
    """
    read = 0

    def counted(links: Iterator[Link]) -> Iterator[Link]:
        nonlocal read
        for link in links:
            read += 1
            yield link
            if read % BATCH == 0:
                progress(read)

    with reading(one_moment=True) as connection:
        head = _head(connection)
        fault = first_fault(counted(_links(connection)), head=head, anchor=anchor)
    return Verified(lines=read, head=head, fault=fault)


def _head(connection: Connection) -> Head | None:
    row = connection.execute(select(AuditHead.last_id, AuditHead.digest).where(AuditHead.id == 1)).one_or_none()
    return None if row is None else Head(row.last_id, row.digest)


def _links(connection: Connection) -> Iterator[Link]:
    last = -(2**63)  # a number below 1 was put in, and has to be found
    while rows := _batch(connection, _rows().where(AuditEvent.id > last).order_by(AuditEvent.id).limit(BATCH)):
        yield from rows
        last = rows[-1].id


def _rows() -> Select[*tuple[Any, ...]]:
    return select(*AuditEvent.__table__.columns)


def _batch(connection: Connection, rows: Select[*tuple[Any, ...]]) -> list[Link]:
    try:
        return [_link(row) for row in connection.execute(rows)]
    except (TypeError, ValueError):
        # SQLite keeps anything in any column: a time that is none, JSON that is none.
        numbers = connection.scalars(rows.with_only_columns(AuditEvent.id)).all()
        return [_one(connection, number) for number in numbers]


def _one(connection: Connection, number: int) -> Link:
    try:
        return _link(connection.execute(_rows().where(AuditEvent.id == number)).one())
    except (TypeError, ValueError):
        kept = (AuditEvent.id, AuditEvent.previous, AuditEvent.digest)
        row = connection.execute(select(*kept).where(AuditEvent.id == number)).one()
        return Link(row.id, None, row.previous, row.digest)


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    line = Line(**{name: getattr(row, name) for name in Line.__dataclass_fields__})
    return Link(row.id, line, row.previous, row.digest)


def anchor_due(*, now: datetime) -> Head | None:
    """The head, for the one process of all that notes it outside in this hour; None for the others."""
    key = f"anchor:{now.astimezone(UTC):%Y-%m-%dT%H}"
    with reading() as connection:
        if connection.scalar(select(Once.key).where(Once.key == key)) is not None:
            return None
    try:
        with transaction() as session:
            session.add(Once(key=key, at=now))
            session.flush()  # another process that notes it at this moment stops here
            return _head(session.connection())
    except IntegrityError:
        return None
