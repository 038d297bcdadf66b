"""The migrations make what the models say, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from custodyfinder.db import db, transaction
from custodyfinder.domain.audit_chain import FIRST, Line
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.models import AuditEvent, Call, CallOutcome, Detention
from custodyfinder.services import audit, audit_trail, calls, retention

from .conftest import NIGHT
from .services import tampering
from .world import HARINGEY, World


def test_the_migrated_database_is_the_one_that_the_models_describe(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})

        assert compare_metadata(context, db.metadata) == []


def test_every_migration_can_be_taken_back_and_made_again(app: Flask) -> None:
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}

    upgrade()
    assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}


def test_records_of_the_time_before_the_record_are_kept_and_what_was_not_asked_is_said_to_be_not_recorded(
    world: World,
) -> None:
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    said, words, reason = CallOutcome.NO_ANSWER, "rang out", RefusalReason.NOT_GIVEN
    calls.record(request, said=said, words=words, reason=reason, suite_id=world.suite_id, by="officer", now=NIGHT)
    db.engine.dispose()

    downgrade(revision="0002")
    upgrade()

    (detention,), (call,) = world.rows(Detention), world.rows(Call)
    assert (detention.custody_record, detention.bail_ground, detention.looked_after) == (
        reference,
        "not_recorded",
        "not_known",
    )
    assert (detention.charged_at, detention.court_at) == (NIGHT, NIGHT + timedelta(days=1))
    assert (call.detention_id, call.authority_code, call.secure, call.words) == (
        detention.id,
        HARINGEY,
        False,
        "rang out",
    )


def test_audit_lines_of_the_time_before_the_chain_are_numbered_in_their_order_chained_and_kept(world: World) -> None:
    tampering.write(5)
    with tampering.unguarded() as connection:
        connection.execute(text('UPDATE audit_event SET details = \'{"z": [1, "ŵ"], "a": null}\' WHERE id = 4'))
    db.engine.dispose()
    downgrade(revision="0003")
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_event WHERE id IN (1, 3)"))  # as numbers were lost with a rollback
    db.engine.dispose()

    upgrade()

    events, found = world.rows(AuditEvent), audit_trail.verify()
    assert [(event.id, event.subject, event.at) for event in events] == [
        (1, "request:1", NIGHT),
        (2, "request:3", NIGHT),
        (3, "request:4", NIGHT),
    ]
    assert (events[0].previous, events[1].details) == (FIRST, {"z": [1, "ŵ"], "a": None})
    assert (found.lines, found.fault) == (3, None)
    tampering.write(1)
    assert audit_trail.verify().fault is None
    with pytest.raises(DBAPIError, match="never changed"), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_event"))


def test_more_audit_lines_than_are_read_at_a_time_are_chained_as_well(world: World) -> None:
    with transaction() as session:
        line = Line(at=NIGHT, actor="officer", action="call recorded", subject="request:1")
        audit.add(session, [line] * 5001)
    db.engine.dispose()
    downgrade(revision="0003")

    upgrade()

    found = audit_trail.verify()
    assert (found.lines, found.fault) == (5001, None)


def test_after_the_chain_is_taken_back_lines_are_numbered_on_by_the_database(world: World) -> None:
    tampering.write(2)
    db.engine.dispose()

    downgrade(revision="0003")

    insert = "INSERT INTO audit_event (at, actor, action, subject, details) VALUES (:at, 'o', 'a', 's', '{}')"
    with db.engine.begin() as connection:
        connection.execute(text(insert), {"at": NIGHT.isoformat()})
        numbers = connection.scalars(text("SELECT id FROM audit_event ORDER BY id")).all()
        connection.execute(text("DELETE FROM audit_event WHERE id = 3"))
    upgrade()
    assert numbers == [1, 2, 3]
    assert audit_trail.verify().lines == 2


def test_a_record_that_was_reduced_stays_so_through_the_migration_of_retention(world: World) -> None:
    world.detention()
    retention.expire(by="command line", now=NIGHT + timedelta(days=400))
    before = world.rows(Detention)[0]
    db.engine.dispose()

    downgrade(revision="0003")
    assert "reduced_at" not in {column["name"] for column in inspect(db.engine).get_columns("detention")}
    upgrade()

    (after,) = world.rows(Detention)
    assert (after.reference, after.custody_record, after.officer) == (before.reference, before.custody_record, "")
