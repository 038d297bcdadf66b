"""What the programs of authorities do: counts of beds, answers to requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from custodyfinder.models import BedReport, BedRequest, Place, Placement
from custodyfinder.services import requests

from ...conftest import NIGHT
from ...world import World
from .conftest import Program
from .test_errors import errors
from .test_tokens import is_problem


def count(free: Any, as_of: str = "2026-11-24T02:10:00Z") -> dict[str, Any]:
    return {"beds_free": free, "as_of": as_of}


def test_a_count_is_stored_as_of_its_moment_and_reported_by_the_program(haringey: Program, world: World) -> None:
    place = world.place(confirmed_at=NIGHT - timedelta(hours=5))

    answer = haringey("PUT", f"/places/{place}/availability", count(3, "2026-11-24T02:04:00+01:00"))

    assert answer.get_json() == {
        "place": place,
        "beds_free": 3,
        "beds_held": 0,
        "beds_total": 4,
        "confirmed_at": "2026-11-24T01:04:00Z",
    }
    (report,) = world.rows(BedReport)
    assert (report.beds_free, report.reported_by, report.channel) == (3, "a-system (token 1)", "api")
    assert report.occurred_at == NIGHT - timedelta(minutes=66)


def test_a_count_older_than_the_one_held_is_409_and_changes_nothing(haringey: Program, world: World) -> None:
    place = world.place(beds_free=2, confirmed_at=NIGHT - timedelta(minutes=5))

    older = haringey("PUT", f"/places/{place}/availability", count(4, "2026-11-24T02:04:59Z"))

    is_problem(older, 409)
    assert older.get_json()["type"] == "urn:custodyfinder:older-count"
    assert world.beds(place) == (2, 0)
    assert world.count(BedReport) == (0,)
    assert haringey("PUT", f"/places/{place}/availability", count(4, "2026-11-24T02:05:00Z")).status_code == 200


def test_a_count_of_before_a_bed_was_held_or_let_go_is_409(haringey: Program, world: World) -> None:
    place = world.place(beds_free=2, confirmed_at=NIGHT - timedelta(hours=1))
    request = world.ask(place, at=NIGHT - timedelta(minutes=5))

    before = haringey("PUT", f"/places/{place}/availability", count(2, "2026-11-24T02:04:00Z"))
    after = haringey("PUT", f"/places/{place}/availability", count(2, "2026-11-24T02:06:00Z"))
    requests.withdraw(request, suite_id=world.suite_id, by="officer", now=NIGHT - timedelta(minutes=3))
    between = haringey("PUT", f"/places/{place}/availability", count(2, "2026-11-24T02:06:30Z"))

    is_problem(before, 409)
    assert before.get_json()["type"] == "urn:custodyfinder:moved-since"
    assert after.status_code == 200
    is_problem(between, 409)
    assert world.beds(place) == (3, 0)


def test_the_same_report_twice_is_the_same_count(haringey: Program, world: World) -> None:
    place = world.place()

    answers = [haringey("PUT", f"/places/{place}/availability", count(1)) for _ in range(2)]

    assert answers[0].get_json() == answers[1].get_json()
    assert world.beds(place) == (1, 0)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (count(5), "beds_free"),
        (count(-1), "beds_free"),
        (count(True), "beds_free"),
        (count("2"), "beds_free"),
        (count(2.0), "beds_free"),
        (count(2, "2026-11-24T02:11:01Z"), "as_of"),
        (count(2, "2026-11-24T02:10:00"), "as_of"),
        (count(2, "0001-01-01T00:00:00+14:00"), "as_of"),
        (count(2, "now"), "as_of"),
        (count(2) | {"note": "x"}, "note"),
        ({"as_of": "2026-11-24T02:10:00Z"}, "beds_free"),
        ({"beds_free": 2}, "as_of"),
    ],
)
def test_a_count_that_cannot_be_is_422_by_field_and_changes_nothing(
    haringey: Program, world: World, said: dict[str, Any], field: str
) -> None:
    place = world.place()

    assert set(errors(haringey("PUT", f"/places/{place}/availability", said))) == {field}
    assert world.beds(place) == (2, 0)
    assert world.count(BedReport) == (0,)


def test_a_clock_that_is_a_minute_fast_is_forgiven_and_never_ahead_of_ours(haringey: Program, world: World) -> None:
    place = world.place()

    assert haringey("PUT", f"/places/{place}/availability", count(1, "2026-11-24T02:11:00Z")).status_code == 200
    assert world.get(Place, place).confirmed_at == NIGHT


def test_an_authority_sees_what_it_needs_to_decide_and_nothing_that_identifies(haringey: Program, world: World) -> None:
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    world.ask(world.place(), detention=reference)

    seen = haringey.get(f"/requests/{request}")

    assert (seen["age"], seen["sex"], seen["secure"], seen["needs"]) == (15, "male", False, [])
    assert seen["suite"] == {"name": "Wood Green", "phone": "+442079460014"}
    assert seen["state"] == "open"
    assert reference not in str(seen)
    assert "01YE" not in str(seen)
    assert [each["id"] for each in haringey.get("/requests")["requests"]] == [request, request + 1]


def test_an_acceptance_is_the_same_act_as_on_the_page(haringey: Program, world: World) -> None:
    place = world.place()
    request = world.ask(place)

    answer = haringey("POST", f"/requests/{request}/accept")

    assert answer.status_code == 200
    assert (answer.get_json()["state"], answer.get_json()["ended_at"]) == ("accepted", "2026-11-24T02:10:00Z")
    assert world.count(Placement) == (1,)
    assert world.beds(place) == (1, 0)
    kept = world.get(BedRequest, request)
    assert (kept.channel, kept.ended_by) == ("api", "a-system (token 1)")


def test_a_refusal_needs_its_reason(haringey: Program, world: World) -> None:
    request = world.ask(world.place())
    address = f"/requests/{request}/refuse"

    assert set(errors(haringey("POST", address, {}))) == {"reason"}
    assert set(errors(haringey("POST", address, {"reason": "not_given"}))) == {"reason"}
    assert set(errors(haringey("POST", address, {"reason": "staffing", "words": "x" * 201}))) == {"words"}
    assert world.get(BedRequest, request).state == "open"

    answer = haringey("POST", address, {"reason": "staffing", "words": "Two are ill"})

    assert answer.status_code == 200
    assert (answer.get_json()["refusal_reason"], answer.get_json()["refusal_words"]) == ("staffing", "Two are ill")


def test_an_answer_that_came_too_late_is_409_and_says_what_is_now_true(
    haringey: Program, police: Program, world: World
) -> None:
    request = world.ask(world.place())
    police("POST", f"/requests/{request}/withdraw")

    answer = haringey("POST", f"/requests/{request}/accept", {})

    is_problem(answer, 409)
    assert "02:10" in answer.get_json()["detail"]
    assert world.count(Placement) == (0,)
