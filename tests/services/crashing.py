"""Delivery processes that are killed while they send: real ones, on a real database, to the stand-in over HTTP.

`python -m custodyfinder.standin` is Twilio, gunicorn serves the webhooks, and the workers are processes
of their own. At the end the stand-in's own list says what arrived.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import ColumnElement, func, select

from custodyfinder import clock, create_app
from custodyfinder.config import PROJECT, Settings
from custodyfinder.db import db, reading, transaction
from custodyfinder.models import TextKind, TextMessage, TextState
from custodyfinder.services import outbox
from custodyfinder.standin.store import Store, Text
from custodyfinder.worker import Worker

from ..processes import processes

LEASE = timedelta(seconds=12)
"""Over the ten seconds that one call may take at the very most: five to connect and five to be answered."""

WORKERS = 3
PATIENCE = 180.0
"""Seconds after the last kill, before what has not arrived counts as lost."""


@dataclass(frozen=True)
class Outcome:
    """What became of the promised texts."""

    promised: int
    arrived: int
    lost: int
    twice: int
    kills: int
    met: int
    """Texts that a kill met on their way: tried again, or known by their receipt only."""
    seconds: float


def run(
    settings: Settings, *, texts: int, kills: int, seed: int, answer_delay: float = 0.3, receipts_after: float = 600
) -> Outcome:
    """Promise so many texts in portions, kill a worker at a random moment of each, and count what arrived.

    Args:
        answer_delay: Seconds before the stand-in answers a call.
        receipts_after: Seconds until it says what became of a text. A receipt that comes before the lease
            of a killed process runs out tells that the text went; without it only Twilio's list does.
    """
    dice = random.Random(seed)  # noqa: S311 - no secret
    began = time.monotonic()
    standin = twilio(settings, answer_delay=answer_delay, receipts_after=receipts_after)
    with standin as (settings, store), _workers(settings) as workers:
        app = create_app(settings)
        with app.app_context():
            promised: Counter[tuple[str, str]] = Counter()
            for number in range(kills):
                portion = texts * (number + 1) // kills - texts * number // kills
                _promise(portion, first=sum(promised.values()), promised=promised)
                _wait_until_something_is_on_its_way()
                time.sleep(dice.uniform(0, answer_delay))
                victim = dice.randrange(len(workers))
                _kill(workers[victim])
                workers[victim] = _start(settings)
            _wait_for_all()
            met = _count((TextMessage.attempts > 1) | TextMessage.sent_at.is_(None))
            db.engine.dispose()
        arrived = Counter((text.phone, text.body) for text in store.page_all())
    return Outcome(
        promised=texts,
        arrived=sum(arrived.values()),
        lost=sum((promised - arrived).values()),
        twice=sum((arrived - promised).values()),
        kills=kills,
        met=met,
        seconds=round(time.monotonic() - began, 1),
    )


def _promise(portion: int, *, first: int, promised: Counter[tuple[str, str]]) -> None:
    """One in eight is a twin: the same words to the same number, as a repeated call is."""
    now = clock.now()
    with transaction() as session:
        for number in range(first, first + portion):
            twin = number % 8 == 7
            to = f"+447700900{(number - twin) % 900:03d}"
            body = f"Bed needed {number - twin}"
            promised[to, body] += 1
            outbox.promise(
                session,
                kind=TextKind.NOTICE,
                to=to,
                body=body,
                request_id=None,
                use_until=now + timedelta(hours=1),
                now=now,
            )


def _wait_until_something_is_on_its_way() -> None:
    for _ in range(200):
        if _count(TextMessage.state == TextState.SENDING):
            return
        time.sleep(0.01)


def _wait_for_all() -> None:
    until = time.monotonic() + PATIENCE
    while _count(TextMessage.state.in_([TextState.WAITING, TextState.SENDING])) and time.monotonic() < until:
        time.sleep(0.2)


def _count(which: ColumnElement[bool]) -> int:
    with reading() as connection:
        return connection.scalar(select(func.count()).select_from(TextMessage).where(which)) or 0


# --- the processes --------------------------------------------------------------------------


def work(settings: Settings) -> None:
    """A delivery process, until it is killed."""
    Worker(create_app(settings), lease=LEASE).run(threading.Event())


def _start(settings: Settings) -> BaseProcess:
    process = processes.Process(target=work, args=(settings,), daemon=True)
    process.start()
    return process


def _kill(process: BaseProcess) -> None:
    if process.pid is None:
        raise RuntimeError("the worker was never started")
    os.kill(process.pid, signal.SIGKILL)
    process.join()


@contextmanager
def _workers(settings: Settings) -> Iterator[list[BaseProcess]]:
    workers = [_start(settings) for _ in range(WORKERS)]
    try:
        yield workers
    finally:
        for process in workers:
            _kill(process)


class AllTexts(Store):
    """The stand-in's file, read from beside it."""

    def page_all(self) -> list[Text]:
        """Every text that it took, newest first."""
        return self.page(to=None, sender=None, since=None, until=None, before_seq=None, size=1_000_000)


@contextmanager
def twilio(
    settings: Settings, *, answer_delay: float, receipts_after: float = 0.3
) -> Iterator[tuple[Settings, AllTexts]]:
    """The stand-in and the webhooks, each in a process of its own. Gives settings that lead to them."""
    web_port = _free_port()
    url = f"http://127.0.0.1:{web_port}"
    store = settings.instance / f"twilio-{web_port}.sqlite"  # of this run alone
    secrets = {
        "TWILIO_ACCOUNT_SID": str(settings.twilio_account_sid),
        "TWILIO_AUTH_TOKEN": str(settings.twilio_auth_token),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "DATABASE", "SECRET"))}
    standin = subprocess.Popen(
        [
            *(sys.executable, "-m", "custodyfinder.standin", "--port", "0", "--store", str(store)),
            *("--message-url", f"{url}/hooks/twilio/message", "--delay", str(answer_delay)),
            *("--delivery-delay", str(receipts_after)),
        ],
        env=clean | secrets,
        cwd=PROJECT,
        stderr=subprocess.DEVNULL,  # it complains of webhooks that are gone before it is
        stdout=subprocess.PIPE,
        text=True,
    )
    if standin.stdout is None:
        raise RuntimeError("the stand-in says nothing")
    base = standin.stdout.readline().rstrip("/\n").rpartition(" ")[2]
    reached = replace(settings, public_url=url, twilio_api_base=base)
    web = _web(reached, clean | secrets, web_port)
    try:
        _wait_for(f"{url}/healthz")
        yield reached, AllTexts(store)
    finally:
        for process in (web, standin):
            process.terminate()
            process.wait(timeout=20)
        standin.stdout.close()


def _web(settings: Settings, env: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    env |= {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url,
        "INSTANCE_PATH": str(settings.instance),
        "TWILIO_API_BASE": str(settings.twilio_api_base),
        "TWILIO_FROM": str(settings.twilio_from),
    }
    command = [str(Path(sys.executable).parent / "gunicorn"), "wsgi:app", "--bind", f"127.0.0.1:{port}"]
    command += ["--threads", "8", "--no-control-socket", "--log-level", "warning"]
    return subprocess.Popen(command, env=env, cwd=PROJECT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not come up")
