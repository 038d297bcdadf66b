"""The sender, with the real client on a wire that is made up here."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses
from urllib3 import HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from custodyfinder.errors import CustodyfinderError
from custodyfinder.gateways.sms import Sender, SmsRefused, SmsTryLater
from custodyfinder.gateways.twilio import (
    RETRY_AFTER_AT_MOST,
    TIMEOUT_SECONDS,
    TwilioSender,
)

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-made-up-for-tests"
DUTY = "+447700900123"
DESK = "+442079460123"
BODY = "A bed is asked for. K7R4 ACCEPT or K7R4 REFUSE."
RECEIPTS = "https://finder.example.org/hooks/twilio/status?text=7"
MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
TAKEN = {"sid": "SM" + "1" * 32, "status": "queued"}


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def sender() -> Sender:
    return sender_with()


def sender_with(api_base: str | None = None) -> Sender:
    return TwilioSender(ACCOUNT, TOKEN, from_number=DESK, messaging_service_sid=None, api_base=api_base)


def send(sender: Sender, *, valid_for: timedelta = timedelta(minutes=5)) -> str:
    return sender.send(to=DUTY, body=BODY, status_url=RECEIPTS, valid_for=valid_for)


def refusal(code: int) -> dict[str, object]:
    # Twilio's own words hold the number.
    return {"code": code, "message": f"'{DUTY}' cannot be texted: {BODY}", "status": 400}


def form_of(call: Any) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(call.request.body).items()}


def test_a_text_is_handed_over_and_the_providers_id_comes_back(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.post(MESSAGES, json=TAKEN, status=201)

    assert send(sender) == TAKEN["sid"]

    assert form_of(wire.calls[0]) == {
        "To": DUTY,
        "From": DESK,
        "Body": BODY,
        "StatusCallback": RECEIPTS,
        "ValidityPeriod": "300",
    }


@pytest.mark.parametrize(
    ("valid_for", "asked"),
    [
        (timedelta(seconds=90.9), "90"),
        (timedelta(seconds=1), "1"),
        (timedelta(seconds=0.2), "1"),
        (timedelta(seconds=-30), "1"),
        (timedelta(hours=10), "36000"),
        (timedelta(days=2), "36000"),
    ],
)
def test_a_text_is_valid_for_as_long_as_is_asked_within_what_twilio_allows(
    valid_for: timedelta, asked: str, sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.post(MESSAGES, json=TAKEN, status=201)

    send(sender, valid_for=valid_for)

    assert form_of(wire.calls[0])["ValidityPeriod"] == asked


def test_a_messaging_service_takes_the_place_of_the_number(wire: responses.RequestsMock) -> None:
    wire.post(MESSAGES, json=TAKEN, status=201)
    service = "MG" + "6" * 32

    send(TwilioSender(ACCOUNT, TOKEN, from_number=None, messaging_service_sid=service, api_base=None))

    form = form_of(wire.calls[0])
    assert form["MessagingServiceSid"] == service
    assert "From" not in form


@pytest.mark.parametrize(("number", "service"), [(None, None), (DESK, "MG" + "6" * 32)], ids=["neither", "both"])
def test_a_sender_needs_either_a_number_or_a_messaging_service(number: str | None, service: str | None) -> None:
    with pytest.raises(ValueError, match="either"):
        TwilioSender(ACCOUNT, TOKEN, from_number=number, messaging_service_sid=service, api_base=None)


@pytest.mark.parametrize("base", ["http://127.0.0.1:5000/handset", "http://127.0.0.1:5000/handset/"])
def test_another_origin_may_have_a_path_before_twilios(base: str, wire: responses.RequestsMock) -> None:
    moved = f"http://127.0.0.1:5000/handset/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    wire.post(moved, json=TAKEN, status=201)

    assert send(sender_with(base)) == TAKEN["sid"]


@pytest.mark.parametrize(
    ("base", "proxied"), [("http://127.0.0.1:5000", False), ("https://api.dublin.ie1.example.org", True)]
)
def test_a_proxy_is_used_for_every_origin_but_one_on_this_machine(
    base: str, proxied: bool, wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://proxy.example.org:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    wire.post(f"{base}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", json=TAKEN, status=201)

    send(sender_with(base))

    proxies: dict[str, str] = wire.calls[0].request.req_kwargs["proxies"]  # type: ignore[attr-defined]
    assert bool(proxies) is proxied


def test_every_call_has_a_timeout(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.post(MESSAGES, json=TAKEN, status=201)

    send(sender)

    assert wire.calls[0].request.req_kwargs["timeout"] == TIMEOUT_SECONDS == 5.0  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", [21211, 21610, 21614, 21408])
def test_what_twilio_refuses_is_refused_for_good(code: int, sender: Sender, wire: responses.RequestsMock) -> None:
    wire.post(MESSAGES, json=refusal(code), status=400)

    with pytest.raises(SmsRefused) as refused:
        send(sender)

    assert refused.value.code == str(code)
    assert len(wire.calls) == 1


def test_a_refusal_in_twilios_newer_shape_is_refused_for_good(sender: Sender, wire: responses.RequestsMock) -> None:
    problem = {"type": "about:blank", "title": f"{DUTY}?", "status": 400, "code": 21211}
    wire.post(MESSAGES, json=problem, status=400)

    with pytest.raises(SmsRefused) as refused:
        send(sender)

    assert refused.value.code == "21211"


def test_a_refusal_without_a_code_has_the_status_for_one(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.post(MESSAGES, json={"code": f"no {DUTY}", "message": DUTY}, status=403)

    with pytest.raises(SmsRefused) as refused:
        send(sender)

    assert refused.value.code == "403"


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("2", 2.0),
        ("0", 0.0),
        ("86400", RETRY_AFTER_AT_MOST),
        ("9" * 5000, RETRY_AFTER_AT_MOST),
        ("-3", None),
        ("1e400", None),
        ("nan", None),
        ("Fri, 31 Dec 2027 23:59:59 GMT", None),
        (None, None),
    ],
)
def test_too_many_texts_are_tried_again_when_twilio_says_but_within_two_minutes(
    header: str | None, pause: float | None, sender: Sender, wire: responses.RequestsMock
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    wire.post(MESSAGES, json=refusal(20429), status=429, headers=headers)

    with pytest.raises(SmsTryLater) as later:
        send(sender)

    assert (later.value.code, later.value.retry_after) == ("20429", pause)
    assert not later.value.perhaps_sent


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, '{"code": 20500, "message": "x"}', "20500"),
        (503, "<h1>Bad gateway</h1>", "503"),
        (502, "[]", "502"),
        (302, "", "302"),
        (201, "<h1>Sign in to the guest network</h1>", "unreadable"),
        (201, "{}", "unreadable"),
        (201, "[]", "unreadable"),
        (201, "", "unreadable"),
    ],
)
def test_an_answer_that_settles_nothing_is_tried_again_though_the_text_may_have_gone(
    status: int, body: str, code: str, sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.post(MESSAGES, body=body, status=status)

    with pytest.raises(SmsTryLater) as later:
        send(sender)

    assert (later.value.code, later.value.retry_after) == (code, None)
    assert later.value.perhaps_sent


def unreached(reason: type[NewConnectionError]) -> requests.ConnectionError:
    """As requests tells it: urllib3's last word, with its reason inside."""
    pool = HTTPSConnectionPool("api.twilio.com")
    why = NameResolutionError("api", pool, OSError()) if reason is NameResolutionError else reason(pool, DUTY)  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(pool, MESSAGES, why))


