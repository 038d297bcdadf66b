"""The text that asks for a bed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ..needs import Need, Sex
from .gsm7 import first_that_fits, one_line
from .times import london_clock, phone


class Call(Enum):
    """Which call this is; its value is how the text begins."""

    FIRST = "Bed needed"
    AGAIN = "Again, bed needed"
    MANAGER = "No answer yet. Bed needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one authority is asked for, as far as a text may say it."""

    age: int
    sex: Sex
    secure: bool
    needs: tuple[Need, ...]
    place_code: str
    suite: str
    reference: str
    desk_phone: str
    ends_at: datetime | None
    """When the held bed is given up."""
    call: Call = Call.FIRST


def bed_needed(asked: Asked) -> str:
    """The text that asks for a bed.

    Raises:
        ValueError: the number to ring is so long that the instruction would not fit, or `ends_at`
            has no zone.
    """
    reference = asked.reference
    how = f" Reply {reference} ACCEPT, {reference} REFUSE + why, or {reference} RING."
    return first_that_fits(f"{start}{how} Tel {phone(asked.desk_phone)}" for start in _summaries(asked))


def _summaries(asked: Asked) -> Iterator[str]:
    """The summary, each shorter than the one before: without the deadline, the needs, the suite, the place."""
    who = f"{asked.call.value}: {asked.sex.child} {asked.age}, {'secure' if asked.secure else 'non-secure'}"
    suite = one_line(asked.suite)
    at = f", at {one_line(asked.place_code)}."
    if asked.ends_at is not None:
        yield f"{who}{_needs(asked.needs)}{at} Suite: {suite}. Held to {london_clock(asked.ends_at)}."
    for named in range(len(asked.needs), -1, -1):
        yield f"{who}{_needs(asked.needs, named=named)}{at} Suite: {suite}."
    counted = who + _needs(asked.needs, named=0)
    for length in range(len(suite) - 1, 0, -1):
        yield f"{counted}{at} Suite: {suite[:length].rstrip()}."
    yield counted + at
    yield f"{counted}."


def _needs(needs: tuple[Need, ...], *, named: int | None = None) -> str:
    """The first needs by name and the rest as a count: none is ever left out unsaid."""
    named = len(needs) if named is None else named
    left = len(needs) - named
    parts = [need.short for need in needs[:named]]
    if left:
        parts.append(f"+{left} {'need' if left == 1 else 'needs'}")
    return "".join(f", {part}" for part in parts)
