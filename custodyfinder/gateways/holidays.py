"""Bank holidays of England and Wales, from the list that comes with `govuk-bank-holidays`: no network, ever."""

# mypy: disable-error-code="import-untyped"
# govuk-bank-holidays ships no types.
from __future__ import annotations

from datetime import date
from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays


def is_bank_holiday(day: date) -> bool:
    """Whether this day is a bank holiday, as far as the list goes."""
    return day in _days()


def known_until() -> date:
    """The last bank holiday on the list: beyond it, nobody here knows."""
    return max(_days())


@cache
def _days() -> frozenset[date]:
    holidays = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(each["date"] for each in holidays)
