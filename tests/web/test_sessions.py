"""Staying in and getting out: when a session ends, and what was typed then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP

from custodyfinder.models import AuditEvent, Detention, KeptForm, SignInSession
from custodyfinder.services import sessions

from ..conftest import NIGHT
from ..world import World
from .conftest import OFFICER, SignIn, Time, by_password, enrolled, password
from .reading import words
from .test_every_page import check

FAILED = "That could not be matched."


# --- sessions -------------------------------------------------------------------------------------


def test_a_session_on_a_shared_terminal_ends_after_fifteen_idle_minutes(officer: FlaskClient, time: Time) -> None:
    for _ in range(4):
        time.now += timedelta(minutes=14)
        assert officer.get("/desk").status_code == 200
    time.now += timedelta(minutes=15)

    assert officer.get("/desk").location == "/sign-in?next=/desk"
    assert "nothing was done here for 15 minutes" in words(officer.get("/sign-in?next=/desk"))
    assert officer.get("/desk").status_code == 303


def test_no_session_at_a_desk_lasts_longer_than_ten_hours(officer: FlaskClient, time: Time) -> None:
    for _ in range(59):
        time.now += timedelta(minutes=10)
        assert officer.get("/desk").status_code == 200
    time.now += timedelta(minutes=10)

    assert officer.get("/desk").status_code == 303
    assert "a sign-in lasts for one shift" in words(officer.get("/sign-in?next=/desk"))


def test_a_duty_officer_signs_in_once_for_the_longest_night_and_again_for_the_next(
    duty: FlaskClient, time: Time
) -> None:
    """From 17:00 to 09:00 and an hour over, whether or not anything is done in it."""
    time.now += timedelta(hours=16)
    assert duty.get("/duty").status_code == 200
    assert "Here , from 127.0.0.1" in words(duty.get("/account"))
    time.now += timedelta(hours=1)
    assert duty.get("/duty").status_code == 303


def test_a_phone_that_let_go_of_its_browser_is_still_signed_in_and_a_terminal_is_not(
    stranger: FlaskClient,
) -> None:
    """A cookie without an end goes with the browser, which a phone ends whenever it needs the room."""
    (terminal,), (phone,) = (
        by_password(stranger.application, who).headers.getlist("Set-Cookie") for who in (OFFICER, "duty.haringey")
    )

    assert "Expires=" not in terminal
    assert "Expires=" in phone


def test_a_page_that_follows_by_itself_keeps_nobody_signed_in(world: World, officer: FlaskClient, time: Time) -> None:
    request = world.ask(world.place())
    for _ in range(3):
        time.now += timedelta(minutes=4)
        assert officer.get(f"/desk/requests/{request}/progress").status_code == 200
        assert officer.get(f"/desk/requests/{request}?following=1").status_code == 200
        assert officer.get("/account/left").json == {"seconds": int((NIGHT + sessions.IDLE - time.now).total_seconds())}
    time.now += timedelta(minutes=4)

    assert officer.get(f"/desk/requests/{request}/progress").status_code == 303


def test_staying_signed_in_is_one_press(officer: FlaskClient, time: Time) -> None:
    time.now += timedelta(minutes=14)
    assert officer.post("/account/stay").json == {"seconds": 900}
    time.now += timedelta(minutes=14)

    assert officer.get("/desk").status_code == 200


def test_signing_out_ends_the_session_and_not_only_the_cookie(app: Flask, officer: FlaskClient) -> None:
    with officer.session_transaction() as kept:
        token = kept["token"]
    officer.post("/sign-out")
    thief = app.test_client()
    with thief.session_transaction() as kept:
        kept["token"] = token

    assert thief.get("/desk").status_code == 303


def test_signing_out_everywhere_ends_every_session_and_nobody_elses(sign_in: SignIn, world: World) -> None:
    here, there, other = sign_in(OFFICER), sign_in(OFFICER), sign_in("officer.kentish-town")
    page = words(here.get("/account"))
    assert "Here , from 127.0.0.1" in page
    assert "Elsewhere , from 127.0.0.1" in page

    here.post("/account/sign-out-everywhere")

    assert [client.get("/desk").status_code for client in (here, there, other)] == [303, 303, 200]


def test_the_database_has_no_token_that_opens_a_session(world: World, officer: FlaskClient) -> None:
    with officer.session_transaction() as kept:
        token = kept["token"]

    assert token not in str([vars(row) for row in world.rows(SignInSession)])


def test_signing_in_and_out_is_on_the_audit_trail(app: Flask, world: World, officer: FlaskClient) -> None:
    officer.post("/sign-out")
    password(app.test_client(), typed="wrong")

    assert [event.action for event in world.rows(AuditEvent)][-3:] == ["signed in", "signed out", "sign-in failed"]


# --- what was typed when a session ended ----------------------------------------------------------

TYPED = {"age": "15", "sex": "male", "secure_reasons": "Two robberies <with> a knife"}


def test_a_form_that_is_sent_after_the_session_ended_comes_back_after_signing_in(
    app: Flask, world: World, officer: FlaskClient, time: Time
) -> None:
    secret = enrolled(OFFICER)
    time.now += timedelta(minutes=20)
    sent = officer.post("/desk/detentions/new", data=TYPED)
    assert sent.location == "/sign-in"
    assert world.count(Detention) == (0,)

    password(officer)
    back = officer.post("/sign-in/code", data={"code": TOTP(secret).at(time.now)})
    page = officer.get(back.location).get_data(as_text=True)

    check(page)
    assert back.location == "/account/kept"
    assert 'action="/desk/detentions/new"' in page
    assert 'value="Two robberies &lt;with&gt; a knife"' in page
    again = officer.post("/desk/detentions/new", data=TYPED | {"cf-resumed": "1"})
    assert again.status_code == 422
    assert 'value="15"' in again.get_data(as_text=True)
    assert world.count(KeptForm) == (0,)


def test_what_was_typed_comes_back_to_nobody_else(
    app: Flask, officer: FlaskClient, sign_in: SignIn, time: Time
) -> None:
    theirs = sign_in("officer.kentish-town")
    time.now += timedelta(minutes=20)
    theirs.post("/desk/detentions/new", data=TYPED)

    other = by_password(app, OFFICER)

    assert other.location == "/desk"
    assert sign_in(OFFICER).get("/account/kept").location == "/desk"
    assert sign_in("officer.kentish-town").get("/account/kept").status_code == 200


def test_what_was_typed_is_kept_for_an_hour_and_can_be_thrown_away(
    app: Flask, world: World, officer: FlaskClient, sign_in: SignIn, time: Time
) -> None:
    time.now += timedelta(minutes=20)
    officer.post("/desk/detentions/new", data=TYPED)
    sent = time.now
    time.now = sent + timedelta(minutes=61)
    again = sign_in(OFFICER)
    assert again.get("/account/kept").status_code == 303
    time.now = sent + timedelta(minutes=59)
    again = sign_in(OFFICER)
    assert again.get("/account/kept").status_code == 200
    assert again.post("/account/kept/forget").status_code == 303
    assert again.get("/account/kept").status_code == 303
    assert world.count(KeptForm) == (0,)


def test_the_page_keeps_a_half_filled_form_by_itself_when_time_ends_the_session(
    world: World, officer: FlaskClient, time: Time
) -> None:
    time.now += timedelta(minutes=15)

    kept = officer.post("/account/keep", data=TYPED | {"cf-address": "/desk/detentions/new", "csrf_token": "x"})

    assert kept.status_code == 204
    (row,) = world.rows(KeptForm)
    assert row.address == "/desk/detentions/new"
    assert sorted(map(tuple, row.fields)) == sorted(TYPED.items())


@pytest.mark.parametrize(
    "address", ["//evil.example/desk", "https://evil.example", "/\\evil.example", "", "javascript:x"]
)
def test_a_kept_form_is_never_sent_elsewhere(world: World, officer: FlaskClient, address: str) -> None:
    officer.post("/account/keep", data=TYPED | {"cf-address": address})

    assert world.count(KeptForm) == (0,)


def test_nothing_is_kept_for_a_stranger_or_for_who_signed_out(
    world: World, stranger: FlaskClient, officer: FlaskClient
) -> None:
    officer.post("/sign-out")
    for client in (stranger, officer):
        client.post("/account/keep", data=TYPED | {"cf-address": "/desk/detentions/new"})
        client.post("/desk/detentions/new", data=TYPED)

    assert world.count(KeptForm) == (0,)


@pytest.mark.parametrize("page", ["/sign-in", "/set-up"])
def test_the_pages_of_signing_in_are_valid(stranger: FlaskClient, page: str) -> None:
    check(stranger.get(page).get_data(as_text=True))
    check(stranger.post(page).get_data(as_text=True))


def test_the_pages_of_ones_account_are_valid(officer: FlaskClient, sign_in: SignIn, world: World) -> None:
    check(officer.get("/account").get_data(as_text=True))
    check(officer.post("/account/recovery-codes").get_data(as_text=True))
    check(sign_in("operator").get("/people").get_data(as_text=True))
    inspector = sign_in("inspector.met")
    reference = world.detention()
    check(inspector.get(f"/records/{reference}/readers").get_data(as_text=True))
    check(inspector.post(f"/records/{reference}/readers").get_data(as_text=True))
    check(sign_in("inspectorate").get("/records").get_data(as_text=True))
