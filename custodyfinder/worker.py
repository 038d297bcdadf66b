"""A delivery process: sends texts, works what came in, takes the next steps, keeps searches going.

Any number may run on PostgreSQL; what two of them want to do at once is settled in the services. An error
in one kind of work never stops the others, but a cycle in which there was one does not count as completed:
`/readyz` says so after a minute, and the outside heartbeat falls silent.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Flask

from . import clock
from .gateways import anchor, heartbeat
from .services import (
    arrivals,
    attention,
    audit_trail,
    bed_texts,
    beds,
    delivery,
    escalating,
    health,
    inbox,
    kept_forms,
    on_duty,
    out_of_service,
    receipts,
    requests,
    retention,
    standing,
)
from .wiring import wired

log = logging.getLogger(__name__)
audit_log = logging.getLogger("custodyfinder.audit")

T = TypeVar("T")

IN_FLIGHT = 16
"""Calls to Twilio at once: a slow number keeps one of them busy, and delays nobody else's text."""

LOOK_EVERY = 0.1
"""Seconds between two looks at an empty table: a text starts well within a quarter of a second of its promise."""

ENOUGH_FREE = IN_FLIGHT // 4
"""While more texts wait than can be called for, this many are taken at a time: a look costs as much as a call."""

TOGETHER = 0.01
"""Seconds after the end of one call, within which others end that began in the same moment."""

AT_A_TIME = 20
"""Incoming texts worked before the texts that go out have their turn again."""

BEAT_EVERY = timedelta(seconds=5)
RECONCILE_EVERY = timedelta(minutes=5)
ANCHOR_EVERY = timedelta(minutes=1)
"""How often it is looked whether somebody has noted the end of the audit trail in this hour."""
LOOK_AT_SCHEDULE_EVERY = timedelta(minutes=10)


