"""`flask --app wsgi sms …`"""

from __future__ import annotations

import os
import signal
import socket
import threading
from datetime import timedelta

import click
from flask.cli import AppGroup

from .. import clock
from ..services import beds, outbox, requests
from ..wiring import wired
from .base import OneLine, says_why

IDLE_SECONDS = 0.2
"""Pause between looks at an empty outbox: a text starts well within half a second of its promise."""

BEAT_EVERY = timedelta(seconds=5)
RECONCILE_EVERY = timedelta(minutes=5)

sms = AppGroup("sms", help="Delivery of texts.")


@sms.command("run", cls=OneLine)
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@says_why
def sms_run(once: bool) -> None:
    """Deliver waiting texts and expire holds, until stopped.

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
        click.echo("Twilio is not set up: texts stay in the outbox; holds are expired.", err=True)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    reconciled = beaten = None
    while not stopped.is_set():
        now = clock.now()
        if reconciled is None or now - reconciled > RECONCILE_EVERY:
            reconciled = now
            beds.reconcile(now=now)
        sent = cycle()
        if beaten is None or now - beaten > BEAT_EVERY:
            beaten = now
            outbox.beat(worker, now=now)
        if once and not sent:
            return
        if not sent:
            stopped.wait(IDLE_SECONDS)


def cycle() -> bool:
    """One turn of a delivery process: expire holds, send one text. Return whether there was one."""
    requests.expire_due(now=clock.now())
    wiring = wired()
    return wiring.sender is not None and outbox.deliver_next(
        wiring.sender, status_base=f"{wiring.settings.public_url}/hooks/twilio/status", now=clock.now()
    )
