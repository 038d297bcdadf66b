"""`flask --app wsgi sms …`"""

from __future__ import annotations

import signal
import threading

import click
from flask import current_app
from flask.cli import AppGroup

from ..wiring import wired
from ..worker import Worker
from .base import OneLine, says_why

sms = AppGroup("sms", help="Delivery of texts.")


@sms.command("run", cls=OneLine)
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@says_why
def sms_run(once: bool) -> None:
    """Deliver waiting texts, work what came in, escalate, keep searches going; until stopped.

    Safe to run many at once on PostgreSQL.

    \b
    Examples:
      flask --app wsgi sms run
      flask --app wsgi sms run --once
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if wired().sender is None:
        click.echo("Twilio is not set up: texts stay in the outbox; everything else is done.", err=True)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # for the threads
    Worker(app).run(stopped, once=once)
