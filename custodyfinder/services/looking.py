"""Who looks at which record: noted once for each person, record and hour (Data Protection Act 2018 s.62)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from ..db import reading
from ..domain.roles import Role
from ..models import AuditEvent, BedRequest, Detention
from . import audit
from .accounts import SignedIn
from .tokens import Client

WHY = {
    Role.CUSTODY_OFFICER: "custody officer of the suite",
    Role.CUSTODY_INSPECTOR: "supervision by an inspector of the force",
    Role.DUTY_OFFICER: "asked to accommodate the child",
    Role.INSPECTOR: "given to read by a custody inspector",
}
"""What each role has to do with a record; whoever may open none has none."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """Somebody looked at a record."""

    at: datetime
    who: str
    origin: str | None
    why: str | None


@dataclass(frozen=True)
class Program:
    """What the trail has of a program that reads records by the API."""

    id: str
    username: str
    why: str


def by_program(client: Client) -> Program:
    """The program behind a token."""
    return Program(f"token{client.id}", client.actor, f"a program of the {client.organisation.value}")


def note(
    who: SignedIn | Program, *, references: Collection[str] = (), requests: Collection[int] = (), now: datetime
) -> None:
    """Note that this person or program was shown these records, or the records behind these requests."""
    if not references and not requests:
        return
    shown = select(Detention.id).where(
        or_(
            Detention.reference.in_(references),
            Detention.id.in_(select(BedRequest.detention_id).where(BedRequest.id.in_(requests))),
        )
    )
    why = who.why if isinstance(who, Program) else WHY[who.role]
    with reading() as connection:
        ids = connection.scalars(shown.order_by(Detention.id)).all()
    for detention_id in ids:
        audit.looked(who, f"detention:{detention_id}", why=why, now=now)


def of_record(detention_id: int) -> list[Look]:
    """Who has looked at this record, latest first."""
    with reading() as connection:
        rows = connection.execute(
            select(AuditEvent.at, AuditEvent.actor, AuditEvent.origin, AuditEvent.why)
            .where(AuditEvent.subject == f"detention:{detention_id}", AuditEvent.action == audit.LOOKED)
            .order_by(AuditEvent.id.desc())
        )
        return [Look(at=row.at, who=row.actor, origin=row.origin, why=row.why) for row in rows]
