"""Whether the program can do its work now."""

from __future__ import annotations

from datetime import datetime, timedelta

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from ..db import reading
from . import outbox

STALE = timedelta(seconds=60)


def problems(*, now: datetime) -> list[str]:
    """What keeps the program from working, in words; empty when all is well."""
    try:
        with reading() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory(current_app.extensions["migrate"].directory)
        if revision != scripts.get_current_head():
            return ["The database is not migrated: run `flask --app wsgi db upgrade`."]
        last = outbox.last_cycle()
    except SQLAlchemyError as error:
        return [f"The database cannot be reached ({type(error).__name__})."]
    if last is None:
        return ["No delivery process has ever run: start `flask --app wsgi sms run`."]
    if now - last > STALE:
        return [f"No delivery process has completed a cycle since {last:%Y-%m-%dT%H:%M:%SZ}."]
    return []
