"""What an incoming text does."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from custodyfinder.db import db
from custodyfinder.domain.replies import parse
from custodyfinder.models import AuditEvent, BedRequest, Contact, IncomingText, Placement, RequestState, TextMessage
from custodyfinder.services import inbox

from ..conftest import NIGHT
from ..world import CAMDEN, CAMDEN_PHONE, HARINGEY_MANAGER, HARINGEY_PHONE, World

LATER = NIGHT + timedelta(minutes=4)
_ids = count(1)


def text_in(body: str, *, sender: str = HARINGEY_PHONE, sid: str | None = None) -> str | None:
    """A text that comes in and is worked; gives what is answered."""
    provider_id = sid or f"SM{next(_ids):032x}"
    inbox.receive(provider_id=provider_id, from_number=sender, body=body, now=LATER)
    while inbox.work_next(now=LATER):
        pass
    with Session(db.engine) as session:
        return session.scalars(select(IncomingText.reply).where(IncomingText.provider_id == provider_id)).one()


def reference(world: World, request: int) -> str:
    return world.get(BedRequest, request).reference


def test_accept_by_text_from_the_contacts_own_number_accepts(world: World) -> None:
    place = world.place()
    request = world.ask(place)

    reply = text_in(f"{reference(world, request).lower()} accept")

    found = world.get(BedRequest, request)
    assert (found.state, found.channel, found.ended_at) == ("accepted", "text", LATER)
    assert world.beds(place) == (1, 0)
    assert reply is not None
    assert "Wood Green" in reply


def test_refuse_by_text_keeps_the_reason(world: World) -> None:
    place = world.place()
    request = world.ask(place)

    text_in(f"{reference(world, request)} REFUSE no bed, we are full")

    found = world.get(BedRequest, request)
    assert (found.state, found.refusal_reason) == ("refused", "no_bed")
    assert "we are full" in (found.refusal_words or "")
    assert world.beds(place) == (2, 0)


def test_ring_by_text_leaves_the_request_open_and_is_noted(world: World) -> None:
    request = world.ask(world.place())

    reply = text_in(f"{reference(world, request)} RING")

    found = world.get(BedRequest, request)
    assert (found.state, found.ring_asked_at) == (RequestState.OPEN, LATER)
    assert reply is not None
    assert "020 7946 0014" in reply


def test_the_right_reference_from_another_phone_does_nothing(world: World) -> None:
    request = world.ask(world.place())

    reply = text_in(f"{reference(world, request)} ACCEPT", sender=CAMDEN_PHONE)

    assert world.get(BedRequest, request).state == RequestState.OPEN
    assert reply is not None
    assert reference(world, request) not in reply


def test_a_number_that_is_nobodys_is_noted_and_hears_nothing(world: World) -> None:
    request = world.ask(world.place())

    assert text_in(f"{reference(world, request)} ACCEPT", sender="+447700900555") is None

    assert world.get(BedRequest, request).state == RequestState.OPEN
    assert world.count(IncomingText) == (1,)


@pytest.mark.parametrize("body", ["yes", "YES", "ok", "accept", "A", "hello?", "", "😀" * 2000, "\0", "K7RT"])
def test_anything_else_changes_nothing(world: World, body: str) -> None:
    place = world.place()
    request = world.ask(place)
    before = world.count(AuditEvent, Placement)

    reply = text_in(body)

    assert world.get(BedRequest, request).state == RequestState.OPEN
    assert world.beds(place) == (1, 1)
    assert world.count(AuditEvent, Placement) == before
    assert [text.body for text in world.texts()[1:]] == ([] if reply is None else [reply])
    assert reply is None or len(reply) <= 160


def test_a_bare_accept_is_told_which_reference_to_send(world: World) -> None:
    request = world.ask(world.place())

    reply = text_in("accept")

    assert reply is not None
    assert reference(world, request) in reply


def test_a_late_answer_hears_what_is_true_now(world: World) -> None:
    request = world.ask(world.place())
    text_in(f"{reference(world, request)} ACCEPT")

    assert text_in(f"{reference(world, request)} REFUSE") == "Already accepted by Haringey at 02:14."


def test_the_slower_of_two_authorities_hears_who_was_quicker(world: World) -> None:
    detention = world.detention()
    ours = world.ask(world.place(), detention=detention)
    theirs = world.ask(world.place(authority_code=CAMDEN), detention=detention)
    text_in(f"{reference(world, ours)} ACCEPT")

    reply = text_in(f"{reference(world, theirs)} ACCEPT", sender=CAMDEN_PHONE)

    assert reply == "Already accepted by Haringey at 02:14."
    assert world.count(Placement) == (1,)


def test_a_reference_from_yesterday_says_that_it_has_ended(world: World) -> None:
    place = world.place()
    request = world.ask(place, at=NIGHT - timedelta(days=1))

    reply = text_in(f"{reference(world, request)} ACCEPT")

    assert world.get(BedRequest, request).state == RequestState.EXPIRED
    assert world.beds(place) == (2, 0)
    assert reply is not None
    assert "expired" in reply.lower()


def test_a_reference_from_long_ago_is_not_known(world: World) -> None:
    request = world.ask(world.place(), at=NIGHT - timedelta(days=31))

    reply = text_in(f"{reference(world, request)} ACCEPT")

    assert reply is not None
    assert "expired" not in reply.lower()


def test_the_same_text_delivered_twice_acts_once_and_is_answered_alike(world: World) -> None:
    request = world.ask(world.place())
    body = f"{reference(world, request)} ACCEPT"

    first = text_in(body, sid="SM" + "a" * 32)
    again = text_in(body, sid="SM" + "a" * 32)

    assert first == again
    assert world.count(IncomingText, Placement) == (1, 1)


def test_words_that_twilio_answers_itself_are_not_answered_twice(world: World) -> None:
    world.ask(world.place())

    assert text_in("HELP") is None
    assert world.texts(kind="reply") == world.texts(kind="help") == []


def test_ring_after_the_end_changes_nothing_and_says_what_is_true(world: World) -> None:
    request = world.ask(world.place())
    text_in(f"{reference(world, request)} ACCEPT")

    reply = text_in(f"{reference(world, request)} RING")

    assert reply == "Already accepted by Haringey at 02:14."
    assert world.get(BedRequest, request).ring_asked_at is None


def test_the_answer_goes_out_as_a_text_to_who_wrote(world: World) -> None:
    request = world.ask(world.place())

    reply = text_in(f"{reference(world, request)} ACCEPT")

    (answer,) = world.texts(HARINGEY_PHONE, kind="reply")
    assert (answer.body, answer.request_id) == (reply, request)


def test_at_most_five_helpful_replies_an_hour_go_to_one_number(world: World) -> None:
    request = world.ask(world.place())

    helped = [text_in("what is this") for _ in range(8)]

    assert [answer is not None for answer in helped] == [True] * 5 + [False] * 3
    # What is understood is answered all the same, and another phone has its own five.
    assert text_in(f"{reference(world, request)} RING") is not None
    assert text_in("what is this", sender=CAMDEN_PHONE) is not None
    assert world.count(IncomingText) == (10,)


def test_help_is_given_again_an_hour_later(world: World) -> None:
    for _ in range(6):
        text_in("what is this")
    for text in world.texts(kind="help"):
        world.change(TextMessage, text.id, promised_at=LATER - timedelta(hours=1))

    assert text_in("what is this") is not None


def test_stop_marks_the_phone_and_tells_the_manager_and_start_brings_it_back(world: World) -> None:
    contact = world.contact(HARINGEY_PHONE)

    assert text_in("Stop") is None
    assert world.get(Contact, contact).opted_out_at == LATER
    assert len(world.texts(HARINGEY_MANAGER, kind="notice")) == 1
    text_in("STOP")
    assert len(world.texts(HARINGEY_MANAGER, kind="notice")) == 1

    assert text_in("START") is not None
    assert world.get(Contact, contact).opted_out_at is None


@pytest.mark.parametrize("word", ["YES", "yes", "UNSTOP"])
def test_what_twilio_takes_for_start_brings_a_phone_back(world: World, word: str) -> None:
    text_in("STOP")

    text_in(word)

    assert world.get(Contact, world.contact(HARINGEY_PHONE)).opted_out_at is None


def test_a_text_that_meets_a_bug_of_ours_does_not_stop_the_ones_behind_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(body: str) -> object:
        if body == "poison":
            raise RuntimeError("a bug")
        return parse(body)

    monkeypatch.setattr(inbox, "parse", fail)
    request = world.ask(world.place())
    inbox.receive(provider_id="SM" + "b" * 32, from_number=HARINGEY_PHONE, body="poison", now=LATER)

    text_in(f"{reference(world, request)} ACCEPT")

    assert world.get(BedRequest, request).state == RequestState.ACCEPTED
    poisoned = world.rows(IncomingText)[0]
    assert (poisoned.worked_at, poisoned.attempts) == (None, 1)
    for minutes in range(1, 10):
        inbox.work_next(now=LATER + timedelta(minutes=minutes))
    assert world.rows(IncomingText)[0].worked_at is not None


def test_a_contact_who_was_removed_is_nobody(world: World) -> None:
    request = world.ask(world.place())
    world.change(Contact, world.contact(HARINGEY_PHONE), removed_at=NIGHT)

    assert text_in(f"{reference(world, request)} ACCEPT") is None
    assert world.get(BedRequest, request).state == RequestState.OPEN
