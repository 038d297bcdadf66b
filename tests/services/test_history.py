"""The made-up year of the demonstration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from custodyfinder.config import PROJECT
from custodyfinder.models import BedRequest, Certificate, Detention, Outcome, Place, Placement
from custodyfinder.services import certificates, handover, record_log, seeding, seeding_history
from custodyfinder.wiring import wired

from ..conftest import NIGHT
from ..world import World


@pytest.fixture
def history(app: Flask) -> World:
    """The demonstration's places and people, and a year."""
    seeding.demo(PROJECT / "seeds", postcodes=wired().postcodes, now=NIGHT)
    seeding_history.load(now=NIGHT)
    return World(NIGHT, 0, 0)


def test_the_year_has_ended_is_marked_as_made_up_and_is_loaded_once(history: World) -> None:
    detentions = history.rows(Detention)

    assert 900 < len(detentions) < 1300
    assert all(each.custody_record.startswith("MADE-UP/") for each in detentions)
    assert detentions[0].charged_at < NIGHT - timedelta(days=360)
    assert max(outcome.recorded_at for outcome in history.rows(Outcome)) < NIGHT
    assert handover.open_records(range(1, 30), now=NIGHT) == []
    assert seeding_history.load(now=NIGHT) == 0

    # It is told without touching a bed, and each record reads as the real ones do.
    assert all(place.beds_held == 0 for place in history.rows(Place))
    assert {request.state for request in history.rows(BedRequest)} == {"accepted", "refused", "expired"}
    stayed = [outcome for outcome in history.rows(Outcome) if outcome.ground]
    assert history.count(Certificate) == (len(stayed),)
    assert all(each.intact for each in certificates.check())
    assert all(placement.ended_at is not None for placement in history.rows(Placement))
    first = detentions[0]
    log = [line.what for line in record_log.of_record(first.reference, suites=[first.suite_id])]
    assert log[0] == "Opened the record"


def test_the_same_day_gives_the_same_year_on_either_database(history: World) -> None:
    first = history.rows(Detention)[0]

    assert (first.age, first.charged_at, first.responsible_code) == (
        16,
        datetime(2025, 11, 22, 22, 0, tzinfo=UTC),
        "E09000030",
    )
