"""Where it is in doubt whether a text went: looked for, never sent twice, never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.gateways.sms import OPTED_OUT, SmsRefused, SmsTryLater
from custodyfinder.models import Contact, TextMessage
from custodyfinder.services import breaker, delivery, receipts

from ..conftest import NIGHT
from ..world import HARINGEY_MANAGER, HARINGEY_PHONE, World
from .delivering import BASE, at, busy, promise, send
from .senders import FakeSender


def names(world: World) -> list[str]:
    """Twilio's ids as we have noted them, text by text."""
    return [str(text.provider_id) for text in world.rows(TextMessage)]


def taken(sender: FakeSender) -> list[str]:
    """Twilio's ids of what it took for Haringey's phone, the oldest first."""
    return [sent.provider_id for sent in reversed(sender.sent_to(HARINGEY_PHONE, since=NIGHT))]


def states(world: World) -> set[str]:
    return {text.state for text in world.rows(TextMessage)}


# --- a call without an answer ---------------------------------------------------------------


@pytest.mark.parametrize("code", ["timeout", "connection"])
def test_a_call_that_twilio_may_still_be_at_work_on_is_looked_for_at_once_and_made_again_later(
    world: World, code: str
) -> None:
    promise()
    sender = FakeSender(busy(code))
    send(sender)

    tried = [second for second in range(1, 20) if send(sender, second)]

    assert (tried[0], len(sender.asked)) == (1, 2)
    assert 10 <= tried[1] <= 12
    assert len(sender.sent) == 1


def test_a_text_that_twilio_lists_late_is_not_sent_again(world: World) -> None:
    text = promise()
    sender = FakeSender(busy("timeout"))
    send(sender)
    send(sender, 6)  # it was looked for: not there yet
    late = sender.send(to=HARINGEY_PHONE, body="hello", status_url="", valid_for=at(60) - NIGHT)

    for second in range(7, 20):
        send(sender, second)

    assert len(sender.sent) == 1
    assert world.get(TextMessage, text).provider_id == late


def test_a_call_that_twilio_answered_with_an_error_is_looked_for_and_made_again_at_once(world: World) -> None:
    promise()
    sender = FakeSender(busy("20503"))
    send(sender)

    send(sender, 1)

    assert (len(sender.asked), len(sender.sent)) == (1, 1)


def test_waiting_for_an_unanswered_call_to_end_does_not_count_as_a_failure(world: World) -> None:
    promise()
    sender = FakeSender(busy("timeout"))
    send(sender)
    for _ in range(breaker.FAILURES - 2):
        breaker.failed(HARINGEY_PHONE, "timeout", now=NIGHT)

    send(sender, 1)

    assert breaker.out_since() is None


# --- twins: the same words to the same number, twice ----------------------------------------


def test_of_twins_whose_processes_died_with_one_on_its_way_two_arrive_when_its_receipt_comes_late(
    world: World,
) -> None:
    first, second = promise("again"), promise("again")
    sender = FakeSender(busy("20500"), takes_unseen=True)
    # The first went unseen; the second's process died before its call.
    (claimed,) = delivery.claim(16, now=NIGHT)
    delivery.deliver(claimed, sender, status_base=BASE, now=NIGHT)
    world.change(TextMessage, first, due_at=at(100))
    sender.takes_unseen = False
    delivery.claim(16, now=at(1))
    # It is taken for the one in the list, which nobody can tell from it.
    send(sender, 62)
    (gone,) = taken(sender)
    assert world.get(TextMessage, second).provider_id == gone

    # Only now does Twilio say that this was the first.
    receipts.take(first, status="sent", error_code=None, provider_id=gone, now=at(70))
    receipts.work(now=at(70))
    for seconds in (131, 140, 170):
        send(sender, seconds)

    assert [body for _, body, _ in sender.sent] == ["again", "again"]
    assert states(world) == {"sent"}
    assert sorted(names(world)) == sorted(taken(sender))


def test_a_receipt_under_its_twins_name_does_not_stop_a_text(world: World) -> None:
    first, second = promise("again"), promise("again")
    sender = FakeSender()
    delivery.claim(16, now=NIGHT)  # its process dies before the call
    world.change(TextMessage, second, state="sent", provider_id="SM" + "7" * 32)
    receipts.take(first, status="sent", error_code=None, provider_id="SM" + "7" * 32, now=at(1))

    send(sender, 61)  # before the receipt is worked
    receipts.work(now=at(61))

    assert len(sender.sent) == 1
    assert states(world) == {"sent"}
    assert names(world) == [*taken(sender), "SM" + "7" * 32]


