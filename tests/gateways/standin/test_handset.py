"""The handset's pages, and who may see and use them."""

from __future__ import annotations

import re

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from .ends import ASKED, DUTY, OTHER, SAME_ORIGIN, Finder, store_of, texted, type_in


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


def test_only_pages_on_which_nothing_is_typed_reload_themselves(phone: FlaskClient, standin: Flask) -> None:
    texted(standin, ASKED)

    for address in ("/", f"/phones/{DUTY}", f"/phones/{DUTY}/news"):
        page = phone.get(address)
        assert ("Refresh" in page.headers) is ("<textarea" not in page.text)
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


def ready(phone: FlaskClient) -> list[str]:
    return re.findall(r'name="body" value="([^"]+)"', phone.get(f"/phones/{DUTY}").text)


def test_a_button_takes_twilio_down_and_back_and_every_page_says_so(phone: FlaskClient, standin: Flask) -> None:
    texted(standin, ASKED)

    def pages() -> list[str]:
        return [phone.get(address).text for address in ("/", f"/phones/{DUTY}")]

    assert not any("Twilio is down: it answers" in page for page in pages())
    for value, down in (("down", True), ("back", False)):
        assert f'name="twilio" value="{value}">Twilio is {value}<' in pages()[0]
        pressed = phone.post("/", data={"twilio": value}, headers=SAME_ORIGIN)

        assert (pressed.status_code, pressed.location) == (303, "/")
        assert store_of(standin).is_down() is down
        assert [('class="fault">Twilio is down: it answers' in page) for page in pages()] == [down, down]


def test_no_other_site_can_take_twilio_down(phone: FlaskClient, standin: Flask) -> None:
    assert phone.post("/", data={"twilio": "down"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403

    assert not store_of(standin).is_down()
