"""The responsible authority is told, when a record is opened, that a child of theirs is held and a bed is needed.

PACE 1984 s.38(6) makes the move a duty from that moment; the authority's, under the Children Act 1989
s.21(2)(b), begins with being asked. So that telling does not wait for a search.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading
from ..domain import wording
from ..domain.escalation import Target
from ..domain.needs import Sex
from ..models import Authority, Contact, Detention, Suite, TextKind, TextMessage, TextState, Told
from . import audit, oncall, outbox
from .endings import PROGRAM

USE = timedelta(hours=2)
"""Later than that the request itself has come."""

NOBODY = "nobody can be texted"
RUNG = "is rung, not texted"


def tell(session: Session, detention: Detention, suite: Suite, *, now: datetime) -> None:
    """Text whoever is on duty for the child's authority; the fallback or the manager where nobody is.

    In the caller's transaction. Where nobody can be texted, that is written down, and the officer's
    page says whom to ring.
    """
    authority = session.get_one(Authority, detention.responsible_code)
    body = wording.child_held(
        authority=authority.name,
        suite=suite.name,
        age=detention.age,
        sex=Sex(detention.sex),
        secure=detention.secure,
        desk_phone=suite.phone,
    )
    contacts = _whom(session, authority.code, now=now) if authority.texted else []
    for contact in contacts:
        assert contact.mobile is not None  # noqa: S101 - `why_not` has looked
        text = outbox.promise(
            session, kind=TextKind.NOTICE, to=contact.mobile, body=body, request_id=None, use_until=now + USE, now=now
        )
        session.add(
            Told(
                detention_id=detention.id,
                authority_code=authority.code,
                contact_id=contact.id,
                text_id=text.id,
                at=now,
            )
        )
    if not contacts:
        why_not = NOBODY if authority.texted else RUNG
        session.add(Told(detention_id=detention.id, authority_code=authority.code, why_not=why_not, at=now))
    audit.record(
        session,
        PROGRAM,
        "authority told" if contacts else "authority not told",
        f"detention:{detention.id}",
        at=now,
        authority=authority.code,
        contacts=[contact.id for contact in contacts],
    )


def _whom(session: Session, authority_code: str, *, now: datetime) -> list[Contact]:
    """Everybody on duty who can be texted, each phone once; else the fallback; else the manager."""
    for target in Target:
        phones = {
            contact.mobile: contact
            for contact in oncall.whom(session, authority_code, target, now=now)
            if oncall.why_not(contact) is None
        }
        if phones:
            return list(phones.values())
    return []


@dataclass(frozen=True, kw_only=True)
class ToldLine:
    """What became of telling one contact, for the officer's page and the record."""

    authority: str
    role: str | None
    at: datetime
    text_state: TextState | None
    settled_at: datetime | None
    why_not: str | None

    @property
    def failed(self) -> bool:
        """Whether this contact has not heard, and will not."""
        return self.text_state in (None, TextState.UNDELIVERED, TextState.FAILED)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Who was told, and whom to ring where nobody was reached."""

    lines: tuple[ToldLine, ...]
    ring_role: str | None
    ring_number: str | None

    @property
    def nobody_reached(self) -> bool:
        """Whether only ringing helps."""
        return all(line.failed for line in self.lines)


def of_detention(detention_id: int, *, now: datetime) -> Telling:
    """What became of telling the authority of this child."""
    with reading() as connection, Session(bind=connection) as session:
        code = session.scalars(select(Detention.responsible_code).where(Detention.id == detention_id)).one()
        ring = oncall.to_ring(session, code, now=now)
        return Telling(
            lines=tuple(lines_in(session, detention_id)),
            ring_role=ring.role if ring else None,
            ring_number=(ring.landline or ring.mobile) if ring else None,
        )


def lines_in(session: Session, detention_id: int) -> list[ToldLine]:
    """Who was told of this child, in the caller's transaction."""
    rows = session.execute(
        select(Told, Authority.name, Contact.role, TextMessage.state, TextMessage.settled_at)
        .join(Authority, Authority.code == Told.authority_code)
        .outerjoin(Contact, Contact.id == Told.contact_id)
        .outerjoin(TextMessage, TextMessage.id == Told.text_id)
        .where(Told.detention_id == detention_id)
        .order_by(Told.id)
    ).all()
    return [
        ToldLine(
            authority=name,
            role=role,
            at=told.at,
            text_state=TextState(state) if state else None,
            settled_at=settled_at,
            why_not=told.why_not,
        )
        for told, name, role, state, settled_at in rows
    ]
