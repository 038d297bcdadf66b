"""How far a bed count can be relied on: the one definition for the pages and for what counts against a place."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from .weights import Weights


class Freshness(StrEnum):
    """From "rely on it" to "nobody ever said it"."""

    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"
    NEVER = "never"

    @property
    def ring_first(self) -> bool:
        """Whether somebody should ring to confirm before a child is sent."""
        return self in (Freshness.STALE, Freshness.NEVER)


def age(since: timedelta) -> str:
    """How long ago, in the largest unit that fills: "12 minutes", "3 hours", "2 days"; under a minute "0 minutes"."""
    minutes = int(since / timedelta(minutes=1))
    for size, name in ((24 * 60, "day"), (60, "hour")):
        if count := minutes // size:
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def freshness(confirmed_at: datetime | None, *, at: datetime, weights: Weights) -> Freshness:
    """How fresh a count is that a person last vouched for at `confirmed_at`; None: nobody ever has.

    Fresh up to `fresh_hours`, where its age begins to cost; ageing up to `stale_hours`; stale after that.
    """
    if confirmed_at is None:
        return Freshness.NEVER
    hours = (at - confirmed_at) / timedelta(hours=1)
    if hours <= weights.fresh_hours:
        return Freshness.FRESH
    return Freshness.AGEING if hours <= weights.stale_hours else Freshness.STALE
