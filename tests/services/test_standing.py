"""The search that keeps going by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.db import transaction
from custodyfinder.errors import BadInput, Conflict, NotFound
from custodyfinder.models import AuditEvent, Authority, BedRequest, Place, RequestState, StandingSearch
from custodyfinder.services import asking, bed_reports, requests, standing

from ..conftest import NIGHT
from ..world import CAMDEN, CAMDEN_PHONE, HARINGEY, HARINGEY_PHONE, WOOD_GREEN, World
from .night import Night

COURT = NIGHT + timedelta(hours=8)


@pytest.fixture
def night(world: World) -> Night:
    return Night(world)


def start(world: World, detention: str, *, at_once: int = 1, until: object = COURT) -> int:
    return standing.start(
        detention,
        suite_id=world.suite_id,
        at_once=at_once,
        until=until,  # type: ignore[arg-type]
        by="officer.wood-green",
        now=NIGHT,
    )


def km(number: float) -> dict[str, int]:
    """So many kilometres east of the suite."""
    return {"easting": WOOD_GREEN[0] + round(number * 1000), "northing": WOOD_GREEN[1]}


def asked(world: World, state: str | None = None) -> list[int]:
    """Places asked, in order."""
    return [request.place_id for request in world.rows(BedRequest) if state in (None, request.state)]


def report(night: Night, place: int, free: int) -> None:
    """Somebody says on the page how many beds are free."""
    seen = bed_reports.Seen(*night.world.beds(place))
    count = bed_reports.Count(free=free, seen=seen)
    bed_reports.report({place: count}, authority_code=HARINGEY, by="duty", channel="page", now=night.now)


def refuse_open(night: Night) -> None:
    (request,) = [each for each in night.world.rows(BedRequest) if each.state == RequestState.OPEN]
    sender = {HARINGEY: HARINGEY_PHONE, CAMDEN: CAMDEN_PHONE}[night.world.get(Place, request.place_id).authority_code]
    night.text_in(f"{request.reference} REFUSE full", sender=sender)


def test_the_best_place_is_asked_at_once_and_the_next_after_a_refusal(night: Night, world: World) -> None:
    near, far = world.place(**km(1)), world.place(**km(5))
    start(world, world.detention())

    night.go_to(0)
    assert asked(world) == [near]
    night.go_to(3)
    refuse_open(night)

    assert asked(world) == [near, far]
    assert asked(world, "open") == [far]


def test_when_a_chain_ends_without_an_answer_the_next_place_is_asked(night: Night, world: World) -> None:
    near, far = world.place(**km(1)), world.place(**km(5))
    start(world, world.detention())
    for minutes in (0, 10, 20, 30):
        night.go_to(minutes)

    assert asked(world, "expired") == [near]
    assert asked(world, "open") == [far]


def test_three_at_once_asks_the_three_best_and_keeps_three_asked(night: Night, world: World) -> None:
    places = [world.place(**km(number)) for number in (1, 2, 3, 4, 5)]
    start(world, world.detention(), at_once=3)

    night.go_to(0)
    assert asked(world) == places[:3]
    first = world.rows(BedRequest)[0]
    night.text_in(f"{first.reference} REFUSE full", sender=HARINGEY_PHONE)

    assert asked(world, "open") == places[1:4]


def test_three_at_once_spreads_over_authorities_before_it_asks_one_twice(night: Night, world: World) -> None:
    near, near_too = world.place(**km(1)), world.place(**km(2))
    camden = world.place(authority_code=CAMDEN, **km(6))
    start(world, world.detention(), at_once=3)

    night.go_to(0)

    assert asked(world) == [near, camden, near_too]


def test_the_places_are_ranked_afresh_each_time(night: Night, world: World) -> None:
    near, middle, far = (world.place(**km(number)) for number in (1, 3, 5))
    start(world, world.detention())
    night.go_to(0)
    report(night, middle, 0)
    nearer = world.place(**km(0.5))
    night.go_to(3)
    refuse_open(night)

    assert asked(world) == [near, nearer]
    night.now += timedelta(minutes=1)
    refuse_open(night)
    assert asked(world) == [near, nearer, far]


def test_the_first_acceptance_wins_the_others_are_told_and_the_search_ends(night: Night, world: World) -> None:
    world.place(**km(1))
    world.place(authority_code=CAMDEN, **km(2))
    start(world, world.detention(), at_once=3)
    night.go_to(0)
    ours, theirs = world.rows(BedRequest)
    night.go_to(4)

    night.text_in(f"{theirs.reference} ACCEPT", sender=CAMDEN_PHONE)

    assert world.get(BedRequest, ours.id).state == RequestState.WITHDRAWN
    (search,) = world.rows(StandingSearch)
    assert (search.ended_why, search.ended_at) == ("accepted", night.now)
    (told,) = world.texts(HARINGEY_PHONE, kind="notice")
    assert told.body.startswith(f"{ours.reference}: no longer needed")
    assert "accepted by Camden at 02:14" in told.body
    assert night.text_in(f"{ours.reference} ACCEPT", sender=HARINGEY_PHONE) == "Already accepted by Camden at 02:14."
    night.go_to(40)
    assert len(asked(world)) == 2


def test_the_officer_stops_it_and_who_was_being_asked_is_told(night: Night, world: World) -> None:
    place = world.place()
    detention = world.detention()
    start(world, detention)
    night.go_to(0)

    standing.stop(detention, suite_id=world.suite_id, by="officer.wood-green", now=NIGHT + timedelta(minutes=2))

    assert world.beds(place) == (2, 0)
    night.go_to(3)
    assert "no longer needed" in world.texts(HARINGEY_PHONE, kind="notice")[0].body
    assert asked(world) == [place]
    (search,) = world.rows(StandingSearch)
    assert (search.ended_why, search.ended_by) == ("stopped", "officer.wood-green")
    with pytest.raises(NotFound):
        standing.stop(detention, suite_id=world.suite_id, by="officer.wood-green", now=night.now)


def test_the_court_is_a_hard_end(night: Night, world: World) -> None:
    near, far = world.place(**km(1)), world.place(**km(5))
    start(world, world.detention(), until=NIGHT + timedelta(minutes=25))
    night.go_to(0)

    night.go_to(25)

    assert world.beds(near) == world.beds(far) == (2, 0)
    assert world.rows(StandingSearch)[0].ended_why == "court"
    night.go_to(60)
    assert asked(world) == [near]


def test_where_nobody_is_left_it_says_so_and_asks_as_soon_as_a_bed_is_reported(night: Night, world: World) -> None:
    only, full = world.place(**km(1)), world.place(beds_free=0, **km(2))
    detention = world.detention()
    start(world, detention)
    night.go_to(0)
    night.go_to(1)
    refuse_open(night)
    night.go_to(2)

    found = standing.latest(detention, suite_id=world.suite_id)
    assert found is not None
    assert found.exhausted_at is not None
    assert "nobody left to ask" in [event.action for event in world.rows(AuditEvent)]
    report(night, full, 1)
    night.go_to(3)

    assert asked(world) == [only, full]
    again = standing.latest(detention, suite_id=world.suite_id)
    assert again is not None
    assert again.exhausted_at is None


def test_who_did_not_answer_is_asked_again_after_an_hour_if_nobody_else_is_left(night: Night, world: World) -> None:
    only = world.place()
    start(world, world.detention())
    for minutes in (0, 10, 20, 30, 89):
        night.go_to(minutes)
    assert asked(world) == [only]

    night.go_to(91)

    assert asked(world) == [only, only]


def test_who_refused_is_not_asked_again(night: Night, world: World) -> None:
    only = world.place()
    start(world, world.detention())
    night.go_to(0)
    refuse_open(night)

    for minutes in (30, 61, 121, 300):
        night.go_to(minutes)

    assert asked(world) == [only]


def test_a_place_that_fails_a_hard_rule_is_never_asked(night: Night, world: World) -> None:
    world.place(sexes=1)
    world.place(age_max=14)
    world.place(out_of_service="flooded")
    fits = world.place(**km(9))
    start(world, world.detention(), at_once=3)

    night.go_to(0)

    assert asked(world) == [fits]


def test_an_authority_that_is_rung_holds_nobody_up(night: Night, world: World) -> None:
    world.change(Authority, HARINGEY, texted=False)
    rung, rung_too = world.place(**km(1)), world.place(**km(2))
    texted = world.place(authority_code=CAMDEN, **km(5))
    start(world, world.detention())

    night.go_to(0)

    assert asked(world) == [rung, texted]
    assert world.beds(rung_too) == (2, 0)


def test_what_the_officer_asks_by_hand_counts_towards_those_being_asked(night: Night, world: World) -> None:
    near, far = world.place(**km(1)), world.place(**km(5))
    detention = world.detention()
    world.ask(far, detention=detention)
    start(world, detention)

    night.go_to(0)

    assert asked(world) == [far]
    assert world.beds(near) == (2, 0)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"at_once": 2}, "at_once"),
        ({"until": NIGHT}, "until"),
        ({"until": NIGHT - timedelta(days=1)}, "until"),
        ({"until": NIGHT + timedelta(days=5)}, "until"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_written(
    world: World, wrong: dict[str, object], field: str
) -> None:
    detention = world.detention()

    with pytest.raises(BadInput) as refusal:
        start(world, detention, **wrong)  # type: ignore[arg-type]

    assert refusal.value.field == field
    assert world.count(StandingSearch) == (0,)


def test_one_search_at_a_time_and_none_for_a_child_with_a_bed_or_of_another_suite(world: World) -> None:
    detention = world.detention()
    start(world, detention)
    with pytest.raises(Conflict):
        start(world, detention)

    placed = world.detention()
    request = world.ask(world.place(), detention=placed)
    requests.accept(request, authority_code=HARINGEY, by="duty", channel="page", now=NIGHT)
    with pytest.raises(asking.AlreadyPlaced):
        start(world, placed)
    with pytest.raises(NotFound):
        start(world, world.detention(suite_id=world.other_suite_id))


def test_a_second_process_that_sees_the_same_search_due_asks_nobody_else(night: Night, world: World) -> None:
    near = world.place(**km(1))
    world.place(**km(5))
    search = start(world, world.detention())
    night.go_to(0)
    with transaction() as session:
        session.get_one(StandingSearch, search).look_at = NIGHT  # as the other process had read it

    standing.work(now=NIGHT)

    assert asked(world) == [near]