def test_a_text_whose_name_is_noted_for_its_twin_in_the_same_moment_is_looked_for_again(world: World) -> None:
    first, second = promise("again"), promise("again")

    class Confused(FakeSender):
        """Gives a text the id under which its twin is noted."""

        def send(self, *, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
            name = super().send(to=to, body=body, status_url=status_url, valid_for=valid_for)
            if len(self.sent) == 1:
                world.change(TextMessage, second, state="sent", provider_id=name)
            return name

    sender = Confused()
    send(sender)
    waiting = world.get(TextMessage, first)
    assert (waiting.state, waiting.error_code, waiting.perhaps_sent_since) == ("waiting", "twin", NIGHT)

    send(sender, 1)

    assert names(world) == list(reversed(taken(sender)))


# --- what the note must not lose ------------------------------------------------------------


def test_a_text_whose_first_receipt_comes_before_our_own_note_is_still_asked_about(world: World) -> None:
    text = promise()

    class Quick(FakeSender):
        """Says that a text is on its way before it has answered the call."""

        def send(self, *, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
            name = super().send(to=to, body=body, status_url=status_url, valid_for=valid_for)
            receipts.take(text, status="sent", error_code=None, provider_id=name, now=NIGHT)
            receipts.work(now=NIGHT)
            return name

    sender = Quick()
    send(sender)

    assert receipts.ask_for_one(sender, now=at(60))


def test_a_receipt_that_shows_where_a_text_went_lets_it_be_asked_about(world: World) -> None:
    text = promise()
    sender = FakeSender()
    (claimed,) = delivery.claim(16, now=NIGHT)
    sid = sender.send(to=claimed.to, body=claimed.body, status_url="", valid_for=at(60) - NIGHT)
    receipts.take(text, status="sent", error_code=None, provider_id=sid, now=at(1))
    receipts.work(now=at(1))

    assert not receipts.ask_for_one(sender, now=at(60))
    assert receipts.ask_for_one(sender, now=at(61))


def test_a_failed_text_is_not_asked_about_for_ever(world: World) -> None:
    text = promise()
    sender = FakeSender(SmsRefused("21211"))
    send(sender)
    receipts.take(text, status="sent", error_code=None, provider_id="SM" + "7" * 32, now=at(1))
    receipts.work(now=at(1))

    assert world.get(TextMessage, text).look_at is None


# --- our account, and phones that have opted out --------------------------------------------


@pytest.mark.parametrize("code", ["20003", "20005", "20006", "20404", "401", "403"])
def test_trouble_with_our_account_is_an_outage_though_one_number_alone_is_texted(world: World, code: str) -> None:
    text = promise()
    sender = FakeSender(*[SmsRefused(code)] * 4)

    for seconds in (0, 1, 10, 40):
        send(sender, seconds)

    assert breaker.out_since() == NIGHT
    assert world.get(TextMessage, text).state == "waiting"


def test_a_phone_that_has_opted_out_is_marked_and_the_manager_told(world: World) -> None:
    promise()
    sender = FakeSender(SmsRefused(OPTED_OUT))

    send(sender)
    send(sender, 1)

    assert world.get(Contact, world.contact(HARINGEY_PHONE)).opted_out_at == NIGHT
    assert [to for to, _, _ in sender.sent] == [HARINGEY_MANAGER]


def test_a_text_that_may_have_gone_before_it_lost_its_use_is_looked_for_until_twilio_can_say(world: World) -> None:
    text = promise(use_until=at(30))
    sender = FakeSender(busy("timeout"), takes_unseen=True)
    send(sender)
    sender.asking_fails = SmsTryLater("connection", None, perhaps_sent=False)
    for seconds in (5, 20, 60, 120):
        send(sender, seconds)
    assert world.get(TextMessage, text).state == "waiting"

    sender.asking_fails = None
    breaker.worked(now=at(200))
    send(sender, 200)

    assert (len(sender.sent), world.get(TextMessage, text).state) == (1, "sent")
