"""The migrations make what the models say, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from custodyfinder.db import db
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.models import Call, CallOutcome, Detention
from custodyfinder.services import calls, retention

from .conftest import NIGHT
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