@pytest.mark.parametrize(
    ("error", "code", "perhaps_sent"),
    [
        (requests.ReadTimeout(f"no answer about {DUTY}"), "timeout", True),
        (requests.ConnectTimeout(f"no answer about {DUTY}"), "timeout", False),
        (unreached(NewConnectionError), "connection", False),
        (unreached(NameResolutionError), "connection", False),
        (
            requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(DUTY))),
            "connection",
            True,
        ),
        (requests.ConnectionError(f"nobody there for {DUTY}"), "connection", True),
        (requests.exceptions.SSLError(f"not who they say: {DUTY}"), "connection", True),
        (requests.exceptions.ProxyError(f"no way through: {DUTY}"), "connection", True),
        (requests.exceptions.ChunkedEncodingError(f"cut short: {DUTY}"), "connection", True),
    ],
    ids=["read", "connect", "refused", "no such name", "reset", "unknown", "tls", "proxy", "cut short"],
)
def test_no_answer_is_tried_again_and_only_where_none_was_reached_the_text_has_surely_not_gone(
    error: Exception, code: str, perhaps_sent: bool, sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.post(MESSAGES, body=error)

    with pytest.raises(SmsTryLater) as later:
        send(sender)

    assert (later.value.code, later.value.retry_after) == (code, None)
    assert later.value.perhaps_sent is perhaps_sent


def test_a_text_that_twilio_will_not_report_on_goes_without_reports(
    sender: Sender, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    wire.post(MESSAGES, json=refusal(21609), status=400)
    wire.post(MESSAGES, json=TAKEN, status=201)

    assert send(sender) == TAKEN["sid"]

    first, second = (form_of(call) for call in wire.calls)
    assert first.pop("StatusCallback") == RECEIPTS
    assert second == first
    ours = [record for record in caplog.records if record.name == "custodyfinder.gateways.twilio"]
    assert [record.levelname for record in ours] == ["WARNING"]
    assert "21609" in ours[0].getMessage()


def test_the_second_try_without_reports_can_fail_like_the_first(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.post(MESSAGES, json=refusal(21609), status=400)
    wire.post(MESSAGES, json=refusal(21609), status=400)

    with pytest.raises(SmsRefused, match="21609"):
        send(sender)

    assert len(wire.calls) == 2


@pytest.mark.parametrize(
    "answer",
    [
        {"json": refusal(21211), "status": 400},
        {"json": refusal(20429), "status": 429},
        {"json": refusal(20500), "status": 500},
        {"body": requests.ReadTimeout(DUTY + BODY)},
        {"body": requests.ConnectionError(DUTY + BODY)},
        {"body": DUTY + BODY, "status": 201},
    ],
    ids=["refused", "busy", "broken", "timeout", "connection", "unreadable"],
)
def test_no_failure_shows_the_number_or_the_words_anywhere(
    answer: dict[str, Any],
    sender: Sender,
    wire: responses.RequestsMock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire.post(MESSAGES, **answer)

    with caplog.at_level(logging.DEBUG), pytest.raises(CustodyfinderError) as failure:
        send(sender)

    told = "".join(traceback.format_exception(failure.value)) + failure.value.public + caplog.text
    assert DUTY.removeprefix("+44") not in told
    assert "A bed is asked for" not in told
