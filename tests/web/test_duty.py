"""What the duty officer's pages show and say."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from custodyfinder.domain.needs import Need, RefusalReason
from custodyfinder.models import BedReport, BedRequest, Place
from custodyfinder.services import requests

from ..conftest import NIGHT
from ..world import CAMDEN, World
from .conftest import Time
from .reading import words
from .test_every_page import check


def test_the_duty_officer_sees_first_what_is_asked_and_all_that_it_takes_to_decide(
    world: World, duty: FlaskClient
) -> None:
    world.ask(world.place(), detention=world.detention(needs=frozenset({Need.STEP_FREE, Need.MEDICAL_COVER})))

    answer = duty.get("/duty")

    assert re.search(r"<h1[^>]*>A bed is needed</h1>", answer.get_data(as_text=True))
    page = words(answer)
    assert page.index("Boy of 15, non-secure") < page.index("Your beds")
    assert "Needs: step-free access; medical cover" in page
    assert "Wood Green custody asks for a bed at Example House 1 (TST1), 0.6 miles away, about 2 minutes by car" in page
    assert "Held for you until 02:40" in page
    assert "Ask first: ring Wood Green custody 020 7946 0014" in page
    assert 'href="tel:+442079460014"' in answer.get_data(as_text=True)


def test_three_that_wait_are_all_shown_and_nothing_that_waits_is_one_quiet_line(
    world: World, duty: FlaskClient
) -> None:
    assert "Nothing waits for an answer." in words(duty.get("/duty"))
    asked = [world.ask(world.place()) for _ in range(3)]

    page = duty.get("/duty").get_data(as_text=True)

    assert '<h1 class="govuk-heading-l">3 beds are needed</h1>' in page
    assert [f"/duty/requests/{each}/accept" in page for each in asked] == [True] * 3


def test_to_accept_is_two_presses_and_the_first_one_changes_nothing(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())

    page = words(duty.get(f"/duty/requests/{request}/accept"))
    assert "Custody stops looking, everybody else who was asked is told" in page
    assert "Accept: the child comes to Example House 1" in page
    assert world.get(BedRequest, request).state == "open"

    after = words(duty.post(f"/duty/requests/{request}/accept", follow_redirects=True))
    assert world.get(BedRequest, request).state == "accepted"
    assert "Accepted. Custody sees it now and rings you about the move." in after
    assert "Nothing waits for an answer" in after
    assert "Coming to you Boy of 15, non-secure To Example House 1 (TST1)." in after


def test_to_refuse_is_two_presses_of_which_the_second_is_the_reason(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())

    page = duty.get(f"/duty/requests/{request}/refuse").get_data(as_text=True)
    buttons = re.findall(r'<button[^>]*type="submit"[^>]*name="reason" value="(\w+)"', page)
    assert buttons == [reason.value for reason in RefusalReason if reason is not RefusalReason.NOT_GIVEN]
    assert world.get(BedRequest, request).state == "open"

    after = words(duty.post(f"/duty/requests/{request}/refuse", data={"reason": "staffing"}, follow_redirects=True))
    refused = world.get(BedRequest, request)
    assert (refused.state, refused.refusal_reason, refused.refusal_words) == ("refused", "staffing", None)
    assert "Refused. Custody sees it now" in after


def test_a_second_press_says_what_is_true_and_the_way_on(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())
    duty.post(f"/duty/requests/{request}/accept")

    for answer, status in (
        (duty.post(f"/duty/requests/{request}/accept"), 409),
        (duty.post(f"/duty/requests/{request}/refuse", data={"reason": "no_bed"}), 409),
        (duty.get(f"/duty/requests/{request}/accept"), 200),
        (duty.get(f"/duty/requests/{request}/refuse"), 200),
    ):
        assert answer.status_code == status
        assert "Already accepted by Haringey at 02:10. The child comes to Example House 1." in words(answer)
        assert "Go on to your first page" in words(answer)
        check(answer.get_data(as_text=True))


def test_a_page_from_before_the_request_was_withdrawn_expired_or_answered_elsewhere_says_so(
    world: World, duty: FlaskClient, time: Time
) -> None:
    child = world.detention()
    elsewhere = world.ask(world.place(authority_code=CAMDEN), detention=child)
    lost = world.ask(world.place(), detention=child)
    withdrawn, late = world.ask(world.place()), world.ask(world.place())
    requests.accept(elsewhere, authority_code=CAMDEN, by="duty.camden", channel="page", now=NIGHT)
    requests.withdraw(withdrawn, suite_id=world.suite_id, by="officer.wood-green", now=NIGHT)
    time.now += timedelta(minutes=31)

    for request, says in (
        (lost, "Already accepted by Camden at 02:10. There is nothing for you to do."),
        (
            withdrawn,
            "This request was withdrawn at 02:10. The bed is no longer needed. There is nothing for you to do.",
        ),
        (late, "This request expired at 02:41 and the bed is no longer held. If you can take the child, ring"),
    ):
        for answer in (
            duty.post(f"/duty/requests/{request}/accept"),
            duty.post(f"/duty/requests/{request}/refuse", data={"reason": "no_bed"}),
        ):
            assert answer.status_code == 409
            assert says in words(answer)
        for page in ("accept", "refuse"):
            assert says in words(duty.get(f"/duty/requests/{request}/{page}"))


def test_a_refusal_needs_a_reason_and_keeps_the_words(world: World, duty: FlaskClient) -> None:
    request = world.ask(world.place())

    answer = duty.post(f"/duty/requests/{request}/refuse", data={"words": "no carer"})
    too_long = duty.post(f"/duty/requests/{request}/refuse", data={"reason": "other", "words": "x" * 201})

    assert (answer.status_code, too_long.status_code) == (422, 422)
    assert "Choose a reason" in words(answer)
    assert "no carer</textarea>" in answer.get_data(as_text=True)
    assert '<details class="govuk-details cf-words" open>' in answer.get_data(as_text=True)
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
    assert f"free-{place}" not in page
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
    assert "The child has arrived" in words(duty.get("/duty"))

    page = words(duty.post(f"/duty/requests/{request}/arrived", follow_redirects=True))

    assert "Saved: the child has arrived." in page
    assert "accepted at 02:10, arrived at 02:10" in page
    assert "Coming to you" not in page
