"""The figures: one page for an inspector of a force and a manager of an authority, and its tables as files."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain import drawing
from ..domain.csv_text import csv_text
from ..domain.drawing import Chart, Classes, Line, Map
from ..domain.figure_tables import HIDDEN, Cell, Row, Table
from ..domain.figures import Month
from ..domain.wording import pages
from ..errors import NotFound
from ..services import figures
from ..services.figures import Asked, Figures
from ..services.outlines import outlines

bp = Blueprint("figures", __name__, url_prefix="/figures")

DRAWN = ("children-by-month", "unmet-need-by-month", "unmet-need-by-authority")
"""The tables that stand beside a drawing; the others are folded."""


@bp.get("")
def show() -> ResponseReturnValue:
    """Charts, the map, and every table."""
    found = figures.read(g.person, _asked(), now=clock.now())
    classes = _classes(found)
    chosen = {"from": str(found.period.first), "to": str(found.period.last)}
    return render_template(
        "figures/show.html",
        figures=found,
        tables=found.tables,
        others=[table for name, table in found.tables.items() if name not in DRAWN],
        chosen=chosen | ({"suite": found.suite} if found.suite else {}),
        children_chart=_children_chart(found.tables["children-by-month"]),
        unmet_chart=_unmet_chart(found.tables["unmet-need-by-month"]),
        map=_map(found, classes),
        classes=classes,
        hidden=HIDDEN,
    )


@bp.get("/<string:table>/csv")
def table_csv(table: str) -> ResponseReturnValue:
    """One table as a file."""
    found = figures.read(g.person, _asked(), now=clock.now())
    if table not in found.tables:
        raise NotFound("no such table of the figures")
    return _file(found.tables[table].lines(), f"{table}-{found.period.first}-{found.period.last}.csv")


@bp.get("/returns-csv")
def returns_csv() -> ResponseReturnValue:
    """The fields of the annual data requirement, a line for each child: for whoever may see records."""
    return _file(figures.returns(g.person, _asked(), now=clock.now()), "returns.csv")


def _asked() -> Asked:
    args = request.args
    return Asked(first=args.get("from", ""), last=args.get("to", ""), suite=args.get("suite", ""))


def _file(lines: list[list[str]], name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(csv_text(lines), mimetype="text/csv", headers=headers)


def _children_chart(table: Table) -> Chart:
    moved = table.column("moved")

    def line(row: Row) -> Line:
        together, gone = _number(row.cells[0]), _number(row.cells[moved])
        parts = None if together is None or gone is None else (gone, together - gone)
        return Line(_short(row), together, parts)

    return drawing.chart(
        (*pages.CHILDREN_SERIES, pages.PARTS_KEPT_BACK), [line(row) for row in table.rows], hidden=HIDDEN
    )


def _unmet_chart(table: Table) -> Chart:
    def line(row: Row) -> Line:
        together, *parts = map(_number, row.cells)
        known = tuple(part for part in parts if part is not None)
        return Line(_short(row), together, known if len(known) == len(parts) else None)

    return drawing.chart((*pages.UNMET_SERIES, pages.PARTS_KEPT_BACK), [line(row) for row in table.rows], hidden=HIDDEN)


def _classes(found: Figures) -> Classes:
    """By what an inspector sees. A manager sees one number: the usual classes tell most of it."""
    numbers = [] if found.kept_back else [_number(row.cells[0]) for row in _unmet(found)]
    return drawing.classes_up_to(max((number for number in numbers if number is not None), default=0))


def _unmet(found: Figures) -> Sequence[Row]:
    return found.tables["unmet-need-by-authority"].rows


def _map(found: Figures, classes: Classes) -> Map:
    """Round the authorities with most of the unmet need, or round a manager's own."""
    numbers = {str(row.labels[1]): _number(row.cells[0]) for row in _unmet(found)}
    everyone = outlines()
    if found.authority_code is not None:
        numbers = {found.authority_code: numbers.get(found.authority_code)}
    else:
        numbers = {each.code: numbers.get(each.code, 0) for each in everyone}
    return drawing.draw_map(
        everyone,
        numbers,
        about=[found.authority_code] if found.authority_code else drawing.most_of(numbers),
        classes=classes,
        others=pages.NOT_IN_THESE_FIGURES,
        unit_of=pages.A_NIGHT,
        hidden=HIDDEN,
    )


def _number(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) else None


def _short(row: Row) -> str:
    """ "Nov 2026", for the margin of a chart."""
    month = row.labels[0]
    return f"{month.starts():%b %Y}" if isinstance(month, Month) else month
