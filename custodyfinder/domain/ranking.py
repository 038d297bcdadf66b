"""The order of places for one child, and the proof that nothing better was missed."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from math import hypot, inf
from typing import NamedTuple

from .costs import Cost, cost_minutes, costs
from .geo import reach_m, travel_minutes
from .suitability import Candidate, Question, Reason, reasons_against, suits

FARTHEST_M = 1_500_000
"""Longer than any line across the National Grid: a reach of this much is everywhere."""

_TIE = 0.01
"""Minutes; covers the rounding of travel minutes to the hundredth, so that a tie is always fetched."""

_GROWTH = 2.0
"""By how much a reach or a cost grows when it was not enough."""


class Ring(NamedTuple):
    """All points farther from the origin than `beyond_m` and not farther than `within_m`."""

    beyond_m: float
    within_m: float

    @property
    def is_empty(self) -> bool:
        """Whether it has no width."""
        return self.within_m <= self.beyond_m


class Wanted(NamedTuple):
    """Which places a search asks its store for. A ring may be empty; a place never lies in two of them."""

    everyone: Ring
    """All places, whatever the rules say of them."""
    responsible: Ring
    """Of the responsible authority, those that suit. The store may give others, and must leave none out."""
    elsewhere: Ring
    """Of all others, the same."""


Fetch = Callable[[Wanted], Iterable[Candidate]]


class Guess(NamedTuple):
    """How far a search had to look: where the next one from the same point may begin."""

    reach_m: float = 5_000.0
    """Within this, enough places are left out."""
    cost: float = 30.0
    """Minutes; at this, enough places suit."""


class Option(NamedTuple):
    """A place that suits, with what it costs."""

    place: Candidate
    distance_m: float
    travel_minutes: float
    reasons: tuple[Cost, ...]
    cost_minutes: float
    """Travel and all reasons together."""


class RuledOut(NamedTuple):
    """A place that is left out, with every reason."""

    place: Candidate
    distance_m: float
    reasons: tuple[Reason, ...]


class Ranking(NamedTuple):
    """The answer: the cheapest options and the nearest left-out places."""

    options: tuple[Option, ...]
    ruled_out: tuple[RuledOut, ...]
    considered: int
    """How many places were looked at one by one."""
    guess: Guess
    """What would have been the best guess for this very search."""


class _Scored(NamedTuple):
    cost: float
    place_id: int
    travel: float
    distance: float
    place: Candidate


def rank(question: Question, fetch: Fetch, *, limit: int, guess: Guess) -> Ranking:
    """The `limit` cheapest places that suit, and the `limit` nearest that do not.

    The answer is that of scoring every place there is and sorting by (cost, id), and by
    (distance, id) for those left out. `guess` changes the time taken, never the answer.

    Why nothing is missed. Write d for a place's distance, t(d) for its travel minutes, w for the
    weight of not being the responsible authority's, c for its cost. Every reason costs 0 or more,
    so c >= t(d), and c >= t(d) + w for a place elsewhere; t never falls as d grows.

    1. Left out: all places within a reach are fetched, whatever the rules say of them, and the
       reach grows until `limit` of them are left out or it is everywhere. Every place not fetched
       is farther than the reach, so farther than each of those.
    2. Options: for a cost T, all places that suit are fetched with t(d) <= T, and with
       t(d) + w <= T elsewhere. Every place that suits and was not fetched then costs more than T.
       T grows until the `limit`-th lowest cost among the options seen is T or less, so that none of
       the others can beat or tie it, or until everywhere was fetched.

    Each turn asks for what both steps miss, less what was seen before.

    Raises:
        ValueError: `limit` is less than 1, or the guess is not positive.
    """
    if limit < 1 or guess.reach_m <= 0 or guess.cost <= 0:
        raise ValueError("limit and guess must be positive")
    search = _Search(question, fetch, limit)
    search.run(guess)
    return search.answer()


class _Search:
    """One search outwards: what has been seen so far."""

    def __init__(self, question: Question, fetch: Fetch, limit: int) -> None:
        self._question = question
        self._fetch = fetch
        self._limit = limit
        self._options: list[_Scored] = []
        self._left_out: list[tuple[float, int, Candidate]] = []
        self._ids: set[int] = set()  # of the options: a ring of everyone may bring one again
        # Metres; nearer places were fetched.
        self._seen = self._seen_responsible = self._seen_elsewhere = -1.0
        self._considered = 0

    def run(self, guess: Guess) -> None:
        """Look farther and farther, until both steps of the proof are done."""
        reach, cost = guess
        while True:
            self._take(min(reach, FARTHEST_M), cost)
            worst = self._worst_in_answer()
            more_left_out = len(self._left_out) < self._limit and self._seen < FARTHEST_M
            more_options = worst > cost and self._seen_elsewhere < FARTHEST_M
            if not more_left_out and not more_options:
                return
            if more_left_out:
                reach *= _GROWTH
            if more_options:
                cost = min(cost * _GROWTH, worst)

    def _take(self, reach: float, cost: float) -> None:
        wanted = self._wanted(reach, cost)
        question = self._question
        east, north = question.child.origin.easting, question.child.origin.northing
        for place in self._fetch(wanted):
            self._considered += 1
            # `geo.distance_m` written out: a function call and two points a place would double the time.
            x, y = place.easting - east, place.northing - north
            if suits(question, place):
                if place.id not in self._ids:
                    self._ids.add(place.id)
                    self._options.append(self._scored(place, hypot(x, y)))
            elif x * x + y * y <= reach * reach:  # as the store compares: at the edge a root may round
                self._left_out.append((hypot(x, y), place.id, place))
        self._seen = wanted.everyone.within_m
        self._seen_responsible = wanted.responsible.within_m
        self._seen_elsewhere = wanted.elsewhere.within_m

    def _wanted(self, reach: float, cost: float) -> Wanted:
        dearer_elsewhere = round(self._question.weights.not_responsible, 2)
        beyond, beyond_elsewhere = max(self._seen_responsible, reach), max(self._seen_elsewhere, reach)
        return Wanted(
            Ring(self._seen, reach),
            Ring(beyond, max(beyond, _reach(cost))),
            Ring(beyond_elsewhere, max(beyond_elsewhere, _reach(cost - dearer_elsewhere))),
        )

    def _scored(self, place: Candidate, distance: float) -> _Scored:
        travel = round(travel_minutes(distance), 2)
        cost = round(travel + cost_minutes(self._question, place), 2)
        return _Scored(cost, place.id, travel, distance, place)

    def _worst_in_answer(self) -> float:
        if len(self._options) < self._limit:
            return inf
        return heapq.nsmallest(self._limit, self._options)[-1].cost

    def answer(self) -> Ranking:
        """Both lists in order, in words."""
        question = self._question
        options = heapq.nsmallest(self._limit, self._options)
        left_out = heapq.nsmallest(self._limit, self._left_out)
        enough = len(left_out) == self._limit, len(options) == self._limit
        return Ranking(
            tuple(Option(s.place, s.distance, s.travel, costs(question, s.place), s.cost) for s in options),
            tuple(RuledOut(p, distance, reasons_against(question, p)) for distance, _, p in left_out),
            self._considered,
            Guess(
                reach_m=max(left_out[-1][0], 1.0) if enough[0] else FARTHEST_M,
                cost=max(options[-1].cost, 1.0) if enough[1] else travel_minutes(FARTHEST_M),
            ),
        )


def judge(question: Question, place: Candidate) -> Option | RuledOut:
    """One place by itself, as a search over all places would give it."""
    distance = hypot(place.easting - question.child.origin.easting, place.northing - question.child.origin.northing)
    if not suits(question, place):
        return RuledOut(place, distance, reasons_against(question, place))
    travel = round(travel_minutes(distance), 2)
    return Option(place, distance, travel, costs(question, place), round(travel + cost_minutes(question, place), 2))


def _reach(cost: float) -> float:
    """How far a place may be that costs no more than this, were it not for the drive free."""
    return min(reach_m(max(0.0, cost + _TIE)), FARTHEST_M)
