"""The search that keeps going, and Twilio out, as the custody officer sees them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from custodyfinder.models import (
    StandingSearch,
)
from custodyfinder.services import breaker

from ..conftest import NIGHT
from ..services.night import Night
from ..world import World
from .reading import words


def progress(officer: FlaskClient, request: int) -> str:
    page = words(officer.get(f"/desk/requests/{request}"))
    assert words(officer.get(f"/desk/requests/{request}/progress")) in page
    return page


SEARCH = {"at_once": "3", "until_day": "2026-11-24", "until_time": "10:00"}


def test_the_court_of_the_record_is_proposed_as_the_end_of_a_search(world: World, officer: FlaskClient) -> None:
    reference = world.detention(court_at=NIGHT + timedelta(hours=34))

    page = officer.get(f"/desk/detentions/{reference}").get_data(as_text=True)

    assert re.search(r'<option value="2026-11-25" selected>Tomorrow', page)
    assert re.search(r'name="until_time"[^>]* value="12:10"', page)


def test_a_search_that_keeps_going_is_started_seen_and_stopped(world: World, officer: FlaskClient) -> None:
    world.place()
    reference = world.detention()
    address = f"/desk/detentions/{reference}"
    assert 'value="2026-11-24"' in officer.get(address).get_data(as_text=True)

    assert officer.post(f"{address}/search", data=SEARCH).status_code == 303
    Night(world).go_to(0)

    page = words(officer.get(address))
    assert "The search keeps going by itself" in page
    assert "Three places at once" in page
    assert "Until 10:00 on Tuesday 24 November, when the court sits." in page
    assert words(officer.get(f"{address}/asked")) in page
    assert "Example House 1 , Haringey: waiting since 02:10" in page
    assert "by the search that keeps going" in progress(officer, 1)

    officer.post(f"{address}/search/stop")
    assert "The search was stopped by officer.wood-green at 02:10." in words(officer.get(address))
    assert world.beds(1) == (2, 0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"at_once": "2"}, "Not a valid choice"),
        ({"at_once": ""}, "Choose one at a time or three at once"),
        ({"until_day": "tomorrow"}, "Choose the day of the court"),
        ({"until_day": ""}, "Choose the day of the court"),
        ({"until_time": "ten"}, "Enter the time of the court"),
        ({"until_day": "2026-11-23"}, "The court's time must be ahead."),
        ({"until_day": "2026-12-24"}, "The court's time must be within four days."),
    ],
)
def test_a_search_with_bad_input_says_what_to_do_keeps_what_was_typed_and_writes_nothing_of_it(
    world: World, officer: FlaskClient, wrong: dict[str, str], message: str
) -> None:
    world.place()

    answer = officer.post(f"/desk/detentions/{world.detention()}/search", data=SEARCH | wrong)

    assert answer.status_code == 422
    assert message in words(answer)
    for name, typed in wrong.items():
        if name != "at_once" and typed:
            assert f'value="{typed}"' in answer.get_data(as_text=True)
    assert world.count(StandingSearch) == (0,)


def test_while_twilio_is_out_every_page_of_a_signed_in_user_says_so(world: World, officer: FlaskClient) -> None:
    assert "Texts are delayed" not in words(officer.get("/desk"))
    for number in range(4):
        breaker.failed(f"+44770090000{number}", "20500", now=NIGHT)

    for address in ("/desk", "/desk/detentions/new"):
        assert "Texts are delayed since 02:10. Ring instead." in words(officer.get(address))


def test_withdrawing_twice_says_that_it_was_withdrawn(officer: FlaskClient, world: World) -> None:
    request = world.ask(world.place())

    assert officer.post(f"/desk/requests/{request}/withdraw").status_code == 303
    again = officer.post(f"/desk/requests/{request}/withdraw")

    assert again.status_code == 409
    assert "withdrawn at 02:10" in words(again)
