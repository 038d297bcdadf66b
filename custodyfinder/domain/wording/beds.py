"""Beds by text: what we hold, what was reported, what could not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .gsm7 import first_that_fits, one_line
from .times import london_when


@dataclass(frozen=True, slots=True)
class BedLine:
    """One place as a text names it."""

    code: str
    free: int
    held: int
    total: int
    confirmed_at: datetime | None
    out_of_service: bool


def beds_held(lines: Sequence[BedLine], now: datetime) -> str:
    """After BEDS: each place, as many as fit, the rest as a count."""
    if not lines:
        return "No place is recorded for this phone. Your manager can add it."
    shown = [_line(line, now) for line in lines]
    return first_that_fits(_some(shown, count, " on your page") for count in range(len(shown), -1, -1))


def _line(line: BedLine, now: datetime) -> str:
    code = one_line(line.code)
    if line.out_of_service:
        return f"{code} out of service."
    held = f", {line.held} held" if line.held else ""
    return f"{code} {line.free} free{held} ({_age(line.confirmed_at, now)})."


def _age(confirmed_at: datetime | None, now: datetime) -> str:
    if confirmed_at is None:
        return "never confirmed"
    return london_when(confirmed_at, now=now).removeprefix("at ").removeprefix("on ")


def _some(parts: Sequence[str], count: int, where: str = "") -> str:
    more = len(parts) - count
    return " ".join([*parts[:count], *([f"+{more} more{where}."] if more else [])])


def beds_reported(counts: Sequence[tuple[str, int]], newer: Sequence[str] = ()) -> str:
    """After a report: the counts that were stored, and the places for which somebody said something newer."""
    if not counts:
        places = "this place" if len(newer) == 1 else "these places"
        return f"Nothing was changed: a newer count for {places} is on record. BEDS shows it."
    shown = [f"{one_line(code)} {free} free." for code, free in counts]
    left = f" Not {', '.join(one_line(code)[:8] for code in newer[:2])}: newer on record." if newer else ""
    if len(newer) > 2:
        left = f" Not {len(newer)} others: newer on record."
    return first_that_fits(
        f"Recorded: {_some(shown, count)}{left} UNDO within 10 minutes takes it back."
        for count in range(len(shown), -1, -1)
    )


def beds_undone(counts: Sequence[tuple[str, int]]) -> str:
    """After UNDO."""
    shown = [f"{one_line(code)} {free} free." for code, free in counts]
    return first_that_fits(f"Taken back. Now: {_some(shown, count)}" for count in range(len(shown), -1, -1))


def nothing_to_undo() -> str:
    """After UNDO with nothing to take back, or no longer."""
    return "Nothing was changed: there is no report of the last 10 minutes from this phone that can be taken back."


def beds_too_many(code: str, most: int) -> str:
    """After a count that the place cannot have."""
    place = one_line(code)[:8]
    beds = "1 more child" if most == 1 else f"{most} more children"
    return f"Nothing was recorded: {place} can take {beds} at most. Send BEDS {place} and a number from 0 to {most}."


def beds_unknown_place(code: str) -> str:
    """After a code that is no place of this phone's authorities."""
    return f"Nothing was recorded: {one_line(code)[:8]} is not a place of yours. BEDS lists your places."


def beds_which_place(codes: Sequence[str]) -> str:
    """After a number without a place, where there are several."""
    shown = [one_line(code) for code in codes]
    example = (shown[0] if shown else "the code")[:8]
    return first_that_fits(
        f"Nothing was recorded: which place? {', '.join(shown[:count])}"
        f"{f' +{len(shown) - count} more' if count < len(shown) else ''}. Send BEDS {example} 2, say."
        for count in range(len(shown), -1, -1)
    )


def beds_out_of_service(code: str) -> str:
    """After a count for a place that is out of service."""
    return f"Nothing was recorded: {one_line(code)[:8]} is out of service. Put it back on your page first."


def beds_help() -> str:
    """After BEDS and something that cannot be read."""
    return (
        "Nothing was recorded. BEDS shows your counts; BEDS, a place code and a number reports; BEDS SAME confirms all."
    )


def beds_wanted(authority: str, lines: Sequence[BedLine], now: datetime) -> str:
    """Once a night to an authority whose counts are old: answered with one line."""
    name = one_line(authority)
    shown = [f"{one_line(line.code)} {line.free}" for line in lines]
    example = (shown[0] if shown else "the code 0")[:20]
    return first_that_fits(
        f"{name[:length].rstrip()}, beds free tonight? We hold {', '.join(shown[:count])}"
        f"{f' +{len(shown) - count} more' if count < len(shown) else ''}. "
        f"If right, reply BEDS SAME; else BEDS {example}"
        for length in range(len(name), 0, -1)
        for count in range(len(shown), 0 if length > 1 else -1, -1)
    )
