"""What is handed out on paper or as CSV: a title, what it is about, and parts with rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .csv_text import csv_text


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows of one kind. An empty cell is nothing to say."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float] | None = None
    """Of the width of a page, for each column, together 1; None where there are too many for one line."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything that was asked for."""

    title: str
    about: Sequence[tuple[str, str]]
    parts: Sequence[Part]


def table_csv(part: Part) -> str:
    """One part as CSV: the columns, then a line for each row."""
    return csv_text([part.columns, *part.rows])


def long_csv(sheet: Sheet) -> str:
    """Parts with different columns in one CSV: a line for each value that there is."""
    lines = [
        (part.heading, str(number), column, value)
        for part in sheet.parts
        for number, row in enumerate(part.rows, 1)
        for column, value in zip(part.columns, row, strict=True)
        if value
    ]
    return csv_text([("part", "number", "what", "value"), *lines])
