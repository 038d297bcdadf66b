"""Many threads with one sender, over real HTTP."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from custodyfinder.gateways.twilio import TwilioSender

DUTY = "+447700900123"
DESK = "+442079460123"
THREADS = 16
EACH = 5


class _KeptAlive(BaseHTTPRequestHandler):
    """Answers as Twilio does, on a connection that stays open."""

    protocol_version = "HTTP/1.1"
    opened: list[str]
    together: threading.Barrier

    def setup(self) -> None:
        super().setup()
        self.opened.append("one")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.together.wait(timeout=10)  # every thread has a text under way, so that none waits for a connection
        self._answer(201, {"sid": "SM" + "1" * 32})

    def do_GET(self) -> None:
        self._answer(200, {"messages": [], "next_page_uri": None})

    def _answer(self, status: int, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@contextmanager
def kept_alive() -> Iterator[tuple[TwilioSender, list[str]]]:
    """A sender at a server that keeps connections open, and those that were opened."""
    opened: list[str] = []
    handler = type("Handler", (_KeptAlive,), {"opened": opened, "together": threading.Barrier(THREADS)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    sender = TwilioSender(
        "AC" + "5" * 32, "a-token-made-up", from_number=DESK, messaging_service_sid=None, api_base=base
    )
    try:
        yield sender, opened
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_sixteen_threads_keep_sixteen_connections_and_use_them_again(caplog: pytest.LogCaptureFixture) -> None:
    with kept_alive() as (sender, opened), ThreadPoolExecutor(THREADS) as threads:

        def send_some(_: int) -> None:
            for _ in range(EACH):
                sender.send(to=DUTY, body="x", status_url="http://127.0.0.1/status", valid_for=timedelta(minutes=5))

        with caplog.at_level(logging.WARNING):
            list(threads.map(send_some, range(THREADS)))

    assert len(opened) == THREADS
    assert "pool is full" not in caplog.text


def test_a_debugging_log_shows_no_number(caplog: pytest.LogCaptureFixture) -> None:
    with kept_alive() as (sender, _), caplog.at_level(logging.DEBUG):
        sender.sent_to(DUTY, since=datetime(2026, 6, 1, 12, 0, tzinfo=UTC))

    assert "900123" not in caplog.text
