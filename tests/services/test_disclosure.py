"""What is held on one child, and who has looked."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import g
from pypdf import PdfReader

from custodyfinder.db import Base, db
from custodyfinder.domain.needs import Need, RefusalReason
from custodyfinder.domain.sheet import Sheet, long_csv, table_csv
from custodyfinder.errors import BadInput, NotFound
from custodyfinder.models import AuditEvent, CallOutcome, Contact
from custodyfinder.printing import sheet_pdf
from custodyfinder.services import (
    accounts,
    audit,
    audit_trail,
    calls,
    disclosure,
    enquiries,
    grants,
    search,
    searches,
    standing,
)

from ..conftest import NIGHT
from ..world import HARINGEY_PHONE, World
from .ending import OVERRIDE, not_moved, record
from .night import Night

NUMBER = "01YE/4711/26"


def held(number: str = NUMBER, *, suite: str = "wood-green", why: str | None = None, now: datetime = NIGHT) -> Sheet:
    return disclosure.held(number, suite_slug=suite, by="command line", why=why, now=now)


def looked(number: str = NUMBER, *, suite: str = "wood-green", why: str | None = None) -> Sheet:
    return disclosure.looked(number, suite_slug=suite, by="command line", why=why, now=NIGHT)


def rows_of(sheet: Sheet, heading: str) -> list[dict[str, str]]:
    (part,) = [part for part in sheet.parts if part.heading == heading]
    return [dict(zip(part.columns, row, strict=True)) for row in part.rows]


def lived_through(world: World, **said: Any) -> str:
    """A record with rows in every table."""
    night = Night(world)
    reference = world.detention(telling=True, **said)
    child = enquiries.child_in(world.detention_id(reference), now=NIGHT)
    world.place()
    searches.keep(world.detention_id(reference), search.find(child, at=NIGHT), by="officer.wood-green", now=NIGHT)
    standing.start(
        reference, suite_id=world.suite_id, at_once=1, until=NIGHT + timedelta(hours=8), by="officer", now=NIGHT
    )
    night.go_to(0)
    asked = world.texts(kind="ask")[-1]
    night.receipt(asked, "delivered")
    night.go_to(1)
    night.text_in(f"{asked.body.split('Reply ')[1].split()[0]} ACCEPT", sender=HARINGEY_PHONE)
    grants.give(
        reference, "inspectorate", days=1, why="inspection", suites=[world.suite_id], by="inspector.met", now=NIGHT
    )
    calls.record_with_authority(
        reference,
        authority_code="E09000007",
        secure=False,
        said=CallOutcome.NO_ANSWER,
        words="rang out",
        reason=RefusalReason.NOT_GIVEN,
        suite_id=world.suite_id,
        by="officer.wood-green",
        now=NIGHT,
    )
    record(world, reference, not_moved(override_words=OVERRIDE), inspector=True)
    return reference


def test_every_table_that_refers_to_a_child_a_request_or_a_text_is_in_the_answer(world: World) -> None:
    about = {"detention", "bed_request", "text_message"}
    holds_a_hash_only = {"idempotency_key"}
    refers = {
        table.name
        for table in db.metadata.tables.values()
        if about & {key.column.table.name for key in table.foreign_keys}
    }
    told: dict[str, type[Base]] = {
        table.__tablename__: table for _, table, _ in disclosure._tables(disclosure._Ids(1, [1], [1]))
    }

    assert refers - holds_a_hash_only <= set(told)


def test_everything_is_in_the_answer_and_nothing_of_another_child(world: World) -> None:
    lived_through(world, custody_record=NUMBER, needs=frozenset({Need.STEP_FREE}))
    before = {part.heading: list(part.rows) for part in held().parts}
    lived_through(world, custody_record="01YE/77/26")

    sheet = held()

    assert [part.heading for part in sheet.parts if not part.rows] == []
    assert {part.heading: list(part.rows)[: len(before[part.heading])] for part in sheet.parts} == before
    assert rows_of(sheet, "Audit line")[-1]["action"] == "disclosed what is held"
    assert all(len(rows_of(sheet, heading)) == len(rows) for heading, rows in before.items() if heading != "Audit line")
    sent = {row["id"] for row in rows_of(sheet, "Text sent")}
    assert {row["text id"] for part in ("Authority told", "Step") for row in rows_of(sheet, part)} - {""} <= sent
    (kept,) = rows_of(sheet, "Record")
    assert (kept["custody record"], kept["age"], kept["needs"], kept["secure"]) == (NUMBER, "15", "step free", "no")
    assert kept["charged at"] == "2026-11-24T01:10:00Z"
    assert "01YE/77/26" not in long_csv(sheet)


def test_what_is_about_other_people_is_withheld_and_said_to_be(world: World) -> None:
    other = world.detention()
    lived_through(world, custody_record=NUMBER, keep_apart=frozenset({other}), avoid=(("N22 6XH", 1.0),))

    sheet = held()

    (kept,) = rows_of(sheet, "Record")
    assert (kept["keep apart"], kept["avoid circles"], kept["avoid geojson"]) == (disclosure.WITHHELD,) * 2 + ("",)
    columns = {column for part in sheet.parts for column in part.columns}
    assert not columns & {"number", "to number", "from number"}
    written = long_csv(sheet)
    assert other not in written
    assert not any(contact.mobile[1:] in written for contact in world.rows(Contact) if contact.mobile)


def test_who_looked_from_where_and_why_and_who_changed_are_told_apart_from_other_children(world: World) -> None:
    reference = lived_through(world, custody_record=NUMBER)
    world.detention()
    subject = f"detention:{world.detention_id(reference)}"
    g.origin = "192.0.2.7"
    person = accounts.by_username("inspector.met")
    audit.looked(person, subject, why="review", now=NIGHT)
    g.pop("origin")

    (part,) = looked().parts

    rows = [dict(zip(part.columns, row, strict=True)) for row in part.rows]
    assert rows[0]["what"] == "detention opened"
    assert rows[-1] == {
        "line": rows[-1]["line"],
        "when": "2026-11-24T02:10:00Z",
        "who": "inspector.met",
        "name and role": "inspector.met, custody inspector",
        "from where": "192.0.2.7",
        "what": "looked",
        "of what": subject,
        "why": "review",
    }
    assert "Emergency Duty Team, Haringey" in {row["who"] for row in rows}
    assert {row["of what"].split(":")[0] for row in rows} == {"detention", "request"}
    assert len([row for row in rows if row["what"] == "detention opened"]) == 1


def test_both_answers_are_disclosures_and_stand_in_the_trail_with_their_reason(world: World) -> None:
    world.detention(custody_record=NUMBER)

    held(why="asked by the child"), looked()

    first, second = world.rows(AuditEvent)[-2:]
    assert (first.actor, first.action, first.why) == ("command line", "disclosed what is held", "asked by the child")
    assert (second.action, second.subject, second.why) == ("disclosed who looked", first.subject, None)
    assert [row[5] for row in looked().parts[0].rows][-2:] == ["disclosed what is held", "disclosed who looked"]
    assert audit_trail.verify().fault is None


def test_a_record_is_found_as_its_number_is_typed(world: World) -> None:
    world.detention(custody_record=NUMBER)

    assert rows_of(held(" 01ye/4711/26 "), "Record")[0]["custody record"] == NUMBER


@pytest.mark.parametrize("ask", [held, looked])
def test_what_is_not_there_is_refused_in_a_sentence_and_not_noted(world: World, ask: Any) -> None:
    world.detention(custody_record=NUMBER)
    noted = world.count(AuditEvent)

    for said, error in (
        ({"number": "01YE/2/26"}, NotFound),
        ({"suite": "kentish-town"}, NotFound),
        ({"suite": "nowhere"}, NotFound),
        ({"number": "x"}, BadInput),
        ({"why": "x" * 61}, BadInput),
    ):
        with pytest.raises(error):
            ask(**said)

    assert world.count(AuditEvent) == noted


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(world: World) -> None:
    reference = world.detention(custody_record=NUMBER)
    calls.record_with_authority(
        reference,
        authority_code="E09000007",
        secure=False,
        said=CallOutcome.NO_ANSWER,
        words="=HYPERLINK(1)",
        reason=RefusalReason.NOT_GIVEN,
        suite_id=world.suite_id,
        by="=officer",
        now=NIGHT,
    )

    assert ",'=HYPERLINK(1)" in long_csv(held())
    assert ",'=officer," in table_csv(looked().parts[0])


def test_the_answers_can_be_printed_however_long_a_value_is(world: World) -> None:
    reference = lived_through(world, custody_record=NUMBER)
    calls.record_with_authority(
        reference,
        authority_code="E09000007",
        secure=False,
        said=CallOutcome.NO_ANSWER,
        words="W" * 200,
        reason=RefusalReason.NOT_GIVEN,
        suite_id=world.suite_id,
        by="officer.wood-green",
        now=NIGHT,
    )
    Night(world).text_in("W" * 1600, sender=HARINGEY_PHONE)

    paper = [PdfReader(io.BytesIO(sheet_pdf(sheet))) for sheet in (held(), looked())]

    for read in paper:
        text = [page.extract_text() for page in read.pages]
        assert NUMBER in text[0]
        assert all(f"Page {number} of {len(text)}" in page for number, page in enumerate(text, 1))
    assert "rang out" in "".join(page.extract_text() for page in paper[0].pages)
