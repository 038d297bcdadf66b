"""The stand-in for Twilio: the real client over real HTTP, and the handset."""

# Long because everything here shares two servers and the small application that they talk to.

# mypy: disable-error-code="import-untyped"
# twilio ships no types.
from __future__ import annotations

import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from flask import Flask, request
from flask.testing import FlaskClient
from twilio.rest import Client
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from custodyfinder.gateways.sms import SmsRefused, SmsTryLater
from custodyfinder.gateways.twilio import TIMEOUT_SECONDS, TwilioSender, _HttpClient, signature_is_good
from custodyfinder.standin import carrier, create_standin, magic
from custodyfinder.standin.segments import segments
from custodyfinder.standin.store import Store

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-made-up-for-tests"
DUTY = "+447700900123"
OTHER = "+447700900124"
DESK = "+442079460123"
ASKED = "Bed needed tonight: girl 14. Answer K7R4 ACCEPT, K7R4 REFUSE and why, or K7R4 RING."
NOON = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Finder:
    """The application's side: keeps what is posted to it, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bool]] = []
        self.answer: Answer = ("", 204)
        self.app = Flask(__name__)
        self.app.add_url_rule("/<path:hook>", view_func=self._take, methods=["POST"])
        self.url = ""

    def _take(self, hook: str) -> Answer:
        good = signature_is_good(
            TOKEN,
            url=request.url,
            params=dict(request.form.lists()),
            signature=request.headers["X-Twilio-Signature"],
        )
        self.got.append((hook, request.form.to_dict(), good))
        return self.answer

    def receipts(self) -> list[tuple[str, str | None]]:
        return [(form["MessageStatus"], form.get("ErrorCode")) for hook, form, _ in self.got if hook == "status"]


@contextmanager
def served(app: Callable[..., object], *, port: int = 0) -> Iterator[str]:
    server = make_server("127.0.0.1", port, app, threaded=True)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def finder() -> Iterator[Finder]:
    finder = Finder()
    with served(finder.app) as finder.url:
        yield finder
        # No receipt outlives its test: it would be taken to whoever has the port next.
        until(nobody_delivers)


@pytest.fixture
def standin(tmp_path: Path, finder: Finder) -> Flask:
    return standin_at(tmp_path, message_url=f"{finder.url}/message")


def standin_at(folder: Path, *, message_url: str | Callable[[], str]) -> Flask:
    return create_standin(
        store=folder / "made" / "here.sqlite",
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        message_url=message_url,
        delivery_delay=0.01,
    )


@pytest.fixture
def base(standin: Flask) -> Iterator[str]:
    """The stand-in's address, under a prefix as in the demonstration."""
    with served(DispatcherMiddleware(Flask("nothing"), {"/handset": standin})) as origin:
        yield f"{origin}/handset"


@pytest.fixture
def phone(standin: Flask) -> FlaskClient:
    return standin.test_client()


def sender_at(base: str) -> TwilioSender:
    return TwilioSender(ACCOUNT, TOKEN, from_number=DESK, messaging_service_sid=None, api_base=base)


def client_at(base: str, *, token: str = TOKEN) -> Client:
    return Client(ACCOUNT, token, http_client=_HttpClient(base))


def until(happened: Callable[[], object]) -> None:
    """Wait for what a thread is about to do."""
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.01)


def nobody_delivers() -> bool:
    return not any(thread.name.startswith("deliver-") for thread in threading.enumerate())


def texted(standin: Flask, body: str, *, to: str = DUTY, status: str = "delivered") -> None:
    """Put a text on a phone without the API."""
    store_of(standin).add(
        phone=to, service=DESK, body=body, direction="outbound-api", status=status, now=datetime.now(UTC)
    )


def store_of(standin: Flask) -> Store:
    found = standin.extensions["carrier"]
    assert isinstance(found, carrier.Carrier)
    return found.store


def type_in(phone: FlaskClient, body: str, *, number: str = DUTY) -> TestResponse:
    return phone.post(f"/phones/{number}", data={"body": body}, headers=SAME_ORIGIN)


# The API


