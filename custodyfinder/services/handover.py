"""Handover: the open records of a suite, who has them, and taking them over in one press."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.custody_clock import CustodyClock, read_clock
from ..domain.needs import Sex
from ..domain.record import OutcomeKind
from ..models import BedRequest, Detention, Outcome, RequestState, Suite
from . import audit


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
            .where(Detention.suite_id.in_(suites), Detention.id.not_in(ended))
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
