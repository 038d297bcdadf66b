"""Whoever is shown a child's record is noted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder import clock
from custodyfinder.domain.roles import TABLE, Permission
from custodyfinder.models import AuditEvent
from custodyfinder.services import audit, looking
from custodyfinder.web.access import RULES
from custodyfinder.web.looking import SHOWS_A_RECORD, SHOWS_NONE

from ..conftest import NIGHT
from ..world import World
from .conftest import SignIn
from .reading import words

OF_RECORDS = {
    Permission.ASK,
    Permission.READ_RECORD,
    Permission.END_RECORD,
    Permission.GIVE_RECORD,
    Permission.ANSWER,
}


def looks(world: World) -> list[tuple[str, str]]:
    return [(event.actor, event.subject) for event in world.rows(AuditEvent) if event.action == audit.LOOKED]


def test_every_page_about_records_says_whether_it_shows_one(app: Flask) -> None:
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if RULES[rule.endpoint] in OF_RECORDS and "GET" in (rule.methods or ())
    }

    assert pages - SHOWS_NONE <= SHOWS_A_RECORD
    assert set(RULES) >= SHOWS_A_RECORD | SHOWS_NONE
    assert not SHOWS_A_RECORD & SHOWS_NONE


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("officer.wood-green", "/desk"),
        ("officer.wood-green", "/desk/detentions/{reference}"),
        ("officer.wood-green", "/desk/detentions/{reference}/compare?place=2&place=3"),
        ("officer.wood-green", "/desk/requests/{request}"),
        ("officer.wood-green", "/desk/requests/{request}/progress"),
        ("officer.wood-green", "/records/handover"),
        ("inspector.met", "/records"),
        ("inspector.met", "/records/{reference}"),
        ("inspector.met", "/records/{reference}/log"),
        ("inspector.met", "/records/{reference}/end"),
        ("inspector.met", "/records/{reference}/readers"),
        ("duty.haringey", "/duty"),
        ("duty.haringey", "/duty/requests/{request}/accept"),
        ("duty.haringey", "/duty/requests/{request}/refuse"),
    ],
)
def test_a_page_that_shows_a_record_notes_who_was_shown_it_once_an_hour(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, who: str, page: str
) -> None:
    world.detention()  # of somebody else: only the lists show it
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    for _ in range(2):
        world.place()
    address = page.format(reference=reference, request=request)
    client, subject = sign_in(who), f"detention:{world.detention_id(reference)}"

    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 200

    assert looks(world).count((who, subject)) == 1
    monkeypatch.setattr(clock, "now", lambda: NIGHT + timedelta(hours=1))
    assert sign_in(who).get(address).status_code == 200
    assert looks(world).count((who, subject)) == 2


def test_the_custody_inspector_sees_who_has_looked_from_where_and_why(
    world: World, officer: FlaskClient, inspector: FlaskClient
) -> None:
    reference = world.detention()
    officer.get(f"/records/{reference}", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

    page = words(inspector.get(f"/records/{reference}/readers"))

    assert "officer.wood-green 192.0.2.7 custody officer of the suite" in page


def test_a_page_that_is_refused_notes_nobody(world: World, sign_in: SignIn) -> None:
    reference = world.detention()

    sign_in("officer.kentish-town").get(f"/records/{reference}")
    sign_in("duty.haringey").get(f"/records/{reference}")
    sign_in("manager.haringey").get("/figures")

    assert looks(world) == []


def test_every_role_that_may_be_shown_a_record_has_a_reason() -> None:
    assert set(looking.WHY) == {role for permission in OF_RECORDS for role in TABLE[permission]}
    assert all(len(why) <= audit.LONGEST_WHY for why in looking.WHY.values())