def test_a_text_that_is_sent_is_kept_with_everything_that_the_real_client_reads(base: str, finder: Finder) -> None:
    sid = sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status")

    message = client_at(base).messages(sid).fetch()
    assert re.fullmatch("SM[0-9a-f]{32}", sid)
    assert (message.sid, message.to, message.from_, message.body) == (sid, DUTY, DESK, ASKED)
    assert (message.direction, message.num_segments, message.error_code) == ("outbound-api", "1", None)
    assert message.status in ("queued", "sent", "delivered")
    assert abs(message.date_created - datetime.now(UTC)) < timedelta(seconds=5)


def test_every_text_has_a_sid_of_its_own(base: str) -> None:
    sids = [client_at(base).messages.create(to=DUTY, from_=DESK, body="same").sid for _ in range(5)]

    assert len(set(sids)) == 5


def test_receipts_are_signed_and_say_sent_before_delivered(base: str, finder: Finder) -> None:
    sid = sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status?text=7")

    until(lambda: len(finder.got) == 2)
    assert finder.receipts() == [("sent", None), ("delivered", None)]
    for _, form, good in finder.got:
        assert good
        assert (form["MessageSid"], form["AccountSid"]) == (sid, ACCOUNT)
        assert (form["To"], form["From"]) == (DUTY, DESK)
    assert client_at(base).messages(sid).fetch().status == "delivered"


@pytest.mark.parametrize(("number", "code"), [("+447700900992", 30003), ("+447700900993", 30005)])
def test_a_phone_that_is_off_or_unknown_is_reported_undelivered(
    number: str, code: int, base: str, finder: Finder
) -> None:
    sid = sender_at(base).send(to=number, body=ASKED, status_url=f"{finder.url}/status")

    until(lambda: len(finder.got) == 2)
    assert finder.receipts() == [("sent", None), ("undelivered", str(code))]
    message = client_at(base).messages(sid).fetch()
    assert (message.status, message.error_code) == ("undelivered", code)


@pytest.mark.parametrize(("number", "code"), [("+447700900990", "21211"), ("+447700900991", "21610")])
def test_a_number_that_is_refused_leaves_nothing_behind(
    number: str, code: str, base: str, standin: Flask, finder: Finder
) -> None:
    with pytest.raises(SmsRefused) as refused:
        sender_at(base).send(to=number, body=ASKED, status_url=f"{finder.url}/status")

    assert refused.value.code == code
    assert store_of(standin).conversation(number) == []


@pytest.mark.parametrize(
    ("number", "code", "pause"), [("+447700900994", "20429", 2.0), ("+447700900995", "20500", None)]
)
def test_a_busy_or_broken_provider_leaves_nothing_behind(
    number: str, code: str, pause: float | None, base: str, standin: Flask, finder: Finder
) -> None:
    with pytest.raises(SmsTryLater) as later:
        sender_at(base).send(to=number, body=ASKED, status_url=f"{finder.url}/status")

    assert (later.value.code, later.value.retry_after) == (code, pause)
    assert store_of(standin).conversation(number) == []


def test_a_silent_provider_is_waited_for_five_seconds_and_no_longer(base: str, standin: Flask) -> None:
    started = time.monotonic()

    with pytest.raises(SmsTryLater, match="timeout"):
        sender_at(base).send(to=magic.SILENT, body=ASKED, status_url="http://127.0.0.1/status")

    assert TIMEOUT_SECONDS <= time.monotonic() - started < magic.SILENT_SECONDS
    assert store_of(standin).conversation(magic.SILENT) == []


def test_nobody_there_is_told_apart_from_a_refusal() -> None:
    with pytest.raises(SmsTryLater, match="connection"):
        sender_at(f"http://127.0.0.1:{free_port()}").send(to=DUTY, body=ASKED, status_url="http://127.0.0.1/")


def test_a_bad_address_for_receipts_costs_the_receipts_and_not_the_text(base: str, standin: Flask) -> None:
    sender_at(base).send(to=DUTY, body=ASKED, status_url="finder.example.org/status")

    [text] = store_of(standin).conversation(DUTY)
    assert (text.body, text.callback) == (ASKED, None)


def test_a_wrong_token_is_401_and_nothing_is_kept(base: str, standin: Flask) -> None:
    wrong = TwilioSender(ACCOUNT, "wrong", from_number=DESK, messaging_service_sid=None, api_base=base)

    with pytest.raises(SmsRefused, match="20003"):
        wrong.send(to=DUTY, body=ASKED, status_url="http://127.0.0.1/status")

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


