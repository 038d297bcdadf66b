"""`flask --app wsgi <noun> <verb>`: the help text is the manual; a refusal is one line and exit status 2."""

from __future__ import annotations

from flask import Flask

from .audit import audit
from .backups import backups_group
from .places import places_group
from .records import records
from .seed import seed
from .sms import sms
from .tokens import tokens_group
from .users import users


def init_app(app: Flask) -> None:
    """Register every command group."""
    for group in (audit, backups_group, seed, places_group, records, sms, tokens_group, users):
        app.cli.add_command(group)
