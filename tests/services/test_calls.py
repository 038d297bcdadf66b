"""A call to the authority, recorded in one press."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.domain.needs import RefusalReason
from custodyfinder.errors import BadInput, NotFound
from custodyfinder.models import BedRequest, Call, CallOutcome, Placement, RequestState
from custodyfinder.services import asking, beds, calls, progress

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY_PHONE, World
from .night import Night


def ring(world: World, request: int, said: CallOutcome, *, at: float = 5, words: str = "", ago: float = 0) -> int:
    now = NIGHT + timedelta(minutes=at)
    return calls.record(
        request,
        said=said,
        words=words,
        reason=RefusalReason.NO_BED,
        suite_id=world.suite_id,
        by="officer.wood-green",
        now=now,
        occurred_at=now - timedelta(minutes=ago),
    )


def unanswered(world: World, **place: object) -> tuple[int, int]:
    """A place and a request that nobody there has answered."""
    where = world.place(**place)
    request = world.ask(where)
    night = Night(world)
    for minutes in (0, 10, 20, 30):
        night.go_to(minutes)
    assert world.get(BedRequest, request).state == RequestState.EXPIRED
    return where, request


def test_an_acceptance_by_telephone_accepts_the_open_request(world: World) -> None:
    place = world.place()
    request = world.ask(place)

    settled = ring(world, request, CallOutcome.ACCEPTED, words="ask for Sam at the door")

    found = world.get(BedRequest, request)
    assert settled == request
    assert (found.state, found.channel, found.ended_by) == ("accepted", "phone", "officer.wood-green")
    assert world.beds(place) == (1, 0)
    (call,) = world.rows(Call)
    assert (call.said, call.words, call.by) == ("accepted", "ask for Sam at the door", "officer.wood-green")


def test_an_acceptance_after_the_chain_has_ended_takes_the_bed_again_and_texts_nobody(world: World) -> None:
    place, request = unanswered(world)
    texts = len(world.texts(kind="ask"))

    settled = ring(world, request, CallOutcome.ACCEPTED, at=40)

    assert settled != request
    assert world.get(BedRequest, settled).state == RequestState.ACCEPTED
    assert world.get(BedRequest, request).state == RequestState.EXPIRED
    assert world.beds(place) == (1, 0)
    assert world.count(Placement) == (1,)
    assert len(world.texts(kind="ask")) == texts


def test_an_acceptance_of_a_bed_that_has_gone_is_refused_and_nothing_is_written(world: World) -> None:
    _, request = unanswered(world, beds_free=1)
    world.ask(world.get(BedRequest, request).place_id, at=NIGHT + timedelta(minutes=35))

    with pytest.raises(beds.NoBedLeft):
        ring(world, request, CallOutcome.ACCEPTED, at=40)

    assert world.count(Call, Placement) == (0, 0)


def test_a_refusal_by_telephone_refuses_with_its_reason(world: World) -> None:
    place = world.place()
    request = world.ask(place)

    ring(world, request, CallOutcome.REFUSED, words="full")

    found = world.get(BedRequest, request)
    assert (found.state, found.refusal_reason, found.refusal_words, found.channel) == (
        "refused",
        "no_bed",
        "full",
        "phone",
    )
    assert world.beds(place) == (2, 0)


@pytest.mark.parametrize("said", [CallOutcome.RING_BACK, CallOutcome.NO_ANSWER])
def test_a_call_that_settles_nothing_is_on_the_record_and_changes_nothing(world: World, said: CallOutcome) -> None:
    place = world.place()
    request = world.ask(place)

    ring(world, request, said)
    ring(world, request, said, at=8)

    assert world.get(BedRequest, request).state == RequestState.OPEN
    assert world.beds(place) == (1, 1)
    shown = progress.of_request(request, suite_id=world.suite_id, now=NIGHT).moments
    assert [moment.call.said for moment in shown if moment.call] == [said, said]


def test_a_call_keeps_when_it_was_and_when_it_was_written_down(world: World) -> None:
    request = world.ask(world.place())

    ring(world, request, CallOutcome.NO_ANSWER, at=60 * 3, ago=150)

    (call,) = world.rows(Call)
    assert call.recorded_at - call.occurred_at == timedelta(minutes=150)


@pytest.mark.parametrize(("words", "ago"), [("x" * 201, 0), ("", -1), ("", 60 * 13)])
def test_a_call_that_cannot_have_been_is_refused(world: World, words: str, ago: float) -> None:
    request = world.ask(world.place())

    with pytest.raises(BadInput):
        ring(world, request, CallOutcome.NO_ANSWER, words=words, ago=ago)

    assert world.count(Call) == (0,)


def test_a_child_who_has_a_bed_elsewhere_is_not_accepted_by_telephone(world: World) -> None:
    detention = world.detention()
    first = world.ask(world.place(), detention=detention)
    second = world.ask(world.place(authority_code=CAMDEN), detention=detention)
    ring(world, first, CallOutcome.ACCEPTED)

    with pytest.raises(asking.AlreadyPlaced):
        ring(world, second, CallOutcome.ACCEPTED)


def test_another_suites_request_is_nobodys_business(world: World) -> None:
    request = world.ask(world.place())

    with pytest.raises(NotFound):
        calls.record(
            request,
            said=CallOutcome.NO_ANSWER,
            words="",
            reason=RefusalReason.NOT_GIVEN,
            suite_id=world.other_suite_id,
            by="officer.kentish-town",
            now=NIGHT,
        )


def test_who_was_texted_is_told_when_the_bed_is_accepted_by_telephone(world: World) -> None:
    request = world.ask(world.place())
    night = Night(world)
    night.go_to(0)

    ring(world, request, CallOutcome.ACCEPTED)

    assert "accepted by Haringey" in world.texts(HARINGEY_PHONE, kind="notice")[0].body
