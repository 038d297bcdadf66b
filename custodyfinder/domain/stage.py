"""How one child's search stands, for the board of a suite: what an officer has to do next, in one word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Where one child is between the charge and a bed."""

    NOT_ASKED = "not asked"
    WAITING = "waiting"
    RING = "ring"
    """Somebody is asked, and only a call will bring the answer."""
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    LOOKING = "looking"
    """Nobody is asked at this moment; a search that keeps going picks the next."""
    NOBODY_LEFT = "nobody left"
    ACCEPTED = "accepted"
    ARRIVAL_LATE = "arrival late"
    ARRIVED = "arrived"

    @property
    def needs_officer(self) -> bool:
        """Whether nothing happens until the officer does something."""
        return self not in (Stage.WAITING, Stage.LOOKING, Stage.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What of one request decides the stage."""

    state: str
    """As `RequestState` has it; "given back" where an accepted bed is the child's no more."""
    ring: bool
    """The authority is rung and not texted, or has asked to be rung."""
    arrived: bool = False
    since_accepted: timedelta = timedelta()


def stage_of(asked: list[Asked], *, searching: bool, exhausted: bool, remind_after: timedelta) -> Stage:
    """The stage of a child whose requests are these, the last one last.

    Args:
        searching: A search keeps going by itself.
        exhausted: It has found nobody left to ask.
        remind_after: How long a child may be on the way.
    """
    for each in asked:
        if each.state == "accepted":
            if each.arrived:
                return Stage.ARRIVED
            return Stage.ARRIVAL_LATE if each.since_accepted >= remind_after else Stage.ACCEPTED
    waiting = [each for each in asked if each.state == "open"]
    if waiting:
        return Stage.RING if all(each.ring for each in waiting) else Stage.WAITING
    if searching:
        return Stage.NOBODY_LEFT if exhausted else Stage.LOOKING
    last = asked[-1].state if asked else None
    return {"refused": Stage.REFUSED, "expired": Stage.UNANSWERED}.get(last or "", Stage.NOT_ASKED)
