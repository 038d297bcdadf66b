"""What an incoming text does."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from custodyfinder.models import AuditEvent, BedRequest, IncomingText, Placement, RequestState, TextMessage
from custodyfinder.services import inbox

from ..conftest import NIGHT
from ..world import CAMDEN, CAMDEN_PHONE, HARINGEY_PHONE, World

LATER = NIGHT + timedelta(minutes=4)
_ids = count(1)


def text_in(body: str, *, sender: str = HARINGEY_PHONE, sid: str | None = None) -> str | None:
    return inbox.receive(provider_id=sid or f"SM{next(_ids):032x}", from_number=sender, body=body, now=LATER)


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
    before = world.count(AuditEvent, TextMessage, Placement)

    reply = text_in(body)

    assert world.get(BedRequest, request).state == RequestState.OPEN
    assert world.beds(place) == (1, 1)
    assert world.count(AuditEvent, TextMessage, Placement) == before
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


def test_words_that_the_networks_take_are_not_answered(world: World) -> None:
    world.ask(world.place())

    assert text_in("STOP") is None


def test_ring_after_the_end_changes_nothing_and_says_what_is_true(world: World) -> None:
    request = world.ask(world.place())
    text_in(f"{reference(world, request)} ACCEPT")

    reply = text_in(f"{reference(world, request)} RING")

    assert reply == "Already accepted by Haringey at 02:14."
    assert world.get(BedRequest, request).ring_asked_at is None
