"""Small counts cannot be got back."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain.suppression import Grid, hidden_cells


def summed(inner: list[list[int]]) -> list[list[int]]:
    """With the sum of each row in front and the sums of the columns below."""
    rows = [[sum(row), *row] for row in inner]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)] if rows else [0, 0, 0]]


COUNTS = st.one_of(st.integers(0, 12), st.sampled_from([0, 0, 5, 20, 100]))
GRIDS = st.integers(2, 5).flatmap(
    lambda columns: st.lists(st.lists(COUNTS, min_size=columns, max_size=columns), max_size=5).map(summed)
)


def worked_out(*grids: Grid) -> set[object]:
    """Which hidden counts follow from what is shown, by elimination in the equations of the sums.

    Several tables are of the same children: they share the last row.
    """
    values: dict[object, int] = {}
    hidden: set[object] = set()
    sums: list[dict[object, int]] = []
    for number, grid in enumerate(grids):
        last, columns = len(grid) - 1, len(grid[0])

        def name(row: int, column: int, number: int = number, last: int = last) -> object:
            return ("sum", column) if row == last else (number, row, column)

        cells = [(row, column) for row in range(last + 1) for column in range(columns)]
        values |= {name(*cell): grid[cell[0]][cell[1]] for cell in cells}
        hidden |= {name(*cell) for cell in hidden_cells(grid)}
        for row in range(last + 1):
            sums.append({name(row, 0): -1} | {name(row, column): 1 for column in range(1, columns)})
        if last:
            for column in range(columns):
                sums.append({name(last, column): -1} | {name(row, column): 1 for row in range(last)})
    unknown = sorted(hidden, key=str)
    equations = [[Fraction(each.get(cell, 0)) for cell in unknown] for each in sums]
    return {unknown[row.index(Fraction(1))] for row in eliminated(equations) if sum(map(bool, row)) == 1}


def eliminated(equations: list[list[Fraction]]) -> list[list[Fraction]]:
    """Gauss and Jordan."""
    done = 0
    for at in range(len(equations[0]) if equations else 0):
        pivot = next((row for row in range(done, len(equations)) if equations[row][at]), None)
        if pivot is None:
            continue
        equations[done], equations[pivot] = equations[pivot], equations[done]
        equations[done] = [value / equations[done][at] for value in equations[done]]
        for row in range(len(equations)):
            if row != done and equations[row][at]:
                factor = equations[row][at]
                equations[row] = [a - factor * b for a, b in zip(equations[row], equations[done], strict=True)]
        done += 1
    return equations


@settings(max_examples=200, deadline=None)
@given(GRIDS)
def test_no_count_under_5_is_shown_and_none_that_is_hidden_follows_from_what_is_shown(grid: Grid) -> None:
    hidden = hidden_cells(grid)
    shown = [
        count for row, counts in enumerate(grid) for column, count in enumerate(counts) if (row, column) not in hidden
    ]

    assert all(count >= 5 for count in shown)
    assert worked_out(grid) == set()


@settings(deadline=None)
@given(GRIDS)
def test_the_hidden_counts_of_a_row_or_column_with_a_sum_are_5_or_more_together(grid: Grid) -> None:
    hidden, last = hidden_cells(grid), len(grid) - 1
    rows = [[(row, column) for column in range(len(grid[0]))] for row in range(last + 1)]
    columns = [[(last, column), *((row, column) for row in range(last))] for column in range(len(grid[0]))]
    for total, *parts in rows + (columns if last else []):
        kept = [grid[row][column] for row, column in parts if (row, column) in hidden]
        assert total in hidden or not kept or (len(kept) >= 2 and sum(kept) >= 5)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(5, 40), min_size=3, max_size=3), min_size=1, max_size=5).map(summed))
def test_where_no_count_is_small_nothing_is_hidden(grid: Grid) -> None:
    assert hidden_cells(grid) == frozenset()


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[Grid, Grid]:
    """Of the same children: divided by one list, and by another."""
    inner = draw(
        st.integers(2, 5).flatmap(lambda n: st.lists(st.lists(COUNTS, min_size=n, max_size=n), min_size=1, max_size=4))
    )
    totals = [sum(column) for column in zip(*inner, strict=True)]
    first = [draw(st.integers(0, total)) for total in totals]
    return summed(inner), summed([first, [total - one for total, one in zip(totals, first, strict=True)]])


@settings(max_examples=200, deadline=None)
@given(two_tables())
def test_two_tables_of_the_same_children_together_give_nothing_away(tables: tuple[Grid, Grid]) -> None:
    assert worked_out(*tables) == set()


def test_a_column_whose_sum_is_hidden_is_hidden_in_every_table() -> None:
    """Or the parts in one table would give the sum that another hides."""
    one, other = summed([[40, 3, 6]]), summed([[20, 0, 6], [20, 3, 0]])

    assert {(0, 3), (2, 3)} <= hidden_cells(other)
    assert worked_out(one, other) == set()


def test_one_small_count_takes_the_next_smallest_with_it() -> None:
    grid = summed([[30, 3, 9, 12]])

    assert hidden_cells(grid) == {(0, 2), (0, 3), (1, 2), (1, 3)}


def test_small_counts_that_are_under_5_together_take_another_with_them() -> None:
    grid = summed([[30, 1, 2, 0], [30, 10, 10, 10]])

    assert {(0, 1), (0, 2), (0, 3), (0, 4)} <= hidden_cells(grid)


def test_a_chain_of_sums_gives_nothing_away() -> None:
    """Each row and column hides two counts, and yet the one in the middle would follow without the last rule."""
    inner = [[1, 6, 20, 20, 20], [6, 1, 2, 20, 20], [20, 20, 20, 1, 6], [20, 20, 3, 6, 1]]
    grid = summed(inner)

    assert worked_out(grid) == set()
