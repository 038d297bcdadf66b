"""Who may open what."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.models import BedRequest, Detention, Role
from custodyfinder.services import accounts
from custodyfinder.web.access import RULES, Who

from ..conftest import NIGHT
from ..world import PASSWORD, World
from .conftest import SignIn


def test_every_page_has_a_rule_and_every_rule_a_page(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(RULES)


def test_addresses_are_kebab_case_and_their_parts_are_typed(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert re.fullmatch(r"(/[a-z0-9-]*|/<(int|string|path):[a-z_]+>)+(\.json)?", rule.rule), rule.rule


@pytest.mark.parametrize("endpoint", [name for name, who in RULES.items() if not isinstance(who, Who)])
def test_a_page_of_a_role_is_closed_to_strangers_and_to_the_other_role(
    app: Flask, sign_in: SignIn, endpoint: str
) -> None:
    (rule,) = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    address = re.sub(r"<int:\w+>", "1", re.sub(r"<string:\w+>", "X", rule.rule))
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    who = RULES[endpoint]
    for_officers = who is Role.CUSTODY_OFFICER or (isinstance(who, frozenset) and Role.CUSTODY_OFFICER in who)
    other = sign_in("duty.haringey" if for_officers else "officer.wood-green")

    stranger = app.test_client().open(address, method=method)

    assert stranger.status_code == 303
    assert stranger.location.startswith("/sign-in")
    assert other.open(address, method=method).status_code == 403


def test_another_suites_child_and_request_are_not_there(world: World, sign_in: SignIn) -> None:
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    other = sign_in("officer.kentish-town")

    assert other.get(f"/desk/detentions/{reference}").status_code == 404
    assert other.get(f"/desk/requests/{request}").status_code == 404
    assert other.get(f"/desk/requests/{request}/progress").status_code == 404
    assert other.post(f"/desk/requests/{request}/withdraw").status_code == 404
    assert other.post(f"/desk/detentions/{reference}/places/1/ask").status_code == 404
    assert world.get(BedRequest, request).state == "open"


def test_another_authoritys_request_is_not_there(world: World, sign_in: SignIn) -> None:
    request = world.ask(world.place())
    other = sign_in("duty.camden")

    assert b"Wood Green custody asks" not in other.get("/duty").data
    assert other.get(f"/duty/requests/{request}/refuse").status_code == 404
    assert other.post(f"/duty/requests/{request}/accept").status_code == 404
    assert world.get(BedRequest, request).state == "open"


def test_a_disabled_persons_session_ends(officer: FlaskClient) -> None:
    assert officer.get("/desk").status_code == 200

    accounts.disable("officer.wood-green", now=NIGHT)

    assert officer.get("/desk").status_code == 303


@pytest.mark.parametrize(
    ("username", "password"), [("officer.wood-green", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong")]
)
def test_every_failure_to_sign_in_says_the_same(app: Flask, sign_in: SignIn, username: str, password: str) -> None:
    answer = app.test_client().post("/sign-in", data={"username": username, "password": password})

    assert answer.status_code == 422
    assert b"That username and password do not match." in answer.data


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_origin(app: Flask, sign_in: SignIn, elsewhere: str) -> None:
    answer = app.test_client().post(
        "/sign-in", query_string={"next": elsewhere}, data={"username": "duty.haringey", "password": PASSWORD}
    )

    assert answer.location == "/duty"


def test_one_press_sign_in_exists_in_the_demonstration_only(app: Flask, sign_in: SignIn) -> None:
    assert app.test_client().post("/demo/sign-in/officer.wood-green").status_code == 404


def test_a_post_without_its_token_is_refused_and_writes_nothing(app: Flask, world: World, officer: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True

    answer = officer.post("/desk/detentions/new", data={"age": "15", "sex": "male", "kind": "non-secure"})

    assert answer.status_code == 400
    assert b"reload the page" in answer.data
    assert world.count(Detention) == (0,)


def test_no_page_is_cached_framed_or_fed_from_elsewhere(officer: FlaskClient) -> None:
    headers = officer.get("/desk").headers

    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
