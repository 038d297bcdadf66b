"""How it ended, on the pages; the certificate on the page and as PDF."""

from __future__ import annotations

import io
import json

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from custodyfinder.models import Certificate, Outcome

from ..conftest import NIGHT
from ..services.ending import refuse
from ..world import World
from .reading import words
from .test_every_page import check

STAYED = {
    "kind": "not_transferred",
    "occurred_day": "2026-11-24",
    "occurred_time": "02:05",
    "ground": "impracticable",
    "impracticable": "no_transport",
    "circumstances": "The only van broke down & no taxi firm would come <tonight>.",
    "inspector": "4711 YE",
    "inspector_rank": "inspector",
}


def refused(world: World) -> str:
    reference = world.detention()
    refuse(world.ask(world.place(), detention=reference))
    return reference


def test_a_transfer_is_recorded(world: World, officer: FlaskClient) -> None:
    reference = world.detention()
    accept_at_night(world, reference)

    data = {"kind": "transferred", "occurred_day": "2026-11-24", "occurred_time": "02:10", "transport": "police"}
    page = words(officer.post(f"/records/{reference}/end", data=data, follow_redirects=True))

    assert "Moved to local-authority accommodation at 02:10" in page
    assert "Ended at 02:10" in page
    assert "moved to local-authority accommodation" in words(officer.get("/desk"))
    assert world.rows(Outcome)[0].transport == "police"


def accept_at_night(world: World, reference: str) -> None:
    from custodyfinder.services import requests

    request = world.ask(world.place(), detention=reference)
    requests.accept(request, authority_code="E09000014", by="duty.haringey", channel="page", now=NIGHT)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": ""}, "Choose how it ended"),
        ({"occurred_time": ""}, "Enter the time of that"),
        ({"occurred_time": "02:11"}, "The time cannot be ahead"),
        ({"ground": ""}, "Choose the ground on which the child was not moved"),
        ({"impracticable": ""}, "Say which circumstance of transport or travel"),
        ({"circumstances": "no van"}, "must show the court why the child stayed"),
        ({"inspector": ""}, "Give the number and the rank of the officer"),
        ({"inspector_rank": "constable"}, "Give the number and the rank of the officer"),
    ],
)
def test_an_ending_that_cannot_be_is_said_keeps_what_was_typed_and_writes_nothing(
    world: World, officer: FlaskClient, wrong: dict[str, str], message: str
) -> None:
    answer = officer.post(f"/records/{refused(world)}/end", data=STAYED | wrong)

    assert answer.status_code == 422
    assert message in words(answer)
    check(answer.get_data(as_text=True))
    assert "taxi firm" in words(answer) or "circumstances" in wrong
    assert world.count(Outcome, Certificate) == (0, 0)


def test_a_certificate_that_the_record_contradicts_is_refused_and_an_inspector_may_sign_for_it(
    world: World, officer: FlaskClient, inspector: FlaskClient
) -> None:
    reference = world.detention()

    answer = officer.post(f"/records/{reference}/end", data=STAYED | {"override_words": "an officer cannot say this"})
    assert answer.status_code == 409
    assert "The record says otherwise: no certificate was issued" in words(answer)
    assert "No authority has been asked." in words(answer)
    assert "an inspector can sign in" in words(answer)
    assert "taxi firm" in words(answer)

    why = "The telephone line of every authority is down in the whole region."
    page = words(
        inspector.post(f"/records/{reference}/end", data=STAYED | {"override_words": why}, follow_redirects=True)
    )

    assert "The record contradicts this certificate" in page
    assert why in page
    assert json.loads(world.rows(Certificate)[0].body)["override"]["by"] == "inspector.met"


