"""Paper: A4 pages for a printer that may be black and white; the same bytes for the same words."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

# Lays text out over pages; nothing else of its size knows how to repeat the head of a table.
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from .config import PROJECT
from .domain.sheet import Part, Sheet

FONTS = PROJECT / "static" / "dejavu" / "2.37.3"
MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN

BODY = ParagraphStyle("body", fontName="Body", fontSize=9.5, leading=12.5, splitLongWords=True)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=8, leading=10)
HEAD = ParagraphStyle("head", parent=BODY, fontName="Bold", fontSize=10.5, leading=13, spaceBefore=7, spaceAfter=2)
TITLE = ParagraphStyle("title", parent=BODY, fontName="Bold", fontSize=14, leading=18, spaceAfter=3)
MARK = ParagraphStyle(
    "mark", parent=TITLE, fontSize=12, alignment=TA_CENTER, borderWidth=1.5, borderColor=colors.black, borderPadding=4
)


def document(title: str, foot: str, story: Callable[[], list[Flowable]]) -> bytes:
    """A PDF of A4 pages, each with its number and how many there are.

    Args:
        foot: What stands at the foot of every page.
        story: Gives the content, afresh each time: it is laid out twice.
    """
    _fonts(FONTS)
    pages = _build(title, foot, story(), of=None)[1]
    return _build(title, foot, story(), of=pages)[0]


def _fonts(folder: Path) -> None:
    for name, file in (("Body", "DejaVuSansCondensed.ttf"), ("Bold", "DejaVuSansCondensed-Bold.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily("Body", normal="Body", bold="Bold", italic="Body", boldItalic="Bold")


def _build(title: str, foot: str, story: list[Flowable], *, of: int | None) -> tuple[bytes, int]:
    """The PDF and its number of pages, which has to be known before the first page can say it."""
    out = io.BytesIO()
    made = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        author="custodyfinder",
        lang="en-GB",
        invariant=1,
    )
    frame = Frame(MARGIN, MARGIN, WIDTH, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    made.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: _foot(canvas, foot, of)))
    made.build(story)
    return out.getvalue(), made.page


def _foot(canvas: Canvas, words: str, of: int | None) -> None:
    canvas.setFont("Body", 7.5)
    canvas.drawString(MARGIN, 9 * mm, words)
    canvas.drawRightString(A4[0] - MARGIN, 9 * mm, f"Page {canvas.getPageNumber()} of {of}")


def text(words: str, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph. What people typed is escaped: never read as the markup that Paragraph understands."""
    return Paragraph(escape(words).replace("\n", "<br/>"), style)


def pairs(rows: Sequence[tuple[str, str]], *, splits: bool = False) -> Table:
    """What is said on the left, and its value on the right.

    Args:
        splits: Whether a row may go on over the page: it has to where a value may be longer than one.
    """
    cells = [[text(label), text(value)] for label, value in rows]
    made = Table(cells, colWidths=[48 * mm, WIDTH - 48 * mm], splitInRow=int(splits))
    made.setStyle(_lines())
    return made


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float], *, splits: bool = False
) -> Table:
    """Rows under heads that are repeated on every page.

    Args:
        shares: Of the width, for each column; together 1.
        splits: As for `pairs`.
    """
    cells = [[text(head, SMALL) for head in heads], *([text(cell, SMALL) for cell in row] for row in rows)]
    made = Table(cells, colWidths=[share * WIDTH for share in shares], repeatRows=1, splitInRow=int(splits))
    made.setStyle(_lines(("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)))
    return made


def _lines(*more: Any) -> TableStyle:
    return TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.black),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            *more,
        ]
    )


def sheet_pdf(sheet: Sheet) -> bytes:
    """What was asked for, on paper."""

    def story() -> list[Flowable]:
        return [text(sheet.title, TITLE), pairs(sheet.about), *(each for part in sheet.parts for each in _part(part))]

    return document(sheet.title, f"{sheet.title}. {sheet.about[0][0]} {sheet.about[0][1]}", story)


def _part(part: Part) -> list[Flowable]:
    heading = text(part.heading, HEAD)
    if not part.rows:
        return [heading, text("Nothing")]
    if part.shares is not None:
        return [heading, table(part.columns, part.rows, part.shares, splits=True)]
    story: list[Flowable] = [heading]
    for row in part.rows:
        said = [(column, value) for column, value in zip(part.columns, row, strict=True) if value]
        story += [pairs(said, splits=True), Spacer(1, 3 * mm)]
    return story
