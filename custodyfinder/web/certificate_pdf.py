"""The certificate as PDF, for a printer that may be black and white."""

from __future__ import annotations

import io
from collections.abc import Sequence
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

from ..config import PROJECT
from ..domain.certificate import TITLE, Paper

FONTS = PROJECT / "static" / "dejavu" / "2.37.3"
MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN


def _fonts(folder: Path) -> None:
    for name, file in (("Body", "DejaVuSansCondensed.ttf"), ("Bold", "DejaVuSansCondensed-Bold.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily("Body", normal="Body", bold="Bold", italic="Body", boldItalic="Bold")


_BODY = ParagraphStyle("body", fontName="Body", fontSize=9.5, leading=12.5, splitLongWords=True)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8, leading=10)
_HEAD = ParagraphStyle("head", parent=_BODY, fontName="Bold", fontSize=10.5, leading=13, spaceBefore=7, spaceAfter=2)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName="Bold", fontSize=14, leading=18, spaceAfter=3)
_MARK = ParagraphStyle(
    "mark", parent=_TITLE, fontSize=12, alignment=TA_CENTER, borderWidth=1.5, borderColor=colors.black, borderPadding=4
)


def pdf(certificate: Paper, *, reference: str, digest: str, marks: Sequence[str]) -> bytes:
    """The certificate as a PDF of A4 pages; the same bytes for the same certificate.

    Args:
        marks: What nobody may overlook, on every page.
    """
    _fonts(FONTS)
    pages = _build(certificate, reference, digest, marks, of=None)[1]
    return _build(certificate, reference, digest, marks, of=pages)[0]


def _build(
    certificate: Paper, reference: str, digest: str, marks: Sequence[str], *, of: int | None
) -> tuple[bytes, int]:
    """The PDF and its number of pages, which has to be known before the first page can say it."""
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=f"{TITLE}: {reference}",
        author="custodyfinder",
        lang="en-GB",
        invariant=1,
    )
    frame = Frame(MARGIN, MARGIN, WIDTH, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    document.addPageTemplates(
        PageTemplate(
            frames=[frame],
            onPage=lambda canvas, _: _foot(canvas, f"Record {reference}, digest {digest[:8]}", marks, of),
        )
    )
    document.build(_story(certificate, digest, marks))
    return out.getvalue(), document.page


def _foot(canvas: Canvas, names: str, marks: Sequence[str], of: int | None) -> None:
    canvas.setFont("Body", 7.5)
    canvas.drawString(MARGIN, 9 * mm, f"{names}. {'. '.join(marks)}")
    canvas.drawRightString(A4[0] - MARGIN, 9 * mm, f"Page {canvas.getPageNumber()} of {of}")


def _text(words: str, style: ParagraphStyle = _BODY) -> Paragraph:
    # Escaped: what people typed is never read as the markup that Paragraph understands.
    return Paragraph(escape(words).replace("\n", "<br/>"), style)


def _story(certificate: Paper, digest: str, marks: Sequence[str]) -> list[Flowable]:
    story: list[Flowable] = [part for mark in marks for part in (_text(mark, _MARK), Spacer(1, 5 * mm))]
    story += [_text(TITLE, _TITLE), _text(certificate.statement), _text("Ground", _HEAD), _text(certificate.ground)]
    story += [_text("Circumstances", _HEAD), *(_text(each) for each in certificate.circumstances)]
    if certificate.override:
        story += [_text("The record contradicts this certificate", _HEAD)]
        story += [_text(each) for each in certificate.override]
    story += [_text("The detention", _HEAD), _pairs(certificate.facts)]
    story += [_text("The responsible authority was told", _HEAD)]
    story += [_text(each) for each in certificate.told or ["Not recorded"]]
    story += [_text("Every authority that was asked", _HEAD), _asked(certificate)]
    story += [
        _text("Signed", _HEAD),
        _pairs([*certificate.signed, ("Signature", "\n\n"), ("Inspector's signature", "\n\n")]),
    ]
    story += [Spacer(1, 3 * mm), _text(check_line(digest), _SMALL)]
    return story


def check_line(digest: str) -> str:
    """How the paper can be held against the record."""
    groups = " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
    return (
        f"Digest of the kept record: {groups}. The command “flask records check {digest[:16]}” tells whether it is "
        "intact. "
        "The force's custody record is the record; this program is a tool and no legal advice."
    )


def _pairs(rows: Any) -> Table:
    cells = [[_text(label, _BODY), _text(value, _BODY)] for label, value in rows]
    table = Table(cells, colWidths=[48 * mm, WIDTH - 48 * mm])
    table.setStyle(_lines())
    return table


def _asked(certificate: Paper) -> Table:
    heads = ("Authority", "Asked", "Answer", "Answered")
    rows = certificate.asked or [("None", "", "", "")]
    cells = [[_text(head, _SMALL) for head in heads], *([_text(cell, _SMALL) for cell in row] for row in rows)]
    widths = [0.22 * WIDTH, 0.28 * WIDTH, 0.28 * WIDTH, 0.22 * WIDTH]
    table = Table(cells, colWidths=widths, repeatRows=1)
    table.setStyle(_lines(("LINEBELOW", (0, 0), (-1, 0), 1, colors.black)))
    return table


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
