"""Whom to text next for a request that nobody has answered, and when it has gone unanswered.

A policy is a list of steps. Each says after how long it is taken, counted from the asking, and whom
it texts. The steps rise, so that nobody is called in before the one ahead of them has had their time.
A step that reaches nobody takes no time: the next is taken at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from ..errors import BadInput


class Target(StrEnum):
    """Whom a step texts, besides a contact by its number ("contact:12")."""

    ON_DUTY = "on_duty"
    FALLBACK = "fallback"
    MANAGER = "manager"


MOST_STEPS = 6
LONGEST = timedelta(hours=4)
SHORTEST_STEP = timedelta(minutes=1)

_CONTACT = re.compile(r"contact:([1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Step:
    """Text these, so long after the asking."""

    after: timedelta
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The steps, and when the request counts as unanswered. `version` 0 is the default."""

    version: int
    steps: tuple[Step, ...]
    gives_up: timedelta

    def wait_after(self, step: int) -> timedelta:
        """How long the people of one step have before the next is taken, or the request is given up."""
        ends = self.steps[step + 1].after if step + 1 < len(self.steps) else self.gives_up
        return ends - self.steps[step].after

    def next_at(self, step: int, *, taken_at: datetime) -> datetime | None:
        """When the step after this one is due, if this one was taken then; None where it was the last."""
        return taken_at + self.wait_after(step) if step + 1 < len(self.steps) else None


def default(hold_for: timedelta) -> Policy:
    """On duty at once, again and the fallback after a third of the hold, the manager after two thirds.

    With the usual hold of 30 minutes: at once, at 10, at 20; unanswered at 30.
    """
    third = hold_for / 3
    return Policy(
        version=0,
        steps=(
            Step(timedelta(0), (Target.ON_DUTY,)),
            Step(third, (Target.ON_DUTY, Target.FALLBACK)),
            Step(2 * third, (Target.MANAGER,)),
        ),
        gives_up=hold_for,
    )


def contact_of(target: str) -> int | None:
    """The contact that a target names; None for a role."""
    named = _CONTACT.fullmatch(target)
    return None if named is None else int(named[1])


def check(policy: Policy) -> None:
    """Refuse a policy that would leave somebody waiting for ever, or text people all at once.

    Raises:
        BadInput: in words for who wrote it.
    """
    if not 1 <= len(policy.steps) <= MOST_STEPS:
        raise _wrong(f"Give from 1 to {MOST_STEPS} steps.")
    if policy.steps[0].after:
        raise _wrong("The first step is taken at once: give it 0 minutes.")
    times = [step.after for step in policy.steps] + [policy.gives_up]
    if any(later - earlier < SHORTEST_STEP for earlier, later in pairwise(times)):
        raise _wrong("Each step must come at least a minute after the one before it, and the end after the last.")
    if policy.gives_up > LONGEST:
        raise _wrong(f"The end must come within {LONGEST // timedelta(minutes=1)} minutes.")
    for number, step in enumerate(policy.steps, 1):
        if not step.targets:
            raise _wrong(f"Step {number} texts nobody: choose somebody, or take the step out.")
        for target in step.targets:
            if target not in list(Target) and contact_of(target) is None:
                raise _wrong(f"Step {number} names somebody who is not known here.")


def as_json(policy: Policy) -> dict[str, Any]:
    """For a column: times in seconds."""
    return {
        "version": policy.version,
        "steps": [[step.after.total_seconds(), list(step.targets)] for step in policy.steps],
        "gives_up": policy.gives_up.total_seconds(),
    }


def from_json(kept: dict[str, Any]) -> Policy:
    """What `as_json` wrote."""
    return Policy(
        version=kept["version"],
        steps=tuple(Step(timedelta(seconds=after), tuple(targets)) for after, targets in kept["steps"]),
        gives_up=timedelta(seconds=kept["gives_up"]),
    )


def _wrong(public: str) -> BadInput:
    return BadInput("escalation policy", field="steps", public=public)
