"""The tables of the figures: children, requests, times and unmet need, added up; and the rows of the returns.

The names of tables and columns are those of the CSV files, and stand in `docs/figures.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .figures import Ask, Child, Milestone, Month, Period, Reply, Result, median, ninetieth
from .needs import RefusalReason, Sex
from .record import Answer, Ethnicity
from .suppression import SMALLEST_SHOWN, hidden_cells

HIDDEN = "[c]"
"""In place of a count that is kept back; "c" for confidential, as tables of government statistics have it."""

Label = str | Month
Cell = int | float | str | None
"""A count, minutes, `HIDDEN`, or None where there is nothing to measure."""


@dataclass(frozen=True)
class Column:
    """The head of a column: its name in a file, and in words."""

    name: str
    label: str


@dataclass(frozen=True)
class Row:
    """What a row is about, and its cells."""

    labels: tuple[Label, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the page, and one CSV file."""

    name: str
    caption: str
    keys: tuple[Column, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row

    def lines(self) -> list[list[str]]:
        """As a file has it: the names, the rows, the total."""
        head = [column.name for column in (*self.keys, *self.columns)]
        body = [[*map(str, row.labels), *map(_written, row.cells)] for row in (*self.rows, self.total)]
        return [head, *body]

    def column(self, name: str) -> int:
        """Where in the cells of a row a column is."""
        return [column.name for column in self.columns].index(name)


def _written(cell: Cell) -> str:
    return "" if cell is None else str(round(cell)) if isinstance(cell, float) else str(cell)


MONTH, SUITE, AUTHORITY = Column("month", "Month"), Column("suite", "Custody suite"), Column("authority", "Authority")
CROSSED = (MONTH, SUITE)
_RESULTS = (Column("children", "Children charged and refused bail"), *(Column(each, each.label) for each in Result))
_REQUESTS = (
    Column("requests", "Requests"),
    Column("secure", "For secure accommodation"),
    Column("non_secure", "For non-secure accommodation"),
)
_NIGHTS = (
    Column("nights", "Nights"),
    Column("secure", "No secure bed"),
    Column("non_secure", "No non-secure bed"),
)
_REPLIES = (
    Column("asked", "Asked"),
    Column("accepted", "Accepted"),
    *(Column(f"refused_{each}", f"Refused: {each.label[0].lower()}{each.label[1:]}") for each in RefusalReason),
    Column("no_answer", "No answer"),
    Column("withdrawn", "Withdrawn before an answer"),
    Column("open", "Still open"),
)
_TIMES = (
    Column("asked", "Children asked for"),
    *(
        Column(f"{each}_{name}", f"{each.label}: {label}")
        for each in Milestone
        for name, label in (("children", "children"), ("median", "median minutes"), ("90th", "90th percentile minutes"))
    ),
)

AGE_BANDS = ("10 to 11", "12 to 13", "14 to 15", "16 to 17")


def age_band(age: int) -> str:
    """Two years each, so that the youngest, for whom secure accommodation is out of the question, stand alone."""
    return AGE_BANDS[(age - 10) // 2]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What all the tables are made of."""

    children: Sequence[Child]
    asks: Sequence[Ask]
    """For the table of authorities: an authority sees what it was asked, whoever's child it was for."""
    period: Period
    now: datetime

    @property
    def months(self) -> list[Month]:
        """Those of the period that have begun."""
        return [month for month in self.period.months if month <= Month.of(self.now)]


def all_tables(counted: Counted, *, kept_back: bool) -> dict[str, Table]:
    """Every table by its name, in the order of the page.

    Args:
        kept_back: For a reader who may not see records: small counts are hidden, and the tables that cross
            months with suites, or give times of few children, are left out.
    """
    tables = [*_of_children(counted), *_of_requests(counted), *_of_unmet_need(counted)]
    if kept_back:
        tables = [_suppressed(table) for table in tables if table.keys != CROSSED]
        tables.append(_only_slow(_times("times-by-month", MONTH, counted)))
    else:
        tables += [_times("times-by-month", MONTH, counted), _times("times-by-suite", SUITE, counted)]
    return {table.name: table for table in tables}


def _of_children(counted: Counted) -> Iterable[Table]:
    def table(name: str, by: str, keys: tuple[Column, ...], group: _Group, order: _Order = ()) -> Table:
        items = [(group(child), (child.result.value,)) for child in counted.children]
        return _count(f"children-by-{name}", f"Children by {by}", keys, _RESULTS, items, order)

    months = [(month,) for month in counted.months]
    yield table("month", "month", (MONTH,), lambda child: (Month.of(child.charged_at),), months)
    yield table("suite", "custody suite", (SUITE,), lambda child: (child.suite,))
    yield table(
        "month-and-suite",
        "month and custody suite",
        CROSSED,
        lambda child: (Month.of(child.charged_at), child.suite),
    )
    bands = [(band,) for band in AGE_BANDS]
    yield table("age", "age", (Column("age", "Age"),), lambda child: (age_band(child.age),), bands)
    sexes = [(each.child.capitalize() + "s",) for each in Sex]
    yield table("sex", "sex", (Column("sex", "Sex"),), lambda child: (f"{child.sex.child.capitalize()}s",), sexes)
    yield table(
        "ethnicity",
        "ethnicity, as they say it themselves",
        (Column("ethnicity", "Ethnicity"),),
        lambda child: ((child.ethnicity or Ethnicity.NOT_STATED).label,),
        [(each.label,) for each in Ethnicity],
    )
    yield table(
        "looked-after",
        "whether an authority looks after them",
        (Column("looked_after", "Looked after"),),
        lambda child: (child.looked_after.label,),
        [(each.label,) for each in Answer],
    )


def _of_requests(counted: Counted) -> Iterable[Table]:
    asks = [ask for child in counted.children for ask in child.asks]

    def table(name: str, by: str, keys: tuple[Column, ...], group: Callable[[Ask], _Labels], order: _Order) -> Table:
        items = [(group(ask), (_kind(ask.secure),)) for ask in asks]
        return _count(f"requests-by-{name}", f"Requests for these children, by {by}", keys, _REQUESTS, items, order)

    months = [(month,) for month in counted.months]
    yield table("month", "month of the charge", (MONTH,), lambda ask: (Month.of(ask.charged_at),), months)
    yield table("suite", "custody suite", (SUITE,), lambda ask: (ask.suite,), ())
    yield table(
        "month-and-suite",
        "month and custody suite",
        CROSSED,
        lambda ask: (Month.of(ask.charged_at), ask.suite),
        (),
    )
    items = [((ask.authority,), (_reply(ask),)) for ask in counted.asks]
    yield _count("requests-by-authority", "Authority by authority", (AUTHORITY,), _REPLIES, items, ())


def _of_unmet_need(counted: Counted) -> Iterable[Table]:
    def items(group: _Group) -> list[tuple[_Labels, tuple[str, ...]]]:
        return [
            (group(child), (_kind(child.lacked_secure),) * child.unmet_nights(now=counted.now))
            for child in counted.children
        ]

    months = [(month,) for month in counted.months]
    yield _count(
        "unmet-need-by-month",
        "Unmet need: nights in a cell, by month of the charge",
        (MONTH,),
        _NIGHTS,
        items(lambda child: (Month.of(child.charged_at),)),
        months,
    )
    yield _count(
        "unmet-need-by-authority",
        "Unmet need: nights in a cell, by responsible authority",
        (AUTHORITY, Column("authority_code", "ONS code")),
        _NIGHTS,
        items(lambda child: (child.home, child.home_code)),
        (),
    )


def _kind(secure: bool) -> str:
    return "secure" if secure else "non_secure"


def _reply(ask: Ask) -> str:
    return f"refused_{ask.reason or RefusalReason.NOT_GIVEN}" if ask.reply is Reply.REFUSED else ask.reply.value


# --- adding up ------------------------------------------------------------------------------

_Labels = tuple[Label, ...]
_Group = Callable[[Child], _Labels]
_Order = Sequence[_Labels]


def _count(
    name: str,
    caption: str,
    keys: tuple[Column, ...],
    columns: tuple[Column, ...],
    items: Iterable[tuple[_Labels, tuple[str, ...]]],
    order: _Order,
) -> Table:
    """A table of counts; its first column is the sum of the others. A row for each of `order`, or for each that occurs.

    Each item is what it is about, and the column that it counts in, once for each time it counts.
    """
    counts: Counter[tuple[_Labels, str]] = Counter()
    for labels, counted_in in items:
        counts.update((labels, column) for column in counted_in)
    found = order or sorted({labels for labels, _ in counts})

    def row(labels: _Labels, which: Sequence[_Labels]) -> Row:
        cells = [sum(counts[each, column.name] for each in which) for column in columns[1:]]
        return Row(labels, (sum(cells), *cells))

    return Table(
        name=name,
        caption=caption,
        keys=keys,
        columns=columns,
        rows=tuple(row(labels, [labels]) for labels in found),
        total=row(("Total", *("" for _ in keys[1:])), found),
    )


def _suppressed(table: Table) -> Table:
    rows = (*table.rows, table.total)
    hidden = hidden_cells([[int(cell or 0) for cell in row.cells] for row in rows])
    *kept, total = (
        replace(row, cells=tuple(HIDDEN if (at, column) in hidden else cell for column, cell in enumerate(row.cells)))
        for at, row in enumerate(rows)
    )
    return replace(table, rows=tuple(kept), total=total)


def _times(name: str, key: Column, counted: Counted) -> Table:
    groups: dict[Label, list[Child]] = {month: [] for month in counted.months} if key is MONTH else {}
    for child in counted.children:
        groups.setdefault(Month.of(child.charged_at) if key is MONTH else child.suite, []).append(child)
    labels = list(groups) if key is MONTH else sorted(groups, key=str)
    return Table(
        name=name,
        caption=f"Time from the first request for a child, by {key.label.lower()}",
        keys=(key,),
        columns=_TIMES,
        rows=tuple(Row((label,), _measured(groups[label])) for label in labels),
        total=Row(("Total",), _measured(counted.children)),
    )


def _measured(children: Sequence[Child]) -> tuple[Cell, ...]:
    cells: list[Cell] = [sum(bool(child.asks) for child in children)]
    for milestone in Milestone:
        minutes = [found for child in children if (found := child.minutes_to(milestone)) is not None]
        cells += [len(minutes), *((median(minutes), ninetieth(minutes)) if minutes else (None, None))]
    return tuple(cells)


def _only_slow(table: Table) -> Table:
    """For a reader from whom small counts are kept: times of the whole period, of five children or more; no counts."""
    cells: list[Cell] = [HIDDEN]
    for at in range(1, len(table.columns), 3):
        number, *minutes = table.total.cells[at : at + 3]
        cells += [HIDDEN, *(minutes if isinstance(number, int) and number >= SMALLEST_SHOWN else (HIDDEN, HIDDEN))]
    return replace(table, rows=(), total=replace(table.total, cells=tuple(cells)))


# --- the returns ----------------------------------------------------------------------------

RETURN_COLUMNS = (
    *("charged_month", "suite", "before_or_after_charge", "secure_or_non_secure"),
    *("age", "sex", "ethnicity", "looked_after", "accommodated", "why_not", "overnight"),
)


def return_lines(children: Iterable[Child], *, now: datetime) -> list[list[str]]:
    """The fields of the annual data requirement, a line for each child; no reference, no name.

    Every child of this program has been charged. `overnight` is of the time after charge.
    """
    lines = [list(RETURN_COLUMNS)]
    for child in sorted(children, key=lambda child: (child.charged_at, child.suite)):
        moved = child.result is Result.MOVED
        lines.append(
            [
                *(str(Month.of(child.charged_at)), child.suite, "after", "secure" if child.secure else "non-secure"),
                *(str(child.age), child.sex.value, (child.ethnicity or Ethnicity.NOT_STATED).value),
                *(child.looked_after.value, "yes" if moved else "no", "" if moved else child.result.value),
                "yes" if child.overnight(now=now) else "no",
            ]
        )
    return lines
