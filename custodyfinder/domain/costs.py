"""What counts against a place that suits, in minutes, each with its reason in words.

Minutes, so that a sergeant can weigh it against the drive: the currency of the ranking is the time
until the child is in a bed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import hypot
from typing import NamedTuple

from .freshness import age, freshness
from .geo import GridPoint, travel_minutes
from .needs import any_of
from .suitability import Candidate, Question, needs_in


class Cost(NamedTuple):
    """What counts against a place, in minutes."""

    code: str
    minutes: float
    text: str


@dataclass(frozen=True, slots=True)
class SoftRule:
    """One thing that counts against a place: the minutes (0 or more), and the sentence."""

    code: str
    minutes: Callable[[Question, Candidate], float]
    words: Callable[[Question, Candidate], str]


def _count_age_minutes(question: Question, place: Candidate) -> float:
    if place.confirmed_at is None:
        return question.weights.never_confirmed
    hours = (question.at - place.confirmed_at) / timedelta(hours=1)
    return question.weights.count_age_minutes(hours)


def _count_age_words(question: Question, place: Candidate) -> str:
    if place.confirmed_at is None:
        return "Nobody has ever confirmed its bed count: ring to confirm."
    said = f"Its bed count was last confirmed {age(question.at - place.confirmed_at)} ago"
    stale = freshness(place.confirmed_at, at=question.at, weights=question.weights).ring_first
    return f"{said}: ring to confirm." if stale else f"{said}."


def _elsewhere_minutes(question: Question, place: Candidate) -> float:
    return 0.0 if place.authority_code == question.child.responsible else question.weights.not_responsible


def _unknown_needs(question: Question, place: Candidate) -> int:
    return question.need_bits & ~(place.needs_met | place.needs_not_met)


def _unknown_need_words(question: Question, place: Candidate) -> str:
    return f"It has not said whether it has {any_of(needs_in(_unknown_needs(question, place)))}."


def _far_from_home_minutes(question: Question, place: Candidate) -> float:
    home = question.child.home
    if home is None:
        return 0.0
    return question.weights.far_from_home_minutes(minutes_from_home(home, place))


def minutes_from_home(home: GridPoint, place: Candidate) -> float:
    """An estimate of the minutes by car between the child's home district and the place."""
    return travel_minutes(hypot(home.easting - place.easting, home.northing - place.northing))


def _far_from_home_words(question: Question, place: Candidate) -> str:
    home = question.child.home
    assert home is not None  # noqa: S101 - the rule costs nothing without a home
    minutes = minutes_from_home(home, place)
    return f"It is about {minutes:.0f} minutes from the child's home district (estimate)."


SOFT_RULES: tuple[SoftRule, ...] = (
    SoftRule("count_age", _count_age_minutes, _count_age_words),
    SoftRule(
        "not_responsible",
        _elsewhere_minutes,
        lambda q, p: f"{p.authority_name} is not the authority to ask first.",
    ),
    SoftRule(
        "need_unknown",
        lambda q, p: q.weights.need_unknown * _unknown_needs(q, p).bit_count(),
        _unknown_need_words,
    ),
    SoftRule("far_from_home", _far_from_home_minutes, _far_from_home_words),
    SoftRule(
        "slow_to_answer",
        lambda q, p: q.weights.slow_minutes(p.ended, p.answer_minutes),
        lambda q, p: f"It takes {p.answer_minutes:.0f} minutes to answer on average ({p.ended} requests).",
    ),
    SoftRule(
        "often_refuses",
        lambda q, p: q.weights.refusal_minutes(p.ended, p.refused),
        lambda q, p: f"It has refused {p.refused} of its last {p.ended} requests.",
    ),
)


_MINUTES = tuple(rule.minutes for rule in SOFT_RULES)


def cost_minutes(question: Question, place: Candidate) -> float:
    """What counts against the place besides the drive, in minutes, to the hundredth; never negative."""
    total = 0.0
    for minutes_of in _MINUTES:
        minutes = minutes_of(question, place)
        if minutes:
            total += round(minutes, 2)
    return total


def costs(question: Question, place: Candidate) -> tuple[Cost, ...]:
    """The same, reason by reason: those that cost anything."""
    return tuple(_costs(question, place))


def _costs(question: Question, place: Candidate) -> Iterator[Cost]:
    for rule in SOFT_RULES:
        minutes = round(rule.minutes(question, place), 2)
        if minutes > 0:
            yield Cost(rule.code, minutes, rule.words(question, place))
