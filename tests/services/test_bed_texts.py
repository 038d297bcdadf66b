"""Beds by text: asked, reported, taken back; and counts that are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custodyfinder.models import Authority, BedReport, Contact, IncomingText, Place
from custodyfinder.services import bed_texts, inbox, requests

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_FALLBACK, HARINGEY_PHONE, World
from .night import Night

SIX = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


@pytest.fixture
def night(world: World) -> Night:
    return Night(world)


def say(night: Night, body: str, *, minutes: float = 0, sender: str = HARINGEY_PHONE) -> str:
    night.now = NIGHT + timedelta(minutes=minutes)
    answer = night.text_in(body, sender=sender)
    assert answer is not None
    return answer


def test_beds_answers_what_we_hold_for_the_authority(night: Night, world: World) -> None:
    world.place(code="HAR1", beds_free=2)
    world.place(code="HAR2", beds_free=0, out_of_service="flooded")
    world.place(code="CAM1", authority_code=CAMDEN)
    world.ask(1)

    assert say(night, "BEDS") == "HAR1 1 free, 1 held (02:10). HAR2 out of service."


def test_several_places_are_reported_in_one_text(night: Night, world: World) -> None:
    first, second = world.place(code="HAR1"), world.place(code="HAR2", confirmed_at=None)

    answer = say(night, "beds har1 3, har2 0", minutes=5)

    assert answer == "Recorded: HAR1 3 free. HAR2 0 free. UNDO within 10 minutes takes it back."
    assert [world.beds(each) for each in (first, second)] == [(3, 0), (0, 0)]
    assert world.get(Place, second).confirmed_at == NIGHT + timedelta(minutes=5)
    report = world.rows(BedReport)[0]
    assert (report.channel, report.occurred_at, report.free_before) == ("text", NIGHT + timedelta(minutes=5), 2)
    assert report.reported_by == f"contact:{world.contact(HARINGEY_PHONE)}"


def test_a_count_over_the_capacity_is_asked_about_and_none_is_stored(night: Night, world: World) -> None:
    first, second = world.place(code="HAR1"), world.place(code="HAR2", beds_total=4)
    world.ask(second)

    answer = say(night, "BEDS HAR1 1 HAR2 4")

    assert "HAR2 can take 3 more children at most" in answer
    assert [world.beds(each) for each in (first, second)] == [(2, 0), (1, 1)]
    assert world.count(BedReport) == (0,)


@pytest.mark.parametrize("code", ["NONE1", "CAM1"])
def test_a_place_that_is_not_theirs_is_not_reported(night: Night, world: World, code: str) -> None:
    world.place(code="HAR1"), world.place(code="CAM1", authority_code=CAMDEN)

    assert f"{code} is not a place of yours" in say(night, f"BEDS {code} 1")
    assert world.count(BedReport) == (0,)


def test_a_number_alone_is_enough_where_there_is_one_place(night: Night, world: World) -> None:
    only = world.place(code="HAR1")
    assert "HAR1 1 free" in say(night, "BEDS 1")
    assert world.beds(only) == (1, 0)

    world.place(code="HAR2")
    assert "which place? HAR1, HAR2." in say(night, "BEDS 0")
    assert world.beds(only) == (1, 0)


def test_a_place_out_of_service_takes_no_count(night: Night, world: World) -> None:
    world.place(code="HAR1", out_of_service="flooded")

    assert "out of service" in say(night, "BEDS HAR1 1")
    assert world.count(BedReport) == (0,)


def test_beds_same_confirms_every_count_as_it_is(night: Night, world: World) -> None:
    place = world.place(code="HAR1", confirmed_at=NIGHT - timedelta(hours=9))
    world.place(code="HAR2", out_of_service="flooded")

    answer = say(night, "BEDS SAME", minutes=1)

    assert answer == "Recorded: HAR1 2 free. UNDO within 10 minutes takes it back."
    assert world.beds(place) == (2, 0)
    assert world.get(Place, place).confirmed_at == NIGHT + timedelta(minutes=1)


def test_undo_takes_the_last_text_back_with_all_its_places_once(night: Night, world: World) -> None:
    old = NIGHT - timedelta(hours=9)
    first, second = world.place(code="HAR1", confirmed_at=old), world.place(code="HAR2", confirmed_at=None)
    say(night, "BEDS HAR1 0 HAR2 4", minutes=1)

    answer = say(night, "UNDO", minutes=10)

    assert answer == "Taken back. Now: HAR1 2 free. HAR2 2 free."
    assert [world.beds(each) for each in (first, second)] == [(2, 0), (2, 0)]
    assert [world.get(Place, each).confirmed_at for each in (first, second)] == [old, None]
    assert world.count(BedReport) == (4,)  # added, never changed
    assert "Nothing was changed" in say(night, "UNDO", minutes=10)


def test_undo_leaves_what_was_held_meanwhile(night: Night, world: World) -> None:
    place = world.place(code="HAR1")
    say(night, "BEDS HAR1 4", minutes=1)
    world.ask(place, at=NIGHT + timedelta(minutes=2))

    say(night, "UNDO", minutes=3)

    assert world.beds(place) == (1, 1)


def test_undo_comes_too_late_after_ten_minutes(night: Night, world: World) -> None:
    place = world.place(code="HAR1")
    say(night, "BEDS HAR1 0")

    assert "Nothing was changed" in say(night, "UNDO", minutes=10.1)
    assert world.beds(place) == (0, 0)


def test_undo_does_not_cover_what_somebody_else_said_since(night: Night, world: World) -> None:
    place = world.place(code="HAR1")
    say(night, "BEDS HAR1 0", minutes=1)
    say(night, "BEDS HAR1 3", minutes=2, sender=HARINGEY_FALLBACK)

    assert "Nothing was changed" in say(night, "UNDO", minutes=3)
    assert world.beds(place) == (3, 0)


def test_undo_where_the_bed_has_gone_changes_nothing(night: Night, world: World) -> None:
    place = world.place(code="HAR1", beds_free=0)
    say(night, "BEDS HAR1 1", minutes=1)
    world.ask(place, at=NIGHT + timedelta(minutes=2))

    assert "Nothing was changed" in say(night, "UNDO", minutes=3)
    assert world.beds(place) == (0, 1)


def test_a_report_that_is_older_than_the_count_on_record_is_kept_and_changes_nothing(
    night: Night, world: World
) -> None:
    place = world.place(code="HAR1", confirmed_at=NIGHT + timedelta(minutes=5))

    assert "a newer count for this place is on record" in say(night, "BEDS HAR1 0", minutes=1)
    assert world.beds(place) == (2, 0)
    assert world.count(BedReport) == (1,)


def test_undo_after_a_report_that_came_too_late_changes_nothing(night: Night, world: World) -> None:
    place = world.place(code="HAR1", confirmed_at=NIGHT + timedelta(minutes=5))
    say(night, "BEDS HAR1 0", minutes=1)

    assert "Nothing was changed" in say(night, "UNDO", minutes=2)
    assert world.beds(place) == (2, 0)


def test_of_several_places_only_those_without_a_newer_count_are_changed_and_taken_back(
    night: Night, world: World
) -> None:
    newer = world.place(code="HAR1", confirmed_at=NIGHT + timedelta(minutes=5))
    older = world.place(code="HAR2")

    answer = say(night, "BEDS HAR1 0 HAR2 0", minutes=1)
    assert answer == "Recorded: HAR2 0 free. Not HAR1: newer on record. UNDO within 10 minutes takes it back."
    assert [world.beds(each)[0] for each in (newer, older)] == [2, 0]

    assert say(night, "UNDO", minutes=2) == "Taken back. Now: HAR2 2 free."
    assert [world.beds(each)[0] for each in (newer, older)] == [2, 2]
    assert "Nothing was changed" in say(night, "UNDO", minutes=3)


def test_somebody_elses_report_that_came_too_late_does_not_stop_an_undo(night: Night, world: World) -> None:
    place = world.place(code="HAR1")
    say(night, "BEDS HAR1 0", minutes=3)
    say(night, "BEDS HAR1 1", minutes=2, sender=HARINGEY_FALLBACK)

    assert "HAR1 2 free" in say(night, "UNDO", minutes=4)
    assert world.beds(place) == (2, 0)


def test_a_phone_that_serves_two_authorities_reports_for_both(night: Night, world: World) -> None:
    world.change(Contact, world.contact(HARINGEY_FALLBACK), mobile="+447700900007")
    first, second = world.place(code="HAR1"), world.place(code="CAM1", authority_code=CAMDEN)

    say(night, "BEDS HAR1 0 CAM1 1", sender="+447700900007")

    assert [world.beds(each)[0] for each in (first, second)] == [0, 1]


def test_an_undo_that_is_worked_late_leaves_the_report_that_came_after_it(night: Night, world: World) -> None:
    place = world.place(code="HAR1")
    inbox.receive(provider_id="SMundo", from_number=HARINGEY_PHONE, body="UNDO", now=NIGHT)
    world.change(IncomingText, world.rows(IncomingText)[0].id, due_at=NIGHT + timedelta(minutes=2))  # it failed once
    say(night, "BEDS HAR1 0", minutes=1)

    night.go_to(3)

    assert world.rows(IncomingText)[0].reply is not None
    assert world.beds(place) == (0, 0)


# --- asking for counts ----------------------------------------------------------------------


def test_stale_counts_are_asked_for_once_a_day_at_the_hour_that_was_chosen(world: World) -> None:
    world.place(code="HAR1", confirmed_at=SIX - timedelta(hours=3))
    world.place(code="HAR2", confirmed_at=SIX - timedelta(hours=1))

    asked = [bed_texts.ask_counts_due(now=SIX + timedelta(minutes=minutes)) for minutes in (-1, 0, 1, 59, 61)]

    assert asked == [0, 1, 0, 0, 0]
    (text,) = world.texts()
    assert text.to_number == HARINGEY_PHONE
    assert text.body == "Haringey, beds free tonight? We hold HAR1 2. If right, reply BEDS SAME; else BEDS HAR1 2"
    assert bed_texts.ask_counts_due(now=SIX + timedelta(days=1)) == 1


def test_beds_same_where_every_place_is_out_of_service_says_so(night: Night, world: World) -> None:
    world.place(code="HAR1", out_of_service="flooded")

    assert say(night, "BEDS SAME") == "HAR1 out of service."
    assert world.count(BedReport) == (0,)


def test_nobody_is_asked_who_confirmed_within_two_hours(world: World) -> None:
    world.place(confirmed_at=SIX - timedelta(minutes=119))
    world.place(confirmed_at=None, out_of_service="flooded")

    assert bed_texts.ask_counts_due(now=SIX) == 0
    assert world.texts() == []


@pytest.mark.parametrize(("hour", "asked"), [(None, 0), (17 * 60 + 30, 1), (19 * 60, 0)])
def test_an_authority_chooses_its_hour_or_none(world: World, hour: int | None, asked: int) -> None:
    world.place(confirmed_at=None)
    world.change(Authority, HARINGEY, counts_wanted_at=hour)

    assert bed_texts.ask_counts_due(now=SIX) == asked


def test_an_authority_that_is_rung_still_gets_its_one_text(world: World) -> None:
    world.place(confirmed_at=None)
    world.change(Authority, HARINGEY, texted=False)

    assert bed_texts.ask_counts_due(now=SIX) == 1


def test_an_hour_before_midnight_is_asked_for_once_even_after_midnight(world: World) -> None:
    world.place(confirmed_at=None)
    world.change(Authority, HARINGEY, counts_wanted_at=23 * 60 + 50)
    late = datetime(2026, 11, 24, 23, 55, tzinfo=UTC)

    assert [bed_texts.ask_counts_due(now=late + timedelta(minutes=minutes)) for minutes in (0, 10, 30)] == [1, 0, 0]


def test_one_line_answers_it(night: Night, world: World) -> None:
    place = world.place(code="HAR1", confirmed_at=None)
    bed_texts.ask_counts_due(now=NIGHT)

    say(night, "BEDS SAME")

    assert world.get(Place, place).confirmed_at == NIGHT


# --- the arithmetic -------------------------------------------------------------------------

steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["undo", "same", "ask", "accept", "withdraw"]), st.just(0)),
    ),
    max_size=8,
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_beds_are_never_below_none_nor_above_all_whatever_is_said_and_done(
    world: World, steps: list[tuple[str, int]]
) -> None:
    place = world.place(code=f"P{world.made_places}X", beds_total=4)
    code = world.get(Place, place).code
    night, waiting = Night(world), []
    for minute, (what, number) in enumerate(steps):
        night.now = NIGHT + timedelta(minutes=minute)
        free, held = world.beds(place)
        if what == "say":
            night.text_in(f"BEDS {code} {number}", sender=HARINGEY_PHONE)
            assert world.beds(place) == ((number, held) if number + held <= 4 else (free, held))
        elif what in ("undo", "same"):
            night.text_in("UNDO" if what == "undo" else "BEDS SAME", sender=HARINGEY_PHONE)
        elif what == "ask" and free:
            waiting.append(world.ask(place, at=night.now))
        elif waiting:
            request = waiting.pop()
            if what == "accept":
                requests.accept(request, authority_code=HARINGEY, by="duty", channel="page", now=night.now)
            else:
                requests.withdraw(request, suite_id=world.suite_id, by="officer", now=night.now)
        free, held = world.beds(place)
        assert free >= 0
        assert held == len(waiting) or what == "ask"
        assert free + held <= 4
