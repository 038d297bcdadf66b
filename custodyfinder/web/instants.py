"""A day and a time of London: the day chosen from the few that can be meant, the time typed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import Field, StringField

from .forms import strip

LONDON = ZoneInfo("Europe/London")

_TIME = re.compile(r"([0-9]{1,2})[:. h]?([0-9]{2})")
"""As people write it at a desk: 02:10, 2.10, 0210, 210."""


def day_field(label: str = "Day") -> Field:
    """The input for the day."""
    return StringField(label, filters=[strip])


def time_field(label: str = "Time") -> Field:
    """The input for the time."""
    return StringField(label, filters=[strip])


def propose(form: FlaskForm, name: str, instant: datetime, *, time_too: bool) -> None:
    """Fill an empty form's day, and time, with this instant as London has it."""
    here = instant.astimezone(LONDON)
    form[f"{name}_day"].data = f"{here:%Y-%m-%d}"
    if time_too:
        form[f"{name}_time"].data = f"{here:%H:%M}"


def read(form: FlaskForm, name: str, what: str, *, required: bool = True) -> datetime | None:
    """The instant that was typed, in UTC; None where it is missing, or cannot be read: the form then has an error.

    Args:
        what: As in "Enter the day and time of …".
        required: Whether an empty time is an error. A day alone, which the form proposes, says nothing.
    """
    on, at = form[f"{name}_day"], form[f"{name}_time"]
    if not at.data and not required:
        return None
    day, clock = _day(on.data), _time(at.data)
    if day is None:
        put_error(on, f"Choose the day of {what}")
    if clock is None:
        put_error(at, f"Enter the time of {what}, such as 02:10")
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


def _day(typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return None


def _time(typed: str | None) -> time | None:
    found = _TIME.fullmatch(typed or "")
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2]))


def days_since(first: datetime, *, now: datetime) -> list[tuple[str, str]]:
    """The days of London from today back to that of `first`, to choose from: ISO, and as people say it."""
    today = now.astimezone(LONDON).date()
    return [_choice(-number, today) for number in range((today - first.astimezone(LONDON).date()).days + 1)]


def days_ahead(count: int, *, now: datetime) -> list[tuple[str, str]]:
    """Today and as many days after it, as `days_since`."""
    today = now.astimezone(LONDON).date()
    return [_choice(number, today) for number in range(count + 1)]


def _choice(number: int, today: date) -> tuple[str, str]:
    day = today + timedelta(days=number)
    name = {0: "Today, ", -1: "Yesterday, ", 1: "Tomorrow, "}.get(number, "")
    return day.isoformat(), f"{name}{day:%A} {day.day} {day:%B}"


def put_error(field: Field, sentence: str) -> None:
    """Show a sentence at a field, besides those that are there."""
    field.errors = [*field.errors, sentence]
