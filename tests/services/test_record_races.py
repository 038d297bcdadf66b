"""Races about a record: opened twice at once; accepted while an inspector signs that the child stays."""

from __future__ import annotations

import json

from custodyfinder.config import Settings
from custodyfinder.models import BedRequest, Certificate, Detention, Outcome, Placement, Told

from ..conftest import NIGHT
from ..world import World
from . import racers
from .racers import race


def test_one_custody_record_number_opened_twice_at_once_is_one_record(world: World, settings: Settings) -> None:
    results = race(settings, [(racers.open_record, ("01YE/9/26", world.suite_id, NIGHT))] * 3)

    assert sorted(results) == ["BadInput", "BadInput", "opened"]
    assert world.count(Detention, Told) == (1, 1)


def test_a_child_who_is_accepted_while_it_is_certified_that_they_stay_is_one_or_the_other(
    world: World, settings: Settings
) -> None:
    place, reference = world.place(), world.detention()
    request = world.ask(place, detention=reference)

    accepted, stayed = race(
        settings, [(racers.accept, (request, NIGHT)), (racers.stay, (reference, world.suite_id, NIGHT))]
    )

    # The inspector signs in any case; the certificate tells which of the two was first, and the bed is free again.
    assert stayed == "stays"
    assert world.count(Outcome, Certificate) == (1, 1)
    assert world.get(BedRequest, request).state == "withdrawn"
    assert world.beds(place) == (2, 0)
    (asked,) = json.loads(world.rows(Certificate)[0].body)["asked"]
    assert (accepted, asked["answer"]) in (("accepted", "accepted"), ("AlreadyEnded", "open"))
    assert all(placement.ended_at is not None for placement in world.rows(Placement))
