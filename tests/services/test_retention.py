"""The schedule of retention carried out on records and texts: what goes, what stays, what the pages say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from custodyfinder.domain.record import OutcomeKind
from custodyfinder.errors import NotFound
from custodyfinder.models import (
    AuditEvent,
    BedReport,
    BedRequest,
    Certificate,
    Detention,
    IncomingText,
    Receipt,
    SearchKept,
    StepTaken,
    TextMessage,
    Told,
)
from custodyfinder.services import (
    arrivals,
    boards,
    certificates,
    detentions,
    handover,
    inbox,
    outcomes,
    record_log,
    requests,
    retention,
    standing,
)

from .. import figuring
from ..conftest import NIGHT
from ..world import HARINGEY, HARINGEY_PHONE, World
from .expired import DAY, IN_USE, RECORD_NUMBER, WORDS, a_whole_night, everything, expire, keep, promise


def test_numbers_and_words_of_texts_go_after_thirty_days_and_the_log_says_so(world: World) -> None:
    reference = a_whole_night(world)
    before = record_log.of_record(reference, suites=[world.suite_id])

    assert expire(29) == {}
    done = expire(31)

    assert done["texts"]["texts received"] == 2
    assert "+447700900" not in everything(*IN_USE)
    after = record_log.of_record(reference, suites=[world.suite_id])
    assert [(line.what, line.occurred_at) for line in after] == [(line.what, line.occurred_at) for line in before]
    gone = [line.what for line in after if line.words_are_gone]
    assert "Text received" in gone
    assert sum(what.startswith("Text promised to") for what in gone) == 1
    assert {line.who for line in after if line.what == "Text received"} == {"a phone"}


def test_after_thirteen_months_nothing_leads_to_the_child_any_more(world: World) -> None:
    reference = a_whole_night(world)
    digest = world.rows(Certificate)[0].digest

    assert "certificates" not in expire(390)
    done = expire(398)

    assert done["detail"]["records"] == 1
    left = everything("audit_event", *IN_USE)
    officers = ("officer.wood-green", "4711 YE")
    for trace in (WORDS, WORDS.upper(), RECORD_NUMBER, reference, "+447700900", digest, *officers):
        assert trace not in left, trace
    assert world.count(Certificate, SearchKept, Told, StepTaken, TextMessage, IncomingText, Receipt, BedReport) == (
        *(0,) * 8,
    )
    (left_of_it,) = world.rows(Detention)
    assert (left_of_it.home_district, left_of_it.home_easting, left_of_it.avoid_circles, left_of_it.needs) == (
        *(None, None, []),
        0,
    )
    assert left_of_it.reduced_at is not None


def test_the_audit_stays_as_it_was_and_says_how_much_went_of_each_kind(world: World) -> None:
    a_whole_night(world)
    before = [(line.id, line.actor, line.action, line.subject, line.details) for line in world.rows(AuditEvent)]

    expire(398)

    after = [(line.id, line.actor, line.action, line.subject, line.details) for line in world.rows(AuditEvent)]
    assert after[: len(before)] == before
    said = {line[3]: line[4] for line in after[len(before) :]}
    assert {line[1:3] for line in after[len(before) :]} == {("command line", "records expired")}
    assert said["retention:detail"]["records"] == 1
    assert said["retention:certificates"] == {"certificates": 1}
    assert all(isinstance(number, int) for counts in said.values() for number in counts.values())


def test_a_run_again_finds_nothing_and_writes_nothing(world: World) -> None:
    a_whole_night(world)
    expire(398)
    lines = world.count(AuditEvent)

    assert expire(398) == {}
    assert world.count(AuditEvent) == lines


def test_a_dry_run_says_what_a_run_then_does_and_changes_nothing(world: World) -> None:
    a_whole_night(world)
    before = everything()

    said = {each.kind: each.counts for each in retention.due(now=NIGHT + 398 * DAY)}

    assert everything() == before
    done = retention.expire(by="command line", now=NIGHT + 398 * DAY)
    assert said["detail"] == next(each.counts for each in done if each.kind == "detail")
    assert said["texts"] == next(each.counts for each in done if each.kind == "texts")


# --- what is still going on -----------------------------------------------------------------


def test_a_record_without_an_outcome_counts_from_its_court(world: World) -> None:
    world.detention(court_at=NIGHT + 3 * DAY)

    assert "detail" not in expire(396 + 2)
    assert expire(396 + 4)["detail"]["records"] == 1


def test_a_record_counts_from_its_last_outcome_where_that_was_recorded_later(world: World) -> None:
    reference = world.detention()
    figuring.outcome(world, reference, OutcomeKind.REOPENED, at=NIGHT + 20 * DAY)

    assert "detail" not in expire(396 + 19)
    assert expire(396 + 21)["detail"]["records"] == 1


def test_a_request_that_is_open_and_a_search_that_goes_on_keep_everything_of_theirs(world: World) -> None:
    request = world.ask(world.place())
    sought = world.detention()
    standing.start(
        sought, suite_id=world.suite_id, at_once=1, until=NIGHT + 8 * timedelta(hours=1), by="officer", now=NIGHT
    )
    for text in world.texts():
        world.change(TextMessage, text.id, state="delivered")

    done = expire(3000)

    assert "detail" not in done
    assert "numbers asked" not in done.get("texts", {})
    assert world.get(BedRequest, request).reference != ""
    assert [text.to_number for text in world.texts(kind="ask")] == [HARINGEY_PHONE]


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_a_text_that_may_still_go_out_is_left(world: World, state: str) -> None:
    promise(1)
    world.change(TextMessage, 1, state=state)

    assert "texts" not in expire(3000)


def test_a_text_of_which_twilio_is_still_asked_is_left_and_one_that_no_network_reports_on_is_not(world: World) -> None:
    promise(2)
    world.change(TextMessage, 1, state="sent", look_at=NIGHT)
    world.change(TextMessage, 2, state="sent", look_at=None)

    assert expire(31)["texts"] == {"texts sent": 1}
    assert [bool(text.to_number) for text in world.texts()] == [True, False]


def test_a_text_that_came_in_and_was_not_worked_is_left(world: World) -> None:
    inbox.receive(provider_id="SM" + "1" * 32, from_number=HARINGEY_PHONE, body="BEDS", now=NIGHT)

    assert expire(3000) == {}


# --- expired records and the rest of the program ----------------------------------------------


def test_a_record_that_was_reduced_is_found_by_nobody_and_is_on_no_board(world: World) -> None:
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    requests.accept(request, authority_code=HARINGEY, by="duty", channel="page", now=NIGHT)
    expire(400)
    new = world.rows(Detention)[0].reference
    later = NIGHT + 400 * DAY

    assert new != reference
    for look in (
        lambda: detentions.show(reference, suites=[world.suite_id]),
        lambda: record_log.of_record(reference, suites=[world.suite_id]),
        lambda: certificates.show(reference, suites=[world.suite_id]),
        lambda: boards.request_for_suite(request, suite_id=world.suite_id),
        lambda: arrivals.record(request, by="officer", now=later, suite_id=world.suite_id),
    ):
        with pytest.raises(NotFound):
            look()
    assert boards.requests_of_authority(HARINGEY, now=NIGHT + timedelta(hours=1)) == []
    assert handover.open_records([world.suite_id], now=later) == []


def test_the_custody_record_number_of_a_reduced_record_may_come_again(world: World) -> None:
    world.detention(custody_record=RECORD_NUMBER)
    expire(400)

    assert world.detention(custody_record=RECORD_NUMBER, at=NIGHT + 400 * DAY)


def test_where_only_the_words_are_over_the_record_is_as_it_was_without_them(app: Flask, world: World) -> None:
    keep(app, words=10, certificates=20)
    reference = a_whole_night(world)
    before = record_log.of_record(reference, suites=[world.suite_id])

    done = expire(11)
    assert done == {"words": {"records": 1}}
    after = record_log.of_record(reference, suites=[world.suite_id])
    assert [line.what for line in after] == [line.what for line in before]
    assert sum(line.words_are_gone for line in after) == 3
    assert outcomes.has_certificate(world.detention_id(reference))
    assert detentions.show(reference, suites=[world.suite_id]).secure_reasons == ""

    assert expire(21) == {"certificates": {"certificates": 1}}
    assert not outcomes.has_certificate(world.detention_id(reference))
