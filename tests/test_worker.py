"""A delivery process: what a turn does, how it stops, and who hears that it is alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from flask import Flask

from custodyfinder import clock, create_app
from custodyfinder.config import Settings
from custodyfinder.db import db, transaction
from custodyfinder.domain.audit_chain import Head
from custodyfinder.models import Heartbeat, IncomingText, TextKind, TextMessage
from custodyfinder.services import arrivals, attention, audit_trail, inbox, outbox, receipts, standing
from custodyfinder.wiring import Wiring
from custodyfinder.worker import Worker

from .conftest import NIGHT
from .services import tampering
from .services.senders import FakeSender
from .world import CAMDEN_PHONE, HARINGEY_PHONE, World


def promise(number: int, body: str = "hello") -> None:
    with transaction() as session:
        outbox.promise(
            session,
            kind=TextKind.NOTICE,
            to=f"+447700900{number:03d}",
            body=body,
            request_id=None,
            now=clock.now(),
        )


def sends_with(app: Flask, sender: object) -> None:
    wiring: Wiring = app.extensions["custodyfinder"]
    app.extensions["custodyfinder"] = replace(wiring, sender=sender)  # type: ignore[arg-type]


@pytest.fixture
def sender(app: Flask) -> FakeSender:
    """A fake in the place of Twilio."""
    fake = FakeSender()
    sends_with(app, fake)
    return fake


def run(app: Flask) -> None:
    """A delivery process, until nothing is due."""
    thread = threading.Thread(target=Worker(app).run, args=(threading.Event(),), kwargs={"once": True})
    thread.start()
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_each_part_of_the_look_is_true_for_its_own_work_only(world: World) -> None:
    def waits() -> list[str]:
        return [name for name, due in attention.look(now=NIGHT)._asdict().items() if due]

    assert waits() == []
    inbox.receive(provider_id="SM" + "1" * 32, from_number=CAMDEN_PHONE, body="HELP", now=NIGHT)
    assert waits() == ["incoming"]
    inbox.work_next(now=NIGHT)
    receipts.take(1, status="sent", error_code=None, now=NIGHT)
    assert waits() == ["receipts"]
    receipts.work(now=NIGHT)
    reference = world.detention()
    search = standing.start(
        reference, suite_id=world.suite_id, at_once=1, until=NIGHT + timedelta(hours=1), by="o", now=NIGHT
    )
    assert (search, waits()) == (1, ["searches"])
    standing.stop(reference, suite_id=world.suite_id, by="o", now=NIGHT)
    request = world.ask(world.place())
    assert waits() == ["texts"]
    later = attention.look(now=NIGHT + timedelta(minutes=31))
    assert (later.texts, later.steps, later.holds, request) == (True, True, True, 1)


def test_a_process_sends_what_waits_answers_what_came_and_says_that_it_is_alive(
    app: Flask, world: World, sender: FakeSender
) -> None:
    request = world.ask(world.place(), at=clock.now())
    inbox.receive(provider_id="SM" + "1" * 32, from_number=CAMDEN_PHONE, body="what?", now=clock.now())

    run(app)

    assert sorted(to for to, _, _ in sender.sent) == sorted([HARINGEY_PHONE, CAMDEN_PHONE])
    assert request == 1
    assert world.count(Heartbeat) == (1,)


def test_sixteen_calls_are_under_way_at_once_and_a_slow_number_delays_nobody(app: Flask, world: World) -> None:
    for number in range(48):
        promise(number)
    sends_with(app, FakeSender(during=lambda: time.sleep(0.5)))
    began = time.monotonic()

    run(app)

    # One after the other would be 24 seconds.
    assert time.monotonic() - began < 8
    assert {text.state for text in world.rows(TextMessage)} == {"sent"}


def test_an_error_in_one_kind_of_work_stops_nothing_else_and_the_cycle_does_not_count(
    app: Flask, world: World, sender: FakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr(arrivals, "remind_due", fail)
    promise(1)

    run(app)

    assert len(sender.sent) == 1
    assert world.count(Heartbeat) == (0,)


def test_a_process_that_is_stopped_waits_for_its_calls(app: Flask, world: World) -> None:
    promise(1)
    stopped, called = threading.Event(), threading.Event()

    def slow() -> None:
        called.set()
        time.sleep(1)

    sends_with(app, FakeSender(during=slow))
    thread = threading.Thread(target=Worker(app).run, args=(stopped,))
    thread.start()
    assert called.wait(timeout=20)

    stopped.set()
    thread.join(timeout=20)

    assert world.rows(TextMessage)[0].state == "sent"


def test_without_twilio_everything_but_sending_is_done(settings: Settings) -> None:
    app = create_app(replace(settings, twilio_account_sid=None, twilio_auth_token=None, twilio_from=None))
    with app.app_context():
        world = World.made(now=NIGHT)
        promise(1)
        inbox.receive(provider_id="SM" + "1" * 32, from_number=CAMDEN_PHONE, body="BEDS", now=clock.now())
        run(app)

        assert world.rows(TextMessage)[0].state == "waiting"
        assert world.rows(IncomingText)[0].worked_at is not None
        db.engine.dispose()


@pytest.fixture
def watcher() -> Iterator[tuple[str, list[str]]]:
    """Somebody outside who is called: the address, and the paths that were called, with what was posted."""
    called: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            called.append(f"{self.path} {self.rfile.read(int(self.headers['Content-Length'])).decode()}")
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            called.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/alive", called
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_outside_heartbeat_is_called_each_completed_cycle_and_not_after_an_error(
    settings: Settings, watcher: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, called = watcher
    app = create_app(replace(settings, heartbeat_url=address))
    with app.app_context():
        World.made(now=NIGHT)
        run(app)
        assert called == ["/alive"]

        def fail(**_: object) -> int:
            raise RuntimeError("a bug")

        monkeypatch.setattr(arrivals, "remind_due", fail)
        run(app)
        assert called == ["/alive"]
        db.engine.dispose()


def test_the_end_of_the_audit_trail_is_noted_outside_and_in_the_log_once_an_hour(
    settings: Settings, watcher: tuple[str, list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    address, called = watcher
    app = create_app(replace(settings, audit_anchor_url=address))
    with app.app_context():
        World.made(now=NIGHT)
        tampering.write(2)
        head = audit_trail.verify().head
        assert head is not None

        run(app)
        run(app)

        assert called == [f'/alive {{"id": 2, "digest": "{head.digest}"}}']
        noted = [each.getMessage() for each in caplog.records if each.name == "custodyfinder.audit"]
        assert noted == [f"audit head 2 {head.digest}"]
        assert Head.read(noted[0].removeprefix("audit head ")) == head
        db.engine.dispose()


def test_an_anchor_that_cannot_be_reached_stops_nothing(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(replace(settings, audit_anchor_url="http://127.0.0.1:9/secret"))
    with app.app_context():
        world = World.made(now=NIGHT)

        run(app)

        assert world.count(Heartbeat) == (1,)
        assert "the head of the audit trail could not be noted outside (ConnectionError)" in caplog.text
        assert "audit head 0" in caplog.text
        assert "secret" not in " ".join(each.getMessage() for each in caplog.records if each.levelname == "WARNING")
        db.engine.dispose()
