"""The audit trail: written with what it tells of, chained, and shown to be broken by whatever is done to it."""

from __future__ import annotations

import gc
import time
from datetime import timedelta

import pytest
from flask import Flask, g
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from custodyfinder.config import Settings
from custodyfinder.db import db, transaction
from custodyfinder.domain.audit_chain import FIRST, Head, Line
from custodyfinder.errors import BadInput
from custodyfinder.models import AuditEvent, AuditHead, Heartbeat
from custodyfinder.services import accounts, audit, audit_trail

from ..conftest import NIGHT
from ..domain.test_audit_chain import values, words
from ..world import World
from . import racers, tampering
from .racers import race

HOUR = timedelta(hours=1)


def lines(count: int) -> list[Line]:
    return [
        Line(at=NIGHT, actor="officer", action="call recorded", subject=f"request:{number}") for number in range(count)
    ]


# --- writing --------------------------------------------------------------------------------


def test_lines_are_numbered_without_a_gap_and_the_chain_is_whole(world: World) -> None:
    world.ask(world.place())
    events = world.rows(AuditEvent)

    found = audit_trail.verify()

    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert events[0].previous == FIRST
    assert (found.lines, found.fault) == (len(events), None)
    assert found.head == Head(events[-1].id, events[-1].digest)


def test_a_line_is_there_only_if_what_it_tells_of_is(world: World) -> None:
    def fails_at_the_commit() -> None:
        with transaction() as session:
            audit.record(session, "officer", "call recorded", "request:1", at=NIGHT)
            session.add_all([Heartbeat(worker="w", cycled_at=NIGHT), AuditHead(id=2, last_id=0, digest="")])

    with pytest.raises(DBAPIError):
        fails_at_the_commit()

    assert world.count(AuditEvent, Heartbeat) == (0, 0)
    tampering.write(1)
    assert [event.id for event in world.rows(AuditEvent)] == [1]


def test_a_session_that_was_rolled_back_and_is_used_again_has_lost_its_lines(world: World) -> None:
    with Session(db.engine) as session:
        audit.record(session, "officer", "lost", "request:1", at=NIGHT)
        session.rollback()
        session.add(Heartbeat(worker="w", cycled_at=NIGHT))
        audit.record(session, "officer", "kept", "request:1", at=NIGHT)
        session.commit()
        session.commit()

    assert [event.action for event in world.rows(AuditEvent)] == ["kept"]
    assert world.count(Heartbeat) == (1,)


def test_a_line_within_a_savepoint_is_refused(world: World) -> None:
    with (
        pytest.raises(RuntimeError, match="savepoint"),
        transaction() as session,
        session.begin_nested(),
    ):
        audit.record(session, "officer", "call recorded", "request:1", at=NIGHT)

    assert world.count(AuditEvent) == (0,)


def test_a_line_before_a_savepoint_is_written_once_whatever_becomes_of_the_savepoint(world: World) -> None:
    with transaction() as session:
        audit.record(session, "officer", "first", "request:1", at=NIGHT)
        with session.begin_nested():
            session.add(Heartbeat(worker="w", cycled_at=NIGHT))
        session.begin_nested().rollback()
        audit.record(session, "officer", "second", "request:1", at=NIGHT)

    assert [event.action for event in world.rows(AuditEvent)] == ["first", "second"]
    assert audit_trail.verify().fault is None


def test_details_that_a_database_would_change_are_refused_where_they_are_written(world: World) -> None:
    with pytest.raises(ValueError, match="float"), transaction() as session:
        audit.record(session, "officer", "call recorded", "request:1", at=NIGHT, km=1.5)


def test_a_line_says_where_the_person_came_from_and_a_process_comes_from_nowhere(world: World) -> None:
    tampering.write(1)
    g.origin = "2001:db8::1"
    tampering.write(1)
    g.pop("origin")

    assert [event.origin for event in world.rows(AuditEvent)] == [None, "2001:db8::1"]
    assert audit_trail.verify().fault is None


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(details=st.dictionaries(words, values, max_size=3))
def test_any_details_are_whole_after_the_turn_through_either_database(app: Flask, details: dict[str, object]) -> None:
    with transaction() as session:
        audit.record(session, "officer", "call recorded", "request:1", at=NIGHT, said=details)

    assert audit_trail.verify().fault is None


@pytest.mark.alone
def test_five_thousand_lines_at_once_take_less_than_a_second_and_are_chained(world: World) -> None:
    began = time.monotonic()
    with transaction() as session:
        audit.add(session, lines(5000))
    took = time.monotonic() - began

    seen: list[int] = []
    found = audit_trail.verify(progress=seen.append)
    assert (found.lines, found.fault) == (5000, None)
    assert seen == [2000, 4000]
    assert took < 1


def test_sessions_that_wrote_lines_are_not_kept(world: World) -> None:
    tampering.write(3)
    gc.collect()

    assert not [each for each in gc.get_objects() if type(each) is Session]


def test_processes_that_write_at_once_make_one_chain_and_none_waits_for_ever(world: World, settings: Settings) -> None:
    with transaction() as session:
        session.add(Heartbeat(worker="all", cycled_at=NIGHT))

    results = race(settings, [(racers.note_fifty_times, (number, NIGHT)) for number in range(4)])

    assert results == [50] * 4
    found = audit_trail.verify()
    assert (found.lines, found.fault) == (300, None)
    assert found.head is not None
    assert found.head.last_id == 300


# --- looking --------------------------------------------------------------------------------


def inspector() -> accounts.SignedIn:
    return accounts.by_username("inspector.met")


def test_whoever_looks_is_noted_with_where_from_and_why(world: World) -> None:
    person, g.origin = inspector(), "192.0.2.7"

    assert audit.looked(person, "detention:1", why="review", now=NIGHT)

    line = world.rows(AuditEvent)[-1]
    assert (line.actor, line.action, line.subject, line.at) == ("inspector.met", "looked", "detention:1", NIGHT)
    assert (line.origin, line.why) == ("192.0.2.7", "review")
    assert audit_trail.verify().fault is None


def test_looking_is_noted_once_for_each_person_record_and_hour(world: World) -> None:
    person, other = inspector(), accounts.by_username("officer.wood-green")
    before = world.count(AuditEvent)[0]

    assert audit.looked(person, "detention:1", why="review", now=NIGHT)
    assert not audit.looked(person, "detention:1", why="review", now=NIGHT + timedelta(minutes=49))
    assert audit.looked(other, "detention:1", why="review", now=NIGHT)
    assert audit.looked(person, "detention:2", why="review", now=NIGHT)
    assert audit.looked(person, "detention:1", why="review", now=NIGHT + timedelta(minutes=50))

    assert world.count(AuditEvent) == (before + 4,)


@pytest.mark.parametrize("why", ["", "  ", "x" * 61])
def test_looking_without_a_reason_is_refused(world: World, why: str) -> None:
    with pytest.raises(BadInput, match="why"):
        audit.looked(inspector(), "detention:1", why=why, now=NIGHT)


def test_one_person_who_opens_a_record_in_four_processes_at_once_is_noted_once(
    world: World, settings: Settings
) -> None:
    person = inspector()
    before = world.count(AuditEvent)[0]

    results = race(settings, [(racers.look, (person, NIGHT))] * 4)

    assert sorted(results) == [False, False, False, True]
    assert world.count(AuditEvent) == (before + 1,)
