"""The child has arrived, or nobody has said so."""

from __future__ import annotations

import pytest

from custodyfinder.domain.stage import Stage
from custodyfinder.errors import NotFound
from custodyfinder.models import Placement, Suite
from custodyfinder.services import arrivals, progress, suite_board

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_FALLBACK, HARINGEY_PHONE, World
from .night import Night

DESK_MOBILE = "+447700900701"


@pytest.fixture
def night(world: World) -> Night:
    world.change(Suite, world.suite_id, mobile=DESK_MOBILE)
    return Night(world)


def accepted(night: Night) -> int:
    """A request that the contact on duty accepted by text, at the start."""
    from custodyfinder.models import BedRequest

    request = night.world.ask(night.world.place())
    night.go_to(0)
    night.text_in(f"{night.world.get(BedRequest, request).reference} ACCEPT", sender=HARINGEY_PHONE)
    return request


def test_each_side_is_reminded_once_after_ninety_minutes_without_an_arrival(night: Night) -> None:
    accepted(night)

    assert night.go_to(89) == []
    reminded = night.go_to(90)
    assert {number for number, _ in reminded} == {HARINGEY_PHONE, DESK_MOBILE}
    assert night.go_to(91) == []
    assert night.go_to(300) == []


def test_nobody_is_reminded_of_a_child_who_has_arrived(night: Night) -> None:
    request = accepted(night)
    night.go_to(40)
    arrivals.record(request, suite_id=night.world.suite_id, by="officer.wood-green", now=night.now)

    assert night.go_to(90) == []
    (placement,) = night.world.rows(Placement)
    assert (placement.arrived_at, placement.arrived_by) == (night.world.now.replace(minute=50), "officer.wood-green")


def test_either_side_may_record_it_and_the_first_note_stands(night: Night) -> None:
    request = accepted(night)
    arrivals.record(request, authority_code=HARINGEY, by="duty.haringey", now=NIGHT)
    arrivals.record(request, suite_id=night.world.suite_id, by="officer.wood-green", now=night.now)

    assert night.world.rows(Placement)[0].arrived_by == "duty.haringey"


def test_nobody_else_may(night: Night) -> None:
    request = accepted(night)

    with pytest.raises(NotFound):
        arrivals.record(request, authority_code=CAMDEN, by="duty.camden", now=NIGHT)
    with pytest.raises(NotFound):
        arrivals.record(request, suite_id=night.world.other_suite_id, by="officer", now=NIGHT)
    with pytest.raises(NotFound):
        arrivals.record(night.world.ask(night.world.place()), suite_id=night.world.suite_id, by="o", now=NIGHT)


def test_a_desk_without_a_mobile_sees_it_on_its_pages(night: Night, world: World) -> None:
    world.change(Suite, world.suite_id, mobile=None)
    request = accepted(night)

    assert {number for number, _ in night.go_to(95)} == {HARINGEY_PHONE}
    assert progress.of_request(request, suite_id=world.suite_id, now=night.now).arrival_is_late
    (child,) = suite_board.of_suite(world.suite_id, now=night.now).open
    assert child.stage is Stage.ARRIVAL_LATE


def test_the_reminder_goes_to_who_can_be_texted_now(night: Night, world: World) -> None:
    from custodyfinder.models import Contact

    accepted(night)
    world.change(Contact, world.contact(HARINGEY_PHONE), opted_out_at=NIGHT)

    assert {number for number, _ in night.go_to(90)} == {HARINGEY_FALLBACK, DESK_MOBILE}