def test_the_certificate_says_what_the_court_must_know_on_the_page_and_in_the_pdf(
    world: World, officer: FlaskClient
) -> None:
    """PACE 1984 s.38(7), Code C 16.7."""
    reference = refused(world)

    answer = officer.post(f"/records/{reference}/end", data=STAYED, follow_redirects=True)

    page = words(answer)
    check(answer.get_data(as_text=True))
    pdf = officer.get(f"/records/{reference}/certificate-pdf")
    assert pdf.mimetype == "application/pdf"
    read = PdfReader(io.BytesIO(pdf.data))
    on_paper = " ".join(" ".join(sheet.extract_text() for sheet in read.pages).split())
    digest = world.rows(Certificate)[0].digest
    for text in (page.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), on_paper):
        assert "Certificate under section 38(7) of the Police and Criminal Evidence Act 1984" in text
        assert "(PACE 1984 s.38(6)(a))" in text
        assert "The only van broke down & no taxi firm would come <tonight>." in text
        assert "Haringey (non-secure)" in text
        assert "24 November 2026 at 02:10" in text
        assert "No bed is free: full tonight" in text
        assert "Inspector 4711 YE" in text
        assert digest[:8] in text
    assert len(read.pages) == 1
    assert "Page 1 of 1" in on_paper
    assert read.metadata is not None
    assert read.metadata.title is not None
    assert reference in read.metadata.title


def test_a_pdf_of_forty_authorities_runs_over_its_pages_and_has_the_letters_of_welsh(world: World) -> None:
    from custodyfinder.domain.certificate import paper
    from custodyfinder.web.certificate_pdf import pdf

    asked = {
        "authority": "Ynys Môn ŵ ŷ",
        "secure": False,
        "how": "text",
        "asked_at": "2026-11-24T02:10:00Z",
        "asked_by": "custodyfinder",
        "answer": "refused",
        "reason": "No bed is free",
        "words": "x" * 200,
        "answered_at": "2026-11-24T02:20:00Z",
        "answered_by": "Emergency Duty Team",
    }
    body = json.loads(_a_body(world)) | {"asked": [asked] * 40}

    made = pdf(paper(body), reference="K7R4-M4P", digest="a" * 64, marks=["MADE UP"])

    read = PdfReader(io.BytesIO(made))
    text = [sheet.extract_text() for sheet in read.pages]
    assert len(text) > 1
    assert all("MADE UP" in sheet and f"of {len(text)}" in sheet for sheet in text)
    assert sum(sheet.count("Ynys Môn ŵ ŷ") for sheet in text) == 40
    assert all("Answered" in sheet for sheet in text[:-1])  # the head of the table stands on each
    assert made == pdf(paper(body), reference="K7R4-M4P", digest="a" * 64, marks=["MADE UP"])


def _a_body(world: World) -> str:
    from ..services.ending import not_moved, record

    record(world, refused(world), not_moved())
    return world.rows(Certificate)[0].body


def test_an_outcome_recorded_by_mistake_is_taken_back_and_the_page_asks_again(
    world: World, officer: FlaskClient
) -> None:
    reference = refused(world)
    officer.post(f"/records/{reference}/end", data=STAYED | {"kind": "bailed"})
    assert "Bailed after all" in words(officer.get(f"/records/{reference}"))
    assert officer.post(f"/records/{reference}/end", data=STAYED | {"kind": "bailed"}).status_code == 409

    officer.post(f"/records/{reference}/reopen")

    assert "Record how it ended" in words(officer.get(f"/records/{reference}"))
    assert "Opened again" in words(officer.get(f"/records/{reference}/log"))


def test_a_certificate_of_a_record_that_was_opened_again_no_longer_counts(world: World, officer: FlaskClient) -> None:
    reference = refused(world)
    officer.post(f"/records/{reference}/end", data=STAYED)
    assert officer.get(f"/records/{reference}/certificate").status_code == 200

    officer.post(f"/records/{reference}/reopen")

    assert "TAKEN BACK: the record was opened again" in words(officer.get(f"/records/{reference}/certificate"))


def test_nobody_reads_a_certificate_where_there_is_none(world: World, officer: FlaskClient) -> None:
    assert officer.get(f"/records/{world.detention()}/certificate").status_code == 404


def test_a_certificate_that_is_not_as_it_was_issued_is_not_shown(world: World, officer: FlaskClient) -> None:
    reference = refused(world)
    officer.post(f"/records/{reference}/end", data=STAYED)
    (kept,) = world.rows(Certificate)
    world.change(Certificate, kept.id, body=kept.body.replace("van", "car"))

    for address in ("certificate", "certificate-pdf"):
        answer = officer.get(f"/records/{reference}/{address}")

        assert answer.status_code == 409
        assert "This certificate is not as it was issued" in words(answer)
