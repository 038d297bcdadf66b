"""Small counts are kept back from whoever may not see records, and so is what would give them away.

A table here is counts by two closed lists, with the sum of each row and of each column. A count under
5, nought included, is hidden. What is left must not give it back: whoever adds and subtracts what is
shown, in this table or in another of the same children, can work out no hidden count; and the hidden
counts of a row or column are 5 or more together. One mark stands for all of them, or the mark would tell.

Sums are hidden first, from the sums alone, so that tables of the same children hide the same ones, and
the whole row or column of a hidden sum goes with it. Inside, a hidden count that no cycle of other
hidden counts passes through could be worked out (Gusfield, "A graph theoretic approach to statistical
data security", SIAM J. Comput. 17, 1988); counts are hidden until there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SMALLEST_SHOWN = 5

Cell = tuple[int, int]
Grid = Sequence[Sequence[int]]
"""Rows of counts. The first of each row is the sum of the rest; the last row is the sum of the others."""


def hidden_cells(grid: Grid) -> frozenset[Cell]:
    """Which cells of a table, as (row, column), are kept back."""
    last, columns = len(grid) - 1, len(grid[0])
    hidden_columns = _hidden_in_line(grid[last])
    hidden_rows = _hidden_in_line([grid[last][0], *(row[0] for row in grid[:last])])
    if 0 in hidden_columns:
        return frozenset((row, column) for row in range(last + 1) for column in range(columns))
    hidden = {(last, column) for column in hidden_columns} | {(row - 1, 0) for row in hidden_rows}
    inner = {(row, column) for row in range(last) for column in range(1, columns)}
    hidden |= {
        (row, column)
        for row, column in inner
        if grid[row][column] < SMALLEST_SHOWN or (row, 0) in hidden or (last, column) in hidden
    }
    while weak := _weak_line(grid, hidden, inner):
        hidden.add(min(weak, key=lambda cell: (grid[cell[0]][cell[1]], cell)))
    return frozenset(hidden)


def _hidden_in_line(line: Sequence[int]) -> set[int]:
    """Of a sum and its parts: those under 5, and the smallest others until they are two and 5 together."""
    hidden = {place for place, count in enumerate(line) if count < SMALLEST_SHOWN}
    if 0 in hidden:
        return set(range(len(line)))
    while hidden and (len(hidden) < 2 or sum(line[place] for place in hidden) < SMALLEST_SHOWN):
        hidden.add(min(set(range(1, len(line))) - hidden, key=lambda place: (line[place], place)))
    return hidden


def _weak_line(grid: Grid, hidden: set[Cell], inner: set[Cell]) -> set[Cell]:
    """Cells of which one more has to be hidden, because something hidden could be worked out; none if nothing can."""
    last = len(grid) - 1
    lines = [{cell for cell in inner if cell[0] == row} for row in range(last) if (row, 0) not in hidden]
    lines += [
        {cell for cell in inner if cell[1] == column}
        for column in range(1, len(grid[0]))
        if (last, column) not in hidden
    ]
    for line in lines:
        kept = line & hidden
        if kept and (len(kept) < 2 or sum(grid[row][column] for row, column in kept) < SMALLEST_SHOWN):
            return line - hidden
    for row, column in sorted(hidden & inner):
        if not _joined(hidden - {(row, column)}, row, column):
            shown = inner - hidden
            return {cell for cell in shown if cell[0] == row or cell[1] == column} or shown
    return set()


def _joined(cells: Iterable[Cell], row: int, column: int) -> bool:
    """Whether a row and a column are joined by a chain of cells, each sharing its row or its column with the next."""
    by_row: dict[int, set[int]] = {}
    by_column: dict[int, set[int]] = {}
    for each_row, each_column in cells:
        by_row.setdefault(each_row, set()).add(each_column)
        by_column.setdefault(each_column, set()).add(each_row)
    rows, fresh = {row}, {row}
    while fresh:
        columns = set().union(*(by_row.get(each, set()) for each in fresh))
        if column in columns:
            return True
        fresh = set().union(*(by_column[each] for each in columns)) - rows
        rows |= fresh
    return False
