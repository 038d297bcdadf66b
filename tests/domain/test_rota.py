"""Who is on duty when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain import rota
from custodyfinder.domain.rota import Day, Gap, Override, Rota, Shift, Turn

SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)  # the clocks change in these nights
CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28)}  # Boxing Day is a Saturday, its holiday the Monday
EVERY_DAY = tuple(Day(number) for number in range(7))


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def weekly(*shifts: Shift, overrides: tuple[Override, ...] = ()) -> Rota:
    return Rota(shifts, overrides, CHRISTMAS.__contains__)


def each_day(contact: int, starts: int, ends: int) -> tuple[Shift, ...]:
    return tuple(Shift(contact, day, starts * 60, ends * 60) for day in EVERY_DAY)


NIGHTS, DAYS = each_day(1, 17, 9), each_day(2, 9, 17)


def who(its_rota: Rota, when: datetime) -> list[int]:
    return [turn.contact_id for turn in rota.on_duty(its_rota, at=when)]


# --- the week -------------------------------------------------------------------------------


def test_a_shift_that_ends_before_it_starts_ends_on_the_next_day() -> None:
    (turn,) = rota.on_duty(weekly(Shift(1, Day.TUESDAY, 17 * 60, 9 * 60)), at=at(25, 2))

    assert turn == Turn(1, at(24, 17), at(25, 9))


def test_at_its_end_a_turn_is_over_and_at_its_start_it_has_begun() -> None:
    both = weekly(*NIGHTS, *DAYS)

    assert [who(both, at(24, 9)), who(both, at(24, 8, 59)), who(both, at(24, 17))] == [[2], [1], [1]]


def test_a_phone_that_is_always_on_duty_has_one_turn_and_never_comes_on() -> None:
    always = weekly(*each_day(1, 0, 0))

    (turn,) = rota.on_duty(always, at=at(24, 2))
    assert turn.starts < at(24, 2) - timedelta(days=7)
    assert turn.ends > at(24, 2) + timedelta(days=7)
    assert rota.coming_on(always, since=at(20, 0), until=at(27, 0)) == []
    assert rota.next_on(always, after=at(24, 2)) is None


def test_who_goes_on_from_shift_to_shift_does_not_come_on_again() -> None:
    both = weekly(*each_day(1, 9, 17), *each_day(1, 17, 0))

    assert [turn.starts for turn in rota.coming_on(both, since=at(24, 0), until=at(25, 0))] == [at(24, 9)]


def test_the_next_is_the_first_to_come_on() -> None:
    both = weekly(*NIGHTS, *DAYS)

    assert rota.next_on(both, after=at(24, 2)) == Turn(2, at(24, 9), at(24, 17))


# --- bank holidays --------------------------------------------------------------------------


def test_a_bank_holiday_has_sundays_shifts_where_it_has_none_of_its_own() -> None:
    by_sunday = weekly(Shift(1, Day.SUNDAY, 0, 0), *(Shift(2, day, 9 * 60, 17 * 60) for day in EVERY_DAY[:5]))

    assert who(by_sunday, at(25, 12, month=12)) == [1]
    assert who(by_sunday, at(28, 12, month=12)) == [1]
    assert who(by_sunday, at(24, 12, month=12)) == [2]


def test_a_bank_holiday_has_its_own_shifts_where_there_are_any() -> None:
    own = weekly(*NIGHTS, *DAYS, Shift(3, Day.BANK_HOLIDAY, 9 * 60, 9 * 60))

    assert who(own, at(25, 12, month=12)) == [3]
    assert who(own, at(25, 22, month=12)) == [3]
    assert who(own, at(26, 8, 59, month=12)) == [3]
    assert who(own, at(26, 9, month=12)) == [2]


def test_the_shift_that_began_the_evening_before_runs_on_into_the_holiday() -> None:
    own = weekly(*NIGHTS, *DAYS, Shift(3, Day.BANK_HOLIDAY, 9 * 60, 9 * 60))

    assert who(own, at(25, 8, month=12)) == [1]


# --- the clocks -----------------------------------------------------------------------------


def test_the_night_of_the_autumn_change_is_an_hour_longer_and_of_the_spring_change_shorter() -> None:
    nights = weekly(*NIGHTS)
    (autumn,) = rota.on_duty(nights, at=at(25, 1, 30, month=10))
    (spring,) = rota.on_duty(nights, at=at(28, 0, 30, month=3, year=2027))

    assert (autumn.ends - autumn.starts, spring.ends - spring.starts) == (timedelta(hours=17), timedelta(hours=15))


def test_shifts_that_meet_at_a_time_that_does_not_exist_or_exists_twice_leave_no_gap() -> None:
    meeting = weekly(*(Shift(1, day, 90, 12 * 60) for day in EVERY_DAY), *(Shift(2, day, 720, 90) for day in EVERY_DAY))

    for day in (SPRING, AUTUMN):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        since, until = noon - timedelta(days=1), noon + timedelta(days=1)
        assert rota.gaps(meeting, since=since, until=until) == []
        turns = rota.turns(meeting, since=since, until=until)
        assert all(later.starts == earlier.ends for earlier, later in pairwise(turns))
    (spring,) = rota.on_duty(meeting, at=at(28, 1, 30, month=3, year=2027))
    assert (spring.contact_id, spring.starts) == (1, at(28, 1, 30, month=3, year=2027))  # 02:30 by the wall


def test_in_summer_a_shift_is_by_the_clock_on_the_wall() -> None:
    assert who(weekly(*DAYS), at(1, 8, month=7)) == [2]
    assert who(weekly(*DAYS), at(1, 16, month=7)) == []


# --- overrides ------------------------------------------------------------------------------


def test_an_override_replaces_whoever_is_on_for_exactly_its_time() -> None:
    one_night = weekly(*NIGHTS, *DAYS, overrides=(Override(3, at(24, 20), at(25, 4)),))

    assert [who(one_night, at(24, 19)), who(one_night, at(24, 20)), who(one_night, at(25, 4))] == [[1], [3], [1]]
    mine = [turn for turn in rota.turns(one_night, since=at(24, 18), until=at(25, 8)) if turn.contact_id == 1]
    assert [(turn.starts, turn.ends) for turn in mine] == [(at(24, 17), at(24, 20)), (at(25, 4), at(25, 9))]


def test_overrides_that_overlap_both_count() -> None:
    two = weekly(*NIGHTS, overrides=(Override(3, at(24, 20), at(25, 4)), Override(4, at(25, 2), at(25, 6))))

    assert who(two, at(25, 3)) == [3, 4]


def test_who_is_on_anyway_and_has_the_override_has_one_turn() -> None:
    same = weekly(*NIGHTS, overrides=(Override(1, at(24, 20), at(25, 4)),))

    assert rota.on_duty(same, at=at(24, 21)) == (Turn(1, at(24, 17), at(25, 9)),)


# --- gaps -----------------------------------------------------------------------------------


def test_a_gap_is_when_nobody_who_can_be_reached_is_on_duty() -> None:
    both = weekly(*NIGHTS, *DAYS)

    assert rota.gaps(both, since=at(24, 0), until=at(25, 0)) == []
    assert rota.gaps(both, since=at(24, 0), until=at(25, 0), reachable=lambda contact: contact == 1) == [
        Gap(at(24, 9), at(24, 17))
    ]
    assert rota.gaps(weekly(), since=at(24, 0), until=at(25, 0)) == [Gap(at(24, 0), at(25, 0))]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Shift(1, Day.MONDAY, -1, 0),
        lambda: Shift(1, Day.MONDAY, 0, 1440),
        lambda: Override(1, at(24, 1), at(24, 1)),
        lambda: Override(1, datetime(2026, 11, 24), at(25, 1)),  # noqa: DTZ001 - the mistake that is meant
        lambda: rota.turns(weekly(), since=datetime(2026, 11, 24), until=at(25, 1)),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_is_an_error(make: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads these words
        make()  # type: ignore[operator]


quarters = st.integers(0, 95).map(lambda quarter: 15 * quarter)
shifts = st.builds(Shift, st.integers(1, 3), st.sampled_from(Day), quarters, quarters)
rotas = st.builds(lambda made: weekly(*made), st.lists(shifts, max_size=6))
moments = st.integers(0, 60 * 24 * 400).map(lambda minutes: at(1, 0, month=10) + timedelta(minutes=minutes))


@settings(max_examples=40, deadline=None)
@given(its_rota=rotas, when=moments)
def test_at_every_moment_somebody_is_on_duty_or_there_is_a_gap_and_never_both(its_rota: Rota, when: datetime) -> None:
    gaps = rota.gaps(its_rota, since=when - timedelta(days=1), until=when + timedelta(days=1))

    assert bool(rota.on_duty(its_rota, at=when)) != any(gap.starts <= when < gap.ends for gap in gaps)


@settings(max_examples=30, deadline=None)
@given(when=moments, change=quarters)
def test_two_shifts_that_meet_twice_a_day_leave_no_gap_on_any_day_of_the_year(when: datetime, change: int) -> None:
    other = (change + 12 * 60) % (24 * 60)
    meeting = weekly(
        *(Shift(1, day, change, other) for day in EVERY_DAY), *(Shift(2, day, other, change) for day in EVERY_DAY)
    )

    assert rota.gaps(meeting, since=when, until=when + timedelta(days=2)) == []
    assert len(rota.on_duty(meeting, at=when)) == 1