# Receipts that do not arrive at once


def test_a_receipt_that_finds_nobody_is_tried_again(
    base: str, finder: Finder, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    sender_at(base).send(to=DUTY, body=ASKED, status_url=f"http://127.0.0.1:{port}/status")
    until(lambda: "ConnectionError" in caplog.text)

    with served(finder.app, port=port):
        until(lambda: len(finder.got) == 2)

    assert finder.receipts() == [("sent", None), ("delivered", None)]


def test_a_receipt_that_is_refused_is_not_repeated_and_the_log_names_no_phone(
    base: str, finder: Finder, caplog: pytest.LogCaptureFixture
) -> None:
    finder.answer = ("", 500)

    with caplog.at_level(logging.INFO, logger="custodyfinder"):
        sid = sender_at(base).send(to=DUTY, body=ASKED, status_url=f"{finder.url}/status")
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


# The handset


def test_an_answer_reaches_the_application_signed_as_twilio_signs(
    phone: FlaskClient, standin: Flask, finder: Finder
) -> None:
    texted(standin, ASKED)

    answer = type_in(phone, "K7R4 REFUSE no bed £€\r\nsorry")

    assert (answer.status_code, answer.location) == (303, f"/phones/{DUTY}")
    [(hook, form, good)] = finder.got
    assert (hook, good) == ("message", True)
    assert form.pop("SmsSid") == form.pop("MessageSid") == form.pop("SmsMessageSid")
    assert form == {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": DUTY,
        "To": DESK,
        "Body": "K7R4 REFUSE no bed £€\nsorry",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
    }


@pytest.mark.parametrize(
    ("twiml", "shown"),
    [
        ("<Response><Message>Recorded &amp; done.</Message></Response>", ["Recorded & done."]),
        ("<Response><Message><Body>One</Body></Message><Message>Two</Message></Response>", ["One", "Two"]),
        ('<?xml version="1.0" encoding="UTF-8"?><Response/>', []),
        ("<Response>\n  <Message>\n    One\n  </Message>\n</Response>", ["One"]),
        ("", []),
        (" \n", []),
    ],
)
def test_the_replies_in_the_answer_arrive_on_the_phone(
    twiml: str, shown: list[str], phone: FlaskClient, standin: Flask, finder: Finder
) -> None:
    finder.answer = (twiml, 200)

    type_in(phone, "K7R4 ACCEPT")

    texts = store_of(standin).conversation(DUTY)
    assert [text.body for text in texts] == ["K7R4 ACCEPT", *shown]
    assert [text.direction for text in texts[1:]] == ["outbound-reply"] * len(shown)


def test_the_conversation_shows_both_sides_in_order(phone: FlaskClient, standin: Flask, finder: Finder) -> None:
    finder.answer = ("<Response><Message>Recorded: accepted.</Message></Response>", 200)
    texted(standin, ASKED)

    type_in(phone, "<b>K7R4 ACCEPT</b>")

    page = phone.get(f"/phones/{DUTY}").text
    assert page.index("Bed needed") < page.index("&lt;b&gt;K7R4") < page.index("Recorded: accepted.")
    assert "07700 900123" in page


@pytest.mark.parametrize(
    ("answer", "why", "code"),
    [
        (("no", 500), "custodyfinder answered 500", 11200),
        (("no", 302, {"Location": "/elsewhere"}), "custodyfinder answered 302", 11200),
        (("not TwiML", 200), "not TwiML", 12100),
    ],
)
def test_an_answer_that_was_not_taken_is_said_and_stays_typed(
    answer: Answer, why: str, code: int, phone: FlaskClient, standin: Flask, finder: Finder
) -> None:
    finder.answer = answer

    page = type_in(phone, "K7R4 ACCEPT please")

    assert page.status_code == 502
    assert why in page.text
    assert typed_in(page) == "K7R4 ACCEPT please"
    [text] = store_of(standin).conversation(DUTY)
    assert (text.body, text.error_code) == ("K7R4 ACCEPT please", code)
    assert [hook for hook, _, _ in finder.got] == ["message"]


def test_the_application_is_reached_without_a_proxy(
    phone: FlaskClient, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")

    assert type_in(phone, "K7R4 ACCEPT").status_code == 303


def test_an_application_that_is_away_is_said_too(tmp_path: Path) -> None:
    phone = standin_at(tmp_path, message_url=lambda: f"http://127.0.0.1:{free_port()}/message").test_client()

    page = type_in(phone, "K7R4 ACCEPT")

    assert page.status_code == 502
    assert "custodyfinder gave no answer" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type an answer."),
        ("  \n ", "Type an answer."),
        ("x" * 1601, "A text has 1600 characters at most; this one has 1601."),
    ],
)
def test_what_cannot_be_a_text_is_said_in_one_sentence_and_stays_typed(
    typed: str, said: str, phone: FlaskClient, standin: Flask, finder: Finder
) -> None:
    page = type_in(phone, typed)

    assert page.status_code == 422
    assert said in page.text
    assert "<title>Error: " in page.text
    assert typed_in(page) == typed
    assert (finder.got, store_of(standin).latest_by_phone()) == ([], [])


