"""How heavy each page is: the table that a page may not outgrow by a third."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("weights.csv")


@dataclass(frozen=True)
class Weight:
    """One page in one state."""

    html_bytes: int
    all_bytes: int
    """With style, script and icon, as they are sent: compressed where they are."""
    requests: int


@cache
def read() -> Mapping[str, Weight]:
    """The table, by state."""
    with PATH.open(newline="", encoding="ascii") as file:
        return {
            row.pop("state"): Weight(**{name: int(value) for name, value in row.items()})
            for row in csv.DictReader(file)
        }


def write(found: Iterable[tuple[str, Weight]]) -> None:
    """Put another in its place."""
    with PATH.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["state", *(each.name for each in fields(Weight))])
        writer.writerows([name, *astuple(weight)] for name, weight in found)
