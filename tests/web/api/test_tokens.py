"""Who may call what: each call without a token, with a bad one, with one that is not enough, and with the right one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from custodyfinder.domain.scopes import Organisation, Scope
from custodyfinder.models import ApiToken, BedRequest, Detention
from custodyfinder.services import tokens
from custodyfinder.web.api.calls import Call
from custodyfinder.web.api.table import CALLS

from ...conftest import NIGHT
from ...world import HARINGEY, World
from ..conftest import SignIn
from .conftest import CHILD, FORCE, Issue, Program

GUARDED = [call for call in CALLS if call.scope is not None]
named = pytest.mark.parametrize("call", GUARDED, ids=lambda call: call.name)

SAID: dict[str, Any] = {
    "report_beds": {"beds_free": 1, "as_of": "2026-11-24T02:10:00Z"},
    "search_places": {"suite": "wood-green", "age": 15, "sex": "male"},
    "open_detention": CHILD,
    "refuse": {"reason": "staffing"},
}


def made(call: Call, world: World) -> tuple[str, Any]:
    """The address and the body of a call that works."""
    reference, place = world.detention(), world.place()
    if call.name == "ask":
        return f"/detentions/{reference}/requests", {"place": place}
    request = world.ask(place, detention=reference) if "request_id" in call.path else 0
    if call.name == "report_beds":
        place = world.place(confirmed_at=None)
    address = call.path.replace("<int:place_id>", str(place)).replace("<int:request_id>", str(request))
    return address.replace("<string:reference>", reference), SAID.get(call.name)


def of(issue: Issue, organisation: Organisation, **more: Any) -> Program:
    if organisation is Organisation.FORCE:
        return issue(force=FORCE, **more)
    return issue(authority=HARINGEY, **more)


def is_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert set(problem) <= {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@named
def test_the_right_token_may(call: Call, issue: Issue, world: World) -> None:
    address, said = made(call, world)
    for organisation in call.organisations:
        assert call.scope is not None
        program = of(issue, organisation, scopes=[call.scope])

        answer = program(call.method, address, said)

        assert answer.status_code == call.status, answer.get_json()
        assert answer.content_type == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


@named
def test_no_token_an_unknown_an_expired_and_a_revoked_one_are_one_401(
    call: Call, app: Flask, issue: Issue, world: World
) -> None:
    address, said = made(call, world)
    organisation = next(iter(call.organisations))
    expired = of(issue, organisation, days=1, now=NIGHT - timedelta(days=1))
    revoked = of(issue, organisation)
    tokens.revoke(2, by="test", now=NIGHT)
    before = world.count(BedRequest, Detention)

    answers = [
        program(call.method, address, said)
        for program in (
            Program(app),
            Program(app, {"Authorization": "Bearer cf_" + "x" * 43}),
            Program(app, {"Authorization": "Basic Y2Y6Y2Y="}),
            Program(app, {"Authorization": "Bearer \xa3"}),
            expired,
            revoked,
        )
    ]

    for answer in answers:
        is_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert len({answer.data for answer in answers}) == 1
    assert world.count(BedRequest, Detention) == before


@named
def test_a_token_without_the_scope_is_403_and_the_scope_is_named(call: Call, issue: Issue, world: World) -> None:
    address, said = made(call, world)
    before = world.count(BedRequest, Detention)
    for organisation in call.organisations:
        rest = [scope for scope in Scope if scope is not call.scope and organisation in scope.held_by]

        answer = of(issue, organisation, scopes=rest)(call.method, address, said)

        is_problem(answer, 403)
        assert call.scope is not None
        assert call.scope.value in answer.get_json()["detail"]
    assert world.count(BedRequest, Detention) == before


@pytest.mark.parametrize("call", [call for call in GUARDED if len(call.organisations) == 1], ids=lambda call: call.name)
def test_a_token_of_the_other_kind_of_organisation_is_403_even_with_the_scope(
    call: Call, issue: Issue, world: World
) -> None:
    address, said = made(call, world)
    before = world.count(BedRequest, Detention)
    (other,) = set(Organisation) - call.organisations
    program = of(issue, other)
    world.change(ApiToken, 1, scopes=[scope.value for scope in Scope])  # as no command issues it

    is_problem(program(call.method, address, said), 403)
    assert world.count(BedRequest, Detention) == before


def test_what_is_of_another_force_is_not_there(other_force: Program, world: World) -> None:
    reference, place = world.detention(), world.place()
    request = world.ask(place, detention=reference)

    is_problem(other_force("GET", f"/detentions/{reference}"), 404)
    is_problem(other_force("POST", f"/detentions/{reference}/requests", {"place": world.place()}), 404)
    is_problem(other_force("GET", f"/requests/{request}"), 404)
    is_problem(other_force("POST", f"/requests/{request}/withdraw"), 404)
    is_problem(other_force("POST", "/searches", {"detention": reference}), 404)
    assert [suite["slug"] for suite in other_force.get("/suites")["suites"]] == ["kentish-town"]
    assert world.get(BedRequest, request).state == "open"
    assert world.count(BedRequest) == (1,)


def test_a_record_cannot_be_opened_at_a_suite_of_another_force(other_force: Program, world: World) -> None:
    answer = other_force("POST", "/detentions", CHILD)

    is_problem(answer, 422)
    assert [error["field"] for error in answer.get_json()["errors"]] == ["suite"]
    assert world.count(Detention) == (0,)


def test_what_is_of_another_authority_is_not_there(camden: Program, world: World) -> None:
    place = world.place()
    request = world.ask(place)

    is_problem(camden("GET", f"/requests/{request}"), 404)
    is_problem(camden("POST", f"/requests/{request}/accept"), 404)
    is_problem(camden("POST", f"/requests/{request}/refuse", {"reason": "staffing"}), 404)
    is_problem(camden("PUT", f"/places/{place}/availability", SAID["report_beds"]), 404)
    assert camden.get("/places")["places"] == []
    assert camden.get("/requests")["requests"] == []
    assert world.get(BedRequest, request).state == "open"
    assert world.beds(place) == (1, 1)


def test_what_is_not_there_at_all_looks_the_same(police: Program, haringey: Program, world: World) -> None:
    for answer in (
        police("GET", "/detentions/K7R4-M4P"),
        police("GET", "/requests/99"),
        police("GET", f"/requests/{2**63}"),
        police("GET", "/nowhere"),
        haringey("POST", "/requests/99/accept"),
        haringey("PUT", "/places/99/availability", SAID["report_beds"]),
    ):
        is_problem(answer, 404)
        assert answer.get_json()["detail"] == "There is nothing here, or not for this token."


def test_the_cookie_of_a_session_opens_nothing(sign_in: SignIn, world: World) -> None:
    officer, duty = sign_in("officer.wood-green"), sign_in("duty.haringey")
    reference = world.detention()

    assert officer.get(f"/api/v1/detentions/{reference}").status_code == 401
    assert duty.get("/api/v1/requests").status_code == 401


def test_a_tokens_last_use_is_noted_to_the_minute(police: Program, world: World) -> None:
    police.get("/suites")
    assert world.get(ApiToken, 1).last_used_at == NIGHT

    world.change(ApiToken, 1, last_used_at=NIGHT - timedelta(seconds=59))
    police.get("/suites")
    assert world.get(ApiToken, 1).last_used_at == NIGHT - timedelta(seconds=59)

    world.change(ApiToken, 1, last_used_at=NIGHT - timedelta(seconds=60))
    police.get("/suites")
    assert world.get(ApiToken, 1).last_used_at == NIGHT


def test_a_token_is_good_until_the_moment_it_expires(issue: Issue, world: World) -> None:
    last = issue(force=FORCE, days=1, now=NIGHT - timedelta(days=1) + timedelta(seconds=1))
    over = issue(force=FORCE, days=1, now=NIGHT - timedelta(days=1))

    assert last("GET", "/suites").status_code == 200
    assert over("GET", "/suites").status_code == 401


def test_of_a_token_only_a_hash_is_kept(police: Program, world: World) -> None:
    (kept,) = world.rows(ApiToken)
    text = police.headers["Authorization"].removeprefix("Bearer ")

    assert len(text) == 46
    assert all(text not in str(value) for value in vars(kept).values())


def test_which_call_is_whose() -> None:
    """Said here again on purpose: a slip in the table would open a call."""
    force, authority = "force", "authority"

    assert {call.name: (call.scope and call.scope.value, sorted(call.organisations)) for call in CALLS} == {
        "suites": ("reference:read", [authority, force]),
        "authorities": ("reference:read", [authority, force]),
        "places": ("reference:read", [authority, force]),
        "report_beds": ("beds:write", [authority]),
        "search_places": ("searches:write", [force]),
        "open_detention": ("records:write", [force]),
        "show_detention": ("records:read", [force]),
        "ask": ("records:write", [force]),
        "requests_of_authority": ("requests:read", [authority]),
        "show_request": ("requests:read", [authority, force]),
        "accept": ("requests:answer", [authority]),
        "refuse": ("requests:answer", [authority]),
        "withdraw": ("records:write", [force]),
        "openapi": (None, [authority, force]),
    }
