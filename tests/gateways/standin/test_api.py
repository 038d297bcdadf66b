"""The stand-in's API: the real client over real HTTP."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.gateways import twilio
from custodyfinder.gateways.sms import Fate, SmsRefused, SmsTryLater
from custodyfinder.gateways.twilio import TIMEOUT_SECONDS, TwilioSender
from custodyfinder.standin import magic
from custodyfinder.standin.segments import segments
from custodyfinder.standin.store import Store

from .ends import (
    ACCOUNT,
    ASKED,
    DESK,
    DUTY,
    HALF_AN_HOUR,
    NOON,
    OTHER,
    TOKEN,
    Finder,
    client_at,
    free_port,
    sender_at,
    standin_at,
    store_of,
    texted,
    type_in,
    until,
)


def test_a_text_that_is_sent_is_kept_with_everything_that_the_real_client_reads(base: str, finder: Finder) -> None:
    sid = sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)

    message = client_at(base).messages(sid).fetch()
    assert re.fullmatch("SM[0-9a-f]{32}", sid)
    assert (message.sid, message.to, message.from_, message.body) == (sid, DUTY, DESK, ASKED)
    assert (message.direction, message.num_segments, message.error_code) == ("outbound-api", "1", None)
    assert message.status in ("queued", "sent", "delivered")
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=5)


def test_every_text_has_a_sid_of_its_own(base: str) -> None:
    sids = [client_at(base).messages.create(to=DUTY, from_=DESK, body="same").sid for _ in range(5)]

    assert len(set(sids)) == 5


@pytest.mark.parametrize(("number", "code"), [("+447700900990", "21211"), ("+447700900991", "21610")])
def test_a_number_that_is_refused_leaves_nothing_behind(
    number: str, code: str, base: str, standin: Flask, finder: Finder
) -> None:
    with pytest.raises(SmsRefused) as refused:
        sender_at(base).send(to=number, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)

    assert refused.value.code == code
    assert store_of(standin).conversation(number) == []


@pytest.mark.parametrize(
    ("number", "code", "pause"), [("+447700900994", "20429", 2.0), ("+447700900995", "20500", None)]
)
def test_a_busy_or_broken_provider_leaves_nothing_behind(
    number: str, code: str, pause: float | None, base: str, standin: Flask, finder: Finder
) -> None:
    with pytest.raises(SmsTryLater) as later:
        sender_at(base).send(to=number, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)

    assert (later.value.code, later.value.retry_after) == (code, pause)
    assert later.value.perhaps_sent is (pause is None)
    assert store_of(standin).conversation(number) == []


def test_a_silent_provider_is_waited_for_five_seconds_and_no_longer(base: str, standin: Flask) -> None:
    started = time.monotonic()

    with pytest.raises(SmsTryLater, match="timeout"):
        sender_at(base).send(to=magic.SILENT, body=ASKED, status_url="http://127.0.0.1/status", valid_for=HALF_AN_HOUR)

    assert TIMEOUT_SECONDS <= time.monotonic() - started < magic.SILENT_SECONDS
    assert store_of(standin).conversation(magic.SILENT) == []


def test_nobody_there_is_told_apart_from_a_refusal() -> None:
    with pytest.raises(SmsTryLater, match="connection") as later:
        sender_at(f"http://127.0.0.1:{free_port()}").send(
            to=DUTY, body=ASKED, status_url="http://127.0.0.1/", valid_for=HALF_AN_HOUR
        )

    assert not later.value.perhaps_sent


def test_a_text_that_was_taken_without_an_answer_is_found_by_asking(
    base: str, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(magic, "SILENT_SECONDS", 0.6)
    sender, since = sender_at(base), datetime.now(UTC)
    to = magic.TAKEN_IN_SILENCE

    with pytest.raises(SmsTryLater, match="timeout") as later:
        sender.send(to=to, body=ASKED, status_url=f"{finder.url}/status", valid_for=HALF_AN_HOUR)

    assert later.value.perhaps_sent
    [sent] = sender.sent_to(to, since=since)
    assert sent.body == ASKED
    until(lambda: sender.fate(sent.provider_id).status == "delivered")


def test_what_was_sent_is_found_by_asking_newest_first_and_word_for_word(base: str, standin: Flask) -> None:
    sender, since = sender_at(base), datetime.now(UTC)
    words = ["one", "two: £, é, €\nand a second line ", "three"]
    sids = [sender.send(to=DUTY, body=body, status_url="", valid_for=HALF_AN_HOUR) for body in words]
    sender.send(to=OTHER, body="for another", status_url="", valid_for=HALF_AN_HOUR)
    type_in(standin.test_client(), "from the phone")

    found = sender.sent_to(DUTY, since=since)

    assert [(sent.provider_id, sent.body) for sent in found] == list(zip(sids, words, strict=True))[::-1]
    assert all(since - timedelta(seconds=1) <= sent.created_at <= datetime.now(UTC) for sent in found)
    assert sender.sent_to(DUTY, since=datetime.now(UTC) + timedelta(seconds=2)) == []


def test_a_list_of_more_than_one_page_is_read_to_the_end(base: str, standin: Flask) -> None:
    for n in range(205):
        texted(standin, str(n))

    found = sender_at(base).sent_to(DUTY, since=NOON)

    assert [sent.body for sent in found] == [str(n) for n in reversed(range(205))]


def test_a_messaging_services_texts_are_found_by_asking(base: str) -> None:
    services = ["MG" + "6" * 32, "MG" + "7" * 32]
    one, other = (
        TwilioSender(ACCOUNT, TOKEN, from_number=None, messaging_service_sid=sid, api_base=base) for sid in services
    )
    since = datetime.now(UTC)
    one.send(to=DUTY, body="one's", status_url="", valid_for=HALF_AN_HOUR)
    other.send(to=DUTY, body="the other's", status_url="", valid_for=HALF_AN_HOUR)

    assert [sent.body for sent in one.sent_to(DUTY, since=since)] == ["one's"]


def test_the_fate_of_a_text_is_told(base: str) -> None:
    sender = sender_at(base)
    sid = sender.send(to="+447700900992", body=ASKED, status_url="", valid_for=HALF_AN_HOUR)

    until(lambda: sender.fate(sid) == Fate("undelivered", "30003"))
    with pytest.raises(SmsRefused, match="20404"):
        sender.fate("SM" + "0" * 32)


def test_in_an_outage_every_call_is_answered_503_at_once(base: str, standin: Flask) -> None:
    sender = sender_at(base)
    sid = sender.send(to=DUTY, body=ASKED, status_url="", valid_for=HALF_AN_HOUR)
    standin.config["ANSWER_DELAY"] = 5.0
    store_of(standin).begin_outage(now=NOON)
    calls: list[Callable[[], object]] = [
        lambda: sender.send(to=DUTY, body="in vain", status_url="", valid_for=HALF_AN_HOUR),
        lambda: sender.sent_to(DUTY, since=NOON),
        lambda: sender.fate(sid),
    ]

    started = time.monotonic()
    for call in calls:
        with pytest.raises(SmsTryLater, match="20503"):
            call()

    assert time.monotonic() - started < 2.0
    assert [text.body for text in store_of(standin).conversation(DUTY)] == [ASKED]


def test_an_outage_is_every_processs_that_shares_the_file_until_it_ends(tmp_path: Path) -> None:
    here, there = (standin_at(tmp_path, message_url="") for _ in range(2))
    address = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

    def status() -> int:
        return there.test_client().get(address, auth=(ACCOUNT, TOKEN)).status_code

    store_of(here).begin_outage(now=NOON)
    store_of(here).begin_outage(now=NOON)
    assert status() == 503
    store_of(here).end_outage()
    assert status() == 200


def test_a_file_of_an_earlier_version_is_read_and_written(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.sqlite")) as old, old:
        old.execute(
            "CREATE TABLE text (seq INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, phone TEXT NOT NULL,"
            " service TEXT NOT NULL, body TEXT NOT NULL, direction TEXT NOT NULL, status TEXT NOT NULL,"
            " error_code INTEGER, callback TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL)"
        )
        row = ("SM1", DUTY, DESK, ASKED, "outbound-api", "delivered", NOON.isoformat(), NOON.isoformat())
        old.execute(
            "INSERT INTO text (sid, phone, service, body, direction, status, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    store = Store(tmp_path / "old.sqlite")

    assert [(text.body, text.messaging_service) for text in store.conversation(DUTY)] == [(ASKED, None)]
    assert Store(tmp_path / "old.sqlite").conversation(DUTY) == store.conversation(DUTY)


def test_a_bad_address_for_receipts_costs_the_receipts_and_not_the_text(base: str, standin: Flask) -> None:
    sender_at(base).send(to=DUTY, body=ASKED, status_url="finder.example.org/status", valid_for=HALF_AN_HOUR)

    [text] = store_of(standin).conversation(DUTY)
    assert (text.body, text.callback) == (ASKED, None)


def test_a_wrong_token_is_401_and_nothing_is_kept(base: str, standin: Flask) -> None:
    wrong = TwilioSender(ACCOUNT, "wrong", from_number=DESK, messaging_service_sid=None, api_base=base)

    with pytest.raises(SmsRefused, match="20003"):
        wrong.send(to=DUTY, body=ASKED, status_url="http://127.0.0.1/status", valid_for=HALF_AN_HOUR)

    assert store_of(standin).conversation(DUTY) == []


@pytest.mark.parametrize("auth", [None, (ACCOUNT, ""), ("", TOKEN), ("AC" + "6" * 32, TOKEN), ("£", "£")])
def test_the_api_lets_nobody_in_but_its_account(auth: tuple[str, str] | None, phone: FlaskClient) -> None:
    answer = phone.get(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", auth=auth)

    assert answer.status_code == 401
    assert answer.get_json()["code"] == 20003


def test_another_account_is_not_found(phone: FlaskClient) -> None:
    other = "AC" + "6" * 32

    assert phone.get(f"/2010-04-01/Accounts/{other}/Messages.json", auth=(ACCOUNT, TOKEN)).status_code == 404


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": DESK, "Body": "x"}, 21604),
        ({"From": DESK, "To": DUTY}, 21602),
        ({"To": DUTY, "Body": "x"}, 21603),
        ({"From": DESK, "To": "07700 900123", "Body": "x"}, 21211),
        ({"From": DESK, "To": DUTY, "Body": "x" * 1601}, 21617),
        ({"From": DESK, "To": DUTY, "Body": "x", "StatusCallback": "javascript:0"}, 21609),
    ],
)
def test_what_twilio_would_not_take_is_refused_with_its_code(
    form: dict[str, str], code: int, phone: FlaskClient, standin: Flask
) -> None:
    answer = phone.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", data=form, auth=(ACCOUNT, TOKEN))

    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
    assert store_of(standin).latest_by_phone() == []


def test_texts_are_listed_newest_first_by_phone_and_time(base: str, standin: Flask) -> None:
    store = store_of(standin)
    for minute, to in enumerate([DUTY, OTHER, DUTY, DUTY]):
        store.add(
            phone=to,
            service=DESK,
            body=str(minute),
            direction="outbound-api",
            status="delivered",
            now=NOON + timedelta(minutes=minute),
        )
    messages = client_at(base).messages

    assert [m.body for m in messages.list()] == ["3", "2", "1", "0"]
    assert [m.body for m in messages.list(to=DUTY)] == ["3", "2", "0"]
    assert [m.body for m in messages.list(date_sent_after=NOON + timedelta(minutes=1))] == ["3", "2", "1"]
    assert [m.body for m in messages.list(to=DUTY, date_sent_after=NOON + timedelta(minutes=3))] == ["3"]
    assert [m.body for m in messages.list(date_sent_before=NOON + timedelta(minutes=1))] == ["1", "0"]
    assert [m.body for m in messages.list(from_=OTHER)] == []


def test_a_long_list_is_read_page_by_page_without_loss(base: str, standin: Flask) -> None:
    for n in range(7):
        texted(standin, str(n))

    listed = client_at(base).messages.list(to=DUTY, page_size=3)

    assert [message.body for message in listed] == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize("query", ["Status=sent", "DateSent>=yesterday", "PageToken=x", "PageSize=many"])
def test_a_filter_that_the_standin_has_not_is_refused_rather_than_ignored(query: str, phone: FlaskClient) -> None:
    answer = phone.get(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?{query}", auth=(ACCOUNT, TOKEN))

    assert (answer.status_code, answer.get_json()["code"]) == (400, 20001)


def test_an_unknown_text_is_not_found(phone: FlaskClient) -> None:
    answer = phone.get(f"/2010-04-01/Accounts/{ACCOUNT}/Messages/SM{'0' * 32}.json", auth=(ACCOUNT, TOKEN))

    assert (answer.status_code, answer.get_json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ŵ" * 70, 1),
        ("ŵ" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_counted_in_the_parts_that_networks_make_of_it(body: str, parts: int) -> None:
    assert segments(body) == parts
