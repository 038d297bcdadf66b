"""Two calls at once under one key are one request, whichever processes they come from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app

from custodyfinder import clock
from custodyfinder.config import Settings
from custodyfinder.models import BedRequest, IdempotencyKey, TextMessage

from ...conftest import NIGHT
from ...services.racers import race
from ...world import World
from .conftest import Program


def call(argument: tuple[dict[str, str], str, int, datetime]) -> tuple[int, Any]:
    """In a process of its own: ask for a bed under the key "k1"."""
    headers, reference, place, now = argument
    clock.now = lambda: now
    program = Program(current_app._get_current_object(), headers)  # type: ignore[attr-defined]
    answer = program("POST", f"/detentions/{reference}/requests", {"place": place}, Idempotency_Key="k1")
    return answer.status_code, answer.get_json()


def test_one_key_at_once_from_four_processes_is_one_request_and_one_answer(
    police: Program, world: World, settings: Settings
) -> None:
    reference, place = world.detention(), world.place(beds_free=4)

    results = race(settings, [(call, (police.headers, reference, place, NIGHT))] * 4)

    assert [status for status, _ in results] == [201] * 4
    assert all(answer == results[0][1] for _, answer in results)
    assert world.count(BedRequest, TextMessage, IdempotencyKey) == (1, 1, 1)
    assert world.beds(place) == (3, 1)


def test_one_key_at_once_for_two_children_asks_for_one_of_them(
    police: Program, world: World, settings: Settings
) -> None:
    place, children = world.place(beds_free=4), [world.detention(), world.detention()]

    results = race(settings, [(call, (police.headers, reference, place, NIGHT)) for reference in children])

    assert sorted(status for status, _ in results) == [201, 422]
    assert world.count(BedRequest, TextMessage, IdempotencyKey) == (1, 1, 1)
    assert world.beds(place) == (3, 1)


def test_one_key_at_once_for_two_places_asks_one_of_them(police: Program, world: World, settings: Settings) -> None:
    reference, places = world.detention(), [world.place(), world.place()]

    results = race(settings, [(call, (police.headers, reference, place, NIGHT)) for place in places])

    assert sorted(status for status, _ in results) == [201, 422]
    assert world.count(BedRequest, IdempotencyKey) == (1, 1)
