"""Programs that call: each with a token of its own. It is ten past two at night."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from custodyfinder import clock
from custodyfinder.domain.scopes import Organisation, Scope
from custodyfinder.models import Suite
from custodyfinder.services import tokens

from ...conftest import NIGHT
from ...world import CAMDEN, HARINGEY, World

FORCE = "Metropolitan Police"


@dataclass
class Program:
    """Somebody else's program."""

    app: Flask
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, said: Any = None, **headers: str) -> TestResponse:
        """Call, with a JSON body if something is said."""
        more = {} if said is None else {"json": said}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=self.headers | named, **more)

    def get(self, path: str) -> Any:
        """What is there."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()


Issue = Callable[..., Program]


@pytest.fixture
def issue(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Issue:
    """Issues a token and gives the program that has it. Pages' CSRF tokens are asked for as in life."""
    monkeypatch.setattr(clock, "now", _night)

    def to(
        *,
        force: str | None = None,
        authority: str | None = None,
        scopes: Collection[Scope] | None = None,
        days: int = 90,
        now: datetime = NIGHT,
    ) -> Program:
        side = Organisation.FORCE if force else Organisation.AUTHORITY
        wanted = [scope for scope in Scope if side in scope.held_by] if scopes is None else scopes
        issued = tokens.add(
            "a-system", force=force, authority_code=authority, scopes=wanted, days=days, by="test", now=now
        )
        return Program(app, {"Authorization": f"Bearer {issued.text}"})

    return to


def _night() -> datetime:
    return NIGHT


@pytest.fixture
def police(issue: Issue) -> Program:
    """The custody system of the force that Wood Green is of; it may do what a force's program may."""
    return issue(force=FORCE)


@pytest.fixture
def haringey(issue: Issue) -> Program:
    """The duty system of Haringey."""
    return issue(authority=HARINGEY)


@pytest.fixture
def camden(issue: Issue) -> Program:
    """The duty system of Camden."""
    return issue(authority=CAMDEN)


@pytest.fixture
def other_force(issue: Issue, world: World) -> Program:
    """The custody system of a force in the next county, which has the suite at Kentish Town here."""
    world.change(Suite, world.other_suite_id, force="Thames Valley Police")
    return issue(force="Thames Valley Police")


@pytest.fixture
def stranger(issue: Issue, app: Flask) -> Program:
    """A program without a token."""
    return Program(app)


CHILD: dict[str, Any] = {
    "suite": "wood-green",
    "custody_record": "01YE/4711/26",
    "charged_at": "2026-11-24T01:10:00Z",
    "bail_refused_at": "2026-11-24T01:40:00+00:00",
    "court_at": "2026-11-24T10:00:00Z",
    "bail_ground": "fail_to_appear",
    "age": 15,
    "sex": "male",
}
"""What a record needs at the least, an hour after the charge."""
