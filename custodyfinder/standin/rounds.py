"""Many slow journeys with few threads: a text that waits for its next step costs none."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from itertools import count

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Steps that run at the same time, one thread each."""

Journey = Iterator[float]
"""Each of its steps yields the seconds until the next."""


class Rounds:
    """Takes every journey's steps when they are due, in the background.

    Threads start when something is due and end when nothing is. They are daemons: what the end of the
    process cuts short is for the next one to resume.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._paused: list[tuple[float, int, Journey]] = []  # a heap, the next one due in front
        self._due: deque[Journey] = deque()
        self._numbers = count()  # journeys themselves have no order
        self._keeping_time = False
        self._walkers = 0

    def start(self, journey: Journey) -> None:
        """Take a journey's first step now, in the caller's thread, and leave the others to the background."""
        self._step(journey)

    def _step(self, journey: Journey) -> None:
        pause = next(journey, None)
        if pause is None:
            return
        with self._changed:
            heapq.heappush(self._paused, (time.monotonic() + pause, next(self._numbers), journey))
            if self._keeping_time:
                self._changed.notify()
            else:
                self._keeping_time = True
                threading.Thread(target=self._keep_time, name="deliver-time", daemon=True).start()

    def _keep_time(self) -> None:
        with self._changed:
            while self._paused:
                wait = self._paused[0][0] - time.monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                self._due.append(heapq.heappop(self._paused)[-1])
                if self._walkers < AT_ONCE:
                    self._walkers += 1
                    threading.Thread(target=self._walk, name="deliver-walk", daemon=True).start()
            self._keeping_time = False

    def _walk(self) -> None:
        while True:
            with self._changed:
                if not self._due:
                    self._walkers -= 1
                    return
                journey = self._due.popleft()
            try:
                self._step(journey)
            except Exception:
                # A bug met by one text must not stop the ones behind it.
                log.exception("a delivery ended early")
