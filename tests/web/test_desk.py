"""What the custody officer's pages show and say of a child and a request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from custodyfinder import clock
from custodyfinder.db import transaction
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.gateways.sms import SmsTryLater
from custodyfinder.models import (
    BedRequest,
    Call,
    Contact,
    Detention,
    TextMessage,
)
from custodyfinder.services import delivery, requests

from ..conftest import NIGHT
from ..services.night import Night
from ..services.senders import FakeSender
from ..world import HARINGEY_PHONE, World
from .conftest import SignIn
from .reading import CHILD, answer_page, words


def test_a_search_shows_rank_name_miles_minutes_beds_and_reasons(world: World, officer: FlaskClient) -> None:
    world.place(name="Example House Tern", confirmed_at=NIGHT - timedelta(hours=5))
    world.place(name="Example House Shut", out_of_service="boiler")

    answer = officer.post("/desk/detentions/new", data=CHILD, follow_redirects=True)

    page = words(answer)
    assert answer.status_code == 200
    assert "Boy of 15, non-secure" in page
    assert "Authority to ask first: Haringey" in page
    assert re.search(
        r"Example House Tern Haringey, children's home Best: The only place that suits\. "
        r"0\.6 miles , about \d+ minutes \(estimate\)",
        page,
    )
    assert "2 beds free , confirmed 5 hours ago: ageing" in page
    assert "+ 15 minutes: Its bed count was last confirmed 5 hours ago." in page
    assert "Example House Shut (Haringey), 0.6 miles: Out of service: boiler." in page
    assert "Fictional Row" not in page


def test_a_home_in_scotland_is_said_and_the_suites_authority_is_asked_first(officer: FlaskClient) -> None:
    data = CHILD | {"home_postcode": "EH1 1YZ"}

    page = words(officer.post("/desk/detentions/new", data=data, follow_redirects=True))

    assert "This postcode is in Scotland, where PACE 1984 does not apply." in page
    assert "Authority to ask first: Haringey" in page


def test_no_place_at_all_is_said_with_what_to_do(officer: FlaskClient) -> None:
    page = words(officer.post("/desk/detentions/new", data=CHILD, follow_redirects=True))

    assert "No place suits" in page
    assert "Ring the authority to ask first" in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"age": "9"}, "Age must be 10 or over"),
        ({"age": "18"}, "Age must be 17 or under"),
        ({"age": ""}, "Enter the child's age"),
        ({"age": "-1"}, "whole number"),
        ({"age": "15.5"}, "whole number"),
        ({"sex": ""}, "Choose girl or boy"),
        ({"home_postcode": "BT1 5GS"}, "Northern Ireland"),
        ({"home_postcode": "N22"}, "full postcode"),
        ({"avoid_2": "N22 6XH"}, "how many miles"),
        ({"miles_1": "2"}, "Enter the postcode to keep away from"),
        ({"avoid_1": "BT1 5GS", "miles_1": "2"}, "Northern Ireland"),
        ({"avoid_1": "N22 6XH", "miles_1": "999"}, "above 0 and up to 62"),
        ({"avoid_3": "N22 6XH", "miles_3": "0"}, "above 0 and up to 62"),
        ({"avoid_geojson": "{"}, "not JSON"),
        ({"keep_apart": "ZZZZ-ZZZ"}, "no record with the reference ZZZZ-ZZZ"),
        ({"looked_after_by": "E99999999"}, "Choose an authority from the list."),
    ],
)
def test_a_search_with_bad_input_says_what_to_do_keeps_what_was_typed_and_writes_nothing(
    world: World, officer: FlaskClient, wrong: dict[str, str], message: str
) -> None:
    answer = officer.post("/desk/detentions/new", data=CHILD | {"need_interpreter": "yes"} | wrong)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in words(answer)
    assert "<title>Error: " in page
    for name, typed in wrong.items():
        if name not in ("sex", "looked_after_by") and typed:
            assert f'value="{typed}"' in page or f">{typed}</textarea>" in page
    assert re.search(r'name="need_interpreter" value="yes"[^>]* checked', page)
    assert world.count(Detention) == (0,)


def test_every_error_of_a_form_is_shown_at_once(officer: FlaskClient) -> None:
    page = words(officer.post("/desk/detentions/new", data={"age": "9", "home_postcode": "BT1 5GS"}))

    assert page.count("Age must be 10 or over") == 2
    assert page.count("Choose girl or boy") == 2
    assert page.count("Northern Ireland") == 2


def test_a_second_click_on_ask_leads_to_the_same_request(world: World, officer: FlaskClient) -> None:
    place, reference = world.place(), world.detention()
    address = f"/desk/detentions/{reference}/places/{place}/ask"

    first, second = officer.post(address), officer.post(address)

    assert (first.status_code, first.location) == (303, second.location)
    assert world.count(BedRequest, TextMessage) == (1, 1)
    assert world.get(BedRequest, 1).shown["distance_m"] == 1000


def test_the_last_bed_taken_meanwhile_is_said_with_what_to_do(world: World, officer: FlaskClient) -> None:
    place = world.place(beds_free=1)
    reference = world.detention()
    world.ask(place)

    answer = officer.post(f"/desk/detentions/{reference}/places/{place}/ask")

    assert answer.status_code == 409
    assert "The last bed here has just been taken. Choose another place." in words(answer)


def progress(officer: FlaskClient, request: int) -> str:
    page = words(officer.get(f"/desk/requests/{request}"))
    assert words(officer.get(f"/desk/requests/{request}/progress")) in page
    return page


def test_the_officers_page_goes_from_sent_to_delivered_to_accepted(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())
    night = Night(world)
    assert "Emergency Duty Team, on duty: the text is about to be sent." in progress(officer, request)

    night.go_to(0)
    assert "02:10 Emergency Duty Team, on duty: text sent. Not known yet" in progress(officer, request)
    assert "Whoever is next in line is asked at 02:20" in progress(officer, request)

    night.receipt(world.texts()[0], "delivered")
    assert "delivered at 02:10" in progress(officer, request)
    assert "Ring now, at any time Emergency Duty Team (on duty), Haringey: 020 7946 0100" in progress(officer, request)

    requests.accept(request, **answer_page(request, now=NIGHT + timedelta(minutes=4)))
    page = progress(officer, request)
    assert "Accepted by Haringey at 02:14" in page
    assert "1 Fictional Row" in page


def test_while_twilio_is_down_the_page_says_ring_and_the_request_stays(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())

    for text in delivery.claim(1, now=NIGHT):
        down = FakeSender(SmsTryLater("connection", None, perhaps_sent=False))
        delivery.deliver(text, down, status_base="https://example.org", now=NIGHT)

    page = progress(officer, request)
    assert "Emergency Duty Team, on duty: the text has not gone out: Twilio could not be reached or was busy." in page
    assert "It is being tried again. Ring now." in page
    assert world.get(BedRequest, request).state == "open"


def test_a_text_that_did_not_arrive_is_said_and_who_was_asked_instead(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())
    night = Night(world)
    night.go_to(0)

    night.receipt(world.texts()[0], "undelivered", "30003")

    page = progress(officer, request)
    assert "Emergency Duty Team, on duty: the text did not arrive. Whoever is next was asked at once." in page
    assert "Duty desk, fallback: text sent." in page


def test_a_step_that_reaches_nobody_is_said_with_its_reason(world: World, officer: FlaskClient) -> None:
    world.change(Contact, world.contact(HARINGEY_PHONE), opted_out_at=NIGHT)

    page = progress(officer, world.ask(world.place()))

    assert "02:10 Not texted: Emergency Duty Team, on duty: has opted out of texts." in page


def test_a_contact_who_cannot_decide_by_text_is_to_be_rung(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())

    with transaction() as session:
        requests.ask_to_ring(session, request, by="text", now=NIGHT)

    page = progress(officer, request)
    assert "They cannot decide by text: ring them now" in page
    assert "02:10 They asked you to ring ." in page
    assert "020 7946 0100" in page


def test_a_refusal_shows_its_reason_and_the_way_on(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())

    requests.refuse(request, reason=RefusalReason.STAFFING, words="one <b>carer</b> ill", **answer_page(request))

    page = progress(officer, request)
    assert "Refused at 02:10: not enough staff tonight" in page
    assert "They said: “one &lt;b&gt;carer&lt;/b&gt; ill”" in page
    assert "Ask the next place" in page
    assert "Fictional Row" not in page


def test_an_expired_hold_says_that_nobody_answered(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())

    Night(world).go_to(0)
    requests.expire_due(now=NIGHT + timedelta(minutes=31))

    page = progress(officer, request)
    assert "Nobody has answered: ring now" in page
    assert "No answer came by 02:41. The bed is no longer held. Emergency Duty Team, Haringey: 020 7946 0100" in page


def test_one_press_records_a_call_and_an_acceptance_by_telephone_counts(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())
    address = f"/desk/requests/{request}/calls"

    officer.post(address, data={"said": "no_answer", "words": "rang out"})
    assert "officer.wood-green rang: no answer. “rang out”" in progress(officer, request)
    officer.post(address, data={"said": "accepted", "words": ""})

    assert "Accepted by Haringey at 02:10" in progress(officer, request)


@pytest.mark.parametrize("said", ["", "maybe"])
def test_a_call_without_an_outcome_says_what_to_do_and_keeps_the_words(
    world: World, officer: FlaskClient, said: str
) -> None:
    request = world.ask(world.place())

    answer = officer.post(f"/desk/requests/{request}/calls", data={"said": said, "words": "they were busy"})
    long = officer.post(f"/desk/requests/{request}/calls", data={"said": "refused", "words": "x" * 201})

    assert (answer.status_code, long.status_code) == (422, 422)
    assert "Choose what was said" in words(answer)
    assert 'value="they were busy"' in answer.get_data(as_text=True)
    assert "Use 200 characters or fewer" in words(long)
    assert world.count(Call) == (0,)


def test_an_accepted_child_is_recorded_as_arrived_with_one_press(world: World, officer: FlaskClient) -> None:
    request = world.ask(world.place())
    requests.accept(request, **answer_page(request))
    assert "The child has arrived" in progress(officer, request)

    officer.post(f"/desk/requests/{request}/arrived")

    assert "The child arrived; recorded at 02:10." in progress(officer, request)


def test_the_desk_is_shown_a_child_who_has_not_arrived_in_time(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests.accept(world.ask(world.place()), **answer_page(1))
    assert "No arrival recorded" not in words(sign_in("officer.wood-green").get("/desk"))

    monkeypatch.setattr(clock, "now", lambda: NIGHT + timedelta(minutes=95))

    assert "No arrival recorded Haringey accepted at 02:10." in words(sign_in("officer.wood-green").get("/desk"))
