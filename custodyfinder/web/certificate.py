"""The certificate for the court: as a page that prints, and as PDF."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from ..domain.certificate import TITLE, paper
from ..domain.wording import pages
from ..services import certificates
from ..wiring import wired
from .access import suites_for
from .certificate_pdf import check_line, pdf

bp = Blueprint("certificate", __name__, url_prefix="/records")


@bp.get("/<string:reference>/certificate")
def show(reference: str) -> ResponseReturnValue:
    """The certificate that counts, on one page."""
    kept = certificates.show(reference, suites=suites_for(reference))
    return render_template(
        "record/certificate.html",
        reference=reference,
        kept=kept,
        paper=paper(kept.body),
        title=TITLE,
        check=check_line(kept.digest),
        marks=_marks(kept),
    )


@bp.get("/<string:reference>/certificate-pdf")
def as_pdf(reference: str) -> ResponseReturnValue:
    """The same as PDF."""
    kept = certificates.show(reference, suites=suites_for(reference))
    content = pdf(paper(kept.body), reference=reference, digest=kept.digest, marks=_marks(kept))
    headers = {"Content-Disposition": f'inline; filename="certificate-{kept.body["reference"]}.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)


def _marks(kept: certificates.Kept) -> list[str]:
    """What nobody who holds the paper may overlook."""
    return [
        *([pages.CERTIFICATE_MADE_UP] if wired().settings.demo else []),
        *([] if kept.counts else [pages.CERTIFICATE_TAKEN_BACK]),
    ]
