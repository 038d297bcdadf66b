"""A day and a time of London, typed into two inputs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import Field, StringField

from .forms import strip

LONDON = ZoneInfo("Europe/London")
T = TypeVar("T", date, time)


def day_field(label: str = "Day") -> Field:
    """The input for the day."""
    return StringField(label, filters=[strip], render_kw={"type": "date", "autocomplete": "off"})


def time_field(label: str = "Time") -> Field:
    """The input for the time."""
    return StringField(label, filters=[strip], render_kw={"type": "time", "autocomplete": "off"})


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
    day, clock = _parsed(date, on.data), _parsed(time, at.data)
    if day is None:
        put_error(on, f"Enter the day of {what}, such as 2026-11-24")
    if clock is None:
        put_error(at, f"Enter the time of {what}, such as 02:10")
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock.replace(second=0, microsecond=0, tzinfo=None), LONDON).astimezone(UTC)


def _parsed(kind: type[T], typed: str) -> T | None:
    try:
        return kind.fromisoformat(typed)
    except ValueError:
        return None


def put_error(field: Field, sentence: str) -> None:
    """Show a sentence at a field, besides those that are there."""
    field.errors = [*field.errors, sentence]
