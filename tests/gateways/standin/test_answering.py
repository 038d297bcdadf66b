"""What is typed or pressed on a phone, on its way to the application and back."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.gateways.sms import OPTED_OUT, SmsRefused
from custodyfinder.standin.magic import START_WORDS, STOP_WORDS

from .ends import (
    ACCOUNT,
    ASKED,
    DESK,
    DUTY,
    HALF_AN_HOUR,
    OTHER,
    Answer,
    Finder,
    free_port,
    sender_at,
    standin_at,
    store_of,
    texted,
    type_in,
    typed_in,
)


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


def test_a_reply_that_comes_a_moment_later_is_on_the_page_that_follows(
    tmp_path: Path, base: str, standin: Flask, finder: Finder
) -> None:
    def reply() -> None:
        sender_at(base).send(to=DUTY, body="Recorded: accepted.", status_url="", valid_for=HALF_AN_HOUR)

    finder.then = reply
    texted(standin, ASKED)
    phone = standin_at(tmp_path, message_url=f"{finder.url}/message", reply_wait=5.0).test_client()
    started = time.monotonic()

    page = type_in(phone, "K7R4 ACCEPT", follow=True)

    assert "Recorded: accepted." in page.text
    assert time.monotonic() - started < 3.0


def test_a_reply_that_does_not_come_is_not_waited_for_long(tmp_path: Path, finder: Finder) -> None:
    standin = standin_at(tmp_path, message_url=f"{finder.url}/message", reply_wait=0.4)
    texted(standin, ASKED)
    started = time.monotonic()

    assert type_in(standin.test_client(), "K7R4 ACCEPT").status_code == 303

    assert 0.4 <= time.monotonic() - started < 1.5


def refused(base: str, to: str = DUTY) -> bool:
    try:
        sender_at(base).send(to=to, body=ASKED, status_url="", valid_for=HALF_AN_HOUR)
    except SmsRefused as refusal:
        return refusal.code == OPTED_OUT
    return False


@pytest.mark.parametrize("word", [*sorted(STOP_WORDS), "stop", " Stop \n"])
def test_a_phone_that_sends_stop_gets_no_more_texts_and_the_application_is_told(
    word: str, base: str, phone: FlaskClient, finder: Finder
) -> None:
    assert type_in(phone, word).status_code == 303

    assert refused(base)
    assert not refused(base, OTHER)
    assert finder.got[0][1]["Body"] == word
    assert "This phone has sent STOP" in phone.get(f"/phones/{DUTY}").text
    assert "This phone has sent STOP" not in phone.get(f"/phones/{OTHER}").text


@pytest.mark.parametrize("word", [*sorted(START_WORDS), "start", " Yes "])
def test_a_phone_that_sends_start_gets_texts_again(word: str, base: str, phone: FlaskClient, finder: Finder) -> None:
    type_in(phone, "STOP")

    type_in(phone, word)

    assert not refused(base)
    assert finder.got[1][1]["Body"] == word


@pytest.mark.parametrize("words", ["STOP IT", "please stop", "K7R4 CANCEL", "STOP."])
def test_stop_among_other_words_is_no_stop(words: str, base: str, phone: FlaskClient) -> None:
    type_in(phone, words)

    assert not refused(base)


def test_a_stop_is_kept_for_every_process_even_if_the_application_is_away(tmp_path: Path, base: str) -> None:
    elsewhere = standin_at(tmp_path, message_url=f"http://127.0.0.1:{free_port()}/message")

    assert type_in(elsewhere.test_client(), "STOP").status_code == 502

    assert refused(base)


def test_a_reply_in_the_answer_to_stop_does_not_arrive(phone: FlaskClient, standin: Flask, finder: Finder) -> None:
    finder.answer = ("<Response><Message>Noted.</Message></Response>", 200)

    type_in(phone, "STOP")

    assert [text.body for text in store_of(standin).conversation(DUTY)] == ["STOP"]


def test_the_number_that_is_always_opted_out_stays_so_after_start(base: str, phone: FlaskClient) -> None:
    type_in(phone, "START", number="+447700900991")

    assert refused(base, "+447700900991")
