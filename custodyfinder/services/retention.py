"""Carries out the schedule of retention.

In batches, each a transaction of its own: nobody waits for a run, several may go on at once, and one that
was killed is simply run again. What has been done once is not due any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ..db import reading, transaction
from ..domain.retention import SCHEDULE, Fate
from ..models import Once
from ..wiring import wired
from . import audit
from .endings import PROGRAM
from .forgetting import WORKS, Before, Work

BATCH = 500
"""Rows in one transaction: SQLite's one writer is kept for some hundredths of a second."""

DAILY_FROM = 10
"""London's hour from which the daily run may begin: the night is over, and the courts sit."""

_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Done:
    """What a run did for one kind, or would do."""

    kind: str
    counts: dict[str, int] = field(default_factory=dict)
    """How many, by what they are."""

    @property
    def fate(self) -> Fate:
        """What became of them."""
        return SCHEDULE[self.kind].fate

    @property
    def sentence(self) -> str:
        """ "texts: emptied 12 texts sent, 3 numbers asked"."""
        parts = ", ".join(f"{number} {what}" for what, number in self.counts.items())
        return f"{self.kind}: {self.fate.value}: {parts}"


def due(*, now: datetime) -> list[Done]:
    """What a run would do now; nothing is changed."""
    before = _before(now)
    found = _for_each_kind()
    with reading() as connection:
        for work in WORKS:
            count = select(func.count()).select_from(work.key.class_).where(work.due(before))
            found[work.kind].counts[work.what] = connection.scalar(count) or 0
    return list(found.values())


def expire(*, by: str, now: datetime) -> list[Done]:
    """Do what is due, kind by kind, and write one audit line for each of which there was something."""
    before = _before(now)
    found = _for_each_kind()
    for kind, done in found.items():
        try:
            for work in (each for each in WORKS if each.kind == kind):
                done.counts[work.what] = 0
                for number in _in_batches(work, before, now=now):
                    done.counts[work.what] += number
        finally:  # what was done before an error was done, and stands in the audit
            _note(done, by=by, now=now)
    return list(found.values())


def expire_daily(*, now: datetime) -> bool:
    """The run of the day, once, by whichever process comes first. Return whether it was this one."""
    here = now.astimezone(_LONDON)
    if here.hour < DAILY_FROM:
        return False
    key = f"retention:{here:%Y%m%d}"
    with reading() as connection:
        if connection.scalar(select(Once.key).where(Once.key == key)) is not None:
            return False
    try:
        with transaction() as session:
            session.add(Once(key=key, at=now))
    except IntegrityError:
        return False
    expire(by=PROGRAM, now=now)
    return True


def _before(now: datetime) -> Before:
    schedule = wired().retention
    return lambda kind: schedule.before(kind, now=now)


def _for_each_kind() -> dict[str, Done]:
    return {work.kind: Done(work.kind) for work in WORKS}


def _in_batches(work: Work, before: Before, *, now: datetime) -> Iterator[int]:
    last: Any = None
    while True:
        wanted = select(work.key).where(work.due(before)).order_by(work.key).limit(BATCH)
        if last is not None:  # rows that stay, emptied or left alone, are not looked at again
            wanted = wanted.where(work.key > last)
        with transaction() as session:
            # Rows that another process has in its hands are its own.
            keys = session.scalars(wanted.with_for_update(skip_locked=True, of=work.key.class_)).all()
            if not keys:
                return
            number = work.do(session, keys, now)
        last = keys[-1]
        yield number


def _note(done: Done, *, by: str, now: datetime) -> None:
    numbers = {what.replace(" ", "_"): number for what, number in done.counts.items() if number}
    if numbers:
        with transaction() as session:
            audit.record(session, by, "records expired", f"retention:{done.kind}", at=now, **numbers)
