"""What the duty officer's pages show and say."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from custodyfinder.models import BedReport, BedRequest, Place

from ..conftest import NIGHT
from ..world import World
from .reading import words


def test_the_duty_officer_sees_what_is_asked_and_accepts(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())

    page = words(duty.get("/duty"))
    assert "A bed is needed Boy of 15, non-secure Wood Green custody asks for a bed at Example House 1" in page
    assert "Held for you until 02:40" in page

    assert duty.post(f"/duty/requests/{request}/accept").status_code == 303
    assert world.get(BedRequest, request).state == "accepted"
    assert "Nothing waits for an answer" in words(duty.get("/duty"))


def test_an_answer_to_what_has_ended_says_what_is_true_now(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())
    duty.post(f"/duty/requests/{request}/accept")

    again = duty.post(f"/duty/requests/{request}/accept")
    refused = duty.post(f"/duty/requests/{request}/refuse", data={"reason": "no_bed"})

    assert (again.status_code, refused.status_code) == (409, 409)
    assert "Already accepted by Haringey at 02:10." in words(again)
    assert "Already accepted by Haringey at 02:10." in words(refused)


def test_a_refusal_needs_a_reason_and_keeps_the_words(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())

    answer = duty.post(f"/duty/requests/{request}/refuse", data={"words": "no carer"})
    too_long = duty.post(f"/duty/requests/{request}/refuse", data={"reason": "other", "words": "x" * 201})

    assert (answer.status_code, too_long.status_code) == (422, 422)
    assert "Choose a reason" in words(answer)
    assert "no carer</textarea>" in answer.get_data(as_text=True)
    assert "you have used 201" in words(too_long)
    assert world.get(BedRequest, request).state == "open"


@pytest.mark.parametrize("typed", ["-1", "4000", "99999", "", "two", "1.5", "5"])
def test_a_bad_bed_count_says_what_to_do_keeps_every_number_and_saves_none(
    world: World, duty: FlaskClient, typed: str
) -> None:
    first, second = world.place(), world.place(beds_total=4)

    answer = duty.post(
        "/duty/beds",
        data={f"free-{first}": "1", f"seen-{first}": "2+0", f"free-{second}": typed, f"seen-{second}": "2+0"},
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"Beds free at Example House {second} must be" in words(answer)
    assert f'href="#free-{second}"' in page
    assert f'value="{typed}" aria-describedby="free-{second}-error"' in page
    assert re.search(rf'id="free-{first}"[^>]*value="1"', page)
    assert (world.beds(first), world.count(BedReport)) == ((2, 0), (0,))


def test_all_counts_are_saved_in_one_press(world: World, duty: FlaskClient) -> None:
    places = [world.place(), world.place()]
    data = {f"free-{each}": "1" for each in places} | {f"seen-{each}": "2+0" for each in places}

    page = words(duty.post("/duty/beds", data=data, follow_redirects=True))

    assert "Saved: your bed counts are confirmed." in page
    assert [world.beds(each) for each in places] == [(1, 0), (1, 0)]
    assert world.count(BedReport) == (2,)


def test_a_bed_held_while_the_numbers_were_typed_is_said(world: World, duty: FlaskClient) -> None:
    place = world.place()
    world.ask(place)

    answer = duty.post("/duty/beds", data={f"free-{place}": "2", f"seen-{place}": "2+0"})

    assert answer.status_code == 409
    assert "The beds here have changed since you opened the page" in words(answer)
    assert world.beds(place) == (1, 1)


def test_correcting_one_count_does_not_hide_that_a_bed_was_held_at_another(world: World, duty: FlaskClient) -> None:
    first, second = world.place(), world.place()
    typed = {f"free-{first}": "2", f"seen-{first}": "2+0", f"free-{second}": "two", f"seen-{second}": "2+0"}
    world.ask(first)

    page = duty.post("/duty/beds", data=typed).get_data(as_text=True)
    assert f'name="seen-{first}" value="2+0"' in page

    assert duty.post("/duty/beds", data=typed | {f"free-{second}": "2"}).status_code == 409
    assert world.beds(first) == (1, 1)


def test_all_unchanged_is_one_press(world: World, duty: FlaskClient) -> None:
    place = world.place(confirmed_at=NIGHT - timedelta(hours=9))
    assert "confirmed 9 hours ago" in words(duty.get("/duty"))

    page = words(duty.post("/duty/beds/confirm", data={f"seen-{place}": "2+0"}, follow_redirects=True))

    assert "Saved: your bed counts are confirmed." in page
    assert "confirmed just now" in page
    assert world.count(BedReport) == (1,)


def test_all_unchanged_is_refused_where_a_bed_was_held_meanwhile(world: World, duty: FlaskClient) -> None:
    place = world.place()
    world.ask(place)

    answer = duty.post("/duty/beds/confirm", data={f"seen-{place}": "2+0"})
    empty, spoilt = duty.post("/duty/beds/confirm"), duty.post("/duty/beds/confirm", data={f"seen-{place}": "2"})

    assert (answer.status_code, empty.status_code, spoilt.status_code) == (409, 422, 422)
    assert "The beds here have changed" in words(answer)
    assert world.count(BedReport) == (0,)


def test_a_place_is_taken_out_of_service_and_put_back(world: World, duty: FlaskClient) -> None:
    place = world.place()
    duty.post(f"/duty/places/{place}/out-of-service", data={"reason": "boiler", "day": "2026-11-25", "time": "08:00"})

    page = words(duty.get("/duty"))
    assert "is out of service until 08:00 on Wednesday 25 November: boiler" in page
    back = words(duty.post(f"/duty/places/{place}/back", follow_redirects=True))
    assert "back in service. Check its count." in back
    assert "counts are confirmed" not in back
    assert world.get(Place, place).out_of_service is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"reason": ""}, "Say why in 3 to 120 characters"),
        ({"day": "soon"}, "Enter a day such as"),
        ({"day": "2026-11-23"}, "The time must be ahead"),
    ],
)
def test_out_of_service_with_bad_input_says_what_to_do_and_keeps_what_was_typed(
    world: World, duty: FlaskClient, wrong: dict[str, str], says: str
) -> None:
    place = world.place()
    data = {"reason": "boiler", "day": "2026-11-25", "time": "08:00"} | wrong

    answer = duty.post(f"/duty/places/{place}/out-of-service", data=data)

    assert answer.status_code == 422
    assert says in words(answer)
    assert f'value="{data["day"]}"' in answer.get_data(as_text=True)
    assert world.get(Place, place).out_of_service is None


def test_the_duty_officer_records_an_arrival(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())
    duty.post(f"/duty/requests/{request}/accept")

    duty.post(f"/duty/requests/{request}/arrived")

    assert "accepted at 02:10, arrived at 02:10" in words(duty.get("/duty"))
