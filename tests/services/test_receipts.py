"""What became of a text, and Twilio out: with a clock that the test moves."""

from __future__ import annotations

import pytest

from custodyfinder.gateways.sms import Fate
from custodyfinder.models import Receipt, TextMessage, TextState
from custodyfinder.services import breaker, delivery, health, receipts

from ..conftest import NIGHT
from ..world import CAMDEN_PHONE, HARINGEY_PHONE, World
from .delivering import BASE, at, busy, promise, receipt, send
from .senders import FakeSender

# --- receipts -------------------------------------------------------------------------------


def test_a_late_sent_never_covers_delivered(world: World) -> None:
    text = promise()
    send(FakeSender())

    receipt(text, "delivered")
    receipt(text, "sent")
    receipt(text, "undelivered", "30003")

    assert world.get(TextMessage, text).state == TextState.DELIVERED
    assert [each.status for each in world.rows(Receipt)] == ["delivered", "sent", "undelivered"]


def test_undelivered_is_not_sent(world: World) -> None:
    text = promise()
    send(FakeSender())

    receipt(text, "undelivered", "30005")

    found = world.get(TextMessage, text)
    assert (found.state, found.error_code, found.settled_at) == ("undelivered", "30005", at(1))


def test_a_receipt_that_comes_before_our_own_note_is_not_lost(world: World) -> None:
    text = promise()
    sender = FakeSender(during=lambda: receipts.take(text, status="delivered", error_code=None, now=NIGHT))
    receipts_worked_during = delivery.claim(16, now=NIGHT)
    delivery.deliver(receipts_worked_during[0], sender, status_base=BASE, now=NIGHT)
    receipts.work(now=NIGHT)

    assert world.get(TextMessage, text).state == "delivered"


@pytest.mark.parametrize(("text", "status"), [(999, "delivered"), (1, "flying")])
def test_a_receipt_of_no_text_or_no_known_status_is_kept_and_changes_nothing(
    world: World, text: int, status: str
) -> None:
    promise()
    send(FakeSender())

    receipt(text, status)

    assert world.rows(TextMessage)[0].state == "sent"
    (kept,) = world.rows(Receipt)
    assert (kept.text_id, kept.status, kept.worked_at) == (text, status, at(1))


def test_where_no_receipt_comes_in_sixty_seconds_twilio_is_asked(world: World) -> None:
    text = promise()
    sender = FakeSender()
    send(sender)
    provider_id = world.get(TextMessage, text).provider_id or ""
    sender.fates[provider_id] = Fate("undelivered", "30003")

    assert not receipts.ask_for_one(sender, now=at(59))
    assert receipts.ask_for_one(sender, now=at(60))
    receipts.work(now=at(60))

    assert world.get(TextMessage, text).state == "undelivered"
    assert world.rows(Receipt)[0].asked_for
    assert not receipts.ask_for_one(sender, now=at(9999))


def test_asking_goes_on_at_longer_intervals_and_then_stops(world: World) -> None:
    promise()
    sender = FakeSender()
    send(sender)

    asked = [seconds for seconds in range(0, 8000, 10) if receipts.ask_for_one(sender, now=at(seconds))]

    assert asked == [60, 120, 240, 540, 1440, 3240]


# --- an outage ------------------------------------------------------------------------------


def out(world: World) -> None:
    """Four texts to two numbers have failed."""
    for number in range(4):
        breaker.failed(f"+44770090000{number % 2}", "20500", now=at(number))


def test_four_failures_to_more_than_one_number_are_an_outage_since_the_first(world: World) -> None:
    out(world)

    assert breaker.out_since() == NIGHT
    assert health.texts_delayed_since(now=at(10)) == NIGHT


def test_one_broken_number_is_no_outage_and_no_answer_at_all_is_one(world: World) -> None:
    for number in range(20):
        breaker.failed(HARINGEY_PHONE, "20500", now=at(number))
    assert breaker.out_since() is None

    breaker.failed(HARINGEY_PHONE, "connection", now=at(30))
    assert breaker.out_since() == NIGHT


def test_a_success_in_between_starts_the_count_again(world: World) -> None:
    for number in range(3):
        breaker.failed(f"+44770090000{number}", "20500", now=at(number))
    breaker.worked(now=at(3))
    breaker.failed(HARINGEY_PHONE, "20500", now=at(4))

    assert breaker.out_since() is None


def test_during_an_outage_what_failed_waits_but_for_a_probe_and_what_is_new_goes(world: World) -> None:
    old = [promise("old", to=f"+44770090010{number}") for number in range(3)]
    failing = FakeSender(*[busy("20429", perhaps_sent=False)] * 3)
    send(failing)
    out(world)
    promise("new", to=CAMDEN_PHONE, now=at(4))

    claimed = delivery.claim(16, now=at(6))
    assert [text.body for text in claimed] == ["new"]
    probing = delivery.claim(16, now=at(14))
    assert [text.id in old for text in probing] == [True]
    assert delivery.claim(16, now=at(15)) == []


def test_the_first_text_that_goes_through_ends_the_outage_and_everything_waiting_is_due(world: World) -> None:
    promise("old", to="+447700900100")
    send(FakeSender(busy("20429", retry_after=100, perhaps_sent=False)))
    out(world)
    promise("new", to=CAMDEN_PHONE, now=at(4))
    sender = FakeSender()

    send(sender, 6)

    assert breaker.out_since() is None
    assert send(sender, 7) == 1
    assert [body for _, body, _ in sender.sent] == ["new", "old"]


def test_texts_are_delayed_as_well_while_no_delivery_process_works(world: World) -> None:
    assert health.texts_delayed_since(now=NIGHT) is None
    health.beat("one", now=NIGHT)
    assert health.texts_delayed_since(now=at(60)) is None

    assert health.texts_delayed_since(now=at(61)) == NIGHT
