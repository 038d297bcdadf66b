"""The description of the API says what is served, no more and no less, and real answers are as it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from custodyfinder.config import PROJECT
from custodyfinder.domain.scopes import Organisation
from custodyfinder.web.api.calls import Call
from custodyfinder.web.api.table import CALLS

from ...world import HARINGEY, World
from .conftest import CHILD, FORCE, Issue, Program
from .test_tokens import made


@pytest.fixture
def described(stranger: Program) -> dict[str, Any]:
    """The document, as anybody gets it."""
    found: dict[str, Any] = stranger.get("/openapi.json")
    return found


def operation(described: dict[str, Any], call: Call) -> dict[str, Any]:
    found: dict[str, Any] = described["paths"][in_openapi(f"/api/v1{call.path}")][call.method.lower()]
    return found


def in_openapi(rule: str) -> str:
    return re.sub(r"<\w+:(\w+)>", r"{\1}", rule)


def fits(described: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = schema | {"components": described["components"]}
    Draft202012Validator(whole).validate(value)


def test_it_describes_every_address_that_is_served_and_no_other(app: Flask, described: dict[str, Any]) -> None:
    served = {
        (in_openapi(rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD"}
    }

    assert served == {(path, method) for path, methods in described["paths"].items() for method in methods}


def test_its_schemas_are_json_schema_and_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert names == set(described["components"]["schemas"])


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_real_answers_are_as_it_says(call: Call, issue: Issue, world: World, described: dict[str, Any]) -> None:
    for organisation in call.organisations:
        program = issue(force=FORCE) if organisation is Organisation.FORCE else issue(authority=HARINGEY)
        address, said = made(call, world)
        asked = operation(described, call)
        if said is not None:
            fits(described, asked["requestBody"]["content"]["application/json"]["schema"], said)

        answer = program(call.method, address, said)

        schema = asked["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        fits(described, schema, answer.get_json())


def test_answers_with_everything_in_them_are_as_it_says(
    police: Program, haringey: Program, described: dict[str, Any], world: World
) -> None:
    place = world.place(admits_from=8 * 60, admits_until=20 * 60, out_of_service="flooded")
    world.place(confirmed_at=None)
    reference = world.detention(ethnicity=None, home_postcode="N17 0AD")
    refused, accepted = (world.ask(world.place(), detention=reference) for _ in range(2))
    haringey("POST", f"/requests/{refused}/refuse", {"reason": "staffing", "words": "Two are ill"})
    haringey("POST", f"/requests/{accepted}/accept")
    assert place

    for program, address, name in (
        (police, f"/detentions/{reference}", "Detention"),
        (police, f"/requests/{accepted}", "RequestForForce"),
        (haringey, f"/requests/{refused}", "RequestForAuthority"),
    ):
        fits(described, described["components"]["schemas"][name], program.get(address))
    for program, name in ((police, "PlaceForForce"), (haringey, "PlaceForAuthority")):
        for each in program.get("/places")["places"]:
            fits(described, described["components"]["schemas"][name], each)


def test_a_field_that_it_does_not_name_is_seen_by_this_test(described: dict[str, Any], police: Program) -> None:
    suite = police.get("/suites")["suites"][0]

    for wrong in (suite | {"phone": "1"}, {"slug": "x"}):
        with pytest.raises(ValidationError):
            fits(described, described["components"]["schemas"]["Suite"], wrong)


def test_errors_are_as_it_says(police: Program, stranger: Program, described: dict[str, Any]) -> None:
    for answer in (
        stranger("GET", "/suites"),
        police("GET", "/nowhere"),
        police("POST", "/detentions", CHILD | {"age": 3, "colour": 1}),
        police("POST", "/detentions"),
        police("GET", "/requests"),
    ):
        fits(described, described["components"]["schemas"]["Problem"], answer.get_json())


def test_it_says_what_each_call_needs(described: dict[str, Any]) -> None:
    for call in CALLS:
        said = operation(described, call)
        if call.scope is None:
            assert said["security"] == []
            continue
        assert said["security"] == [{"token": [call.scope.value]}]
        assert {"401", "403"} <= set(said["responses"])
        for organisation in Organisation:
            assert (organisation.value in said["description"].split(".")[0]) is (organisation in call.organisations)


def test_the_page_for_integrators_names_every_scope_with_whom_it_is_for() -> None:
    page = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = {tuple(cell.strip() for cell in line.split("|")[2:4]) for line in page.splitlines() if line.startswith("|")}

    assert {(f"`{call.scope.value}`", _whose(call)) for call in CALLS if call.scope is not None} == rows - {
        ("scope", "for"),
        ("---", "---"),
    }


def _whose(call: Call) -> str:
    return "both" if len(call.organisations) == 2 else next(iter(call.organisations)).value
