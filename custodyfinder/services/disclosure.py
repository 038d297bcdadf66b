"""Two questions about one child's record: what do you hold, and who has looked?

Answering is a disclosure, and is noted in the transaction that reads the answer (Data Protection Act 2018 s.62).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ..db import Base, to_json, transaction
from ..domain.audit_chain import Line
from ..domain.sheet import Part, Sheet
from ..domain.suitability import needs_in
from ..errors import BadInput, NotFound
from ..models import (
    AuditEvent,
    BedRequest,
    Call,
    Certificate,
    Detention,
    IncomingText,
    Outcome,
    Person,
    Placement,
    Receipt,
    SearchKept,
    StandingSearch,
    StepTaken,
    Suite,
    TextMessage,
    Told,
)
from . import audit, record_log
from .charges import custody_record_number

NUMBERS = frozenset({"number", "to_number", "from_number"})
"""Columns with phone numbers: they are the contacts', and nobody's answer to what is held on a child."""

OF_OTHERS = frozenset({"avoid_circles", "avoid_geojson", "keep_apart"})
"""Columns that point at other people's homes, or at other children: it is said that something is kept, not what."""

WITHHELD = "Kept, and withheld: it is about other people"

_OF_LOOKING = (0.06, 0.13, 0.14, 0.17, 0.14, 0.14, 0.11, 0.11)


def held(custody_record: str, *, suite_slug: str, by: str, why: str | None, now: datetime) -> Sheet:
    """Every row of every table that is about this child, and the log that is read from them.

    Args:
        custody_record: The force's own number.
        why: The justification, in at most 60 characters, if any is given.

    Raises:
        NotFound: that suite has no such record.
        BadInput: the number cannot be one, or the justification is too long.
    """
    with transaction() as session:
        detention, about = _found(session, custody_record, suite_slug, now=now)
        parts = [_part(session, *table) for table in _tables(_Ids.of(session, detention.id))]
        log = [
            (_words(line.occurred_at), _words(line.recorded_at), line.who, line.what, line.words or "")
            for line in record_log.lines_in(session, detention)
        ]
        columns = ("happened", "written down", "who", "what", "words")
        parts.append(Part(heading="Log", columns=columns, rows=log, shares=(0.13, 0.13, 0.16, 0.33, 0.25)))
        _note(session, "disclosed what is held", detention.id, by=by, why=why, now=now)
    return Sheet(title="What is held on one child", about=about, parts=parts)


def looked(custody_record: str, *, suite_slug: str, by: str, why: str | None, now: datetime) -> Sheet:
    """Who has looked at this child's record or changed it: when, from where, why. One part.

    Raises:
        NotFound, BadInput: as `held`.
    """
    with transaction() as session:
        detention, about = _found(session, custody_record, suite_slug, now=now)
        who = record_log.Names(session)
        events = session.execute(
            select(AuditEvent, Person.name, Person.role)
            .outerjoin(Person, Person.username == AuditEvent.actor)
            .where(AuditEvent.subject.in_(_Ids.of(session, detention.id).subjects))
            .order_by(AuditEvent.id)
        ).all()
        rows = [
            (
                str(event.id),
                _words(event.at),
                who(event.actor),
                f"{name}, {role.replace('_', ' ')}" if name else "",
                event.origin or "",
                event.action,
                event.subject,
                event.why or "",
            )
            for event, name, role in events
        ]
        _note(session, "disclosed who looked", detention.id, by=by, why=why, now=now)
    columns = ("line", "when", "who", "name and role", "from where", "what", "of what", "why")
    part = Part(heading="Who has looked, and who has changed", columns=columns, rows=rows, shares=_OF_LOOKING)
    return Sheet(title="Who has looked at one child's record", about=about, parts=[part])


