"""The list of places explained: which is best and why, what each costs, what was left out, what would change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ..domain import best, drawing, left_out, wording
from ..domain.ranking import Option, Ranking
from ..domain.suitability import Child
from ..services import changes, search
from .access import LARGEST_KEY


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What the page says besides the list itself."""

    why_best: str | None
    """None where no place suits."""
    strips: drawing.Strips
    """A bar for each option, in their order."""
    groups: tuple[left_out.Group, ...]
    changes: tuple[str, ...]


def explain(ranking: Ranking, child: Child, *, at: datetime, until: datetime) -> Explained:
    """Everything that the page says of this answer; `until`: when the court sits."""
    options = ranking.options
    found = changes.what_would_change(child, known=options, at=at, until=until)
    return Explained(
        why_best=wording.why_best(best.best(options, limit=search.LIMIT)) if options else None,
        strips=drawing.strips([_parts(option) for option in options]),
        groups=left_out.grouped(ranking.ruled_out, order=tuple(wording.GROUPS)),
        changes=tuple(wording.what_would_change(change) for change in found),
    )


def _parts(option: Option) -> tuple[float, ...]:
    minutes = {"travel": option.travel_minutes} | {reason.code: reason.minutes for reason in option.reasons}
    return tuple(minutes.get(code, 0.0) for code in wording.COST_NAMES)


def place_ids(typed: Iterable[str]) -> list[int]:
    """The places of an address; 0, which is none's, for what can be no place's number."""
    return [int(text) if text.isdecimal() and int(text) <= LARGEST_KEY else 0 for text in typed]
