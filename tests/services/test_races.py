"""Races between processes are settled by the database, on both kinds."""

from __future__ import annotations

from datetime import timedelta

from custodyfinder.config import Settings
from custodyfinder.db import transaction
from custodyfinder.models import AuditEvent, BedRequest, Placement, Receipt, RequestState, TextMessage
from custodyfinder.services import beds, outbox

from ..conftest import NIGHT
from ..world import HARINGEY_PHONE, World
from . import racers
from .racers import race

TOO_LATE = NIGHT + timedelta(minutes=31)


def test_the_last_bed_is_held_once_however_many_officers_press_at_once(world: World, settings: Settings) -> None:
    last = world.place(beds_free=1)
    children = [world.detention() for _ in range(4)]

    results = race(settings, [(racers.ask, (each, last, world.suite_id, NIGHT)) for each in children])

    assert sorted(results) == ["NoBedLeft"] * 3 + ["asked"]
    assert world.beds(last) == (0, 1)
    assert world.count(BedRequest, TextMessage) == (1, 1)


def test_two_clicks_at_once_are_one_request(world: World, settings: Settings) -> None:
    place = world.place(beds_free=3)
    detention = world.detention()

    results = race(settings, [(racers.ask, (detention, place, world.suite_id, NIGHT))] * 3)

    assert results == ["asked"] * 3
    assert world.beds(place) == (2, 1)
    assert world.count(BedRequest, TextMessage) == (1, 1)


def test_beds_are_neither_lost_nor_made_when_many_ask_at_once(world: World, settings: Settings) -> None:
    place = world.place(beds_total=30, beds_free=30)
    children = [[world.detention() for _ in range(20)] for _ in range(3)]

    results = race(settings, [(racers.ask_twenty_times, (each, place, world.suite_id, NIGHT)) for each in children])

    assert sorted(answer for each in results for answer in each) == ["NoBedLeft"] * 30 + ["asked"] * 30
    assert world.beds(place) == (0, 30)
    assert beds.reconcile(now=NIGHT) == []


def test_a_request_ends_once_when_everything_happens_at_once(world: World, settings: Settings) -> None:
    place = world.place(beds_free=1)
    request = world.ask(place)
    before = world.count(AuditEvent)[0]

    race(
        settings,
        [
            (racers.accept, (request, NIGHT)),
            (racers.refuse, (request, NIGHT)),
            (racers.withdraw, (request, world.suite_id, NIGHT)),
            (racers.expire, TOO_LATE),
        ],
    )

    state = world.get(BedRequest, request).state
    assert state != RequestState.OPEN
    assert world.beds(place) == ((0, 0) if state == RequestState.ACCEPTED else (1, 0))
    assert world.count(AuditEvent, Placement) == (before + 1, int(state == RequestState.ACCEPTED))


def test_two_acceptances_for_one_child_at_once_give_one_placement(world: World, settings: Settings) -> None:
    places = [world.place(), world.place()]
    detention = world.detention()
    requests = [world.ask(place, detention=detention) for place in places]

    results = race(settings, [(racers.accept, (request, NIGHT)) for request in requests])

    assert sorted(results) == ["AlreadyEnded", "accepted"]
    assert world.count(Placement) == (1,)
    assert sorted(world.beds(place) for place in places) == [(1, 0), (2, 0)]


def test_each_text_is_sent_by_one_delivery_process(world: World, settings: Settings) -> None:
    with transaction() as session:
        for number in range(200):
            outbox.promise(session, to=HARINGEY_PHONE, body=str(number), request_id=None, now=NIGHT)

    results = race(settings, [(racers.deliver_everything, NIGHT)] * 3)

    sent = sorted(int(body) for each in results for body in each)
    assert sent == list(range(200))
    assert {text.state for text in world.rows(TextMessage)} == {"sent"}


def test_receipts_of_one_text_at_once_are_all_kept(world: World, settings: Settings) -> None:
    world.ask(world.place())
    statuses = ["queued", "sent", "delivered"]

    results = race(settings, [(racers.take_receipt, (1, status, NIGHT)) for status in statuses])

    assert results == statuses
    assert sorted(receipt.status for receipt in world.rows(Receipt)) == sorted(statuses)
    assert world.rows(TextMessage)[0].state == "delivered"
