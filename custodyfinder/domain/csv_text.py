"""CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # some take the wide ones as well


def csv_text(lines: Iterable[Sequence[str]]) -> str:
    """Lines of cells as CSV. A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO()
    csv.writer(out).writerows([[_harmless(cell) for cell in line] for line in lines])
    return out.getvalue()


def _harmless(cell: str) -> str:
    # Whatever a spreadsheet strips: nothing, blanks, or every kind of space, of which a tab is one and a sign as well.
    stripped = (cell, cell.lstrip(" "), cell.lstrip())
    return f"'{cell}" if any(each.startswith(_BEGINS_A_FORMULA) for each in stripped) else cell