def _found(
    session: Session, custody_record: str, suite_slug: str, *, now: datetime
) -> tuple[Detention, list[tuple[str, str]]]:
    suite = session.scalar(select(Suite).where(Suite.slug == suite_slug))
    if suite is None:
        raise NotFound("no such suite", public="There is no such suite. seeds/suites.csv has the names.")
    number = custody_record_number(custody_record)
    detention = session.scalar(
        select(Detention).where(Detention.suite_id == suite.id, Detention.custody_record == number)
    )
    if detention is None:
        public = f"{suite.name} has no record with this custody record number."
        raise NotFound(f"no such record at suite {suite.id}", public=public)
    return detention, [
        ("Custody record", number),
        ("Custody suite", f"{suite.name}, {suite.force}"),
        ("Made at", _words(now)),
        ("Times", "All in UTC"),
    ]


def _note(session: Session, action: str, detention_id: int, *, by: str, why: str | None, now: datetime) -> None:
    if why is not None and len(why) > audit.LONGEST_WHY:
        raise BadInput("why", field="why", public=f"Say why in at most {audit.LONGEST_WHY} characters.")
    subject = f"detention:{detention_id}"
    audit.add(session, [Line(at=now, actor=by, action=action, subject=subject, origin=audit.origin(), why=why)])


@dataclass(frozen=True)
class _Ids:
    """The keys that rows about one child are found by."""

    detention: int
    requests: Collection[int]
    texts: Collection[int]

    @classmethod
    def of(cls, session: Session, detention_id: int) -> _Ids:
        requests = session.scalars(select(BedRequest.id).where(BedRequest.detention_id == detention_id)).all()
        texts = session.scalars(
            select(TextMessage.id).where(
                or_(
                    TextMessage.request_id.in_(requests),
                    TextMessage.id.in_(select(Told.text_id).where(Told.detention_id == detention_id)),
                    TextMessage.id.in_(select(StepTaken.text_id).where(StepTaken.request_id.in_(requests))),
                )
            )
        ).all()
        return cls(detention_id, requests, texts)

    @property
    def subjects(self) -> list[str]:
        """What audit lines about this child are about."""
        requests, texts = (f"request:{each}" for each in self.requests), (f"text:{each}" for each in self.texts)
        return [f"detention:{self.detention}", *requests, *texts]


def _tables(ids: _Ids) -> list[tuple[str, type[Base], ColumnElement[bool]]]:
    """Every table that has anything about a child: a test holds this against the foreign keys."""
    return [
        ("Record", Detention, Detention.id == ids.detention),
        ("Authority told", Told, Told.detention_id == ids.detention),
        ("Search", SearchKept, SearchKept.detention_id == ids.detention),
        ("Search that keeps going", StandingSearch, StandingSearch.detention_id == ids.detention),
        ("Request", BedRequest, BedRequest.detention_id == ids.detention),
        ("Step", StepTaken, StepTaken.request_id.in_(ids.requests)),
        ("Call", Call, Call.detention_id == ids.detention),
        ("Placement", Placement, Placement.detention_id == ids.detention),
        ("Outcome", Outcome, Outcome.detention_id == ids.detention),
        ("Certificate", Certificate, Certificate.detention_id == ids.detention),
        ("Text sent", TextMessage, TextMessage.id.in_(ids.texts)),
        ("Receipt", Receipt, Receipt.text_id.in_(ids.texts)),
        ("Text received", IncomingText, IncomingText.request_id.in_(ids.requests)),
        ("Audit line", AuditEvent, AuditEvent.subject.in_(ids.subjects)),
    ]


def _part(session: Session, heading: str, table: type[Base], about_the_child: ColumnElement[bool]) -> Part:
    columns = [column for column in table.__table__.columns if column.name not in NUMBERS]
    rows = session.execute(select(*columns).where(about_the_child).order_by(*table.__table__.primary_key))
    return Part(
        heading=heading,
        columns=[column.name.replace("_", " ") for column in columns],
        rows=[[_value(column.name, value) for column, value in zip(columns, row, strict=True)] for row in rows],
    )


def _value(column: str, value: Any) -> str:
    if column in OF_OTHERS:
        return WITHHELD if value else ""
    if column in ("needs", "needs_no"):
        return ", ".join(need.value.replace("_", " ") for need in needs_in(value))
    return _words(value)


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value if isinstance(value, str) else to_json(value)
