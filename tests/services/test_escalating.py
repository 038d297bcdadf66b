"""The chain: who is texted when, and what happens when nobody answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.errors import BadInput
from custodyfinder.gateways.sms import SmsRefused
from custodyfinder.models import (
    AuditEvent,
    Authority,
    BedRequest,
    Contact,
    RequestState,
    StepTaken,
    TextState,
    WeeklyShift,
)
from custodyfinder.services import policies, progress, requests

from ..conftest import NIGHT
from ..world import HARINGEY, HARINGEY_FALLBACK, HARINGEY_MANAGER, HARINGEY_PHONE, World
from .night import Night


@pytest.fixture
def night(world: World) -> Night:
    return Night(world)


def phones(sent: list[tuple[str, str]]) -> list[str]:
    return [number for number, _ in sent]


def steps(world: World, request: int) -> list[tuple[int, str, str | None]]:
    return [(step.step, step.target, step.skipped) for step in world.rows(StepTaken) if step.request_id == request]


def nobody_on_duty(world: World) -> None:
    from custodyfinder.db import transaction

    with transaction() as session:
        session.query(WeeklyShift).delete()


def test_on_duty_at_once_again_with_the_fallback_at_ten_the_manager_at_twenty_then_unanswered(
    night: Night, world: World
) -> None:
    request = world.ask(world.place())

    assert phones(night.go_to(0)) == [HARINGEY_PHONE]
    assert phones(night.go_to(9.9)) == []
    assert phones(night.go_to(10)) == [HARINGEY_PHONE, HARINGEY_FALLBACK]
    assert phones(night.go_to(19.9)) == []
    assert phones(night.go_to(20)) == [HARINGEY_MANAGER]
    assert world.get(BedRequest, request).state == RequestState.OPEN
    night.go_to(30)
    assert world.get(BedRequest, request).state == RequestState.EXPIRED


def test_each_call_says_which_it_is(night: Night, world: World) -> None:
    world.ask(world.place())

    (first,) = night.go_to(0)
    again, fallback = night.go_to(10)
    (manager,) = night.go_to(20)

    assert first[1].startswith("Bed needed")
    assert again[1].startswith("Again")
    assert fallback[1].startswith("Bed needed")
    assert manager[1].startswith("No answer yet")


def test_an_answer_ends_the_chain(night: Night, world: World) -> None:
    request = world.ask(world.place())
    night.go_to(0)
    night.text_in(f"{world.get(BedRequest, request).reference} RING", sender=HARINGEY_PHONE)
    requests.accept(request, authority_code=HARINGEY, by="duty", channel="page", now=night.now)

    assert ["accepted by Haringey" in words for _, words in night.go_to(10)] == [True]
    assert phones(night.go_to(20)) == []


def test_nothing_is_sent_for_a_request_that_ended_between_the_promise_and_the_sending(
    night: Night, world: World
) -> None:
    request = world.ask(world.place())
    night.go_to(0)
    night.now += timedelta(minutes=10)
    from custodyfinder.services import escalating

    escalating.take_due(now=night.now)  # the second step is promised
    requests.accept(request, authority_code=HARINGEY, by="duty", channel="page", now=night.now)

    sent = night.turn()

    assert ["accepted by Haringey" in words for _, words in sent] == [True]
    assert HARINGEY_FALLBACK not in phones(sent)
    assert "no longer needed" not in sent[0][1]  # whoever accepted must not read that


def test_the_fallback_and_the_manager_can_answer_with_the_same_reference(night: Night, world: World) -> None:
    request = world.ask(world.place())
    night.go_to(0)
    night.go_to(10)
    night.go_to(20)

    answer = night.text_in(f"{world.get(BedRequest, request).reference} ACCEPT", sender=HARINGEY_MANAGER)

    found = world.get(BedRequest, request)
    assert found.state == RequestState.ACCEPTED
    assert found.ended_by == f"contact:{world.contact(HARINGEY_MANAGER)}"
    assert answer is not None
    assert "accepted" in answer


def test_a_phone_that_was_not_asked_yet_cannot_answer(night: Night, world: World) -> None:
    request = world.ask(world.place())
    night.go_to(0)

    night.text_in(f"{world.get(BedRequest, request).reference} ACCEPT", sender=HARINGEY_FALLBACK)

    assert world.get(BedRequest, request).state == RequestState.OPEN


def test_the_others_who_were_asked_are_told_when_one_accepts(night: Night, world: World) -> None:
    request = world.ask(world.place())
    night.go_to(0)
    night.go_to(10)
    reference = world.get(BedRequest, request).reference
    night.text_in(f"{reference} ACCEPT", sender=HARINGEY_FALLBACK)

    told = [text.body for text in world.texts(HARINGEY_PHONE, kind="notice")]
    assert len(told) == 1
    assert "accepted by Haringey at 02:20" in told[0]
    assert world.texts(HARINGEY_FALLBACK, kind="notice") == []


def test_a_step_with_nobody_on_duty_is_skipped_at_once_and_said(night: Night, world: World) -> None:
    nobody_on_duty(world)
    request = world.ask(world.place())

    assert phones(night.go_to(0)) == [HARINGEY_FALLBACK]
    assert steps(world, request)[0] == (0, "on_duty", "nobody is on duty")
    assert "step skipped" in [event.action for event in world.rows(AuditEvent)]
    # The fallback has the time of a step, not of two.
    assert phones(night.go_to(10)) == [HARINGEY_MANAGER]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verified_at": None}, "has not confirmed the number"),
        ({"opted_out_at": NIGHT}, "has opted out of texts"),
        ({"mobile": None}, "has no mobile"),
    ],
)
def test_who_cannot_be_texted_is_skipped_and_the_reason_said(
    night: Night, world: World, change: dict[str, object], reason: str
) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), **change)
    request = world.ask(world.place())

    assert phones(night.go_to(0)) == [HARINGEY_FALLBACK]
    assert steps(world, request)[0] == (0, "on_duty", reason)


def test_where_nobody_at_all_can_be_texted_the_request_is_unanswered_at_once(night: Night, world: World) -> None:
    for number in (HARINGEY_PHONE, HARINGEY_FALLBACK, HARINGEY_MANAGER):
        world.change(Contact, world.contact(number), verified_at=None)
    place = world.place()

    request = world.ask(place)

    assert world.get(BedRequest, request).state == RequestState.EXPIRED
    assert world.beds(place) == (2, 0)
    assert progress.of_request(request, suite_id=world.suite_id, now=NIGHT).nobody_reached
    assert progress.of_request(request, suite_id=world.suite_id, now=NIGHT).ring[0].number == "+442079460100"


def test_one_phone_that_stands_in_two_places_of_a_step_is_texted_once(night: Night, world: World) -> None:
    world.change(Contact, world.contact(HARINGEY_FALLBACK), mobile=HARINGEY_PHONE)
    world.ask(world.place())

    assert phones(night.go_to(0)) == [HARINGEY_PHONE]
    assert phones(night.go_to(10)) == [HARINGEY_PHONE]


@pytest.mark.parametrize("code", ["30003", "30005", "30006", "30008"])
def test_a_text_that_was_not_delivered_brings_the_next_step_at_once(night: Night, world: World, code: str) -> None:
    world.ask(world.place())
    night.go_to(0)
    night.go_to(1)

    sent = night.receipt(world.texts(HARINGEY_PHONE)[0], "undelivered", code)

    assert HARINGEY_FALLBACK in phones(sent)
    # That step has its own time from now on.
    assert HARINGEY_MANAGER not in phones(night.go_to(10.9))
    assert HARINGEY_MANAGER in phones(night.go_to(11))


@pytest.mark.parametrize("code", ["21211", "21610", "21614"])
def test_a_text_that_twilio_refuses_brings_the_next_step_at_once(world: World, code: str) -> None:
    night = Night(world, SmsRefused(code))
    world.ask(world.place())

    assert HARINGEY_FALLBACK in phones(night.go_to(0))


def test_where_one_of_two_was_reached_the_timer_goes_on(night: Night, world: World) -> None:
    world.ask(world.place())
    night.go_to(0)
    night.go_to(10)
    night.now += timedelta(minutes=1)

    night.receipt(world.texts(HARINGEY_FALLBACK)[0], "undelivered", "30003")

    assert HARINGEY_MANAGER not in [text.to_number for text in world.texts()]


def test_a_late_failure_of_an_earlier_step_changes_nothing(night: Night, world: World) -> None:
    world.ask(world.place())
    night.go_to(0)
    night.go_to(10)

    night.receipt(world.texts(HARINGEY_PHONE)[0], "undelivered", "30003")

    assert world.texts(HARINGEY_MANAGER) == []


def test_where_every_text_failed_the_request_is_unanswered_at_once(night: Night, world: World) -> None:
    place = world.place()
    request = world.ask(place)
    night.go_to(0)
    for _ in range(3):
        for text in world.texts(kind="ask"):
            if text.state == TextState.SENT:
                night.receipt(text, "undelivered", "30005")

    assert world.get(BedRequest, request).state == RequestState.EXPIRED
    assert world.beds(place) == (2, 0)


def test_a_phone_that_has_opted_out_is_marked_and_the_manager_told(world: World) -> None:
    night = Night(world, SmsRefused("21610"))
    world.ask(world.place())
    night.go_to(0)
    night.turn()

    assert world.get(Contact, world.contact(HARINGEY_PHONE)).opted_out_at == NIGHT
    (notice,) = world.texts(HARINGEY_MANAGER, kind="notice")
    assert "START" in notice.body


def test_at_the_end_of_the_chain_the_manager_is_told_and_the_log_has_it(night: Night, world: World) -> None:
    request = world.ask(world.place())
    for minutes in (0, 10, 20, 30):
        night.go_to(minutes)

    notices = {text.to_number: text.body for text in world.texts(kind="notice")}
    assert set(notices) == {HARINGEY_PHONE, HARINGEY_FALLBACK, HARINGEY_MANAGER}
    assert "obody" in notices[HARINGEY_MANAGER]
    assert ("request expired", f"request:{request}") in [
        (event.action, event.subject) for event in world.rows(AuditEvent)
    ]


def test_the_policy_is_frozen_when_the_request_is_made(night: Night, world: World) -> None:
    from custodyfinder.domain.escalation import Policy, Step

    world.ask(world.place())
    policies.set_policy(
        HARINGEY,
        Policy(0, (Step(timedelta(0), ("manager",)),), timedelta(minutes=5)),
        by="manager.haringey",
        now=night.now,
    )
    later = world.ask(world.place())

    assert phones(night.go_to(0)) == [HARINGEY_PHONE, HARINGEY_MANAGER]
    assert world.get(BedRequest, later).hold_expires_at == NIGHT + timedelta(minutes=5)
    assert phones(night.go_to(10))[-2:] == [HARINGEY_PHONE, HARINGEY_FALLBACK]


def test_a_text_dies_before_the_next_step_is_taken(night: Night, world: World) -> None:
    world.ask(world.place())
    night.go_to(0)

    (valid_for,) = night.sender.valid_for

    assert timedelta(minutes=9) < valid_for < timedelta(minutes=10)


def test_an_authority_that_is_rung_is_not_texted_and_the_bed_is_held_meanwhile(night: Night, world: World) -> None:
    world.change(Authority, HARINGEY, texted=False)
    place = world.place()
    request = world.ask(place)

    assert night.go_to(0) == []
    assert night.go_to(20) == []
    assert world.beds(place) == (1, 1)
    assert progress.of_request(request, suite_id=world.suite_id, now=night.now).ring


def test_two_processes_that_take_a_step_at_once_take_it_once(night: Night, world: World) -> None:
    from custodyfinder.services import escalating

    request = world.ask(world.place())
    night.go_to(0)
    at = NIGHT + timedelta(minutes=10)
    escalating.take_due(now=at)
    escalating._take_timed(request, now=at)  # the other process saw it due a moment earlier

    assert len(world.texts(HARINGEY_FALLBACK)) == 1


def test_a_policy_that_names_nobody_is_refused(world: World) -> None:
    from custodyfinder.domain.escalation import Policy, Step

    with pytest.raises(BadInput):
        policies.set_policy(HARINGEY, Policy(0, (Step(timedelta(0), ()),), timedelta(minutes=5)), by="m", now=NIGHT)
