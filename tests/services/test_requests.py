"""Asking for a bed, and every way that ends."""

# Long because every ending of a request is held against every other here.
from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.db import transaction
from custodyfinder.domain.needs import Need, RefusalReason
from custodyfinder.errors import BadInput, NotFound
from custodyfinder.models import (
    AuditEvent,
    BedRequest,
    Contact,
    Detention,
    Place,
    Placement,
    RequestState,
    TextMessage,
)
from custodyfinder.services import asking, beds, enquiries, requests
from custodyfinder.services.endings import AlreadyEnded

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_PHONE, World
from .night import Night

LATER = NIGHT + timedelta(minutes=4)
TOO_LATE = NIGHT + timedelta(minutes=31)


def accept(request_id: int, *, authority: str = HARINGEY, at: object = LATER) -> None:
    requests.accept(request_id, authority_code=authority, by="duty.haringey", channel="page", now=at)  # type: ignore[arg-type]


def refuse(request_id: int, *, authority: str = HARINGEY, at: object = LATER, words: str = "full") -> None:
    requests.refuse(
        request_id,
        reason=RefusalReason.NO_BED,
        words=words,
        authority_code=authority,
        by="duty.haringey",
        channel="page",
        now=at,  # type: ignore[arg-type]
    )


def test_asking_holds_one_bed_and_writes_request_text_and_audit_line(world: World) -> None:
    place = world.place(beds_free=2)
    detention = world.detention()
    before = world.count(BedRequest, TextMessage, AuditEvent)

    request_id = world.ask(place, detention=detention)

    assert world.beds(place) == (1, 1)
    assert world.count(BedRequest, TextMessage) == (before[0] + 1, before[1] + 1)
    assert [event.action for event in world.rows(AuditEvent)][before[2] :] == ["bed asked for", "step taken"]
    text = world.rows(TextMessage)[0]
    request = world.get(BedRequest, request_id)
    assert (text.to_number, text.request_id, text.state) == (HARINGEY_PHONE, request_id, "waiting")
    assert request.reference in text.body
    assert request.hold_expires_at == NIGHT + timedelta(minutes=30)


def test_a_refusal_of_the_ask_leaves_nothing_behind(world: World) -> None:
    full = world.place(beds_free=0)
    detention = world.detention()
    before = world.count(BedRequest, TextMessage, AuditEvent)

    with pytest.raises(beds.NoBedLeft, match=f"place {full}"):
        world.ask(full, detention=detention)

    assert world.count(BedRequest, TextMessage, AuditEvent) == before
    assert world.beds(full) == (0, 0)


def test_the_last_bed_cannot_be_held_twice(world: World) -> None:
    last = world.place(beds_free=1)
    world.ask(last)

    with pytest.raises(beds.NoBedLeft):
        world.ask(last)

    assert world.beds(last) == (0, 1)
    assert world.count(BedRequest, TextMessage) == (1, 1)


def test_a_second_click_on_ask_is_the_same_request(world: World) -> None:
    place = world.place()
    detention = world.detention()

    first = world.ask(place, detention=detention)
    second = world.ask(place, detention=detention)

    assert first == second
    assert world.beds(place) == (1, 1)
    assert world.count(TextMessage) == (1,)


def test_a_place_that_no_longer_suits_is_not_asked_and_the_reason_is_said(world: World) -> None:
    girls_only = world.place(sexes=1, age_max=14)
    detention = world.detention()

    with pytest.raises(asking.NoLongerSuits) as refusal:
        world.ask(girls_only, detention=detention)

    assert refusal.value.public == "Takes ages 10 to 14. Takes girls only. Choose another place."
    assert world.count(BedRequest, TextMessage) == (0, 0)


def test_another_suites_child_cannot_be_asked_for(world: World) -> None:
    place = world.place()
    detention = world.detention(suite_id=world.other_suite_id)

    with pytest.raises(NotFound):
        world.ask(place, detention=detention)

    assert world.count(BedRequest, TextMessage) == (0, 0)


def test_accepting_turns_the_hold_into_a_placement(world: World) -> None:
    place = world.place(beds_free=2)
    request = world.ask(place)

    accept(request)

    assert world.beds(place) == (1, 0)
    assert world.get(BedRequest, request).state == RequestState.ACCEPTED
    (placement,) = world.rows(Placement)
    assert (placement.request_id, placement.place_id, placement.accepted_at) == (request, place, LATER)


def test_refusing_frees_the_bed_and_keeps_the_reason(world: World) -> None:
    place = world.place(beds_free=2)
    request = world.ask(place)

    refuse(request, words="no bed after all")

    found = world.get(BedRequest, request)
    assert world.beds(place) == (2, 0)
    assert (found.state, found.refusal_reason, found.refusal_words) == (
        "refused",
        "no_bed",
        "no bed after all",
    )
    assert world.count(Placement) == (0,)


