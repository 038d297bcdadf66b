"""Handover: the open records of a suite, who has them, taking them over in one press; and those that ended lately."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.custody_clock import CustodyClock, read_clock
from ..domain.needs import Sex
from ..domain.record import OutcomeKind
from ..models import BedRequest, Detention, Outcome, RequestState, Suite
from . import audit

LATELY = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class OpenRecord:
    """One record that goes on, with what was tried so far."""

    id: int
    reference: str
    custody_record: str
    suite_name: str
    officer: str
    age: int
    sex: Sex
    secure: bool
    opened_at: datetime
    court_at: datetime
    clock: CustodyClock
    asked: int
    """Requests made so far."""
    refused: int
    unanswered: int
    waiting: int
    accepted: bool


def open_records(suites: Collection[int], *, now: datetime) -> list[OpenRecord]:
    """Every record of these suites that has not ended, oldest first."""
    last = select(func.max(Outcome.id)).group_by(Outcome.detention_id)
    ended = select(Outcome.detention_id).where(Outcome.id.in_(last), Outcome.kind != OutcomeKind.REOPENED)
    with reading() as connection, Session(bind=connection) as session:
        found = session.execute(
            select(Detention, Suite.name)
            .join(Suite, Suite.id == Detention.suite_id)
            .where(Detention.suite_id.in_(suites), Detention.reduced_at.is_(None), Detention.id.not_in(ended))
            .order_by(Detention.opened_at, Detention.id)
        ).all()
        counts = session.execute(
            select(BedRequest.detention_id, BedRequest.state, func.count())
            .where(BedRequest.detention_id.in_([detention.id for detention, _ in found]))
            .group_by(BedRequest.detention_id, BedRequest.state)
        ).all()
        tried: dict[int, dict[str, int]] = {}
        for detention_id, state, number in counts:
            tried.setdefault(detention_id, {})[state] = number
    return [_as_line(detention, suite, tried.get(detention.id, {}), now=now) for detention, suite in found]


def _as_line(detention: Detention, suite: str, tried: dict[str, int], *, now: datetime) -> OpenRecord:
    return OpenRecord(
        id=detention.id,
        reference=detention.reference,
        custody_record=detention.custody_record,
        suite_name=suite,
        officer=detention.officer,
        age=detention.age,
        sex=Sex(detention.sex),
        secure=detention.secure,
        opened_at=detention.opened_at,
        court_at=detention.court_at,
        clock=read_clock(charged_at=detention.charged_at, court_at=detention.court_at, until=now),
        asked=sum(tried.values()),
        refused=tried.get(RequestState.REFUSED, 0),
        unanswered=tried.get(RequestState.EXPIRED, 0),
        waiting=tried.get(RequestState.OPEN, 0),
        accepted=bool(tried.get(RequestState.ACCEPTED)),
    )


@dataclass(frozen=True, kw_only=True)
class EndedRecord:
    """One record that has ended."""

    reference: str
    custody_record: str
    suite_name: str
    kind: OutcomeKind
    at: datetime
    overridden: bool
    """An inspector signed for what the record contradicts."""


def ended_records(suites: Collection[int], *, now: datetime) -> list[EndedRecord]:
    """The records of these suites that ended in the last seven days, latest first."""
    last = select(func.max(Outcome.id)).group_by(Outcome.detention_id)
    with reading() as connection:
        rows = connection.execute(
            select(
                Detention.reference,
                Detention.custody_record,
                Suite.name.label("suite_name"),
                Outcome.kind,
                Outcome.occurred_at,
                Outcome.overridden_by,
            )
            .join(Detention, Detention.id == Outcome.detention_id)
            .join(Suite, Suite.id == Detention.suite_id)
            .where(
                Detention.suite_id.in_(suites),
                Outcome.recorded_at > now - LATELY,
                Outcome.kind != OutcomeKind.REOPENED,
                Outcome.id.in_(last),
            )
            .order_by(Outcome.occurred_at.desc(), Outcome.id.desc())
        ).all()
    return [
        EndedRecord(
            reference=row.reference,
            custody_record=row.custody_record,
            suite_name=row.suite_name,
            kind=OutcomeKind(row.kind),
            at=row.occurred_at,
            overridden=row.overridden_by is not None,
        )
        for row in rows
    ]


def take_over(suite_id: int, *, by: str, now: datetime) -> int:
    """Take over every open record of a suite that somebody else has. Return how many."""
    others = [record.id for record in open_records([suite_id], now=now) if record.officer != by]
    with transaction() as session:
        taken = session.scalars(
            select(Detention).where(Detention.id.in_(others)).order_by(Detention.id).with_for_update()
        ).all()
        for detention in taken:
            before, detention.officer = detention.officer, by
            audit.record(session, by, "taken over", f"detention:{detention.id}", at=now, before=before)
        return len(taken)
