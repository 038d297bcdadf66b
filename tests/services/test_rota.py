"""An authority's rota, its CSV, who is on duty, and the texts that go with it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custodyfinder.db import transaction
from custodyfinder.domain.rota import Day, Shift
from custodyfinder.errors import BadInput, NotFound
from custodyfinder.models import Authority, BedRequest, Contact, Once, StepTaken, WeeklyShift
from custodyfinder.services import on_duty, rota, rota_csv

from ..conftest import NIGHT
from ..world import CAMDEN, HARINGEY, HARINGEY_FALLBACK, HARINGEY_MANAGER, HARINGEY_PHONE, World
from .night import Night

WHO: dict[str, Any] = {"authority_code": HARINGEY, "by": "manager.haringey", "now": NIGHT}
MORNING = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)


def only(world: World, *shifts: Shift) -> None:
    """Haringey has these shifts, and no others."""
    rota.set_shifts(list(shifts), **WHO)


def nights(contact: int) -> list[Shift]:
    """17:00 to 09:00, every day."""
    return [Shift(contact, Day(day), 17 * 60, 9 * 60) for day in range(7)]


def days(contact: int) -> list[Shift]:
    """09:00 to 17:00, every day."""
    return [Shift(contact, Day(day), 9 * 60, 17 * 60) for day in range(7)]


# --- problems -------------------------------------------------------------------------------


def test_a_gap_of_the_next_seven_days_is_found_before_it_hurts(world: World) -> None:
    duty = world.contact(HARINGEY_PHONE)
    only(world, *nights(duty), *days(duty)[:-1])  # nobody on Sunday by day

    found = rota.problems(HARINGEY, now=NIGHT)

    assert [(gap.starts, gap.ends) for gap in found.gaps] == [
        (datetime(2026, 11, 29, 9, tzinfo=UTC), datetime(2026, 11, 29, 17, tzinfo=UTC))
    ]
    assert found.any


@pytest.mark.parametrize("change", [{"verified_at": None}, {"opted_out_at": NIGHT}])
def test_whoever_cannot_be_texted_leaves_a_gap_and_is_named(world: World, change: dict[str, object]) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), **change)

    found = rota.problems(HARINGEY, now=NIGHT)

    assert [(gap.starts, gap.ends) for gap in found.gaps] == [(NIGHT, NIGHT + timedelta(days=7))]
    assert found.unconfirmed + found.opted_out == ("Duty officer, Haringey",)


def test_an_authority_without_a_rota_has_its_fallback_and_no_gaps(world: World) -> None:
    only(world)

    found = rota.problems(HARINGEY, now=NIGHT)

    assert (found.no_rota, found.gaps, found.any) == (True, (), False)


def test_all_is_well_where_somebody_is_always_there(world: World) -> None:
    assert not rota.problems(HARINGEY, now=NIGHT).any


def test_the_manager_is_told_once_a_day_while_something_is_wrong(world: World) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), verified_at=None)

    assert on_duty.tell_gaps_due(now=NIGHT) == 0  # not at night
    told = [on_duty.tell_gaps_due(now=MORNING + timedelta(minutes=minutes)) for minutes in (0, 5, 120)]
    next_day = on_duty.tell_gaps_due(now=MORNING + timedelta(days=1))

    assert (told, next_day) == ([1, 0, 0], 1)
    text = world.texts(HARINGEY_MANAGER)[0]
    assert "next 7 days" in text.body
    assert "1 unconfirmed number" in text.body


# --- who is on, who is next -----------------------------------------------------------------


def test_the_page_has_who_is_on_now_and_who_is_next(world: World) -> None:
    duty, desk = world.contact(HARINGEY_PHONE), world.contact(HARINGEY_FALLBACK)
    only(world, *nights(duty), *days(desk))

    haringey = next(line for line in on_duty.overview(now=NIGHT) if line.authority_code == HARINGEY)

    assert [(each.role, until) for each, until in haringey.now] == [
        ("Emergency Duty Team", datetime(2026, 11, 24, 9, tzinfo=UTC))
    ]
    assert haringey.next is not None
    assert (haringey.next[0].role, haringey.next[1]) == ("Duty desk", datetime(2026, 11, 24, 9, tzinfo=UTC))


def test_an_override_stands_in_for_one_night(world: World) -> None:
    duty, desk = world.contact(HARINGEY_PHONE), world.contact(HARINGEY_FALLBACK)
    only(world, *nights(duty), *days(duty))
    rota.add_override(
        desk,
        starts=datetime(2026, 11, 24, 1, 0),  # noqa: DTZ001 - of the wall in London
        ends=datetime(2026, 11, 24, 5, 0),  # noqa: DTZ001
        **WHO,
    )

    night = Night(world)
    world.ask(world.place())

    assert [number for number, _ in night.go_to(0)] == [HARINGEY_FALLBACK]


def test_the_overview_of_all_authorities_is_quick(world: World) -> None:
    with transaction() as session:
        for number in range(173):
            session.add(Authority(code=f"E08{number:06}", name=f"Authority {number}", nation="England"))
        session.flush()
        for number in range(173):
            contact = Contact(authority_code=f"E08{number:06}", name="Duty", role="EDT", mobile=HARINGEY_PHONE)
            session.add(contact)
            session.flush()
            for shift in [*nights(contact.id), *days(contact.id)]:
                session.add(rota._row(shift, contact.authority_code))

    began = time.perf_counter()
    lines = on_duty.overview(now=NIGHT)

    assert time.perf_counter() - began < 2.0
    assert [line.authority for line in lines[:2]] == ["Camden", "Haringey"]
    assert len(lines) == 175


# --- coming on duty -------------------------------------------------------------------------


def test_who_comes_on_duty_is_told_what_waits_and_can_answer_it(world: World) -> None:
    duty, desk = world.contact(HARINGEY_PHONE), world.contact(HARINGEY_FALLBACK)
    only(world, *[Shift(duty, Day(day), 9 * 60, 2 * 60 + 20) for day in range(7)])
    for day in range(7):
        rota.add_shift(Shift(desk, Day(day), 2 * 60 + 20, 9 * 60), **WHO)
    night = Night(world)
    request = world.ask(world.place())
    night.go_to(0)
    reference = world.get(BedRequest, request).reference

    told = night.go_to(10)
    again = night.go_to(11)

    mine = [words for number, words in told if number == HARINGEY_FALLBACK and "On duty for Haringey" in words]
    assert len(mine) == 1
    assert f"Waiting: {reference}" in mine[0]
    assert again == []
    assert "coming_on" in [step.target for step in world.rows(StepTaken)]
    night.text_in(f"{reference} ACCEPT", sender=HARINGEY_FALLBACK)
    assert world.get(BedRequest, request).state == "accepted"


def test_who_goes_on_from_shift_to_shift_is_not_told_again(world: World) -> None:
    duty = world.contact(HARINGEY_PHONE)
    only(world, *[Shift(duty, Day(day), 2 * 60 + 20, 2 * 60 + 20) for day in range(7)])

    assert on_duty.announce_due(now=NIGHT + timedelta(minutes=11)) == 0


def test_a_shift_that_began_long_ago_is_not_announced(world: World) -> None:
    duty = world.contact(HARINGEY_PHONE)
    only(world, *nights(duty))

    assert on_duty.announce_due(now=datetime(2026, 11, 24, 17, 16, tzinfo=UTC)) == 0
    assert on_duty.announce_due(now=datetime(2026, 11, 24, 17, 14, tzinfo=UTC)) == 1
    assert on_duty.announce_due(now=datetime(2026, 11, 24, 17, 14, 30, tzinfo=UTC)) == 0
    assert [row.key for row in world.rows(Once)] == [f"on-duty:{duty}:20261124T1700"]


def test_an_authority_that_is_rung_is_not_told(world: World) -> None:
    only(world, *nights(world.contact(HARINGEY_PHONE)))
    world.change(Authority, HARINGEY, texted=False)

    on_duty.announce_due(now=datetime(2026, 11, 24, 17, 5, tzinfo=UTC))

    assert world.texts() == []


# --- shifts, overrides ----------------------------------------------------------------------


def test_a_contact_is_not_on_duty_twice_at_one_time(world: World) -> None:
    duty = world.contact(HARINGEY_PHONE)
    only(world, Shift(duty, Day.SUNDAY, 17 * 60, 9 * 60))

    with pytest.raises(BadInput):
        rota.add_shift(Shift(duty, Day.MONDAY, 8 * 60, 10 * 60), **WHO)
    rota.add_shift(Shift(duty, Day.MONDAY, 9 * 60, 10 * 60), **WHO)
    rota.add_shift(Shift(duty, Day.BANK_HOLIDAY, 8 * 60, 10 * 60), **WHO)

    assert len(rota.shifts_of(HARINGEY)) == 3


@pytest.mark.parametrize(
    ("starts", "ends", "says"),
    [
        (datetime(2026, 11, 25, 9), datetime(2026, 11, 24, 17), "after the start"),  # noqa: DTZ001
        (datetime(2026, 11, 22, 9), datetime(2026, 11, 23, 17), "over"),  # noqa: DTZ001
        (datetime(2026, 11, 24, 9), datetime(2026, 12, 24, 17), "14 days"),  # noqa: DTZ001
    ],
)
def test_an_override_that_cannot_be_is_refused_in_words(
    world: World, starts: datetime, ends: datetime, says: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        rota.add_override(world.contact(HARINGEY_PHONE), starts=starts, ends=ends, **WHO)

    assert says in refusal.value.public
    assert rota.overrides_of(HARINGEY, now=NIGHT) == []


def test_another_authoritys_contact_cannot_be_put_on_duty(world: World) -> None:
    other = WHO | {"authority_code": CAMDEN}
    contact = world.contact(HARINGEY_PHONE)

    with pytest.raises(NotFound):
        rota.add_shift(Shift(contact, Day.MONDAY, 0, 60), **other)
    with pytest.raises(NotFound):
        rota.add_override(contact, starts=NIGHT, ends=NIGHT + timedelta(hours=1), **other)
    with pytest.raises(NotFound):
        rota.remove_shift(rota.shifts_of(HARINGEY)[0].id, **other)


# --- CSV ------------------------------------------------------------------------------------

GOOD = """day,starts,ends,contact
Monday,17:00,09:00,"Duty officer, Haringey"
Bank holiday,9:00,24:00,"Fallback, Haringey"
"""


def load(text: str | bytes) -> int:
    return rota_csv.load(text.encode() if isinstance(text, str) else text, **WHO)


def test_a_rota_goes_out_and_comes_in_the_same(world: World) -> None:
    assert load(GOOD) == 2
    out = rota_csv.export(HARINGEY)
    before = rota.shifts_of(HARINGEY)

    assert load(out) == 2

    assert [(each.day, each.starts, each.ends, each.contact) for each in rota.shifts_of(HARINGEY)] == [
        (each.day, each.starts, each.ends, each.contact) for each in before
    ]
    assert 'Bank holiday,09:00,00:00,"Fallback, Haringey"' in out


def test_a_rota_from_a_spreadsheet_is_taken(world: World) -> None:
    assert load("\ufeff" + GOOD.replace("\n", "\r\n") + "\r\n,,,\r\n") == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('Mon,17:00,09:00,"Duty officer, Haringey"', "Line 2: the day must be"),
        ('Monday,25:00,09:00,"Duty officer, Haringey"', "Line 2: the start must be a time"),
        ('Monday,17:00,9,"Duty officer, Haringey"', "Line 2: the end must be a time"),
        ("Monday,17:00,09:00,Nobody", "Line 2: 'Nobody' is not a contact here"),
        ('Monday,17:00,09:00,"Duty officer, Camden"', "is not a contact here"),
        ("Monday,17:00", "Line 2: give four values"),
    ],
)
def test_a_bad_line_is_named_with_all_the_others_and_nothing_is_written(world: World, line: str, says: str) -> None:
    before = world.count(WeeklyShift)

    with pytest.raises(rota_csv.BadRota) as refusal:
        load(f"day,starts,ends,contact\n{line}\nTuesday,99,1,x\n")

    assert len(refusal.value.wrong) == 2
    assert says in refusal.value.wrong[0]
    assert refusal.value.wrong[1].startswith("Line 3")
    assert world.count(WeeklyShift) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "first line must be"),
        (b"tag,von,bis,wer\n", "first line must be"),
        (b"a\0b", "not a CSV"),
        (GOOD.encode() + GOOD.split("\n")[1].encode() + b"\n", "twice at one time"),
        (b"day,starts,ends,contact\n" + b"Monday,1:00,2:00,x\n" * 501, "500 shifts at most"),
    ],
)
def test_a_file_that_is_no_rota_is_refused_in_words(world: World, content: bytes, says: str) -> None:
    before = world.count(WeeklyShift)

    with pytest.raises(rota_csv.BadRota) as refusal:
        load(content)

    assert says in refusal.value.public
    assert world.count(WeeklyShift) == before


def test_a_name_that_a_spreadsheet_would_run_goes_out_as_text_and_comes_in_again(world: World) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), name="=cmd()")
    rota.set_shifts([Shift(world.contact(HARINGEY_PHONE), Day.MONDAY, 0, 60)], **WHO)

    out = rota_csv.export(HARINGEY)

    assert ",'=cmd()" in out
    assert load(out) == 1
