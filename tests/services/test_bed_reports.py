"""What is said of beds on the page: all unchanged, out of service and back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from custodyfinder.db import transaction
from custodyfinder.errors import BadInput
from custodyfinder.models import Place
from custodyfinder.services import bed_reports, beds, out_of_service

from ..conftest import NIGHT
from ..world import HARINGEY, World


def test_all_unchanged_is_one_press_and_not_where_a_bed_was_held_meanwhile(world: World) -> None:
    first, second = world.place(confirmed_at=None), world.place(confirmed_at=None, out_of_service="flooded")
    who = {"authority_code": HARINGEY, "by": "duty.haringey", "channel": "page", "now": NIGHT}

    seen = {first: bed_reports.Seen(2, 0), second: bed_reports.Seen(2, 0)}
    assert bed_reports.confirm_all(seen, **who) == 1  # type: ignore[arg-type]
    assert (world.get(Place, first).confirmed_at, world.get(Place, second).confirmed_at) == (NIGHT, None)
    world.ask(first)
    with pytest.raises(bed_reports.BedsChanged):
        bed_reports.confirm_all({first: bed_reports.Seen(2, 0)}, **who)  # type: ignore[arg-type]


def test_a_place_goes_out_of_service_and_comes_back_by_itself(world: World) -> None:
    place = world.place()
    who = {"authority_code": HARINGEY, "by": "duty.haringey", "now": NIGHT}
    out_of_service.take_out(place, reason="boiler", until=NIGHT + timedelta(hours=5), **who)  # type: ignore[arg-type]

    with pytest.raises(beds.NoBedLeft):
        beds_taken(place)
    assert out_of_service.return_to_service_due(now=NIGHT + timedelta(hours=4)) == 0
    assert out_of_service.return_to_service_due(now=NIGHT + timedelta(hours=5)) == 1
    assert (world.get(Place, place).out_of_service, world.get(Place, place).out_of_service_until) == (None, None)
    assert world.get(Place, place).confirmed_at == NIGHT


def beds_taken(place: int) -> None:
    with transaction() as session:
        beds.take(session, place)


@pytest.mark.parametrize(
    ("reason", "until", "field"),
    [
        ("x", None, "reason"),
        ("x" * 121, None, "reason"),
        ("boiler", NIGHT, "until"),
        ("boiler", NIGHT + timedelta(days=367), "until"),
    ],
)
def test_a_reason_and_a_time_that_cannot_be_are_refused(
    world: World, reason: str, until: datetime | None, field: str
) -> None:
    place = world.place()

    with pytest.raises(BadInput) as refusal:
        out_of_service.take_out(place, reason=reason, until=until, authority_code=HARINGEY, by="duty", now=NIGHT)

    assert refusal.value.field == field
    assert world.get(Place, place).out_of_service is None
