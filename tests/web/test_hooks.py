"""Webhooks are taken from Twilio only."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from custodyfinder import clock
from custodyfinder.models import BedRequest, IncomingText, Receipt, TextMessage
from custodyfinder.services import inbox, receipts

from ..conftest import TWILIO_TOKEN
from ..world import HARINGEY_PHONE, World

BASE = "http://127.0.0.1:5000"


def post(app: Flask, path: str, form: dict[str, str], *, signature: str | None = None) -> tuple[int, str]:
    """As Twilio posts: signed over our public address, unless another signature is given."""
    client: FlaskClient = app.test_client()
    signed = RequestValidator(TWILIO_TOKEN).compute_signature(BASE + path, form)
    answer = client.post(path, data=form, headers={"X-Twilio-Signature": signed if signature is None else signature})
    return answer.status_code, answer.get_data(as_text=True)


def incoming(body: str) -> dict[str, str]:
    return {"MessageSid": "SM" + "1" * 32, "From": HARINGEY_PHONE, "To": "+447700900999", "Body": body}


def work() -> None:
    """What a delivery process does with what has come in."""
    while inbox.work_next(now=clock.now()):
        pass
    receipts.work(now=clock.now())


def test_a_signed_answer_is_kept_at_once_and_acts_when_it_is_worked(app: Flask, world: World) -> None:
    request = world.ask(world.place(), at=clock.now())
    reference = world.get(BedRequest, request).reference

    status, answer = post(app, "/hooks/twilio/message", incoming(f"{reference} ACCEPT"))

    assert (status, answer) == (204, "")
    assert world.get(BedRequest, request).state == "open"
    work()
    assert world.get(BedRequest, request).state == "accepted"


@pytest.mark.parametrize("signature", ["", "nonsense", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
@pytest.mark.parametrize("path", ["/hooks/twilio/message", "/hooks/twilio/status?text=1"])
def test_what_twilio_has_not_signed_is_403_and_writes_nothing(
    app: Flask, world: World, path: str, signature: str
) -> None:
    request = world.ask(world.place(), at=clock.now())
    reference = world.get(BedRequest, request).reference
    form = incoming(f"{reference} ACCEPT") | {"MessageStatus": "delivered"}

    status, _ = post(app, path, form, signature=signature)

    assert status == 403
    assert world.get(BedRequest, request).state == "open"
    assert world.count(IncomingText, Receipt) == (0, 0)


def test_a_signature_over_another_body_or_text_is_403(app: Flask, world: World) -> None:
    world.ask(world.place(), at=clock.now())
    form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered"}
    signed = RequestValidator(TWILIO_TOKEN).compute_signature(f"{BASE}/hooks/twilio/status?text=2", form)

    status, _ = post(app, "/hooks/twilio/status?text=1", form, signature=signed)

    assert status == 403
    assert world.rows(TextMessage)[0].state == "waiting"


def test_a_signed_receipt_moves_its_text(app: Flask, world: World) -> None:
    world.ask(world.place(), at=clock.now())
    (text,) = world.texts()

    status, answer = post(
        app, f"/hooks/twilio/status?text={text.id}", {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered"}
    )

    assert (status, answer) == (204, "")
    assert world.count(Receipt) == (1,)
    work()
    assert world.rows(TextMessage)[0].state == "delivered"


@pytest.mark.parametrize("query", ["", "?text=", "?text=abc", "?text=-1", "?text=99999999999999999999", "?text=²"])
def test_a_receipt_that_names_no_text_is_400_and_writes_nothing(app: Flask, world: World, query: str) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered"}

    status, _ = post(app, f"/hooks/twilio/status{query.replace('²', '%C2%B2')}", form)

    assert status == 400
    assert world.count(Receipt) == (0,)


def test_two_thousand_emoji_get_a_short_answer(app: Flask, world: World) -> None:
    status, _ = post(app, "/hooks/twilio/message", incoming("😀" * 2000))

    work()

    assert status == 204
    assert "Nothing was recorded" in world.texts(HARINGEY_PHONE, kind="help")[0].body
    assert len(world.rows(IncomingText)[0].body) <= 1600


def test_a_text_without_its_fields_is_400(app: Flask, world: World) -> None:
    status, answer = post(app, "/hooks/twilio/message", {"Body": "hello"})

    assert (status, answer) == (400, "The field MessageSid is missing or too long.")
    assert world.count(IncomingText) == (0,)


def test_the_same_text_delivered_twice_is_kept_once(app: Flask, world: World) -> None:
    first = post(app, "/hooks/twilio/message", incoming("hello"))
    again = post(app, "/hooks/twilio/message", incoming("hello"))

    assert first == again == (204, "")
    assert world.count(IncomingText) == (1,)


def test_a_receipt_for_a_text_that_is_not_ours_is_kept_and_changes_nothing(app: Flask, world: World) -> None:
    form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "delivered"}

    status, _ = post(app, "/hooks/twilio/status?text=77", form)
    work()

    assert status == 204
    assert world.count(Receipt, TextMessage) == (1, 0)
