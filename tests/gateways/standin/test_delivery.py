"""What becomes of the texts that the stand-in takes, and how it reports that."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from custodyfinder.standin import carrier
from custodyfinder.standin.rounds import AT_ONCE, Rounds
from custodyfinder.standin.store import Store

from .ends import (
    ACCOUNT,
    ASKED,
    DESK,
    DUTY,
    HALF_AN_HOUR,
    NOON,
    OTHER,
    Finder,
    client_at,
    free_port,
    nobody_delivers,
    sender_at,
    served,
    standin_at,
    until,
)


def test_receipts_are_signed_and_say_sent_before_delivered(base: str, finder: Finder) -> None:
    sid = sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status?text=7", valid_for=HALF_AN_HOUR)

    until(lambda: len(finder.got) == 2)
    assert finder.receipts() == [("sent", None), ("delivered", None)]
    for _, form, good in finder.got:
        assert good
        assert (form["MessageSid"], form["AccountSid"]) == (sid, ACCOUNT)
        assert (form["To"], form["From"]) == (DUTY, DESK)
    assert client_at(base).messages(sid).fetch().status == "delivered"


@pytest.mark.parametrize(
    ("number", "code"), [("+447700900989", 30006), ("+447700900992", 30003), ("+447700900993", 30005)]
)
def test_a_landline_and_a_phone_that_is_off_or_unknown_are_reported_undelivered(
    number: str, code: int, base: str, finder: Finder
) -> None:
    sid = sender_at(base).send(to=number, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)

    until(lambda: len(finder.got) == 2)
    assert finder.receipts() == [("sent", None), ("undelivered", str(code))]
    message = client_at(base).messages(sid).fetch()
    assert (message.status, message.error_code) == ("undelivered", code)


def test_a_receipt_that_finds_nobody_is_tried_again(
    base: str, finder: Finder, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    sender_at(base).send(to=DUTY, body=ASKED, status_url=f"http://127.0.0.1:{port}/status", valid_for=HALF_AN_HOUR)
    until(lambda: "ConnectionError" in caplog.text)

    with served(finder.app, port=port):
        until(lambda: len(finder.got) == 2)

    assert finder.receipts() == [("sent", None), ("delivered", None)]


def test_a_receipt_that_is_refused_is_not_repeated_and_the_log_names_no_phone(
    base: str, finder: Finder, caplog: pytest.LogCaptureFixture
) -> None:
    finder.answer = ("", 500)

    with caplog.at_level(logging.INFO, logger="custodyfinder"):
        sid = sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)
        until(lambda: caplog.text.count("answered 500") == 2)

    assert finder.receipts() == [("sent", None), ("delivered", None)]
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("custodyfinder"))
    assert sid in ours
    assert "900123" not in ours


def test_a_text_left_on_its_way_is_taken_up_at_the_next_processs_first_request(tmp_path: Path, finder: Finder) -> None:
    store = Store(tmp_path / "made" / "here.sqlite")
    for status in ("queued", "sent", "delivered"):
        store.add(
            phone=DUTY,
            service=DESK,
            body=status,
            direction="outbound-api",
            status=status,
            callback=f"{finder.url}/status",
            now=NOON,
        )

    client = standin_at(tmp_path, message_url="").test_client()
    assert len(store.on_their_way()) == 2
    client.get("/")
    client.get("/")

    until(lambda: len(finder.got) == 3)
    assert sorted(finder.receipts()) == [("delivered", None), ("delivered", None), ("sent", None)]
    assert [text.status for text in store.conversation(DUTY)] == ["delivered"] * 3


def test_two_processes_that_take_up_one_text_report_it_once(tmp_path: Path, finder: Finder) -> None:
    Store(tmp_path / "made" / "here.sqlite").add(
        phone=DUTY,
        service=DESK,
        body=ASKED,
        direction="outbound-api",
        status="queued",
        callback=f"{finder.url}/status",
        now=NOON,
    )
    for standin in [standin_at(tmp_path, message_url="") for _ in range(4)]:
        standin.test_client().get("/")

    until(nobody_delivers)
    assert sorted(finder.receipts()) == [("delivered", None), ("sent", None)]


def test_a_burst_of_texts_from_many_callers_is_taken_and_reported_whole_with_few_threads(
    base: str, finder: Finder
) -> None:
    sender, most = sender_at(base), 0
    to = [f"+447700900{n:03}" for n in range(300)]

    def send(number: str) -> str:
        nonlocal most
        most = max(most, sum(thread.name.startswith("deliver-") for thread in threading.enumerate()))
        return sender.send(to=number, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)

    with ThreadPoolExecutor(32) as callers:
        sids = list(callers.map(send, to))
    until(lambda: len(finder.got) == 2 * len(to))

    told = sorted((form["MessageSid"], form["MessageStatus"]) for _, form, _ in finder.got)
    assert told == sorted((sid, status) for sid in sids for status in ("sent", "delivered"))
    assert 0 < most <= AT_ONCE + 1


def test_a_receipt_that_finds_nobody_delays_no_other(
    base: str, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "RETRY_AFTER", (1.0,))
    nobody = f"http://127.0.0.1:{free_port()}/status"
    for _ in range(3 * AT_ONCE):
        sender_at(base).send(to=OTHER, body=ASKED, status_url=nobody, valid_for=HALF_AN_HOUR)
    started = time.monotonic()

    sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)
    until(lambda: len(finder.got) == 2)

    assert time.monotonic() - started < 1.0


def test_a_thousand_journeys_pause_together_on_one_thread() -> None:
    rounds, done = Rounds(), []

    def journey(n: int) -> Iterator[float]:
        yield 0.3
        done.append(n)

    threads = threading.active_count()
    for n in range(1000):
        rounds.start(journey(n))
    assert threading.active_count() <= threads + 1

    until(nobody_delivers)
    assert sorted(done) == list(range(1000))


def test_the_journey_that_is_due_first_goes_first_whenever_it_started() -> None:
    rounds, done = Rounds(), []
    started = time.monotonic()

    def journey(pause: float) -> Iterator[float]:
        yield pause
        done.append((pause, time.monotonic() - started))

    for pause in (1.0, 0.05, 0.15):
        rounds.start(journey(pause))

    until(nobody_delivers)
    assert [pause for pause, _ in done] == [0.05, 0.15, 1.0]
    assert done[0][1] < 0.9


def test_a_journey_that_fails_is_logged_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    rounds, done = Rounds(), []

    def journey(n: int) -> Iterator[float]:
        yield 0.01
        done.append(n // (n % 2))  # every other one divides by nothing

    for n in range(4 * AT_ONCE):
        rounds.start(journey(n))

    until(nobody_delivers)
    assert sorted(done) == list(range(1, 4 * AT_ONCE, 2))
    assert caplog.text.count("a delivery ended early") == 2 * AT_ONCE