def test_withdrawing_frees_the_bed_and_tells_the_contact_who_was_asked(world: World) -> None:
    place = world.place(beds_free=2)
    request = world.ask(place)
    Night(world).go_to(0)

    requests.withdraw(request, suite_id=world.suite_id, by="officer.wood-green", now=LATER)

    assert world.beds(place) == (2, 0)
    asked, notice = world.rows(TextMessage)
    assert (asked.state, notice.state, notice.to_number) == ("sent", "waiting", HARINGEY_PHONE)
    assert world.get(BedRequest, request).reference in notice.body
    assert "no longer needed" in notice.body


def test_who_was_not_asked_yet_is_not_told_either(world: World) -> None:
    request = world.ask(world.place())

    requests.withdraw(request, suite_id=world.suite_id, by="officer.wood-green", now=LATER)

    (asked,) = world.rows(TextMessage)
    assert asked.state == "failed"


def test_a_hold_expires_by_itself_and_frees_the_bed_once(world: World) -> None:
    place = world.place(beds_free=2)
    request = world.ask(place)

    assert requests.expire_due(now=NIGHT + timedelta(minutes=29)) == 0
    assert requests.expire_due(now=TOO_LATE) == 1
    assert requests.expire_due(now=TOO_LATE) == 0

    assert world.beds(place) == (2, 0)
    assert world.get(BedRequest, request).state == RequestState.EXPIRED


def test_a_hold_ends_on_time_even_where_no_delivery_process_runs(world: World) -> None:
    place = world.place(beds_free=1)
    first = world.ask(place)

    world.ask(place, at=TOO_LATE)

    assert world.get(BedRequest, first).state == RequestState.EXPIRED
    assert world.beds(place) == (0, 1)


@pytest.mark.parametrize("late", ["accept", "refuse", "withdraw", "expire"])
@pytest.mark.parametrize("first", ["accept", "refuse", "withdraw", "expire"])
def test_a_request_ends_once_whatever_comes_second(world: World, first: str, late: str) -> None:
    place = world.place(beds_free=2)
    request = world.ask(place)
    _end(world, request, first)
    after = world.beds(place)
    written = world.count(AuditEvent, TextMessage, Placement)

    if late == "expire":
        assert requests.expire_due(now=TOO_LATE) == 0
    else:
        with pytest.raises(AlreadyEnded):
            _end(world, request, late)

    assert world.beds(place) == after == ((1, 0) if first == "accept" else (2, 0))
    assert world.count(AuditEvent, TextMessage, Placement) == written


def _end(world: World, request: int, how: str) -> None:
    if how == "accept":
        accept(request)
    elif how == "refuse":
        refuse(request)
    elif how == "withdraw":
        requests.withdraw(request, suite_id=world.suite_id, by="officer.wood-green", now=LATER)
    else:
        requests.expire_due(now=TOO_LATE)


def test_who_answers_late_hears_who_accepted_and_when(world: World) -> None:
    request = world.ask(world.place())
    accept(request)

    with pytest.raises(AlreadyEnded) as late:
        refuse(request)

    assert late.value.public == "Already accepted by Haringey at 02:14."


def test_the_first_acceptance_wins_and_the_others_are_withdrawn_and_told(world: World) -> None:
    ours, theirs = world.place(), world.place(authority_code=CAMDEN)
    detention = world.detention()
    first, second = world.ask(ours, detention=detention), world.ask(theirs, detention=detention)

    accept(first)
    with pytest.raises(AlreadyEnded) as late:
        accept(second, authority=CAMDEN)

    assert late.value.public == "Already accepted by Haringey at 02:14."
    assert world.get(BedRequest, second).state == RequestState.WITHDRAWN
    assert world.beds(theirs) == (2, 0)
    assert world.count(Placement) == (1,)


def test_another_authority_cannot_answer(world: World) -> None:
    place = world.place()
    request = world.ask(place)

    with pytest.raises(NotFound):
        accept(request, authority=CAMDEN)
    with pytest.raises(NotFound):
        refuse(request, authority=CAMDEN)

    assert world.get(BedRequest, request).state == RequestState.OPEN
    assert world.beds(place) == (1, 1)


def test_a_child_who_has_a_bed_is_not_asked_for_again(world: World) -> None:
    detention = world.detention()
    accept(world.ask(world.place(), detention=detention))
    other = world.place()

    with pytest.raises(asking.AlreadyPlaced):
        world.ask(other, detention=detention)

    assert world.beds(other) == (2, 0)


