"""The certificate as PDF."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from ..domain.certificate import TITLE, Paper
from ..printing import HEAD, MARK, SMALL, document, pairs, table, text
from ..printing import TITLE as TITLE_STYLE


def pdf(certificate: Paper, *, reference: str, digest: str, marks: Sequence[str]) -> bytes:
    """The certificate as a PDF of A4 pages; the same bytes for the same certificate.

    Args:
        marks: What nobody may overlook, on every page.
    """
    foot = f"Record {reference}, digest {digest[:8]}. {'. '.join(marks)}"
    return document(f"{TITLE}: {reference}", foot, lambda: _story(certificate, digest, marks))


def _story(certificate: Paper, digest: str, marks: Sequence[str]) -> list[Flowable]:
    story: list[Flowable] = [part for mark in marks for part in (text(mark, MARK), Spacer(1, 5 * mm))]
    story += [text(TITLE, TITLE_STYLE), text(certificate.statement), text("Ground", HEAD), text(certificate.ground)]
    story += [text("Circumstances", HEAD), *(text(each) for each in certificate.circumstances)]
    if certificate.override:
        story += [text("The record contradicts this certificate", HEAD)]
        story += [text(each) for each in certificate.override]
    story += [text("The detention", HEAD), pairs(certificate.facts)]
    story += [text("The responsible authority was told", HEAD)]
    story += [text(each) for each in certificate.told or ["Not recorded"]]
    asked = certificate.asked or [("None", "", "", "")]
    heads = ("Authority", "Asked", "Answer", "Answered")
    story += [text("Every authority that was asked", HEAD), table(heads, asked, (0.22, 0.28, 0.28, 0.22))]
    story += [
        text("Signed", HEAD),
        pairs([*certificate.signed, ("Signature", "\n\n"), ("Inspector's signature", "\n\n")]),
    ]
    story += [Spacer(1, 3 * mm), text(check_line(digest), SMALL)]
    return story


def check_line(digest: str) -> str:
    """How the paper can be held against the record."""
    groups = " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))
    return (
        f"Digest of the kept record: {groups}. The command “flask records check {digest[:16]}” tells whether it is "
        "intact. "
        "The force's custody record is the record; this program is a tool and no legal advice."
    )
