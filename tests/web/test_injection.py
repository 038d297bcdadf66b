"""What looks like code is text: in statements, pages, spreadsheets and the log."""

from __future__ import annotations

import csv
import io
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from custodyfinder.domain.csv_text import csv_text
from custodyfinder.models import BedRequest, Contact, Person
from custodyfinder.services import accounts

from ..test_cli import run
from ..world import HARINGEY_PHONE, World
from .conftest import SignIn

# --- statements and pages -------------------------------------------------------------------------


CODE = [
    "' OR '1'='1",
    "'); DROP TABLE person; --",
    '" OR ""="',
    "100%",
    "%s %(id)s :id ?",
    "_%\\",
    "\\'; SELECT pg_sleep(9); --",
    "{{7*7}}{% raw %}${7*7}",
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("code", CODE)
def test_what_looks_like_code_is_kept_to_the_letter_and_shown_as_text(world: World, sign_in: SignIn, code: str) -> None:
    manager, duty, officer = sign_in("manager.haringey"), sign_in("duty.haringey"), sign_in("officer.wood-green")
    people = world.count(Person)
    request = world.ask(world.place())
    typed = {"name": code, "role": "EDT", "mobile": "07700 900321", "landline": ""}

    assert manager.post("/rota/contacts", data=typed).status_code == 303
    assert duty.post(f"/duty/requests/{request}/refuse", data={"reason": "staffing", "words": code}).status_code == 303

    assert world.get(Contact, world.contact("+447700900321")).name == code
    assert world.get(BedRequest, request).refusal_words == code
    for page in (manager.get("/rota/manage"), officer.get(f"/desk/requests/{request}")):
        assert str(escape(code)) in page.get_data(as_text=True)
        assert "<script>alert" not in page.get_data(as_text=True)
        assert "<img" not in page.get_data(as_text=True)
    assert world.count(Person) == people


@pytest.mark.parametrize("code", CODE)
def test_what_looks_like_code_opens_nothing_and_is_shown_as_text(app: Flask, officer: FlaskClient, code: str) -> None:
    answer = app.test_client().post("/sign-in", data={"username": code, "password": code})

    assert answer.status_code == 422
    assert str(escape(code)) in answer.get_data(as_text=True)
    assert "<script>alert" not in answer.get_data(as_text=True)
    for address in (f"/records/{code}", f"/desk/detentions/{code}"):
        found = officer.get(address.replace("/{% raw", "{% raw").split("?")[0].replace("%", "%25"))
        assert found.status_code == 404
        assert "alert(1)" not in found.get_data(as_text=True)
    assert officer.get("/sign-in", query_string={"next": code}).status_code == 200


@pytest.mark.parametrize("code", CODE)
def test_what_looks_like_code_is_no_period_of_the_figures(inspector: FlaskClient, code: str) -> None:
    answer = inspector.get("/figures", query_string={"from": code, "to": code, "suite": code})

    assert answer.status_code < 500
    assert "<script>alert" not in answer.get_data(as_text=True)


# --- spreadsheets ---------------------------------------------------------------------------------


FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", " =1", "=HYPERLINK(1)", "＝1+1"]


@given(st.text(st.sampled_from("=+-@＝＋－＠ \t\r\n\u00a0a1")))
def test_no_cell_of_a_csv_begins_as_a_formula_does(cell: str) -> None:
    ((read,),) = csv.reader(io.StringIO(csv_text([[cell]]), newline=""))

    assert read in (cell, f"'{cell}")
    assert not read.strip().startswith(tuple("=+-@＝＋－＠"))


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_csv_that_is_given_out_runs_what_was_typed(app: Flask, world: World, sign_in: SignIn, formula: str) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), name=formula)
    request = world.ask(world.place(), detention=world.detention(custody_record="01YE/4711/26"))
    sign_in("duty.haringey").post(f"/duty/requests/{request}/refuse", data={"reason": "staffing", "words": formula})
    manager, inspector = sign_in("manager.haringey"), sign_in("inspector.met")
    child = ("01YE/4711/26", "--suite", "wood-green", "--why", formula)

    given_out = [
        manager.get("/rota/csv").get_data(as_text=True),
        manager.get("/figures/children-by-month/csv").get_data(as_text=True),
        inspector.get("/figures/returns-csv").get_data(as_text=True),
        run(app, "records", "held", *child).stdout,
        run(app, "records", "looked", *child).stdout,
    ]

    for text in given_out:
        cells = [cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line]
        assert cells
        assert not [cell for cell in cells if cell.strip().startswith(tuple("=+-@＝"))]
    assert f"'{formula.strip()}" in given_out[0].replace("' ", "'")


def test_a_rota_with_a_name_like_a_formula_goes_out_and_comes_in(world: World, manager: FlaskClient) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), name="=Duty desk")
    out = manager.get("/rota/csv").data

    assert manager.post("/rota/csv", data={"file": (io.BytesIO(out), "rota.csv")}).status_code == 303


# --- the log --------------------------------------------------------------------------------------


def test_an_address_or_a_name_with_a_line_end_writes_no_line_of_its_own(
    app: Flask, officer: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    forged = "x%0aERROR%20forged%1b[2K%0dERROR%20forged"

    officer.get(f"/records/{forged}")
    app.test_client().post("/sign-in", data={"username": "a\nERROR forged\x1b[2K", "password": "x"})
    run(app, "people", "close", "a\nERROR forged")
    monkeypatch.setattr(accounts, "suites_for", _a_bug)
    assert officer.get(f"/records/{forged}").status_code == 500

    assert "Exception on /records/x\\nERROR forged\\x1b[2K\\rERROR forged [GET]" in caplog.text
    assert not [line for line in caplog.text.splitlines() if line.startswith("ERROR forged")]
    assert "\x1b" not in caplog.text


def _a_bug(_: object, reference: str, **__: object) -> None:
    raise ValueError(reference)
