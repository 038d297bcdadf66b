"""A migrated database for a measurement, and the settings that lead to it."""

from __future__ import annotations

from pathlib import Path

from flask_migrate import upgrade

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.db import db


def migrated(database_url: str, instance: Path) -> Settings:
    """Settings with made-up secrets; the database has every table."""
    settings = Settings(
        database_url=database_url,
        secret_key="b" * 40,
        public_url="http://127.0.0.1:5000",
        instance=instance,
        twilio_account_sid=f"AC{1:032x}",
        twilio_auth_token="t" * 32,
        twilio_from="+447700900999",
    )
    with create_app(settings).app_context():
        upgrade()
        db.engine.dispose()
    return settings