def test_the_longest_text_is_sent_with_line_ends_counted_once(phone: FlaskClient, finder: Finder) -> None:
    assert type_in(phone, "x\r\n" * 800).status_code == 303

    assert finder.got[0][1]["Body"] == "x\n" * 800


def test_the_answers_to_the_last_text_that_arrived_are_ready_to_press(phone: FlaskClient, standin: Flask) -> None:
    texted(standin, "M3T9 ACCEPT or M3T9 REFUSE")
    texted(standin, ASKED)
    texted(standin, "H4H4 ACCEPT", status="undelivered")

    assert ready(phone) == ["K7R4 ACCEPT", "K7R4 REFUSE", "K7R4 RING"]


@pytest.mark.parametrize("body", ["K7R4 is no longer needed.", "REPLY ACCEPT", "2200 ACCEPT", "K7R4 ACCEPTED"])
def test_a_text_that_offers_no_reference_has_no_answers_to_press(body: str, phone: FlaskClient, standin: Flask) -> None:
    texted(standin, ASKED)
    texted(standin, body)

    assert ready(phone) == []


def test_the_phones_are_listed_with_the_latest_text_first(phone: FlaskClient, standin: Flask) -> None:
    assert "No texts yet" in phone.get("/").text
    texted(standin, "an older text", to=DUTY)
    texted(standin, ASKED, to=OTHER)
    texted(standin, "K7R4 is no longer needed.", to=DUTY)

    page = phone.get("/").text

    assert re.findall(r'href="/phones/([+0-9]+)"', page) == [DUTY, OTHER]
    assert "no longer needed" in page
    assert "an older text" not in page


def test_news_counts_the_texts_that_came_after_the_one_shown(phone: FlaskClient, standin: Flask) -> None:
    texted(standin, ASKED)
    seq = store_of(standin).conversation(DUTY)[-1].seq
    address = f"/phones/{DUTY}/news?after={seq}"
    assert address in phone.get(f"/phones/{DUTY}").text
    assert "No new texts" in phone.get(address).text

    texted(standin, "K7R4 is no longer needed.")
    type_in(phone, "all right")
    texted(standin, "for another phone", to=OTHER)

    assert "Show 1 new text<" in phone.get(address).text


def test_only_pages_without_a_form_reload_themselves(phone: FlaskClient, standin: Flask) -> None:
    texted(standin, ASKED)

    for address in ("/", f"/phones/{DUTY}", f"/phones/{DUTY}/news"):
        page = phone.get(address)
        assert ("Refresh" in page.headers) is ("<form" not in page.text)
        assert "http-equiv" not in page.text


@pytest.mark.parametrize("number", ["07700900123", "+44", "+0447700900123", "+44770090012x", "+" + "4" * 16])
def test_what_is_no_number_is_not_found(number: str, phone: FlaskClient) -> None:
    assert phone.get(f"/phones/{number}").status_code == 404


