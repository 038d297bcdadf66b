"""Places that suit, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .costs import minutes_from_home
from .needs import Need
from .ranking import Option
from .suitability import Child, hours_of, needs_in


@dataclass(frozen=True, kw_only=True)
class Column:
    """One place beside others."""

    option: Option
    from_home_minutes: float | None
    """By car, an estimate; None where no home is known."""
    hours: str
    needs: tuple[tuple[Need, bool], ...]
    """Each need of the child, and whether the place meets it; it has not said, where it does not."""


def columns(child: Child, options: Iterable[Option]) -> tuple[Column, ...]:
    """What the reader compares, a column a place, in the order given."""
    return tuple(
        Column(
            option=option,
            from_home_minutes=None if child.home is None else minutes_from_home(child.home, option.place),
            hours=hours_of(option.place),
            needs=tuple((need, need in needs_in(option.place.needs_met)) for need in Need if need in child.needs),
        )
        for option in options
    )
