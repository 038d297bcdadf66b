"""Races between processes are settled by the database, on both kinds."""

from __future__ import annotations

from datetime import timedelta

from custodyfinder.config import Settings
from custodyfinder.db import transaction
from custodyfinder.models import AuditEvent, BedRequest, Placement, Receipt, RequestState, TextKind, TextMessage
from custodyfinder.services import beds, inbox, outbox, requests, standing

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_FALLBACK, HARINGEY_PHONE, World
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
    asked = [world.ask(place, detention=detention) for place in places]

    results = race(settings, [(racers.accept, (request, NIGHT)) for request in asked])

    assert sorted(results) == ["AlreadyEnded", "accepted"]
    assert world.count(Placement) == (1,)
    assert sorted(world.beds(place) for place in places) == [(1, 0), (2, 0)]


def test_each_text_is_sent_by_one_delivery_process(world: World, settings: Settings) -> None:
    with transaction() as session:
        for number in range(200):
            outbox.promise(
                session,
                kind=TextKind.NOTICE,
                to=f"+447700900{number:03d}",
                body=str(number),
                request_id=None,
                now=NIGHT,
            )

    results = race(settings, [(racers.deliver_everything, NIGHT)] * 3)

    sent = sorted(int(body) for each in results for body in each)
    assert sent == list(range(200))
    assert {text.state for text in world.rows(TextMessage)} == {"sent"}


def test_receipts_of_one_text_at_once_are_all_kept(world: World, settings: Settings) -> None:
    world.ask(world.place())
    (text,) = world.texts()
    statuses = ["queued", "sent", "delivered"]

    results = race(settings, [(racers.take_receipt, (text.id, status, NIGHT)) for status in statuses])

    assert results == statuses
    assert sorted(receipt.status for receipt in world.rows(Receipt)) == sorted(statuses)
    assert world.rows(TextMessage)[0].state == "delivered"


def test_three_processes_that_keep_one_search_going_ask_no_more_than_it_wants(world: World, settings: Settings) -> None:
    for number in range(8):
        world.place(authority_code=CAMDEN if number % 2 else HARINGEY)
    one, three = world.detention(), world.detention()
    for detention, at_once in ((one, 1), (three, 3)):
        standing.start(
            detention,
            suite_id=world.suite_id,
            at_once=at_once,
            until=NIGHT + timedelta(hours=8),
            by="officer",
            now=NIGHT,
        )

    race(settings, [(racers.keep_searching, NIGHT)] * 3)

    asked = [request.detention_id for request in world.rows(BedRequest)]
    assert asked.count(world.detention_id(one)) == 1
    assert asked.count(world.detention_id(three)) == 3
    assert beds.reconcile(now=NIGHT) == []


def test_a_step_is_taken_once_however_many_processes_see_it_due(world: World, settings: Settings) -> None:
    world.ask(world.place())

    race(settings, [(racers.take_steps, NIGHT + timedelta(minutes=10))] * 3)

    assert len(world.texts(HARINGEY_FALLBACK)) == 1


def test_incoming_texts_are_worked_once_each(world: World, settings: Settings) -> None:
    waiting = [world.ask(world.place()) for _ in range(10)]
    for number, request in enumerate(waiting):
        inbox.receive(
            provider_id=f"SM{number:032x}",
            from_number=HARINGEY_PHONE,
            body=f"{world.get(BedRequest, request).reference} ACCEPT",
            now=NIGHT,
        )

    results = race(settings, [(racers.work_incoming, NIGHT)] * 3)

    assert sum(results) == 10
    assert world.count(Placement) == (10,)
    assert len(world.texts(HARINGEY_PHONE, kind="reply")) == 10


def test_each_side_is_reminded_once_however_many_processes_look(world: World, settings: Settings) -> None:
    requests.accept(world.ask(world.place()), authority_code=HARINGEY, by="duty", channel="page", now=NIGHT)

    race(settings, [(racers.remind, NIGHT + timedelta(minutes=90))] * 3)

    assert len(world.texts(HARINGEY_PHONE, kind="notice")) == 1
