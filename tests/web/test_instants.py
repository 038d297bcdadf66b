"""A day and a time of London, as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.web import instants


class AForm(FlaskForm):
    """A form with one instant."""

    court_day, court_time = instants.day_field(), instants.time_field()


def read(app: Flask, day: str, time: str) -> tuple[datetime | None, list[str]]:
    with app.test_request_context(method="POST", data={"court_day": day, "court_time": time}):
        form = AForm()
        found = instants.read(form, "court", "the court")
        return found, [*form.court_day.errors, *form.court_time.errors]


@pytest.fixture(scope="module")
def bare() -> Flask:
    app = Flask("bare")
    app.config.update(SECRET_KEY="x" * 20, WTF_CSRF_ENABLED=False)
    return app


@pytest.mark.parametrize("typed", ["02:10", "2:10", "0210", "210", "2.10", "02 10", "02h10"])
def test_a_time_may_be_typed_as_people_write_it(bare: Flask, typed: str) -> None:
    assert read(bare, "2026-11-24", typed) == (datetime(2026, 11, 24, 2, 10, tzinfo=UTC), [])


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), between=st.sampled_from([":", "", ".", " ", "h"]))
def test_every_minute_of_the_day_can_be_typed_in_each_way(hour: int, minute: int, between: str) -> None:
    app = Flask("bare")
    app.config.update(SECRET_KEY="x" * 20, WTF_CSRF_ENABLED=False)
    found, errors = read(app, "2026-06-24", f"{hour:02}{between}{minute:02}")

    assert errors == []
    assert found == datetime(2026, 6, 24, hour, minute, tzinfo=UTC) - timedelta(hours=1)  # summer time


@pytest.mark.parametrize("typed", ["", "24:00", "2", "02:60", "2:1", "ten", "-2:10", "02:10pm", "٠٢:١٠", "1234567"])
def test_what_is_no_time_is_said_with_an_example(bare: Flask, typed: str) -> None:
    assert read(bare, "2026-11-24", typed) == (None, ["Enter the time of the court, such as 02:10"])


@pytest.mark.parametrize("typed", ["", "today", "24/11/2026", "2026-02-30"])
def test_what_is_no_day_is_to_be_chosen(bare: Flask, typed: str) -> None:
    assert read(bare, typed, "02:10") == (None, ["Choose the day of the court"])


def test_the_days_to_choose_from_are_those_of_london() -> None:
    after_midnight = datetime(2026, 6, 23, 23, 30, tzinfo=UTC)

    assert instants.days_since(after_midnight - timedelta(hours=25), now=after_midnight) == [
        ("2026-06-24", "Today, Wednesday 24 June"),
        ("2026-06-23", "Yesterday, Tuesday 23 June"),
        ("2026-06-22", "Monday 22 June"),
    ]
    assert instants.days_ahead(2, now=after_midnight) == [
        ("2026-06-24", "Today, Wednesday 24 June"),
        ("2026-06-25", "Tomorrow, Thursday 25 June"),
        ("2026-06-26", "Friday 26 June"),
    ]
