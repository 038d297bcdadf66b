"""Delivery processes killed at random while they send: every text arrives, and none twice."""

from __future__ import annotations

from custodyfinder.config import Settings
from custodyfinder.models import TextMessage, TextState

from ..world import World
from . import crashing


def test_texts_arrive_once_although_delivery_processes_are_killed_while_they_send(
    world: World, settings: Settings
) -> None:
    outcome = crashing.run(settings, texts=120, kills=6, seed=20261124)

    assert (outcome.lost, outcome.twice, outcome.arrived) == (0, 0, 120)
    assert outcome.met > 0, "no kill met a text on its way: the test has shown nothing"
    texts = world.rows(TextMessage)
    assert {text.state for text in texts} <= {TextState.SENT, TextState.DELIVERED}
    assert len({text.provider_id for text in texts}) == 120
