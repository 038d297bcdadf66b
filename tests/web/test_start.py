"""The first page, signing in and out, the demonstration, and an installation without Twilio."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from custodyfinder.models import IncomingText
from custodyfinder.web.access import OUR_PATH

from ..world import World
from .conftest import Beside, SignIn, by_password, signed_in
from .reading import words
from .test_every_page import check, every_page
from .test_hooks import BASE, incoming


@pytest.fixture
def demo(beside: Beside) -> FlaskClient:
    """A stranger in the demonstration."""
    return beside(demo=True, twilio_api_base="http://127.0.0.1:5000/handset").test_client()


@pytest.fixture
def without_twilio(beside: Beside) -> Flask:
    """The application of somebody who has not set up Twilio."""
    return beside(twilio_account_sid=None, twilio_auth_token=None, twilio_from=None)


def test_a_stranger_is_led_to_sign_in_and_then_back_to_the_page_they_wanted(app: Flask, sign_in: SignIn) -> None:
    client = app.test_client()

    sent = client.get("/desk/detentions/new")
    assert sent.location == "/sign-in?next=/desk/detentions/new"
    entered = by_password(app, "officer.wood-green", at=sent.location)

    assert entered.location == "/desk/detentions/new"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "/%09/evil.example",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_no_trick_of_spelling_leads_from_sign_in_to_another_origin(app: Flask, sign_in: SignIn, elsewhere: str) -> None:
    answer = by_password(app, "duty.haringey", at=f"/sign-in?next={quote(elsewhere)}")

    assert answer.location == "/duty"


@given(
    st.text(st.sampled_from("/\\:@.?#%;&=\t\r\n\0 ae09-_\u2044\uff0f\u3002"))
    | st.from_regex(OUR_PATH, fullmatch=True)
    | st.text()
)
def test_where_sign_in_leads_back_to_is_a_path_of_ours_and_nothing_else(back: str) -> None:
    """A browser drops tabs and line ends, and reads a backslash as a slash, before it looks for a host."""
    if OUR_PATH.fullmatch(back):
        as_read = re.sub("[\t\r\n]", "", back.strip()).replace("\\", "/")
        there = urlsplit(urljoin("https://custodyfinder.example.org/sign-in", as_read))
        assert (there.scheme, there.netloc) == ("https", "custodyfinder.example.org")
        assert (there.path, there.query, there.fragment) == (back, "", "")
        assert not back.startswith("//")


@pytest.mark.parametrize(("username", "first"), [("officer.wood-green", "/desk"), ("duty.haringey", "/duty")])
def test_the_first_page_of_who_is_signed_in_is_their_own(sign_in: SignIn, username: str, first: str) -> None:
    assert sign_in(username).get("/").location == first


def test_signing_out_closes_every_page(officer: FlaskClient) -> None:
    assert officer.post("/sign-out").status_code == 303

    assert officer.get("/desk").location == "/sign-in?next=/desk"


# --- the demonstration ----------------------------------------------------------------------


def test_the_demonstration_offers_each_side_first_and_says_that_all_is_made_up(demo: FlaskClient) -> None:
    page = demo.get("/").get_data(as_text=True)

    check(page)
    buttons = re.findall(r'action="/demo/sign-in/([^"]+)"', page)
    assert buttons == [
        *("officer.wood-green", "duty.haringey", "manager.haringey", "inspector.met"),
        *("officer.kentish-town", "duty.camden", "manager.camden", "inspector.kent"),
        *("admin.camden", "admin.haringey", "admin.kent", "admin.met", "inspectorate", "operator"),
    ]
    assert page.index("duty.haringey") < page.index("<details") < page.index("officer.kentish-town")
    assert "Demonstration: places, people and numbers are made up." in page
    assert 'href="/handset/"' in page


def test_one_press_signs_a_made_up_person_in(demo: FlaskClient) -> None:
    assert demo.post("/demo/sign-in/duty.haringey").location == "/duty"

    page = words(demo.get("/duty"))
    assert "Haringey: tonight" in page
    assert "made up" in page


def test_nobody_of_that_name_is_404(demo: FlaskClient) -> None:
    assert demo.post("/demo/sign-in/nobody").status_code == 404


def test_outside_the_demonstration_nothing_speaks_of_it(officer: FlaskClient, app: Flask) -> None:
    assert "Demonstration" not in words(officer.get("/desk"))
    assert app.test_client().get("/").location == "/sign-in"


# --- without Twilio -------------------------------------------------------------------------


def test_without_twilio_every_page_of_who_is_signed_in_says_that_texts_are_not_being_sent(
    without_twilio: Flask, world: World
) -> None:
    officer, duty = signed_in(without_twilio, "officer.wood-green"), signed_in(without_twilio, "duty.haringey")

    manager = signed_in(without_twilio, "manager.haringey")

    pages = [page for page in every_page(world, officer, duty, manager) if "Sign out" in page]

    assert len(pages) == 11
    assert all("Texts are not being sent:" in page for page in pages)


def test_without_twilio_an_empty_token_signs_nothing(without_twilio: Flask, world: World) -> None:
    form = incoming("BEDS")
    forged = RequestValidator("").compute_signature(f"{BASE}/hooks/twilio/message", form)

    answer = without_twilio.test_client().post(
        "/hooks/twilio/message", data=form, headers={"X-Twilio-Signature": forged}
    )

    assert answer.status_code == 403
    assert world.count(IncomingText) == (0,)
