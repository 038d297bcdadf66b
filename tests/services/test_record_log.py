"""The log of a record, the searches kept, and handing over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.domain.record import OutcomeKind
from custodyfinder.errors import NotFound
from custodyfinder.models import Contact, Detention, SearchKept
from custodyfinder.services import calls, enquiries, handover, outcomes, record_log, search, searches
from custodyfinder.services.outcomes import Ended

from ..conftest import NIGHT
from ..world import HARINGEY_PHONE, World
from .night import Night


def look(world: World, reference: str, *, minutes: int = 0) -> None:
    """An officer opens the results page."""
    now, detention = NIGHT + timedelta(minutes=minutes), world.detention_id(reference)
    searches.keep(
        detention, search.find(enquiries.child_in(detention, now=now), at=now), by="officer.wood-green", now=now
    )


def lines(world: World, reference: str) -> list[str]:
    return [line.what for line in record_log.of_record(reference, suites=[world.suite_id])]


def test_the_log_tells_in_order_what_was_searched_texted_received_answered_and_decided(world: World) -> None:
    night = Night(world)
    place = world.place(name="Example House Tern", code="HAR1")
    reference = world.detention(telling=True)
    look(world, reference)
    world.ask(place, detention=reference)
    night.go_to(0)
    (ask,) = world.texts(kind="ask")
    night.receipt(ask, "delivered")
    night.now = NIGHT + timedelta(minutes=5)
    night.text_in(f"{_reference(ask.body)} refuse full tonight", sender=HARINGEY_PHONE)
    outcomes.record(
        reference,
        Ended(kind=OutcomeKind.COURT_FIRST, occurred_at=NIGHT + timedelta(hours=6)),
        suites=[world.suite_id],
        by="officer.wood-green",
        may_override=False,
        now=NIGHT + timedelta(hours=7),
    )

    told = lines(world, reference)

    for earlier, later in zip(
        expected := [
            "Opened the record",
            "Text to Haringey, Emergency Duty Team: a child of theirs is held and a bed is needed",
            "Searched: one place suits; first Example House Tern, 2 free",
            "Asked Haringey for a non-secure bed at Example House Tern (HAR1); one bed is held",
            "Text promised to Emergency Duty Team, on duty, Haringey",
            "Receipt: the text to Emergency Duty Team, on duty, Haringey is delivered",
            "Text received",
            "Reason of the refusal: no bed is free",
            "Taken to court before a move could be made",
        ],
        expected[1:],
        strict=False,
    ):
        assert told.index(earlier) < told.index(later), (earlier, later)
    assert "Haringey refused at Example House Tern (HAR1)" in told
    last = record_log.of_record(reference, suites=[world.suite_id])[-1]
    assert last.recorded_at - last.occurred_at == timedelta(hours=1)


def _reference(body: str) -> str:
    return body.split("Reply ")[1].split()[0]


def test_the_log_names_nobodys_number_and_no_contact(world: World) -> None:
    night = Night(world)
    reference = world.detention(telling=True)
    world.ask(world.place(), detention=reference)
    night.go_to(0)
    night.text_in(f"{_reference(world.texts(kind='ask')[0].body)} accept", sender=HARINGEY_PHONE)

    shown = " ".join(
        f"{line.who} {line.what} {line.words}" for line in record_log.of_record(reference, suites=[world.suite_id])
    )

    assert "07700" not in shown
    assert "+44" not in shown
    assert "contact:" not in shown
    assert not any(contact.name in shown for contact in world.rows(Contact))
    assert "Emergency Duty Team, Haringey" in shown


def test_calls_counts_and_a_refused_certificate_are_on_the_log(world: World) -> None:
    from custodyfinder.domain.needs import RefusalReason
    from custodyfinder.models import CallOutcome

    night, place, reference = Night(world), world.place(code="HAR1"), world.detention()
    world.ask(place, detention=reference)
    night.text_in("BEDS HAR1 1", sender=HARINGEY_PHONE)
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

    told = lines(world, reference)

    assert "Rang Camden for a non-secure bed: no answer" in told
    assert "Reported 1 free at Example House 1, by text" in told


def test_another_suites_log_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        record_log.of_record(world.detention(), suites=[world.other_suite_id])


# --- searches ---------------------------------------------------------------------------------


def test_a_search_is_kept_with_its_answer_and_the_same_answer_only_once(world: World) -> None:
    near, reference = world.place(), world.detention()
    world.place(beds_free=0)
    look(world, reference)
    look(world, reference, minutes=30)  # the count has aged, and costs more minutes: the same to a reader
    world.place(easting=531151)
    look(world, reference, minutes=31)

    first, same, other = world.rows(SearchKept)

    assert first.answer is not None
    assert first.answer["options"][0]["place"] == near
    assert first.answer["left_out"][0]["reasons"] == ["no_bed"]
    assert (same.answer, same.same_as_id) == (None, first.id)
    assert other.answer is not None
    assert lines(world, reference)[-3:] == [
        "Searched: one place suits; first Example House 1, 2 free",
        "Searched again: the same answer",
        "Searched: 2 places suit; first Example House 3, 2 free",
    ]


# --- handover ---------------------------------------------------------------------------------


def test_the_next_officer_sees_what_was_tried_and_takes_every_open_record_over_in_one_press(world: World) -> None:
    first, ended = world.detention(), world.detention()
    world.ask(world.place(), detention=first)
    other = world.detention(suite_id=world.other_suite_id)
    outcomes.record(
        ended,
        Ended(kind=OutcomeKind.BAILED, occurred_at=NIGHT),
        suites=[world.suite_id],
        by="officer.wood-green",
        may_override=False,
        now=NIGHT,
    )

    (record,) = handover.open_records([world.suite_id], now=NIGHT)
    taken = handover.take_over(world.suite_id, by="officer.day", now=NIGHT)

    assert (record.reference, record.officer) == (first, "officer.wood-green")
    assert (record.asked, record.waiting, record.refused, record.accepted) == (1, 1, 0, False)
    assert taken == 1
    assert world.get(Detention, world.detention_id(first)).officer == "officer.day"
    assert world.get(Detention, world.detention_id(other)).officer == "officer.wood-green"
    assert "Took the record over" in lines(world, first)
    assert handover.take_over(world.suite_id, by="officer.day", now=NIGHT) == 0


def test_records_that_ended_in_the_last_seven_days_are_listed_and_no_longer_after_that(world: World) -> None:
    reference, who = world.detention(), {"suites": [world.suite_id], "by": "officer.wood-green", "now": NIGHT}
    ended = Ended(kind=OutcomeKind.BAILED, occurred_at=NIGHT)
    outcomes.record(reference, ended, may_override=False, **who)  # type: ignore[arg-type]

    def listed(days: int, suite: int) -> list[str]:
        return [each.reference for each in handover.ended_records([suite], now=NIGHT + timedelta(days=days))]

    assert listed(6, world.suite_id) == [reference]
    assert listed(6, world.other_suite_id) == []
    assert listed(7, world.suite_id) == []
    outcomes.reopen(reference, **who)  # type: ignore[arg-type]
    assert listed(0, world.suite_id) == []


def test_a_record_that_was_opened_again_is_open(world: World) -> None:
    reference, who = world.detention(), {"suites": [world.suite_id], "by": "officer.wood-green", "now": NIGHT}
    ended = Ended(kind=OutcomeKind.BAILED, occurred_at=NIGHT)
    outcomes.record(reference, ended, may_override=False, **who)  # type: ignore[arg-type]
    assert handover.open_records([world.suite_id], now=NIGHT) == []

    outcomes.reopen(reference, **who)  # type: ignore[arg-type]

    assert [record.reference for record in handover.open_records([world.suite_id], now=NIGHT)] == [reference]
