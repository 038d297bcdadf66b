"""Whether the program can do its work now."""

from __future__ import annotations

from datetime import datetime, timedelta

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ..db import reading, transaction
from ..models import Heartbeat
from ..wiring import wired
from . import breaker

STALE = timedelta(seconds=60)


def problems(*, now: datetime) -> list[str]:
    """What keeps the program from working, in words; empty when all is well."""
    try:
        with reading() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
        if revision != scripts.get_current_head():
            return ["The database is not migrated: run `flask --app wsgi db upgrade`."]
        last = _last_cycle()
    except SQLAlchemyError as error:
        return [f"The database cannot be reached ({type(error).__name__})."]
    if last is None:
        return ["No delivery process has ever run: start `flask --app wsgi sms run`."]
    if now - last > STALE:
        return [f"No delivery process has completed a cycle since {last:%Y-%m-%dT%H:%M:%SZ}."]
    return []


def beat(worker: str, *, now: datetime) -> None:
    """Note that a delivery process has completed a cycle."""
    with transaction() as session:
        session.merge(Heartbeat(worker=worker, cycled_at=now))


def _last_cycle() -> datetime | None:
    with reading() as connection:
        return connection.scalar(select(Heartbeat.cycled_at).order_by(Heartbeat.cycled_at.desc()).limit(1))


def texts_delayed_since(*, now: datetime) -> datetime | None:
    """Since when texts are not going out as they should: Twilio is out, or no delivery process works; else None.

    Where no delivery process has ever run there is no such time: `problems` says that.
    """
    if not wired().settings.sends_texts:
        return None  # the pages say so in other words
    out = breaker.out_since()
    last = _last_cycle()
    return last if out is None and last is not None and now - last > STALE else out
