"""The chain of audit lines: what the database refuses, and what is found where it was done all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from custodyfinder.config import Settings
from custodyfinder.db import db, transaction
from custodyfinder.domain.audit_chain import FIRST, Break, Fault, Head, Line
from custodyfinder.models import AuditEvent, Once
from custodyfinder.services import audit, audit_trail

from ..conftest import NIGHT
from ..world import World
from . import racers, tampering
from .racers import race


def lines(count: int) -> list[Line]:
    return [
        Line(at=NIGHT, actor="officer", action="call recorded", subject=f"request:{number}") for number in range(count)
    ]


def head() -> Head | None:
    return audit_trail.verify().head


# --- what the database refuses --------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET actor = 'x' WHERE id = 2",
        "DELETE FROM audit_event WHERE id = 2",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head VALUES (2, 0, 'x')",
    ],
)
def test_the_database_refuses_to_change_the_trail(world: World, statement: str) -> None:
    tampering.write(3)

    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text(statement))

    assert audit_trail.verify().fault is None


@pytest.mark.parametrize("table", ["audit_event", "audit_head"])
def test_postgresql_refuses_to_empty_the_trail(world: World, table: str) -> None:
    tampering.write(3)
    if db.engine.dialect.name == "postgresql":  # SQLite knows no TRUNCATE: its DELETE is refused above
        with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {table}"))

    assert audit_trail.verify().lines == 3


# --- what is done to it all the same --------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-11-24 02:10:00.000001'",
        "actor = 'other'",
        "action = 'other'",
        "subject = 'request:9'",
        """details = '{"said": "yes"}'""",
        "origin = '192.0.2.1'",
        "why = 'other'",
        "digest = 'other'",
    ],
)
def test_a_column_that_was_changed_is_found_in_its_row(world: World, change: str) -> None:
    tampering.write(5)

    tampering.change(change, row=3)

    assert audit_trail.verify().fault == Fault(3, Break.CHANGED)


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE audit_event SET previous = 'x' WHERE id = 3"], Fault(3, Break.OUT_OF_ORDER)),
        (["UPDATE audit_event SET id = 9 WHERE id = 3"], Fault(3, Break.REMOVED)),
        (["DELETE FROM audit_event WHERE id = 3"], Fault(3, Break.REMOVED)),
        (["DELETE FROM audit_event WHERE id = 5"], Fault(5, Break.TAIL_REMOVED)),
        (["DELETE FROM audit_event"], Fault(1, Break.TAIL_REMOVED)),
        (
            [
                "UPDATE audit_event SET id = -3 WHERE id = 3",
                "UPDATE audit_event SET id = 3 WHERE id = 4",
                "UPDATE audit_event SET id = 4 WHERE id = -3",
            ],
            Fault(3, Break.OUT_OF_ORDER),
        ),
        (["UPDATE audit_head SET last_id = 4"], Fault(5, Break.BEYOND_HEAD)),
        (["UPDATE audit_head SET digest = 'x'"], Fault(5, Break.HEAD_CHANGED)),
        (["DELETE FROM audit_head"], Fault(5, Break.HEAD_CHANGED)),
    ],
    ids=[
        "a previous digest changed",
        "a number changed",
        "one removed",
        "the last removed",
        "all removed",
        "two swapped",
        "the head moved back",
        "the head changed",
        "the head removed",
    ],
)
def test_what_was_done_to_the_rows_is_named(world: World, statements: list[str], fault: Fault) -> None:
    tampering.write(5)

    tampering.run(*statements)

    assert audit_trail.verify().fault == fault


def test_a_row_that_was_put_in_is_found_at_the_end_before_the_first_and_in_between(world: World) -> None:
    tampering.write(5)
    events = world.rows(AuditEvent)

    tampering.forge(6, previous=events[-1].digest)
    assert audit_trail.verify().fault == Fault(6, Break.BEYOND_HEAD)
    tampering.run("DELETE FROM audit_event WHERE id = 6")
    tampering.forge(0, previous=FIRST)
    assert audit_trail.verify().fault == Fault(0, Break.OUT_OF_ORDER)
    tampering.run("DELETE FROM audit_event WHERE id < 1", "UPDATE audit_event SET id = -id - 1 WHERE id > 2")
    tampering.run("UPDATE audit_event SET id = -id WHERE id < 0")
    tampering.forge(3, previous=events[1].digest)
    assert audit_trail.verify().fault == Fault(4, Break.OUT_OF_ORDER)


@pytest.mark.parametrize("change", ["at = 'no time'", "at = 7", "details = 'no JSON'", "actor = x'00ff'"])
def test_a_value_that_cannot_even_be_read_is_found_in_its_row(world: World, change: str) -> None:
    tampering.write(5)
    if db.engine.dialect.name == "postgresql" and not change.startswith("actor"):
        with pytest.raises(DBAPIError):  # its columns take nothing of the kind
            tampering.change(change, row=3)
        return

    tampering.change(change, row=3)

    assert audit_trail.verify().fault == Fault(3, Break.CHANGED)


def test_writing_after_the_head_was_moved_back_fails_and_does_not_write_over_a_line(world: World) -> None:
    tampering.write(3)
    tampering.run("UPDATE audit_head SET last_id = 2")

    with pytest.raises(DBAPIError):
        tampering.write(1)

    assert world.count(AuditEvent) == (3,)


def test_a_head_that_was_noted_outside_is_a_part_of_the_chain_until_it_is_cut_short(world: World) -> None:
    tampering.write(3)
    anchor = head()
    tampering.write(2)
    assert audit_trail.verify(anchor=anchor).fault is None
    second = world.rows(AuditEvent)[1]

    tampering.run(
        "DELETE FROM audit_event WHERE id > 2",
        f"UPDATE audit_head SET last_id = 2, digest = '{second.digest}'",  # noqa: S608 - hex digits
    )

    assert audit_trail.verify().fault is None
    assert audit_trail.verify(anchor=anchor).fault == Fault(3, Break.NOT_AS_ANCHORED)


def test_lines_that_are_written_during_the_walk_do_not_look_like_a_fault(world: World) -> None:
    with transaction() as session:
        audit.add(session, lines(audit_trail.BATCH + 1))
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()

    found = audit_trail.verify(progress=lambda _: tampering.write(1))

    assert (found.lines, found.fault) == (audit_trail.BATCH + 1, None)
    assert world.count(AuditEvent) == (audit_trail.BATCH + 2,)


# --- the head, noted outside ----------------------------------------------------------------


def test_the_head_is_noted_by_one_process_in_each_hour(world: World, settings: Settings) -> None:
    tampering.write(3)

    results = race(settings, [(racers.note_head, NIGHT)] * 3)

    assert sorted(results, key=str) == sorted([None, None, head()], key=str)
    assert audit_trail.anchor_due(now=NIGHT + timedelta(minutes=49)) is None
    assert audit_trail.anchor_due(now=NIGHT + timedelta(minutes=50)) == head()
    assert [row.key for row in world.rows(Once)] == ["anchor:2026-11-24T02", "anchor:2026-11-24T03"]
