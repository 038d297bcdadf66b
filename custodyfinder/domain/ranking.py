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


class Wanted(NamedTuple):
    """Which places a search asks its store for, by distance from the origin in metres."""

    beyond_m: float
    """Leave out places this near or nearer: they have been given already."""
    within_m: float
    """For places of the responsible authority."""
    within_m_elsewhere: float
    """For all others; never more than `within_m`."""
    able_only: bool
    """The store may leave out places that a hard rule leaves out. It need not, and must not leave out any other."""


Fetch = Callable[[Wanted], Iterable[Candidate]]


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
    first_reach_m: float
    """The reach that would have filled both lists at once: a good first guess for the next search from here."""


class _Scored(NamedTuple):
    cost: float
    place_id: int
    travel: float
    distance: float
    place: Candidate


def rank(question: Question, fetch: Fetch, *, limit: int, first_reach_m: float) -> Ranking:
    """The `limit` cheapest places that suit, and the `limit` nearest that do not.

    The answer is that of scoring every place there is and sorting by (cost, id), and by
    (distance, id) for those left out. `first_reach_m` is a guess that changes the time taken,
    never the answer.

    Why nothing is missed. Write d for a place's distance, t(d) for its travel minutes, w for the
    weight of not being the responsible authority's, c for its cost. Every reason costs 0 or more,
    so c >= t(d), and c >= t(d) + w for a place elsewhere; t never falls as d grows.

    1. Left out: all places within a reach R are fetched, whatever the rules say of them, and R
       grows until `limit` of them are left out or R is everywhere. Every place not fetched is
       farther than R, so farther than each of those.
    2. Options: let C be the `limit`-th lowest cost among the options seen. A place beats or ties it
       only if c <= C, so only if t(d) <= C, and t(d) + w <= C elsewhere. All that suit within those
       two distances, and were not seen, are fetched. C can only have fallen by then, so nothing
       outside can be in the answer. While fewer than `limit` are known, C is infinite and the
       reach doubles until it is everywhere.

    Raises:
        ValueError: `limit` is less than 1 or the first reach is not positive.
    """
    if limit < 1 or first_reach_m <= 0:
        raise ValueError("limit and first reach must be positive")
    search = _Search(question, fetch, limit)
    search.sweep_everyone(min(first_reach_m, FARTHEST_M))
    search.sweep_those_that_suit()
    return search.answer()


class _Search:
    """One search outwards: what has been seen so far."""

    def __init__(self, question: Question, fetch: Fetch, limit: int) -> None:
        self._question = question
        self._fetch = fetch
        self._limit = limit
        self._options: list[_Scored] = []
        self._left_out: list[tuple[float, int, Candidate]] = []
        self._done: float = -1.0
        self._considered = 0

    def sweep_everyone(self, reach: float) -> None:
        """Step 1 of the proof."""
        while True:
            self._take(Wanted(self._done, reach, reach, able_only=False))
            if len(self._left_out) >= self._limit or reach >= FARTHEST_M:
                return
            reach = min(2 * reach, FARTHEST_M)

    def sweep_those_that_suit(self) -> None:
        """Step 2 of the proof."""
        dearer_elsewhere = round(self._question.weights.not_responsible, 2)
        while self._done < FARTHEST_M:
            worst = self._worst_in_answer()
            if worst < inf:
                within = min(reach_m(worst + _TIE), FARTHEST_M)
                elsewhere = min(reach_m(max(0.0, worst + _TIE - dearer_elsewhere)), FARTHEST_M)
                if within > self._done:
                    self._take(Wanted(self._done, within, elsewhere, able_only=True))
                return
            reach = min(2 * self._done, FARTHEST_M)
            self._take(Wanted(self._done, reach, reach, able_only=True))

    def _take(self, wanted: Wanted) -> None:
        question = self._question
        east, north = question.child.origin.easting, question.child.origin.northing
        for place in self._fetch(wanted):
            self._considered += 1
            # `geo.distance_m` written out: a function call and two points a place would double the time.
            distance = hypot(place.easting - east, place.northing - north)
            if suits(question, place):
                travel = round(travel_minutes(distance), 2)
                cost = round(travel + cost_minutes(question, place), 2)
                self._options.append(_Scored(cost, place.id, travel, distance, place))
            elif not wanted.able_only:
                self._left_out.append((distance, place.id, place))
        self._done = wanted.within_m

    def _worst_in_answer(self) -> float:
        if len(self._options) < self._limit:
            return inf
        return heapq.nsmallest(self._limit, self._options)[-1].cost

    def answer(self) -> Ranking:
        """Both lists in order, in words."""
        question = self._question
        options = heapq.nsmallest(self._limit, self._options)
        left_out = heapq.nsmallest(self._limit, self._left_out)
        return Ranking(
            tuple(Option(s.place, s.distance, s.travel, costs(question, s.place), s.cost) for s in options),
            tuple(RuledOut(p, distance, reasons_against(question, p)) for distance, _, p in left_out),
            self._considered,
            self._reach_filling_both(left_out),
        )

    def _reach_filling_both(self, left_out: list[tuple[float, int, Candidate]]) -> float:
        nearest = heapq.nsmallest(self._limit, (s.distance for s in self._options))
        if len(nearest) < self._limit or len(left_out) < self._limit:
            return FARTHEST_M
        return max(nearest[-1], left_out[-1][0], 1.0)