class Worker:
    """One delivery process.

    Args:
        app: The application; every thread has a context of its own.
        lease: How long a text may be on its way to Twilio before others take this process for dead.
    """

    def __init__(self, app: Flask, *, lease: timedelta = delivery.LEASE) -> None:
        self._app = app
        self._lease = lease
        self._name = f"{socket.gethostname()}:{os.getpid()}"[:60]
        self._pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="send")
        self._calls: set[Future[None]] = set()
        self._last: dict[str, datetime] = {}
        self._sound = True

    def run(self, stopped: threading.Event, *, once: bool = False) -> None:
        """Work until `stopped` is set; with `once`, until nothing is due. Calls under way are waited for."""
        with self._app.app_context():
            while not stopped.is_set():
                busy = self.turn()
                if once and not busy and self._free() == IN_FLIGHT:
                    break
                self._pause(stopped, busy)
            wait(self._calls)
            self._pool.shutdown()

    def turn(self) -> bool:
        """Do what is due, and hand due texts to the threads that send. Return whether anything was due."""
        self._sound = True
        waiting = self._try(lambda: attention.look(now=clock.now())) or attention.Waiting(*[False] * 7)
        # What goes out comes first: a child waits for it, and nobody for a receipt.
        sending = self._send(waiting) if wired().sender is not None else False
        if waiting.incoming:
            self._try(lambda: self._drain(lambda: inbox.work_next(now=clock.now())))
        if waiting.holds:
            self._try(lambda: requests.expire_due(now=clock.now()))
        if waiting.receipts:
            self._try(lambda: receipts.work(now=clock.now()))
        if waiting.steps:
            self._try(lambda: escalating.take_due(now=clock.now()))
        if waiting.searches:
            self._try(lambda: standing.work(now=clock.now()))
        self._now_and_then()
        return sending or any(waiting._replace(texts=False, fates=False))

    def _drain(self, work: Callable[[], bool]) -> None:
        for _ in range(AT_A_TIME):
            if not work():
                return

    def _send(self, waiting: attention.Waiting) -> bool:
        free = self._free()
        if free <= 0:
            return waiting.texts
        claimed: list[delivery.Claimed] = (self._try(lambda: self._claim(free)) or []) if waiting.texts else []
        for text in claimed:
            self._call(lambda text=text: self._deliver(text))  # type: ignore[misc]
        if waiting.fates and len(claimed) < free:
            self._call(self._ask_for_one)
        return bool(claimed)

    def _free(self) -> int:
        """How many calls may begin now."""
        self._calls = {call for call in self._calls if not call.done()}
        return IN_FLIGHT - len(self._calls)

    def _claim(self, most: int) -> list[delivery.Claimed]:
        return delivery.claim(most, now=clock.now(), lease=self._lease)

    def _call(self, work: Callable[[], object]) -> None:
        def run() -> None:
            with self._app.app_context():
                try:
                    work()
                except Exception:
                    # The row is as it was: the text comes back when its lease runs out.
                    log.exception("work beside the turns failed")

        call = self._pool.submit(run)
        self._calls.add(call)

    def _deliver(self, claimed: delivery.Claimed) -> None:
        wiring = wired()
        assert wiring.sender is not None  # noqa: S101 - `turn` has looked
        delivery.deliver(claimed, wiring.sender, status_base=status_base(wiring.settings.public_url), now=clock.now())

    def _ask_for_one(self) -> None:
        sender = wired().sender
        assert sender is not None  # noqa: S101 - `turn` has looked
        receipts.ask_for_one(sender, now=clock.now())

    def _now_and_then(self) -> None:
        """What does not hurry: reminders, counts, rotas, reconciliation, evidence; then say that we are alive."""
        if not self._is_time("beat", BEAT_EVERY):
            return
        for work in (
            arrivals.remind_due,
            on_duty.announce_due,
            on_duty.tell_gaps_due,
            bed_texts.ask_counts_due,
            out_of_service.return_to_service_due,
        ):
            self._try(lambda work=work: work(now=clock.now()))  # type: ignore[misc]
        if self._is_time("reconcile", RECONCILE_EVERY):
            self._try(lambda: beds.reconcile(now=clock.now()))
            self._try(lambda: kept_forms.forget_old(now=clock.now()))
        if self._is_time("anchor", ANCHOR_EVERY):
            self._try(self._anchor)
        if self._is_time("schedule", LOOK_AT_SCHEDULE_EVERY):
            self._call(lambda: retention.expire_daily(now=clock.now()))  # beside the texts, which do not wait for it
        if self._sound:
            self._try(lambda: health.beat(self._name, now=clock.now()))
            url = wired().settings.heartbeat_url
            if url is not None:
                self._call(lambda: heartbeat.ping(url))

    def _anchor(self) -> None:
        """Note the end of the audit trail where nobody who can change the database can change it."""
        head = audit_trail.anchor_due(now=clock.now())
        if head is None:
            return
        # A warning, so that it is written however logging is set up: it is what a forged trail is held against.
        audit_log.warning("audit head %s %s", head.last_id, head.digest)
        url = wired().settings.audit_anchor_url
        if url is not None:
            self._call(lambda: anchor.post(url, head))

    def _is_time(self, what: str, every: timedelta) -> bool:
        now = clock.now()
        last = self._last.get(what)
        if last is not None and now - last < every:
            return False
        self._last[what] = now
        return True

    def _try(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except Exception:
            log.exception("one kind of work failed; the others go on")
            self._sound = False
            return None

    def _pause(self, stopped: threading.Event, busy: bool) -> None:
        free = self._free()
        if busy and free >= ENOUGH_FREE:
            return
        if free == IN_FLIGHT:
            stopped.wait(LOOK_EVERY)
            return
        wait(self._calls, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
        if busy:
            stopped.wait(TOGETHER)


def status_base(public_url: str) -> str:
    """Where Twilio says what became of a text."""
    return f"{public_url}/hooks/twilio/status"
