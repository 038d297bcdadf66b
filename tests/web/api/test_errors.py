"""What goes wrong under /api/ is problem+json, whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from custodyfinder.models import Detention
from custodyfinder.services import boards

from ...world import World
from .conftest import CHILD, Program
from .test_tokens import is_problem


def errors(answer: Any) -> dict[str, str]:
    is_problem(answer, 422)
    return {error["field"]: error["message"] for error in answer.get_json()["errors"]}


def test_an_address_that_is_nowhere_and_a_method_that_is_not_taken_are_problems(police: Program) -> None:
    is_problem(police("GET", "/nowhere"), 404)
    is_problem(police("DELETE", "/suites"), 405)
    is_problem(police("OPTIONS", "/suites"), 405)
    assert "GET" in police("DELETE", "/suites").headers["Allow"]


def test_only_json_is_taken(app: Flask, police: Program, world: World) -> None:
    client = app.test_client()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/problem+json", None):
        answer = client.post("/api/v1/detentions", data=b"{}", content_type=kind, headers=police.headers)
        is_problem(answer, 415)
    is_problem(police("POST", "/detentions"), 415)
    assert world.count(Detention) == (0,)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"age": NaN}',
        b'{"age": 15, "age": 16}',
        b"[" * 20_000,
        b'{"age": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_cannot_be_read_is_400(app: Flask, police: Program, body: bytes) -> None:
    answer = app.test_client().post(
        "/api/v1/detentions", data=body, content_type="application/json", headers=police.headers
    )

    is_problem(answer, 400)


def test_a_body_over_64_kilobytes_is_413(police: Program) -> None:
    is_problem(police("POST", "/detentions", CHILD | {"secure_reasons": "x" * 66_000}), 413)


def test_a_body_that_is_no_object_is_422(police: Program) -> None:
    bodies: tuple[Any, ...] = ([], "text", 5, True)
    for said in bodies:
        assert errors(police("POST", "/detentions", said)) == {"": "Give a JSON object."}


def test_every_field_that_cannot_be_used_is_named_with_a_sentence(police: Program, world: World) -> None:
    said = CHILD | {
        "age": "15",
        "sex": "boy",
        "court_at": "2026-11-24T10:00:00",
        "needs": ["pool"],
        "avoid": [{"postcode": "N22 6XH", "km": 0, "colour": 1}],
        "risks": {"looked_after": True},
        "name": "a child's",
        "custody_record": None,
        "secure": "yes",
        "keep_apart": "K7R4-M4P",
    }

    assert errors(police("POST", "/detentions", said)) == {
        "age": "Give a whole number from 0 to 120.",
        "sex": "Give one of female, male.",
        "court_at": "Give a time with its zone, such as 2026-11-24T02:10:00Z.",
        "needs[0]": "Give one of step_free, medical_cover, self_harm_watch, substance_care, interpreter, "
        "exploitation_support.",
        "avoid[0].km": "Give a number above 0 and up to 100.",
        "avoid[0].colour": "There is no field of this name here.",
        "risks.looked_after": "Give one of yes, no, not_known.",
        "name": "There is no field of this name here.",
        "custody_record": "This field is needed.",
        "secure": "Give true or false.",
        "keep_apart": "Give a list of at most 20.",
    }
    assert world.count(Detention) == (0,)


def test_what_the_act_says_against_it_is_named_by_the_fields_of_the_api(police: Program, world: World) -> None:
    said = CHILD | {"age": 11, "secure": True, "charged_at": "2026-11-24T03:00:00Z", "court_at": "2026-11-23T10:00:00Z"}

    found = errors(police("POST", "/detentions", said))

    assert set(found) == {"secure", "charged_at", "bail_refused_at", "court_at"}
    assert "PACE 1984 s.38(6)(b)" in found["secure"]
    assert world.count(Detention) == (0,)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("home_postcode", "ZZ99 9ZZ"),
        ("custody_record", "A. Name"),
        ("looked_after_by", "E00000000"),
        ("keep_apart", ["K7R4-M4P"]),
        ("avoid", [{"postcode": "BT1 5GS", "km": 2}]),
        ("avoid_geojson", {"type": "Point"}),
    ],
)
def test_what_the_services_refuse_is_named_by_its_field(
    police: Program, world: World, field: str, value: object
) -> None:
    assert set(errors(police("POST", "/detentions", CHILD | {field: value}))) == {field}
    assert world.count(Detention) == (0,)


def test_text_that_no_database_takes_is_refused(police: Program) -> None:
    for said in ("a\0b", "\ud800", ""):
        assert set(errors(police("POST", "/detentions", CHILD | {"secure_reasons": said}))) == {"secure_reasons"}


def test_a_bug_is_a_plain_problem_that_gives_nothing_away(
    app: Flask, police: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the bug")

    monkeypatch.setattr(boards, "authorities", broken)
    answer = police("GET", "/authorities")

    is_problem(answer, 500)
    assert b"secret" not in answer.data


def test_no_word_of_a_bad_body_is_in_the_log(police: Program, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    police("POST", "/detentions", CHILD | {"Kim Example": 1, "home_postcode": "ZZ99 9ZZ"})

    assert "api.open_detention answered 422" in caplog.text
    assert "Kim" not in caplog.text
    assert "ZZ99" not in caplog.text
