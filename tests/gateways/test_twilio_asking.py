"""What Twilio is asked about texts that it may have taken."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from custodyfinder.errors import CustodyfinderError
from custodyfinder.gateways.sms import Fate, Sender, Sent, SmsRefused, SmsTryLater
from custodyfinder.gateways.twilio import TwilioSender

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-made-up-for-tests"
DUTY = "+447700900123"
DESK = "+442079460123"
SERVICE = "MG" + "6" * 32
SID = "SM" + "1" * 32
FOLDER = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"
MESSAGES = f"{FOLDER}/Messages.json"
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def sender() -> Sender:
    return TwilioSender(ACCOUNT, TOKEN, from_number=DESK, messaging_service_sid=None, api_base=None)


def message(body: str = "A bed is asked for.", *, seconds: float = 0, **more: object) -> dict[str, object]:
    return {
        "sid": SID,
        "body": body,
        "direction": "outbound-api",
        "date_created": format_datetime(NOON + timedelta(seconds=seconds)),
        "date_sent": None,
        "from": DESK,
        "to": DUTY,
        "messaging_service_sid": None,
        "status": "queued",
        "error_code": None,
    } | more


def page(*messages: dict[str, object], following: str | None = None) -> dict[str, object]:
    return {"messages": messages, "next_page_uri": following, "page_size": 100}


def bodies(found: list[Sent]) -> list[str]:
    return [sent.body for sent in found]


def test_a_text_that_twilio_took_is_found_with_its_very_words(sender: Sender, wire: responses.RequestsMock) -> None:
    words = " Bed: £, é and €.\n\nTwo lines, a space at the end "
    wire.get(MESSAGES, json=page(message(words)))

    assert sender.sent_to(DUTY, since=NOON) == [Sent(provider_id=SID, body=words, created_at=NOON)]


def test_the_list_is_asked_for_by_phone_and_number_and_never_by_the_time_of_sending(
    sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.get(MESSAGES, json=page())

    assert sender.sent_to(DUTY, since=NOON) == []

    asked = parse_qs(urlsplit(wire.calls[0].request.url or "").query)
    assert asked == {"To": [DUTY], "From": [DESK], "PageSize": ["100"]}


def test_a_messaging_services_texts_are_told_by_its_sid_since_queued_ones_have_no_number(
    wire: responses.RequestsMock,
) -> None:
    sender = TwilioSender(ACCOUNT, TOKEN, from_number=None, messaging_service_sid=SERVICE, api_base=None)
    queued = message("ours", messaging_service_sid=SERVICE) | {"from": None}
    wire.get(MESSAGES, json=page(queued, message("another's", messaging_service_sid="MG" + "7" * 32), message("none")))

    assert bodies(sender.sent_to(DUTY, since=NOON)) == ["ours"]

    assert "From" not in parse_qs(urlsplit(wire.calls[0].request.url or "").query)


@pytest.mark.parametrize("direction", ["inbound", "outbound-reply", "outbound-call"])
def test_only_texts_sent_through_the_api_are_found(
    direction: str, sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.get(MESSAGES, json=page(message("ours"), message("not ours", direction=direction)))

    assert bodies(sender.sent_to(DUTY, since=NOON)) == ["ours"]


def test_twilios_whole_seconds_hide_no_text_of_the_same_second(sender: Sender, wire: responses.RequestsMock) -> None:
    # Taken at 12:00:00.9, which Twilio writes as 12:00:00.
    wire.get(MESSAGES, json=page(message("same second"), message("the one before", seconds=-1)))

    assert bodies(sender.sent_to(DUTY, since=NOON + timedelta(seconds=0.8))) == ["same second"]


def test_the_time_may_be_given_in_any_zone(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.get(MESSAGES, json=page(message("in"), message("out", seconds=-1)))

    assert bodies(sender.sent_to(DUTY, since=datetime.fromisoformat("2026-06-01T13:00:00+01:00"))) == ["in"]


def test_the_list_is_read_on_until_a_page_holds_an_older_text(sender: Sender, wire: responses.RequestsMock) -> None:
    path = urlsplit(MESSAGES).path
    first = page(message("4", seconds=4), message("3", seconds=3), following=f"{path}?PageToken=b")
    # A queued text may stand behind an older one that has been sent.
    second = page(message("old", seconds=-1), message("2", seconds=2), following=f"{path}?PageToken=c")
    wire.get(MESSAGES, json=first)
    wire.get(f"{MESSAGES}?PageToken=b", json=second)

    assert bodies(sender.sent_to(DUTY, since=NOON)) == ["4", "3", "2"]
    assert len(wire.calls) == 2


def test_the_newest_come_first_however_twilio_lists_them(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.get(MESSAGES, json=page(message("1", seconds=1), message("3", seconds=3), message("2", seconds=2)))

    assert bodies(sender.sent_to(DUTY, since=NOON)) == ["3", "2", "1"]


def test_what_twilio_writes_before_the_texts_of_a_trial_account_is_not_part_of_them(
    sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.get(MESSAGES, json=page(message("Sent from your Twilio trial account - K7R4 ACCEPT")))

    assert bodies(sender.sent_to(DUTY, since=NOON)) == ["K7R4 ACCEPT"]


@pytest.mark.parametrize(
    ("status", "code", "fate"),
    [
        ("delivered", None, Fate("delivered", None)),
        ("undelivered", 30003, Fate("undelivered", "30003")),
        ("sending", None, Fate("sending", None)),
    ],
)
def test_the_fate_of_a_text_is_told_in_twilios_words(
    status: str, code: int | None, fate: Fate, sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.get(f"{FOLDER}/Messages/{SID}.json", json=message(status=status, error_code=code))

    assert sender.fate(SID) == fate


def test_a_text_that_twilio_does_not_know_has_no_fate(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.get(f"{FOLDER}/Messages/{SID}.json", json={"code": 20404, "message": "not found", "status": 404}, status=404)

    with pytest.raises(SmsRefused) as refused:
        sender.fate(SID)

    assert refused.value.code == "20404"


FAILURES: list[tuple[dict[str, Any], str]] = [
    ({"json": {"code": 20429, "message": DUTY}, "status": 429}, "20429"),
    ({"json": {"code": 20500, "message": DUTY}, "status": 500}, "20500"),
    ({"body": DUTY, "status": 302}, "302"),
    ({"body": DUTY, "status": 200}, "unreadable"),
    ({"json": [DUTY], "status": 200}, "unreadable"),
    ({"json": {}, "status": 200}, "unreadable"),
    ({"json": {"messages": [{"body": DUTY}], "sid": SID}, "status": 200}, "unreadable"),
    ({"body": requests.ReadTimeout(DUTY)}, "timeout"),
    ({"body": requests.ConnectionError(DUTY)}, "connection"),
]


@pytest.mark.parametrize(("answer", "code"), FAILURES)
def test_a_question_without_an_answer_is_asked_again_later_and_has_sent_nothing(
    answer: dict[str, Any], code: str, sender: Sender, wire: responses.RequestsMock
) -> None:
    wire.get(MESSAGES, **answer)
    wire.get(f"{FOLDER}/Messages/{SID}.json", **answer)

    for ask in (lambda: sender.sent_to(DUTY, since=NOON), lambda: sender.fate(SID)):
        with pytest.raises(SmsTryLater) as later:
            ask()

        assert (later.value.code, later.value.perhaps_sent) == (code, False)


def test_a_question_that_may_not_be_asked_is_refused(sender: Sender, wire: responses.RequestsMock) -> None:
    wire.get(MESSAGES, json={"code": 20003, "message": DUTY, "status": 401}, status=401)

    with pytest.raises(SmsRefused) as refused:
        sender.sent_to(DUTY, since=NOON)

    assert refused.value.code == "20003"


@pytest.mark.parametrize("answer", [answer for answer, _ in FAILURES])
def test_no_question_shows_the_number_anywhere(
    answer: dict[str, Any], sender: Sender, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    wire.get(MESSAGES, **answer)

    with caplog.at_level(logging.DEBUG), pytest.raises(CustodyfinderError) as failure:
        sender.sent_to(DUTY, since=NOON)

    told = "".join(traceback.format_exception(failure.value)) + caplog.text
    assert DUTY.removeprefix("+44") not in told


def test_the_words_of_a_text_are_not_shown_with_it() -> None:
    assert "K7R4" not in repr(Sent(provider_id=SID, body="K7R4 ACCEPT", created_at=NOON))
