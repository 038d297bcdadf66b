"""Who may open what."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.models import Detention
from custodyfinder.web.access import RULES

from ..world import World


def test_every_page_has_a_rule_and_every_rule_a_page(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(RULES)


def test_addresses_are_kebab_case_and_their_parts_are_typed(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert re.fullmatch(r"(/[a-z0-9-]*|/<(int|string|path):[a-z_]+>)+(\.json)?", rule.rule), rule.rule


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
