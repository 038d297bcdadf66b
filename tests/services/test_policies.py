"""Whom an authority wants asked, in versions that are added and never changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy.orm import Session

from custodyfinder.db import db
from custodyfinder.domain import escalation
from custodyfinder.domain.escalation import Policy, Step, Target
from custodyfinder.errors import BadInput, Conflict
from custodyfinder.models import AuditEvent, BedRequest, Contact, EscalationPolicy
from custodyfinder.services import policies

from ..conftest import NIGHT
from ..world import CAMDEN, CAMDEN_PHONE, HARINGEY, HARINGEY_MANAGER, World

WHO: dict[str, Any] = {"by": "manager.haringey", "now": NIGHT}
HOLD = timedelta(minutes=30)


def policy(*targets: str, gives_up: int = 15) -> Policy:
    return Policy(0, (Step(timedelta(0), targets or (Target.ON_DUTY,)),), timedelta(minutes=gives_up))


def in_force(authority_code: str) -> Policy:
    with Session(db.engine) as session:
        return policies.current(session, authority_code, hold_for=HOLD)


def test_who_has_chosen_nothing_has_the_default(world: World) -> None:
    assert in_force(HARINGEY) == escalation.default(HOLD)
    assert policies.history(HARINGEY) == []


def test_the_latest_version_is_in_force_and_every_one_is_kept(world: World) -> None:
    assert policies.set_policy(HARINGEY, policy(gives_up=15), **WHO) == 1
    assert policies.set_policy(HARINGEY, policy(gives_up=20), **WHO) == 2

    assert (in_force(HARINGEY).version, in_force(HARINGEY).gives_up) == (2, timedelta(minutes=20))
    assert in_force(CAMDEN) == escalation.default(HOLD)
    assert [
        (each.version, each.policy.gives_up, each.made_by, each.made_at) for each in policies.history(HARINGEY)
    ] == [
        (2, timedelta(minutes=20), "manager.haringey", NIGHT),
        (1, timedelta(minutes=15), "manager.haringey", NIGHT),
    ]
    assert policies.history(CAMDEN) == []


def test_who_was_named_is_still_named_in_the_history_after_they_have_left(world: World) -> None:
    manager = world.contact(HARINGEY_MANAGER)
    policies.set_policy(HARINGEY, policy(f"contact:{manager}"), **WHO)

    world.change(Contact, manager, removed_at=NIGHT)

    (kept,) = policies.history(HARINGEY)
    assert kept.names[kept.policy.steps[0].targets[0]] == "Manager, Haringey"


def _of_camden(world: World) -> int:
    return world.contact(CAMDEN_PHONE)


def _removed(world: World) -> int:
    contact = world.contact(HARINGEY_MANAGER)
    world.change(Contact, contact, removed_at=NIGHT)
    return contact


def _nobody(_: World) -> int:
    return 999


@pytest.mark.parametrize("somebody", [_of_camden, _removed, _nobody])
def test_a_step_for_somebody_who_is_no_contact_here_is_refused_and_not_written(
    world: World, somebody: Callable[[World], int]
) -> None:
    before = world.count(EscalationPolicy, AuditEvent)

    with pytest.raises(BadInput) as refusal:
        policies.set_policy(HARINGEY, policy(f"contact:{somebody(world)}"), **WHO)

    assert refusal.value.field == "steps"
    assert world.count(EscalationPolicy, AuditEvent) == before


def test_a_request_keeps_the_policy_it_was_made_with(world: World) -> None:
    policies.set_policy(HARINGEY, policy(gives_up=15), **WHO)
    request = world.ask(world.place())

    policies.set_policy(HARINGEY, policy(gives_up=60), **WHO)

    kept = world.get(BedRequest, request)
    assert kept.policy["version"] == 1
    assert kept.hold_expires_at == NIGHT + timedelta(minutes=15)


def test_of_two_who_set_a_policy_at_once_each_is_a_version_of_its_own_or_is_told(world: World) -> None:
    start = threading.Barrier(2)
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def put(gives_up: int) -> int | None:
        with app.app_context():
            start.wait(timeout=30)
            try:
                return policies.set_policy(HARINGEY, policy(gives_up=gives_up), **WHO)
            except Conflict:
                return None

    with ThreadPoolExecutor(2) as pool:
        made = [version for version in pool.map(put, (15, 20)) if version is not None]

    assert sorted(made) == [each.version for each in world.rows(EscalationPolicy)] == list(range(1, len(made) + 1))


def test_the_hour_of_counts_and_texting_are_kept_and_written_down(world: World) -> None:
    policies.set_texting(HARINGEY, texted=False, counts_wanted_at=None, **WHO)

    assert policies.texting(HARINGEY) == (False, None)
    assert policies.texting(CAMDEN) == (True, 18 * 60)
    assert [event.action for event in world.rows(AuditEvent)][-1] == "texting set"
