"""Texts are sent if and only if what made them necessary was committed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.db import transaction, transaction_is_open
from custodyfinder.gateways.sms import SmsRefused, SmsTryLater
from custodyfinder.models import Receipt, TextMessage
from custodyfinder.services import outbox, requests

from ..conftest import NIGHT
from ..world import HARINGEY_PHONE, World
from .senders import FakeSender

BASE = "https://example.org/hooks/twilio/status"


def deliver(sender: FakeSender, *, after: float = 0) -> bool:
    return outbox.deliver_next(sender, status_base=BASE, now=NIGHT + timedelta(seconds=after))


def promise(body: str = "A bed is needed") -> None:
    with transaction() as session:
        outbox.promise(session, to=HARINGEY_PHONE, body=body, request_id=None, now=NIGHT)


def only(world: World) -> TextMessage:
    (text,) = world.rows(TextMessage)
    return text


def test_a_promised_text_is_sent_once_with_its_own_address_for_receipts(world: World) -> None:
    promise()
    sender = FakeSender()

    assert deliver(sender)
    assert not deliver(sender)

    text = only(world)
    assert sender.sent == [(HARINGEY_PHONE, "A bed is needed", f"{BASE}?text={text.id}")]
    assert (text.state, text.provider_id, text.attempts) == ("sent", f"SM{1:032x}", 1)


def test_a_text_promised_in_a_transaction_that_fails_is_never_sent(world: World) -> None:
    def promise_and_fail() -> None:
        with transaction() as session:
            outbox.promise(session, to=HARINGEY_PHONE, body="no", request_id=None, now=NIGHT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        promise_and_fail()
    sender = FakeSender()

    assert not deliver(sender)


def test_no_transaction_is_open_while_the_provider_is_called(world: World) -> None:
    promise()
    seen: list[bool] = []

    def look() -> None:
        seen.append(transaction_is_open())
        # Another process could write now: on SQLite this would wait for ever otherwise.
        with transaction() as session:
            outbox.promise(session, to=HARINGEY_PHONE, body="another", request_id=None, now=NIGHT)

    deliver(FakeSender(during=look))

    assert seen == [False]


def test_a_worker_that_dies_mid_send_does_not_lose_the_text(world: World) -> None:
    promise()

    with pytest.raises(SystemExit):
        deliver(FakeSender(SystemExit()))  # type: ignore[arg-type]

    sender = FakeSender()
    assert not deliver(sender, after=29), "the dead worker's lease still runs"
    assert deliver(sender, after=31)
    assert only(world).state == "sent"


def test_failures_for_now_are_tried_again_at_once_then_after_5_15_and_45_seconds(world: World) -> None:
    promise()
    sender = FakeSender(*(SmsTryLater("500", None) for _ in range(5)))
    tried = [second for second in range(200) if deliver(sender, after=second)]

    assert tried == [0, 1, 6, 21, 66, 111]
    assert only(world).state == "sent"


def test_retry_after_is_obeyed(world: World) -> None:
    promise()
    sender = FakeSender(SmsTryLater("429", 20.0))

    tried = [second for second in range(60) if deliver(sender, after=second)]

    assert tried == [0, 20]


def test_a_refusal_for_good_is_never_tried_again(world: World) -> None:
    promise()
    sender = FakeSender(SmsRefused("21211"))

    assert deliver(sender)
    assert not deliver(sender, after=3600)

    assert (only(world).state, only(world).error_code) == ("failed", "21211")


def test_a_text_that_could_not_be_sent_while_it_was_of_use_fails_for_good(world: World) -> None:
    promise()
    sender = FakeSender(*(SmsTryLater("500", None) for _ in range(60)))

    tried = [second for second in range(2400) if deliver(sender, after=second)]

    assert 1740 < tried[-1] < 1800
    assert only(world).state == "failed"


def test_a_bug_met_by_one_text_does_not_stop_the_ones_behind_it(world: World) -> None:
    promise("first")
    promise("second")
    sender = FakeSender(RuntimeError("a bug"))

    deliver(sender)
    deliver(sender)

    assert [body for _, body, _ in sender.sent] == ["second"]


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["queued", "sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["sent", "undelivered"], "undelivered"),
        (["undelivered", "sent"], "undelivered"),
        (["delivered", "undelivered"], "delivered"),
        (["undelivered", "delivered"], "delivered"),
        (["sent", "failed"], "failed"),
        (["sent", "something-new"], "sent"),
    ],
)
def test_a_late_receipt_never_covers_a_newer_one_and_every_one_is_kept(
    world: World, statuses: list[str], state: str
) -> None:
    promise()
    deliver(FakeSender())
    text_id = only(world).id

    for status in statuses:
        outbox.take_receipt(text_id, status=status, error_code=None, now=NIGHT)

    assert only(world).state == state
    assert [receipt.status for receipt in world.rows(Receipt)] == statuses


def test_a_receipt_that_comes_before_our_own_note_is_not_covered_by_it(world: World) -> None:
    promise()
    text_id = only(world).id

    deliver(FakeSender(during=lambda: outbox.take_receipt(text_id, status="delivered", error_code=None, now=NIGHT)))

    assert (only(world).state, only(world).provider_id) == ("delivered", f"SM{1:032x}")


def test_a_receipt_for_a_text_that_is_not_ours_writes_nothing(world: World) -> None:
    outbox.take_receipt(4711, status="delivered", error_code=None, now=NIGHT)

    assert world.count(Receipt) == (0,)


def test_no_number_is_logged_whatever_goes_wrong(world: World, caplog: pytest.LogCaptureFixture) -> None:
    promise()
    sender = FakeSender(SmsTryLater("500", None), RuntimeError("no"), SmsRefused("21211"))

    for second in (0, 1, 10):
        deliver(sender, after=second)

    assert "900014" not in caplog.text


def test_what_waits_for_a_request_that_has_ended_is_never_sent(world: World) -> None:
    request = world.ask(world.place())
    requests.withdraw(request, suite_id=world.suite_id, by="officer", now=NIGHT)

    sender = FakeSender()

    assert not deliver(sender)
    assert (only(world).state, only(world).error_code) == ("failed", "request ended")


def test_after_an_outage_old_texts_are_not_sent(world: World) -> None:
    promise()
    sender = FakeSender()

    assert not deliver(sender, after=1800)
    assert only(world).state == "failed"


def test_an_early_receipts_error_is_kept(world: World) -> None:
    promise()
    text_id = only(world).id

    deliver(
        FakeSender(
            during=lambda: outbox.take_receipt(text_id, status="undelivered", error_code="30003", now=NIGHT),
        )
    )

    assert (only(world).state, only(world).error_code) == ("undelivered", "30003")
