"""What the page of results says by itself: what makes the best place the best, and what would change the list."""

from __future__ import annotations

from ..best import Best
from ..changes import NEAR_M, Change, Kind
from ..costs import Cost
from ..geo import miles as in_miles
from .distances import miles
from .times import london_clock

COST_NAMES = {
    "travel": "drive",
    "count_age": "age of the bed count",
    "not_responsible": "not the authority to ask first",
    "need_unknown": "a need not answered",
    "far_from_home": "far from home",
    "slow_to_answer": "slow to answer",
    "often_refuses": "often refuses",
}
"""The parts of a cost, in the order in which they are drawn; by the code of the reason."""

GROUPS = {
    "area_to_avoid": "In an area to avoid",
    "keep_apart": "A child is there who must be kept apart",
    "under_13": "Secure, and under 13 without approval",
    "secure": "Secure accommodation",
    "not_secure": "Not secure accommodation",
    "sex": "Not this child's sex",
    "age": "Not this child's age",
    "need_not_met": "Cannot meet a need",
    "refused_tonight": "Has refused this child already tonight",
    "asked_now": "Asked already, no answer yet",
    "out_of_service": "Out of service",
    "hours": "Does not admit at this hour",
    "no_bed": "No bed free",
}
"""Why places are left out, by the code of the rule. The order is that of weight, and a place stands under the first
of its reasons: first what nobody may set aside (safety, then the Act), then what the place is, then what may change
tonight. So what stands under "No bed free" lacks nothing else."""

SAID_IN_FULL = frozenset(
    {"area_to_avoid", "keep_apart", "secure", "not_secure", "refused_tonight", "asked_now", "no_bed"}
)
"""Groups whose name says all that the reason says: it is not repeated at each place."""


def why_best(best: Best) -> str:
    """One sentence: "Nearest of the places that suit, and nothing counts against it." """
    if best.only:
        return "The only place that suits."
    if best.nearest is None:
        others = "the places that suit" if best.of is None else f"these {best.of}"
        counts = "still first with what counts" if best.option.reasons else "nothing counts"
        return f"Nearest of {others}, and {counts} against it."
    name, nearer_m = best.nearest.place.name, best.option.distance_m - best.nearest.distance_m
    nearer = f"is {miles(nearer_m)} nearer" if in_miles(nearer_m) >= 0.05 else "is about as near"
    if not best.because:
        return f"{name} {nearer}, but no place has a lower sum than this one."
    return f"{name} {nearer}, but {' and '.join(_clause(cost) for cost in best.because)}."


def _clause(cost: Cost) -> str:
    """A reason within a sentence whose subject is the place."""
    said = cost.text.removesuffix(".").removesuffix(": ring to confirm")
    begins = said.split(" ")[0]
    return said[0].lower() + said[1:] if begins in ("It", "Its", "Nobody") else said


def what_would_change(change: Change) -> str:
    """One sentence: "1 more if secure were not needed: Example House, 6.0 miles." """
    where = f"{change.nearest.name}, {miles(change.nearest_m)}"
    found = f"{where}." if change.more == 1 else f"the nearest is {where}."
    if change.kind is Kind.FARTHER:
        return f"{_near(change)}: {found}"
    return f"{change.more} more {_if(change)}: {found}"


def _near(change: Change) -> str:
    within, are = f"within {in_miles(NEAR_M):.0f} miles", "is" if change.more == 1 else "are"
    if change.near == 0:
        return f"No place that suits is {within}; {change.more} {are} within {in_miles(2 * NEAR_M):.0f}"
    near = "1 place that suits is" if change.near == 1 else f"{change.near} places that suit are"
    return f"Only {near} {within}; {change.more} more {are} {within} farther"


def _if(change: Change) -> str:
    if change.kind is Kind.SECURE:
        return "if secure were not needed"
    if change.need is not None:
        return f"if {change.need.noun} were not needed"
    assert change.at is not None  # noqa: S101 - what is left is a time
    return f"from {london_clock(change.at)}, when {'it admits' if change.more == 1 else 'they admit'}"
