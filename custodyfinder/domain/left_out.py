"""The places that were left out, each under one reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .ranking import RuledOut
from .suitability import Reason


@dataclass(frozen=True)
class Left:
    """A place that was left out, under a reason: that one, and the others."""

    out: RuledOut
    first: Reason
    others: tuple[Reason, ...]


@dataclass(frozen=True)
class Group:
    """Those left out for one reason, nearest first."""

    code: str
    places: tuple[Left, ...]


def grouped(left_out: Iterable[RuledOut], *, order: Sequence[str]) -> tuple[Group, ...]:
    """Every place once, under the first of its reasons in this order of codes; the groups in the same order.

    Raises:
        ValueError: a reason whose code is not in the order.
    """
    groups: dict[str, list[Left]] = {code: [] for code in order}
    for out in sorted(left_out, key=lambda out: (out.distance_m, out.place.id)):
        first, *others = sorted(out.reasons, key=lambda reason: order.index(reason.code))
        groups[first.code].append(Left(out, first, tuple(others)))
    return tuple(Group(code, tuple(places)) for code, places in groups.items() if places)
