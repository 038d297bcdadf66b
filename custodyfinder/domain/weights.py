"""What each thing that counts against a place costs, in minutes: one table that a force can change.

The minutes say how much longer a drive is worth to avoid the thing. They are judgements, not law;
`from_toml` reads a force's own.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields

from ..errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The table. Every value is 0 or more; README says how to change one."""

    # How sure the bed count is. A person's confirmation counts, nothing else does.
    fresh_hours: float = 2.0  # up to here the count costs nothing
    stale_hours: float = 8.0  # … rising evenly to
    stale: float = 30.0  # … this many minutes here; beyond, the count is stale: "ring to confirm"
    ring_after_hours: float = 24.0  # … and to
    ring_first: float = 45.0  # … this many from here on
    never_confirmed: float = 60.0  # nobody has ever confirmed it

    # Whose duty it is first: the responsible authority's own places before any other's (Concordat).
    not_responsible: float = 15.0

    # A need of this child that the place has not answered about: someone has to ring and ask. Each.
    need_unknown: float = 10.0

    # Far from home: family, the appropriate adult, school in the morning.
    near_home: float = 30.0  # minutes' travel from home that cost nothing
    per_minute_from_home: float = 0.5  # for each minute beyond
    far_from_home_most: float = 30.0  # and never more than this

    # The place's own record of the last 90 days, drawn towards the ordinary by `evidence` made-up
    # ordinary requests, so that two bad nights do not condemn it; nothing below `enough` requests.
    enough: int = 5
    evidence: int = 5
    ordinary_answer: float = 10.0  # minutes to an answer that cost nothing
    per_minute_slow: float = 0.5  # for each minute slower
    slow_most: float = 20.0
    ordinary_refusals: float = 0.3  # share of refusals that costs nothing
    always_refuses: float = 30.0  # if every request were refused

    def count_age_minutes(self, hours: float) -> float:
        """Minutes for a bed count that a person confirmed `hours` ago."""
        if hours <= self.fresh_hours:
            return 0.0
        if hours <= self.stale_hours:
            return self.stale * (hours - self.fresh_hours) / (self.stale_hours - self.fresh_hours)
        if hours <= self.ring_after_hours:
            share = (hours - self.stale_hours) / (self.ring_after_hours - self.stale_hours)
            return self.stale + (self.ring_first - self.stale) * share
        return self.ring_first

    def far_from_home_minutes(self, travel: float) -> float:
        """Minutes for a place that lies `travel` minutes from home."""
        return min(self.far_from_home_most, self.per_minute_from_home * max(0.0, travel - self.near_home))

    def slow_minutes(self, ended: int, mean: float) -> float:
        """Minutes for a place that took `mean` minutes over its last `ended` requests."""
        if ended < self.enough:
            return 0.0
        smoothed = (ended * mean + self.evidence * self.ordinary_answer) / (ended + self.evidence)
        return min(self.slow_most, self.per_minute_slow * max(0.0, smoothed - self.ordinary_answer))

    def refusal_minutes(self, ended: int, refused: int) -> float:
        """Minutes for a place that refused `refused` of its last `ended` requests."""
        if ended < self.enough:
            return 0.0
        smoothed = (refused + self.evidence * self.ordinary_refusals) / (ended + self.evidence)
        excess = max(0.0, smoothed - self.ordinary_refusals) / (1.0 - self.ordinary_refusals)
        return self.always_refuses * excess

    @classmethod
    def from_toml(cls, text: str) -> Weights:
        """Read a force's own weights: `name = number` lines, any of the names above, the rest as they are.

        Raises:
            BadInput: not TOML, an unknown name, not a number of 0 or more, or ages out of order.
        """
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadInput("weights", public=f"The weights file is not TOML: {error}.") from None
        kinds = {field.name: field.type for field in fields(cls)}
        for name, value in given.items():
            if name not in kinds:
                raise BadInput("weights", public=f"The weights file has an unknown name, {name}.")
            whole = kinds[name] == "int"
            if (
                isinstance(value, bool)
                or not isinstance(value, int if whole else (int, float))
                or not math.isfinite(value)
                or value < 0
            ):
                kind = "a whole number" if whole else "a number"
                raise BadInput("weights", public=f"In the weights file, {name} must be {kind}, 0 or more.")
        weights = cls(**given)
        if not weights.fresh_hours < weights.stale_hours < weights.ring_after_hours:
            raise BadInput(
                "weights",
                public="In the weights file, fresh_hours, stale_hours and ring_after_hours must rise.",
            )
        if weights.enough < 1:
            raise BadInput("weights", public="In the weights file, enough must be 1 or more.")
        if weights.ordinary_refusals >= 1:
            raise BadInput("weights", public="In the weights file, ordinary_refusals must be less than 1.")
        return weights
