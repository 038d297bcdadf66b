"""Getting in, staying in, getting out: passwords, second factors, sessions, what was typed when one ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import select

from custodyfinder.db import transaction
from custodyfinder.models import Person, RecoveryCode, SignInSession, SignInTry
from custodyfinder.services import accounts, people, throttle

from ..conftest import NIGHT
from ..world import PASSWORD, World
from .conftest import OFFICER, SignIn, Time, by_password, enrolled, password
from .reading import words
from .test_every_page import check

FAILED = "That could not be matched."


# --- one message for every failure, and not too many of them --------------------------------------


@pytest.mark.parametrize(
    ("username", "typed"), [(OFFICER, "wrong"), ("nobody", PASSWORD), ("nobody", "wrong"), ("closed", PASSWORD)]
)
def test_every_failure_to_sign_in_says_the_same(
    stranger: FlaskClient, world: World, time: Time, username: str, typed: str
) -> None:
    if username == "closed":
        username = "duty.camden"
        people.close_by_command(username, now=NIGHT)
    answer = stranger.post("/sign-in", data={"username": username, "password": typed})

    assert answer.status_code == 422
    assert FAILED in words(answer)
    assert world.count(SignInSession) == (0,)


def test_after_five_wrong_passwords_the_right_one_is_not_taken_for_fifteen_minutes(
    stranger: FlaskClient, time: Time
) -> None:
    for _ in range(throttle.FOR_ONE_HERE):
        assert password(stranger, typed="wrong") == 422
    assert password(stranger) == 422
    assert password(stranger, "officer.kentish-town") == 303

    time.now += throttle.WITHIN

    assert password(stranger) == 303


def test_a_name_that_nobody_has_is_held_up_like_one_that_somebody_has(stranger: FlaskClient, world: World) -> None:
    for _ in range(throttle.FOR_ONE_HERE + 3):
        assert password(stranger, "nobody", "wrong") == 422

    assert world.count(SignInTry) == (throttle.FOR_ONE_HERE,)
    assert "nobody" not in str([tried.who for tried in world.rows(SignInTry)])


def test_the_right_password_forgets_the_wrong_ones_before_it(stranger: FlaskClient) -> None:
    for _ in range(3):
        for _ in range(throttle.FOR_ONE_HERE - 1):
            password(stranger, typed="wrong")
        assert password(stranger) == 303


def test_guessing_from_many_addresses_is_stopped(stranger: FlaskClient) -> None:
    for number in range(throttle.FOR_ONE_ANYWHERE):
        assert password(stranger, typed="wrong", origin=f"10.0.1.{number}") == 422

    assert password(stranger, origin="10.0.2.1") == 422


def test_nobody_can_lock_an_officer_out_of_the_terminal_that_they_use(app: Flask, stranger: FlaskClient) -> None:
    by_password(app, OFFICER)  # from 127.0.0.1
    for number in range(throttle.FOR_ONE_ANYWHERE + 5):
        password(stranger, typed="wrong", origin=f"10.0.1.{number}")

    assert password(stranger, origin="127.0.0.1") == 303


def test_one_password_for_many_names_from_one_address_is_stopped(stranger: FlaskClient, world: World) -> None:
    with transaction() as session:
        session.add_all(
            SignInTry(at=NIGHT, who=f"{number:064}", origin="10.0.0.1") for number in range(throttle.FROM_ONE_ADDRESS)
        )

    assert password(stranger) == 422
    assert password(stranger, origin="10.0.0.2") == 303


# --- the second factor ----------------------------------------------------------------------------


def test_the_first_sign_in_sets_up_the_second_factor_and_shows_ten_recovery_codes_once(
    app: Flask, stranger: FlaskClient, world: World
) -> None:
    assert password(stranger) == 303
    assert stranger.get("/desk").status_code == 303
    page = stranger.get("/sign-in/second-factor").get_data(as_text=True)
    check(page)
    assert "<svg" in page
    secret = re.findall(r"cf-secret\">([A-Z2-7]{32})<", page)[0]
    assert stranger.post("/sign-in/second-factor", data={"code": "000000"}).status_code == 422
    assert secret in stranger.get("/sign-in/second-factor").get_data(as_text=True)

    shown = stranger.post("/sign-in/second-factor", data={"code": TOTP(secret).at(NIGHT)})

    codes = re.findall(r"<code>([a-z0-9-]{19})</code>", shown.get_data(as_text=True))
    assert len(set(codes)) == 10
    assert stranger.get("/desk").status_code == 200
    assert password(app.test_client()) == 303
    (person,) = [each for each in world.rows(Person) if each.username == OFFICER]
    assert secret.encode() not in (person.totp_secret or b"")
    assert not set(codes) & {row.code_hash for row in world.rows(RecoveryCode)}


def test_a_password_alone_opens_nothing(app: Flask, stranger: FlaskClient) -> None:
    enrolled(OFFICER)
    assert password(stranger) == 303

    for page in ("/desk", "/account", "/records"):
        assert stranger.get(page).location.startswith("/sign-in")
    assert stranger.get("/sign-in/second-factor").location == "/sign-in"
    assert stranger.post("/sign-in/second-factor", data={"code": "000000"}).status_code in (303, 422)
    assert stranger.get("/desk").status_code == 303


def test_a_code_is_taken_once(app: Flask, stranger: FlaskClient, time: Time) -> None:
    code = TOTP(enrolled(OFFICER)).at(NIGHT)
    for expected in (303, 422):
        client = app.test_client()
        password(client)
        assert client.post("/sign-in/code", data={"code": code}).status_code == expected


@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (30, 303), (-90, 422), (90, 422)])
def test_a_phone_whose_clock_is_half_a_minute_off_is_understood_and_no_more(
    stranger: FlaskClient, seconds: int, status: int
) -> None:
    secret = enrolled(OFFICER)
    password(stranger)
    code = TOTP(secret).at(NIGHT + timedelta(seconds=seconds))

    assert stranger.post("/sign-in/code", data={"code": code}).status_code == status


def test_codes_are_not_guessed_in_more_than_five_tries(stranger: FlaskClient) -> None:
    secret = enrolled(OFFICER)
    password(stranger)
    for number in range(throttle.FOR_ONE_HERE):
        stranger.post("/sign-in/code", data={"code": f"{number:06}"})

    assert stranger.post("/sign-in/code", data={"code": TOTP(secret).at(NIGHT)}).status_code == 422


def test_a_recovery_code_opens_the_account_once_however_it_is_spaced(app: Flask, officer: FlaskClient) -> None:
    enrolled(OFFICER)
    shown = officer.post("/account/recovery-codes").get_data(as_text=True)
    code = re.findall(r"<code>([a-z0-9-]{19})</code>", shown)[0]

    for typed, expected in ((code.upper().replace("-", " "), 303), (code, 422)):
        client = app.test_client()
        password(client)
        assert client.post("/sign-in/code", data={"code": typed}).status_code == expected
    assert "9 left of ten" in words(officer.get("/account"))


def test_a_phone_offers_what_it_has_kept_and_the_keyboard_that_fits(stranger: FlaskClient) -> None:
    enrolled(OFFICER)
    name, secret = (field(stranger, "/sign-in", each) for each in ("username", "password"))
    password(stranger)
    digits, letters = (field(stranger, page, "code") for page in ("/sign-in/code", "/sign-in/code?recovery=1"))

    assert 'autocomplete="username"' in name
    assert 'autocapitalize="none"' in name
    assert 'autocomplete="current-password"' in secret
    assert 'inputmode="numeric"' in digits
    assert 'autocomplete="one-time-code"' in digits
    assert "inputmode" not in letters
    for page in ("/sign-in/code", "/sign-in/code?recovery=1"):
        check(stranger.get(page).get_data(as_text=True))
        check(stranger.post(page, data={"code": "000000"}).get_data(as_text=True))


def field(client: FlaskClient, page: str, name: str) -> str:
    """The input of this name."""
    (found,) = re.findall(rf'<input[^>]* name="{name}"[^>]*>', client.get(page).get_data(as_text=True))
    return str(found)


def test_the_second_step_has_ten_minutes(stranger: FlaskClient, time: Time) -> None:
    secret = enrolled(OFFICER)
    password(stranger)
    time.now += timedelta(minutes=11)

    answer = stranger.post("/sign-in/code", data={"code": TOTP(secret).at(time.now)})

    assert answer.location == "/sign-in"


# --- an account is set up, closed, started afresh -------------------------------------------------


def test_an_account_is_set_up_with_its_code_once_within_three_days(
    app: Flask, world: World, sign_in: SignIn, time: Time
) -> None:
    admin = sign_in("admin.met")
    new = {"username": "r.khan", "name": "R. Khan", "role": "custody_officer", "where": "suite:wood-green"}
    page = admin.post("/people", data=new).get_data(as_text=True)
    check(page)
    code = re.findall(r"<code>([a-z0-9-]{19})</code>", page)[0]
    assert code not in admin.get("/people").get_data(as_text=True)
    said = {"username": "r.khan", "code": code, "password": "three unrelated words"}

    for wrong in (
        {"code": "aaaa-bbbb-cccc-dddd"},
        {"password": "short"},
        {"username": OFFICER},
        {"password": "a" * 30},
    ):
        assert app.test_client().post("/set-up", data=said | wrong).status_code == 422
    answer = app.test_client().post("/set-up", data=said)
    again = app.test_client().post("/set-up", data=said)

    assert answer.location == "/sign-in/second-factor"
    assert again.status_code == 422
    assert password(app.test_client(), "r.khan", "three unrelated words") == 303


def test_a_code_of_three_days_ago_sets_nothing_up(app: Flask, world: World, sign_in: SignIn, time: Time) -> None:
    admin = accounts.by_username("admin.met")
    code = people.start_afresh(id_of(OFFICER), admin=admin, now=NIGHT)
    time.now += people.SETUP_FOR

    said = {"username": OFFICER, "code": code, "password": "three unrelated words"}
    assert app.test_client().post("/set-up", data=said).status_code == 422


def test_starting_afresh_ends_sessions_password_and_second_factor(
    app: Flask, world: World, officer: FlaskClient, time: Time
) -> None:
    enrolled(OFFICER)

    people.start_afresh(id_of(OFFICER), admin=accounts.by_username("admin.met"), now=NIGHT)

    assert officer.get("/desk").status_code == 303
    assert password(app.test_client()) == 422


def test_closing_an_account_ends_its_sessions_at_once(officer: FlaskClient, app: Flask) -> None:
    assert officer.get("/desk").status_code == 200

    people.close(id_of(OFFICER), admin=accounts.by_username("admin.met"), now=NIGHT)

    assert officer.get("/desk").status_code == 303
    assert officer.post("/desk/detentions/new", data={"age": "15"}).status_code == 303
    assert password(app.test_client()) == 422


def test_nobody_closes_their_own_account_or_starts_it_afresh(sign_in: SignIn) -> None:
    admin = sign_in("admin.met")
    for verb in ("close", "start-afresh"):
        assert admin.post(f"/people/{id_of('admin.met')}/{verb}").status_code == 422
    assert admin.get("/people").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "operator"},
        {"role": "duty_officer", "where": "authority:E09000014"},
        {"where": "suite:elsewhere"},
        {"role": "custody_inspector", "where": "force:Kent Police"},
        {"username": "Robert'); DROP TABLE person"},
        {"username": "officer.wood-green"},
        {"name": ""},
    ],
)
def test_an_administrator_adds_to_their_own_organisation_only_and_loses_nothing_that_was_typed(
    world: World, sign_in: SignIn, wrong: dict[str, str]
) -> None:
    new = {"username": "r.khan", "name": "R. Khan", "role": "custody_officer", "where": "suite:wood-green"}
    before = world.count(Person)

    answer = sign_in("admin.met").post("/people", data=new | wrong)

    assert answer.status_code == 422
    assert world.count(Person) == before
    page = answer.get_data(as_text=True)
    check(page)
    assert 'value="R. Khan"' in page or "name" in wrong


def id_of(username: str) -> int:
    with transaction() as session:
        return session.scalars(select(Person.id).where(Person.username == username)).one()
