"""What the programs of forces do: searches, records, requests."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask

from custodyfinder.models import AuditEvent, BedRequest, Detention, IdempotencyKey, SearchKept, TextMessage
from custodyfinder.services import audit

from ...test_cli import run
from ...world import CAMDEN, World
from .conftest import CHILD, Program
from .test_errors import errors
from .test_tokens import is_problem

SEARCH: dict[str, Any] = {"suite": "wood-green", "age": 15, "sex": "male"}


def test_a_search_is_the_ranking_of_the_command_line_and_is_kept(app: Flask, police: Program, world: World) -> None:
    near, far = world.place(), world.place(easting=540000, northing=195000)
    world.place(beds_free=0)

    answer = police("POST", "/searches", SEARCH | {"home_postcode": "N17 0AD", "needs": ["step_free"], "limit": 5})

    found = answer.get_json()
    assert answer.status_code == 201
    assert [option["place"] for option in found["options"]] == [near, far]
    assert [out["reasons"][0]["code"] for out in found["ruled_out"]] == ["no_bed"]
    assert found["origin"]["suite"] == "wood-green"
    (kept,) = world.rows(SearchKept)
    assert kept.id == found["id"]
    assert kept.by == "a-system (token 1)"
    assert kept.question is not None
    assert (kept.question["suite"], kept.question["needs"]) == ("wood-green", ["step_free"])
    assert "0AD" not in str(kept.question)


def test_a_search_from_a_postcode_keeps_its_district_only(police: Program, world: World) -> None:
    found = police("POST", "/searches", {"postcode": "N22 6XH", "age": 15, "sex": "male"}).get_json()

    (kept,) = world.rows(SearchKept)
    assert found["origin"]["postcode"] == "N22 6XH"
    assert kept.question is not None
    assert kept.question["district"] == "N22"
    assert "6XH" not in str(kept.question)


def test_a_search_for_a_record_takes_the_child_from_it_and_stands_in_its_log(police: Program, world: World) -> None:
    world.place(age_max=14)
    suits = world.place()
    reference = world.detention()

    found = police("POST", "/searches", {"detention": reference}).get_json()

    assert [option["place"] for option in found["options"]] == [suits]
    assert world.get(SearchKept, found["id"]).detention_id == world.detention_id(reference)
    log = police.get(f"/detentions/{reference}")["log"]
    assert any(line["what"].startswith("Searched: one place suits") for line in log)


def test_a_search_that_cannot_be_is_422_and_is_not_kept(police: Program, world: World) -> None:
    reference = world.detention()

    assert set(errors(police("POST", "/searches", {"detention": reference, "age": 15}))) == {"detention"}
    assert set(errors(police("POST", "/searches", {}))) == {"age", "sex", "suite"}
    assert set(errors(police("POST", "/searches", SEARCH | {"postcode": "N22 6XH"}))) == {"suite"}
    assert set(errors(police("POST", "/searches", SEARCH | {"suite": "nowhere"}))) == {"suite"}
    assert set(errors(police("POST", "/searches", SEARCH | {"suite": None, "postcode": "N22"}))) == {"postcode"}
    assert set(errors(police("POST", "/searches", SEARCH | {"age": 18}))) == {"age"}
    assert set(errors(police("POST", "/searches", SEARCH | {"looked_after_by": "E0"}))) == {"looked_after_by"}
    assert world.count(SearchKept) == (0,)


def test_a_record_that_a_program_opens_is_that_of_the_page_and_the_authority_is_told(
    police: Program, world: World
) -> None:
    said = CHILD | {
        "needs": ["interpreter"],
        "needs_no": ["step_free"],
        "risks": {"looked_after": "yes"},
        "looked_after_by": CAMDEN,
        "appropriate_adult": "yes",
        "avoid": [{"postcode": "N17 0AD", "km": 2}],
    }

    answer = police("POST", "/detentions", said)

    record = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/detentions/{record['id']}"
    assert (record["custody_record"], record["responsible_code"], record["suite"]) == (
        "01YE/4711/26",
        CAMDEN,
        "wood-green",
    )
    assert (record["needs"], record["needs_no"]) == (["interpreter"], ["step_free"])
    assert record["risks"]["missing_before"] == "not_known"
    assert record["log"][0]["what"] == "Opened the record"
    assert record["log"][0]["who"] == "a-system (token 1)"
    (kept,) = world.rows(Detention)
    assert kept.avoid_circles[0][2] == 2000.0
    assert world.count(TextMessage) == (1,)
    again = police.get(f"/detentions/{record['id']}")
    assert again == record


def test_a_record_for_the_same_child_twice_is_422_and_names_the_first(police: Program, world: World) -> None:
    first = police("POST", "/detentions", CHILD).get_json()["id"]

    assert first in errors(police("POST", "/detentions", CHILD))["custody_record"]
    assert world.count(Detention) == (1,)


def test_a_bed_is_held_and_asked_for_and_the_address_is_known_once_accepted(
    police: Program, haringey: Program, world: World
) -> None:
    reference, place = world.detention(), world.place()

    answer = police("POST", f"/detentions/{reference}/requests", {"place": place})

    request = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/requests/{request['id']}"
    assert (request["state"], request["detention"], request["place"]["id"]) == ("open", reference, place)
    assert (request["place"]["address"], request["place"]["postcode"]) == (None, None)
    assert world.beds(place) == (1, 1)
    assert world.get(BedRequest, request["id"]).shown["distance_m"] == 1000

    haringey("POST", f"/requests/{request['id']}/accept")

    accepted = police.get(f"/requests/{request['id']}")
    assert (accepted["state"], accepted["place"]["postcode"]) == ("accepted", "N22 6XH")


def test_a_bed_that_has_gone_is_409_and_nothing_is_written(police: Program, world: World) -> None:
    place = world.place(beds_free=1)
    world.ask(place)
    reference = world.detention()

    answer = police("POST", f"/detentions/{reference}/requests", {"place": place}, Idempotency_Key="k1")

    is_problem(answer, 409)
    assert answer.get_json()["type"] == "urn:custodyfinder:no-bed-left"
    assert world.count(BedRequest, IdempotencyKey) == (1, 0)
    is_problem(police("POST", f"/detentions/{reference}/requests", {"place": 99}), 404)


def test_the_same_key_repeats_the_first_answer_whatever_became_of_the_request(
    police: Program, haringey: Program, world: World
) -> None:
    reference, place = world.detention(), world.place()
    address = f"/detentions/{reference}/requests"
    first = police("POST", address, {"place": place}, Idempotency_Key="k1")
    haringey("POST", f"/requests/{first.get_json()['id']}/refuse", {"reason": "staffing"})

    again = police("POST", address, {"place": place}, Idempotency_Key="k1")

    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Location"] == first.headers["Location"]
    assert world.count(BedRequest, TextMessage) == (1, 1)


def test_the_same_key_for_something_else_is_422_and_asks_nobody(police: Program, world: World) -> None:
    reference, place, other = world.detention(), world.place(), world.detention()
    police("POST", f"/detentions/{reference}/requests", {"place": place}, Idempotency_Key="k1")

    for address, said in (
        (f"/detentions/{reference}/requests", {"place": world.place()}),
        (f"/detentions/{other}/requests", {"place": place}),
    ):
        answer = police("POST", address, said, Idempotency_Key="k1")
        assert set(errors(answer)) == {"Idempotency-Key"}
    assert world.count(BedRequest, IdempotencyKey) == (1, 1)


def test_a_key_is_a_programs_own(police: Program, issue: Any, world: World) -> None:
    first, second, place = world.detention(), world.detention(), world.place()
    police("POST", f"/detentions/{first}/requests", {"place": place}, Idempotency_Key="k1")

    answer = issue(force="Metropolitan Police")(
        "POST", f"/detentions/{second}/requests", {"place": place}, Idempotency_Key="k1"
    )

    assert answer.get_json()["detention"] == second


def test_a_key_that_is_none_is_422(police: Program, world: World) -> None:
    reference, place = world.detention(), world.place()
    for key in ("", "a b", "x" * 101, "\xe9"):
        answer = police("POST", f"/detentions/{reference}/requests", {"place": place}, Idempotency_Key=key)
        assert set(errors(answer)) == {"Idempotency-Key"}
    assert world.count(BedRequest) == (0,)


def test_a_request_taken_back_frees_the_bed_once(police: Program, world: World) -> None:
    place = world.place()
    request = world.ask(place)

    answer = police("POST", f"/requests/{request}/withdraw", {})
    again = police("POST", f"/requests/{request}/withdraw")

    assert (answer.status_code, answer.get_json()["state"]) == (200, "withdrawn")
    is_problem(again, 409)
    assert world.beds(place) == (2, 0)


def test_the_command_line_and_the_api_rank_alike(app: Flask, police: Program, world: World) -> None:
    for east in (500, 3_000, 9_000):
        world.place(easting=531150 + east, confirmed_at=None)
    world.place(age_max=12)
    said = ("places", "find", "--suite", "wood-green", "--age", "15", "--sex", "male", "--json")

    of_command = json.loads(run(app, *said).stdout)
    of_api = police("POST", "/searches", SEARCH).get_json()

    del of_api["id"]
    assert of_api == of_command


def test_a_program_that_reads_a_record_is_noted_like_a_person(police: Program, world: World) -> None:
    reference = world.detention()

    police.get(f"/detentions/{reference}")
    police.get(f"/detentions/{reference}")

    (line,) = [event for event in world.rows(AuditEvent) if event.action == audit.LOOKED]
    assert line.subject == f"detention:{world.detention_id(reference)}"
    assert re.fullmatch(r".+ \(token \d+\)", line.actor)
    assert (line.origin, line.why) == ("127.0.0.1", "a program of the force")