def test_words_that_are_too_long_are_refused_and_nothing_changes(world: World) -> None:
    request = world.ask(world.place())

    with pytest.raises(BadInput, match="words") as refusal:
        refuse(request, words="x" * 201)

    assert "200 characters or fewer" in refusal.value.public
    assert world.get(BedRequest, request).state == RequestState.OPEN


def test_what_has_refused_this_child_tonight_is_ruled_out_and_tomorrow_is_not(world: World) -> None:
    place = world.place()
    detention = world.detention()
    refuse(world.ask(place, detention=detention))
    child = world.detention_id(detention)

    assert enquiries.child_in(child, now=LATER).refused_tonight == {place}
    assert enquiries.child_in(child, now=LATER + timedelta(hours=19)).refused_tonight == frozenset()


def test_a_place_where_a_child_is_who_must_be_kept_apart_is_known(world: World) -> None:
    place = world.place()
    first = world.detention()
    accept(world.ask(place, detention=first))

    second = world.detention(keep_apart=frozenset({first}))

    assert enquiries.child_in(world.detention_id(second), now=LATER).kept_apart_from == {place}


def test_a_places_record_is_recomputed_when_a_request_ends(world: World) -> None:
    place = world.place(beds_total=9, beds_free=9)
    refuse(world.ask(place), at=NIGHT + timedelta(minutes=10))
    accept(world.ask(place), at=NIGHT + timedelta(minutes=20))
    requests.withdraw(world.ask(place), suite_id=world.suite_id, by="officer", now=LATER)

    found = world.get(Place, place)
    assert (found.ended, found.refused) == (2, 1)
    assert found.answer_minutes == pytest.approx(15)


def test_neither_a_hold_nor_its_end_makes_a_count_look_fresh(world: World) -> None:
    old = NIGHT - timedelta(hours=9)
    place = world.place(confirmed_at=old)

    requests.withdraw(world.ask(place), suite_id=world.suite_id, by="officer", now=LATER)
    world.ask(place)
    requests.expire_due(now=TOO_LATE)
    accept(world.ask(place, at=TOO_LATE), at=TOO_LATE)

    assert world.get(Place, place).confirmed_at == old


def test_a_reference_is_not_used_again_for_thirty_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter(["K7RT", "K7RT", "M4PX"])
    monkeypatch.setattr(asking, "new_reference", lambda choose: next(draws))
    first = world.ask(world.place())
    refuse(first)

    second = world.ask(world.place(), at=NIGHT + timedelta(days=29))

    assert [world.get(BedRequest, each).reference for each in (first, second)] == ["K7RT", "M4PX"]


def test_an_authority_without_a_contact_is_said_and_holds_nothing(world: World) -> None:
    place = world.place()
    for contact in world.rows(Contact):
        world.change(Contact, contact.id, removed_at=NIGHT)

    with pytest.raises(NotFound) as refusal:
        world.ask(place)

    assert "Nobody is recorded as on duty" in refusal.value.public
    assert world.beds(place) == (2, 0)


def test_of_the_home_only_the_district_is_kept(world: World) -> None:
    world.detention(home_postcode="N17 0AD", needs=frozenset({Need.INTERPRETER}))

    (kept,) = world.rows(Detention)
    assert kept.home_district == "N17"
    assert kept.responsible_code == HARINGEY
    assert "0AD" not in repr(vars(kept))


def test_children_who_must_be_kept_apart_are_not_asked_for_at_one_place_whoever_named_whom(world: World) -> None:
    place = world.place()
    first = world.detention()
    second = world.detention(keep_apart=frozenset({first}))
    world.ask(place, detention=second)

    with pytest.raises(asking.NoLongerSuits) as refusal:
        world.ask(place, detention=first)

    assert "kept apart" in refusal.value.public
    assert world.beds(place) == (1, 1)


def test_one_drifted_count_keeps_nobody_else_from_asking_and_heals(world: World) -> None:
    drifted = world.place()
    stuck = world.ask(drifted)
    with transaction() as session:
        session.get_one(Place, drifted).beds_held = 0

    world.ask(world.place(), at=TOO_LATE)
    assert world.get(BedRequest, stuck).state == RequestState.OPEN

    assert beds.reconcile(now=TOO_LATE) == [drifted]
    requests.expire_due(now=TOO_LATE)
    assert world.get(BedRequest, stuck).state == RequestState.EXPIRED
    assert world.beds(drifted) == (1, 0)


def test_a_places_refusals_stop_counting_after_ninety_days(world: World) -> None:
    place = world.place()
    refuse(world.ask(place))
    assert world.get(Place, place).ended == 1

    beds.reconcile(now=NIGHT + timedelta(days=91))

    assert world.get(Place, place).ended == 0
