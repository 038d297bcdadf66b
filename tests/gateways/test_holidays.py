"""Bank holidays of England and Wales, without a network."""

from __future__ import annotations

from datetime import date

import pytest

from custodyfinder.gateways.holidays import is_bank_holiday, known_until


@pytest.mark.parametrize("day", [date(2026, 12, 25), date(2026, 12, 28), date(2027, 3, 26), date(2027, 5, 3)])
def test_a_bank_holiday_is_known_and_a_substitute_is_one(day: date) -> None:
    assert is_bank_holiday(day)


@pytest.mark.parametrize("day", [date(2026, 12, 26), date(2026, 11, 30), date(2027, 1, 4), date(2026, 11, 24)])
def test_other_days_are_not_nor_are_scotlands(day: date) -> None:
    assert not is_bank_holiday(day)


def test_the_list_goes_two_years_ahead() -> None:
    assert known_until() >= date(2028, 12, 26)
