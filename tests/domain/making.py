"""Made-up children and places for the rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from custodyfinder.domain.geo import GridPoint
from custodyfinder.domain.needs import Sex
from custodyfinder.domain.suitability import Candidate, Child, Question
from custodyfinder.domain.weights import Weights

NIGHT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
"""02:10 in London as well."""

SUITE = GridPoint(531150, 190350)
HARINGEY, CAMDEN = "E09000014", "E09000007"


def child(**said: Any) -> Child:
    """A boy of 15 at Wood Green, Haringey's, non-secure, unless said otherwise."""
    usual: dict[str, Any] = {"origin": SUITE, "age": 15, "sex": Sex.MALE, "responsible": HARINGEY}
    return Child(**usual | said)


def place(**said: Any) -> Candidate:
    """Haringey's, a kilometre east, takes anybody at any hour, confirmed just now, unless said otherwise."""
    usual: dict[str, Any] = {
        "id": 1,
        "code": "HAR1",
        "name": "Example House",
        "kind": "residential",
        "town": "Haringey",
        "authority_code": HARINGEY,
        "authority_name": "Haringey",
        "easting": 532150,
        "northing": 190350,
        "secure": False,
        "age_min": 10,
        "age_max": 17,
        "sexes": 3,
        "needs_met": 0,
        "needs_not_met": 0,
        "admits_from": None,
        "admits_until": None,
        "out_of_service": None,
        "beds_free": 1,
        "confirmed_at": NIGHT,
        "ended": 0,
        "refused": 0,
        "answer_minutes": 0.0,
    }
    return Candidate(**usual | said)


def question(asked: Child | None = None, *, at: datetime = NIGHT, weights: Weights | None = None) -> Question:
    """What both lists of rules are asked about."""
    return Question.about(asked or child(), at=at, weights=weights or Weights())
