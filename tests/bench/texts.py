"""From the commit of a promise to the call that reaches Twilio: idle, and in a burst.

Twilio is the stand-in, in a process of its own, over HTTP; in the burst each of its answers takes 100 ms.
A text's arrival is when the stand-in took it, less that delay. One worker has 16 calls in flight, so that
1,000 texts of 100 ms take 6.3 seconds at the least.
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from custodyfinder import clock, create_app
from custodyfinder.config import Settings
from custodyfinder.db import db, transaction
from custodyfinder.models import TextKind
from custodyfinder.services import outbox

from .. import postgres
from ..processes import processes
from ..services import crashing
from .application import migrated

IDLE_TEXTS, IDLE_PAUSE = 60, 0.35
BURST = 1_000
ANSWER_DELAY = 0.1


def measure() -> dict[str, Any]:
    """Seconds, by database and number of workers."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, postgres.server() as url:
        for name, address, several in (
            ("postgresql", url, (1, 3)),
            ("sqlite", f"sqlite:///{folder}/bench.sqlite", (1,)),
        ):
            settings = migrated(address, Path(folder) / name)
            figures[f"{name} idle"] = _shown(f"{name} idle", _idle(settings))
            for workers in several:
                label = f"{name} burst, {workers} worker{'s' if workers > 1 else ''}"
                figures[label] = _shown(label, _burst(settings, workers))
    return figures


def _shown(label: str, found: dict[str, float]) -> dict[str, float]:
    print(f"{label:28}" + "  ".join(f"{key} {value:.3f}" for key, value in found.items()), flush=True)
    return found


def _idle(settings: Settings) -> dict[str, float]:
    with crashing.twilio(settings, answer_delay=0) as (reached, store), _workers(reached, 1):
        app = create_app(reached)
        with app.app_context():
            promised = {}
            time.sleep(2)  # the worker is up
            for number in range(IDLE_TEXTS):
                promised[_promise([number])] = number
                time.sleep(IDLE_PAUSE)
            taken = _taken(store, IDLE_TEXTS)
            db.engine.dispose()
    return _figures([taken[number] - at for at, number in promised.items()])


def _burst(settings: Settings, workers: int) -> dict[str, float]:
    with crashing.twilio(settings, answer_delay=ANSWER_DELAY) as (reached, store), _workers(reached, workers):
        app = create_app(reached)
        with app.app_context():
            time.sleep(2)
            seen = len(store.page_all())
            at = _promise(range(BURST))
            taken = _taken(store, BURST, after=seen)
            db.engine.dispose()
    waits = [each - at - timedelta(seconds=ANSWER_DELAY) for each in taken.values()]
    return _figures(waits) | {"all_s": max(waits).total_seconds()}


def _promise(numbers: Any) -> datetime:
    now = clock.now()
    with transaction() as session:
        for number in numbers:
            outbox.promise(
                session,
                kind=TextKind.NOTICE,
                to=f"+447700{900_000 + number % 900:06d}" if number < 900 else f"+44163296{number:04d}",
                body=str(number),
                request_id=None,
                now=now,
            )
    return clock.now()  # the commit


def _taken(store: crashing.AllTexts, number: int, *, after: int = 0) -> dict[int, datetime]:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        texts = store.page_all()
        if len(texts) >= after + number:
            return {int(text.body): text.created_at for text in texts[: len(texts) - after]}
        time.sleep(0.2)
    raise RuntimeError("not every text reached the stand-in within two minutes")


def _figures(waits: list[timedelta]) -> dict[str, float]:
    seconds = sorted(wait.total_seconds() for wait in waits)
    return {"median_s": statistics.median(seconds), "p99_s": seconds[int(len(seconds) * 0.99)]}


@contextmanager
def _workers(settings: Settings, number: int) -> Iterator[None]:
    workers = [processes.Process(target=crashing.work, args=(settings,), daemon=True) for _ in range(number)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker.pid or 0, signal.SIGKILL)
            worker.join()
