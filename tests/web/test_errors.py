"""What nobody's page sends, and what goes wrong all the same: a plain page, nothing written, nothing given away."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.models import BedRequest, Detention, IncomingText, Receipt
from custodyfinder.services import suite_board

from ..world import HARINGEY_PHONE, PASSWORD, World
from .conftest import SignIn
from .reading import CHILD, words
from .test_hooks import incoming, post

TOO_LARGE = 2**63


def test_an_address_that_is_nowhere_says_so_and_leads_on(officer: FlaskClient) -> None:
    answer = officer.get("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing here." in words(answer)
    assert 'href="/"' in answer.get_data(as_text=True)


def test_a_page_used_in_the_wrong_way_says_what_it_allows(officer: FlaskClient) -> None:
    answer = officer.delete("/desk")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.mimetype == "text/html"
    assert "use the buttons on the page" in words(answer)


def test_a_body_over_64_kilobytes_is_refused_and_writes_nothing(world: World, officer: FlaskClient) -> None:
    answer = officer.post("/desk/detentions/new", data=CHILD | {"avoid_geojson": "x" * 66_000})

    assert answer.status_code == 413
    assert "Send less." in words(answer)
    assert world.count(Detention) == (0,)


def test_a_bug_is_a_plain_page_that_gives_nothing_away(
    officer: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the bug")

    monkeypatch.setattr(suite_board, "of_suite", broken)
    answer = officer.get("/desk")

    assert answer.status_code == 500
    assert "Something went wrong. Nothing was changed. Try again." in words(answer)
    assert "secret" not in answer.get_data(as_text=True)
    assert "the secret of the bug" in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        f"/desk/requests/{TOO_LARGE}",
        f"/desk/requests/{TOO_LARGE}/progress",
        "/desk/detentions/%00",
    ],
)
def test_a_key_that_no_column_takes_names_nothing(officer: FlaskClient, address: str) -> None:
    assert officer.get(address).status_code == 404


def test_a_key_that_no_column_takes_cannot_be_acted_on(world: World, sign_in: SignIn) -> None:
    officer, duty = sign_in("officer.wood-green"), sign_in("duty.haringey")
    reference = world.detention()

    assert officer.post(f"/desk/detentions/{reference}/places/{TOO_LARGE}/ask").status_code == 404
    assert officer.post(f"/desk/requests/{TOO_LARGE}/withdraw").status_code == 404
    assert duty.post(f"/duty/requests/{TOO_LARGE}/accept").status_code == 404
    assert world.count(BedRequest) == (0,)


@pytest.mark.parametrize("field", ["keep_apart", "looked_after_by", "home_postcode", "avoid_geojson"])
def test_a_nul_in_a_form_is_400_and_writes_nothing(world: World, officer: FlaskClient, field: str) -> None:
    answer = officer.post("/desk/detentions/new", data=CHILD | {field: "a\0b"})

    assert answer.status_code == 400
    assert world.count(Detention) == (0,)


def test_a_nul_in_a_sign_in_is_400(app: Flask, sign_in: SignIn) -> None:
    answer = app.test_client().post("/sign-in", data={"username": "duty\0haringey", "password": PASSWORD})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("MessageSid", "S" * 35),
        ("MessageSid", "a\0b"),
        ("From", "whatsapp:+447700900014"),
        ("From", ""),
    ],
)
def test_a_text_with_an_odd_field_is_400_and_writes_nothing(app: Flask, world: World, field: str, value: str) -> None:
    status, answer = post(app, "/hooks/twilio/message", incoming("hello") | {field: value})

    assert (status, answer) == (400, f"The field {field} is missing or too long.")
    assert world.count(IncomingText) == (0,)


@pytest.mark.parametrize(
    ("field", "value"),
    [("MessageStatus", ""), ("MessageStatus", "s" * 21), ("MessageStatus", "a\0b"), ("ErrorCode", "3" * 11)],
)
def test_a_receipt_with_an_odd_field_is_400_and_writes_nothing(
    app: Flask, world: World, field: str, value: str
) -> None:
    world.ask(world.place())

    status, answer = post(app, "/hooks/twilio/status?text=1", {"MessageStatus": "failed"} | {field: value})

    assert (status, answer) == (400, f"The field {field} is missing or too long.")
    assert world.count(Receipt) == (0,)


def test_an_ask_that_came_too_late_leads_back_to_the_places(world: World, officer: FlaskClient) -> None:
    place, reference = world.place(beds_free=1), world.detention()
    world.ask(place)

    answer = officer.post(f"/desk/detentions/{reference}/places/{place}/ask")

    assert answer.status_code == 409
    assert f'href="/desk/detentions/{reference}"' in answer.get_data(as_text=True)


def test_a_withdrawal_that_came_too_late_leads_back_to_the_request(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())
    officer.post(f"/desk/requests/{request}/withdraw")

    again = officer.post(f"/desk/requests/{request}/withdraw")

    assert again.status_code == 409
    assert f'href="/desk/requests/{request}"' in again.get_data(as_text=True)


def test_what_was_refused_is_in_the_log_by_its_ids_only(
    world: World, officer: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    place, reference = world.place(beds_free=1), world.detention()
    world.ask(place)

    officer.post(f"/desk/detentions/{reference}/places/{place}/ask")

    assert f"desk.ask answered 409: no bed left: place {place}" in caplog.text
    assert HARINGEY_PHONE not in caplog.text