def test_every_address_works_under_a_prefix(base: str, standin: Flask, finder: Finder) -> None:
    texted(standin, ASKED)
    start = requests.get(base, timeout=5)
    assert start.url == f"{base}/"

    page = requests.get(f"{base}/phones/{DUTY}", timeout=5)
    for address in re.findall(r'(?:href|src|action)="([^"]+)"', start.text + page.text):
        assert address.startswith("/handset/")
        found = requests.get(base.removesuffix("/handset") + address.replace("&amp;", "&"), timeout=5)
        assert found.status_code == 200, address
    sent = requests.post(f"{base}/phones/{DUTY}", data={"body": "K7R4 RING"}, headers=SAME_ORIGIN, timeout=5)

    assert sent.url == f"{base}/phones/{DUTY}"
    assert "K7R4 RING" in sent.text


@pytest.mark.parametrize(
    ("sent_from", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost:8000"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_answers_are_taken_from_the_handsets_own_pages_only(
    sent_from: dict[str, str], status: int, phone: FlaskClient, finder: Finder
) -> None:
    answer = phone.post(f"/phones/{DUTY}", data={"body": "K7R4 ACCEPT"}, headers=sent_from)

    assert answer.status_code == status
    assert len(finder.got) == (status == 303)


@pytest.mark.parametrize(
    "path", ["/", f"/phones/{DUTY}", "/static/handset.css", "/2010-04-01/Accounts/x/Messages.json"]
)
@pytest.mark.parametrize(
    ("address", "host"),
    [("192.0.2.7", "localhost"), ("", "localhost"), ("127.0.0.1", "rebound.example.org"), ("127.0.0.1", "[")],
)
def test_another_machine_or_another_name_is_refused(path: str, address: str, host: str, phone: FlaskClient) -> None:
    answer = phone.get(path, environ_overrides={"REMOTE_ADDR": address, "HTTP_HOST": host})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("127.0.0.1", "127.0.0.1:5000"),
        ("::1", "[::1]:5000"),
        ("::1", "[::1]"),
        ("::ffff:127.0.0.1", "localhost"),
    ],
)
def test_this_machine_is_let_in_by_any_of_its_names(address: str, host: str, phone: FlaskClient) -> None:
    answer = phone.get("/", environ_overrides={"REMOTE_ADDR": address, "HTTP_HOST": host})

    assert answer.status_code == 200


def test_no_page_may_run_a_script_or_be_framed_elsewhere(phone: FlaskClient, standin: Flask) -> None:
    texted(standin, ASKED)

    page = phone.get(f"/phones/{DUTY}")

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


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


# Alone, in a process of its own


def test_it_runs_alone_and_keeps_its_texts_over_a_restart(tmp_path: Path) -> None:
    with alone(tmp_path, "--delivery-delay", "0") as base:
        sid = client_at(base).messages.create(to=DUTY, from_=DESK, body=ASKED).sid
    with alone(tmp_path) as base:
        assert client_at(base).messages(sid).fetch().body == ASKED


def test_it_can_be_told_to_answer_slowly(tmp_path: Path) -> None:
    with alone(tmp_path, "--delay", "0.4") as base:
        started = time.monotonic()
        client_at(base).messages.list()

        assert time.monotonic() - started >= 0.4


def test_its_help_has_an_example() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "custodyfinder.standin", "--help"], capture_output=True, text=True, check=True
    )

    assert "example:\n  python -m custodyfinder.standin --port" in shown.stdout


def test_it_does_not_start_without_an_account(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")}
    told = ["--port", "0", "--store", str(tmp_path / "s"), "--message-url", "http://127.0.0.1:9/"]
    refused = subprocess.run(
        [sys.executable, "-m", "custodyfinder.standin", *told],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )

    assert refused.returncode == 2
    assert "TWILIO_ACCOUNT_SID must be set" in refused.stderr


@contextmanager
def alone(folder: Path, *options: str) -> Iterator[str]:
    told = ["--port", "0", "--store", str(folder / "alone.sqlite"), "--message-url", "http://127.0.0.1:9/"]
    process = subprocess.Popen(
        [sys.executable, "-m", "custodyfinder.standin", *told, *options],
        env={**os.environ, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.terminate()


def typed_in(page: TestResponse) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    return found[1]


def ready(phone: FlaskClient) -> list[str]:
    return re.findall(r'name="body" value="([^"]+)"', phone.get(f"/phones/{DUTY}").text)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
