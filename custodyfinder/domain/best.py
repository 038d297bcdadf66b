"""What makes the first option the best one: the one fact that says most, and no more than is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .costs import Cost
from .ranking import Option

_ROUNDING = 0.1
"""Minutes; parts are rounded to the hundredth one by one, and there are seven at most."""


@dataclass(frozen=True, kw_only=True)
class Best:
    """Why the first option stands before all others."""

    option: Option
    of: int | None
    """How many options were compared; None where they are all the places that suit."""
    only: bool
    """It is the only place that suits."""
    nearest: Option | None
    """The nearest option, where another is the best."""
    because: tuple[Cost, ...]
    """Of what counts against the nearest, the heaviest that outweigh the longer drive to the best, and no others."""


def best(options: Sequence[Option], *, limit: int) -> Best:
    """What makes the first of these options the best.

    Args:
        options: Of a ranking, in its order.
        limit: Of that ranking: fewer options than this are all that there are.

    Raises:
        ValueError: there is no option.
    """
    if not options:
        raise ValueError("the best of none")
    first, complete = options[0], len(options) < limit
    nearest = min(options, key=lambda option: option.distance_m)
    is_nearest = nearest.distance_m == first.distance_m
    return Best(
        option=first,
        of=None if complete else len(options),
        only=complete and len(options) == 1,
        nearest=None if is_nearest else nearest,
        because=() if is_nearest else tuple(_outweighing(first, nearest)),
    )


def _outweighing(first: Option, nearest: Option) -> Iterator[Cost]:
    own = {cost.code: cost.minutes for cost in first.reasons}
    theirs = {cost.code: cost.minutes for cost in nearest.reasons}
    more = [(cost.minutes - own.get(cost.code, 0.0), cost) for cost in nearest.reasons]
    # The longer drive, and whatever counts more against the best than against the nearest.
    missing = first.travel_minutes - nearest.travel_minutes
    missing += sum(max(0.0, minutes - theirs.get(code, 0.0)) for code, minutes in own.items())
    for at, (minutes, cost) in enumerate(sorted(more, key=lambda each: -each[0])):
        if minutes <= _ROUNDING or (at and missing <= _ROUNDING):
            return
        yield cost
        missing -= minutes
