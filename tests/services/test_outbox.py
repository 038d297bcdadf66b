"""Texts that are promised, claimed, given to Twilio and noted: each once, whoever fails in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.db import transaction, transaction_is_open
from custodyfinder.domain.delivery import pause
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.gateways.sms import SmsRefused, SmsTryLater
from custodyfinder.models import BedRequest, TextKind, TextMessage
from custodyfinder.services import delivery, outbox, receipts, requests

from ..conftest import NIGHT
from ..world import CAMDEN_PHONE, HARINGEY, HARINGEY_PHONE, World
from .delivering import BASE, at, busy, promise, send
from .senders import FakeSender

# --- once -----------------------------------------------------------------------------------


def test_a_promise_that_is_not_committed_is_never_sent(world: World) -> None:
    def change_our_mind() -> None:
        with transaction() as session:
            outbox.promise(session, kind=TextKind.NOTICE, to=HARINGEY_PHONE, body="no", request_id=None, now=NIGHT)
            raise RuntimeError("changed our mind")

    with pytest.raises(RuntimeError, match="changed our mind"):
        change_our_mind()

    assert send(FakeSender()) == 0


def test_a_text_is_sent_once_with_its_own_address_for_receipts_and_what_is_left_of_its_use(world: World) -> None:
    text = promise(use_until=at(600))
    sender = FakeSender()

    assert [send(sender, 2), send(sender, 3)] == [1, 0]

    assert sender.sent == [(HARINGEY_PHONE, "hello", f"{BASE}?text={text}")]
    assert sender.valid_for == [timedelta(seconds=598)]
    found = world.get(TextMessage, text)
    assert (found.state, found.sent_at, found.perhaps_sent_since) == ("sent", at(2), None)


def test_no_transaction_is_open_while_twilio_is_called(world: World) -> None:
    promise()
    open_during: list[bool] = []

    send(FakeSender(during=lambda: open_during.append(transaction_is_open())))

    assert open_during == [False]


def test_one_text_at_a_time_is_on_its_way_to_one_number(world: World) -> None:
    promise("first"), promise("second"), promise("elsewhere", to=CAMDEN_PHONE)

    first = delivery.claim(16, now=NIGHT)

    assert sorted(text.body for text in first) == ["elsewhere", "first"]
    assert delivery.claim(16, now=NIGHT) == []


def test_a_text_whose_process_died_after_the_call_is_found_in_twilios_list_and_not_sent_again(world: World) -> None:
    text = promise()
    sender = FakeSender()
    (claimed,) = delivery.claim(16, now=NIGHT)
    sent = sender.send(to=claimed.to, body=claimed.body, status_url="", valid_for=timedelta(minutes=1))
    # The process dies here. Nobody else touches it until its lease runs out.
    assert send(sender, 59) == 0

    assert send(sender, 61) == 1

    assert len(sender.sent) == 1
    assert (world.get(TextMessage, text).state, world.get(TextMessage, text).provider_id) == ("sent", sent)


def test_a_text_whose_process_died_before_the_call_is_sent(world: World) -> None:
    promise()
    sender = FakeSender()
    delivery.claim(16, now=NIGHT)

    send(sender, 61)

    assert len(sender.sent) == 1
    assert sender.asked == [(HARINGEY_PHONE, NIGHT - delivery.CLOCKS_APART)]


def test_a_call_whose_answer_was_lost_is_looked_for_before_it_is_made_again(world: World) -> None:
    promise()
    sender = FakeSender(busy("timeout"), takes_unseen=True)

    send(sender)
    send(sender, 1)

    assert len(sender.sent) == 1
    assert world.rows(TextMessage)[0].state == "sent"


def test_a_text_is_not_sent_blindly_while_twilios_list_is_out_of_reach(world: World) -> None:
    promise()
    sender = FakeSender(busy("timeout"))
    send(sender)
    sender.asking_fails = SmsTryLater("connection", None, perhaps_sent=False)
    for seconds in (1, 10, 40):
        send(sender, seconds)
    assert sender.sent == []

    sender.asking_fails = SmsRefused("20404")
    send(sender, 120)
    assert sender.sent == []

    sender.asking_fails = None
    send(sender, 300)
    assert len(sender.sent) == 1


def test_twins_of_which_one_went_through_arrive_twice_and_not_three_times(world: World) -> None:
    promise("again"), promise("again")
    sender = FakeSender(busy("timeout"), busy("20500"), takes_unseen=True)
    send(sender)
    sender.takes_unseen = False
    for seconds in (1, 10, 40, 100, 200):
        send(sender, seconds)

    assert [body for _, body, _ in sender.sent] == ["again", "again"]
    assert {text.state for text in world.rows(TextMessage)} == {"sent"}
    assert len({text.provider_id for text in world.rows(TextMessage)}) == 2


def test_a_receipt_shows_that_a_text_went_and_which_it_was(world: World) -> None:
    text = promise()
    sender = FakeSender()
    delivery.claim(16, now=NIGHT)
    receipts.take(text, status="sent", error_code=None, provider_id="SM" + "7" * 32, now=at(3))
    receipts.work(now=at(3))

    assert send(sender, 61) == 0
    assert sender.sent == []
    assert (world.get(TextMessage, text).state, world.get(TextMessage, text).provider_id) == ("sent", "SM" + "7" * 32)


def test_what_a_refusal_of_the_moment_says_was_not_sent_needs_no_looking_for(world: World) -> None:
    promise()
    sender = FakeSender(busy("20429", perhaps_sent=False))

    send(sender)
    send(sender, 1)

    assert (len(sender.sent), sender.asked) == (1, [])


# --- again ----------------------------------------------------------------------------------


def test_it_is_tried_again_at_once_and_then_after_5_15_and_45_seconds() -> None:
    assert [pause(attempt, retry_after=None, chance=0).total_seconds() for attempt in range(1, 7)] == [
        *(0, 5, 15, 45, 45, 45)
    ]


def test_a_pause_has_some_jitter_and_is_never_shorter_than_twilio_asks() -> None:
    assert pause(3, retry_after=None, chance=1).total_seconds() == pytest.approx(18)
    assert pause(1, retry_after=20, chance=0).total_seconds() == 20
    assert pause(4, retry_after=20, chance=0).total_seconds() == 45


def test_a_retry_waits_as_long_as_twilio_asks(world: World) -> None:
    promise()
    sender = FakeSender(busy("20429", retry_after=20, perhaps_sent=False))

    send(sender)

    assert [send(sender, 19), send(sender, 20)] == [0, 1]


@pytest.mark.parametrize("code", ["21211", "21610", "21614"])
def test_what_twilio_refuses_is_never_tried_again(world: World, code: str) -> None:
    text = promise()
    sender = FakeSender(SmsRefused(code))

    send(sender)

    for seconds in (1, 60, 600):
        send(sender, seconds)
    assert "hello" not in [body for _, body, _ in sender.sent]  # a manager may be told of it
    assert (world.get(TextMessage, text).state, world.get(TextMessage, text).error_code) == ("failed", code)


@pytest.mark.parametrize("code", ["20003", "401", "20005"])
def test_trouble_with_our_account_is_not_the_texts_fault(world: World, code: str) -> None:
    text = promise()
    sender = FakeSender(SmsRefused(code))

    send(sender)
    assert world.get(TextMessage, text).state == "waiting"

    send(sender, 1)
    assert world.get(TextMessage, text).state == "sent"


def test_a_text_that_lost_its_use_while_it_waited_fails_and_is_never_sent(world: World) -> None:
    text = promise(use_until=at(60))
    sender = FakeSender(busy("20429", retry_after=61, perhaps_sent=False))
    send(sender)

    send(sender, 61)

    assert sender.sent == []
    assert (world.get(TextMessage, text).state, world.get(TextMessage, text).error_code) == ("failed", "too late")


def test_a_text_about_a_request_that_ended_is_only_looked_for_after_a_crash(world: World) -> None:
    request = world.ask(world.place())
    sender = FakeSender()
    delivery.claim(16, now=NIGHT)
    requests.refuse(
        request,
        reason=RefusalReason.NO_BED,
        words="",
        authority_code=HARINGEY,
        by="duty",
        channel="page",
        now=at(5),
    )

    send(sender, 61)

    assert world.get(BedRequest, request).state == "refused"
    assert sender.sent == []
    assert sender.asked != []
    assert world.rows(TextMessage)[0].state == "failed"


def test_texts_that_were_never_tried_go_before_those_that_failed(world: World) -> None:
    promise("broken")
    sender = FakeSender(busy("20429", perhaps_sent=False))
    send(sender)
    promise("new", to=CAMDEN_PHONE, now=at(5))

    (first,) = delivery.claim(1, now=at(10))

    assert first.body == "new"


def test_a_bug_met_by_one_text_does_not_stop_the_others(world: World) -> None:
    promise("poison"), promise("fine", to=CAMDEN_PHONE)
    sender = FakeSender(RuntimeError("a bug"))

    send(sender)

    assert [body for _, body, _ in sender.sent] == ["fine"]
