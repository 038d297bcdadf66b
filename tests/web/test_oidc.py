"""Signing in with one's organisation: the flow against a real provider, and against one that lies."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.db import db
from custodyfinder.models import AuditEvent, Person, SignInSession
from custodyfinder.services import accounts, people

from ..conftest import NIGHT
from ..world import World
from . import providers
from .providers import CLIENT, SECRET, Liar
from .reading import words

At = Callable[[str], FlaskClient]
FAILED = "Your organisation's sign-in did not work."


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real identity provider, which knows an officer and a stranger."""
    officer = {"sub": "4711", "preferred_username": "officer.wood-green", "email": "wood.green@example.org"}
    with providers.real(officer, {"sub": "4712", "preferred_username": "somebody.else"}) as address:
        yield address


@pytest.fixture
def liar() -> Iterator[Liar]:
    """A provider that lies."""
    with providers.liar() as running:
        yield running


@pytest.fixture
def at(settings: Settings, world: World) -> Iterator[At]:
    """Gives a stranger's browser at an installation that trusts this provider."""
    made: list[Flask] = []

    def with_issuer(issuer: str) -> FlaskClient:
        trusting = dataclasses.replace(settings, oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)
        app = create_app(trusting)
        app.config["WTF_CSRF_ENABLED"] = False
        made.append(app)
        return app.test_client()

    yield with_issuer
    for app in made:
        with app.app_context():
            db.engine.dispose()


def by_provider(client: FlaskClient, subject: str, *, start: str = "/sign-in/organisation") -> Any:
    """Go to the provider, sign in there, come back."""
    sent = client.get(start)
    assert sent.status_code == 303
    back = requests.post(sent.location, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    return client.get(back.headers["Location"].removeprefix("http://127.0.0.1:5000"))


def by_liar(client: FlaskClient, liar: Liar, **changed: str) -> Any:
    """The same at the provider that lies; `changed` is what comes back in place of its own."""
    answer = liar.authorize(client.get("/sign-in/organisation").location)
    return client.get("/sign-in/organisation/answer", query_string=answer | changed)


def is_refused(client: FlaskClient, answer: Any, world: World) -> None:
    """One plain sentence, the password is still offered, and nobody is in."""
    assert answer.status_code == 303
    assert answer.location == "/sign-in"
    page = client.get("/sign-in")
    assert FAILED in words(page)
    assert 'name="password"' in page.get_data(as_text=True)
    assert world.count(SignInSession) == (0,)


def person(world: World, username: str) -> Person:
    (found,) = [each for each in world.rows(Person) if each.username == username]
    return found


# --- a real provider ------------------------------------------------------------------------------


def test_an_officer_signs_in_with_their_organisation_without_a_second_factor_of_ours(
    at: At, provider: str, world: World
) -> None:
    client = at(provider)
    assert "Sign in with your organisation" in words(client.get("/sign-in"))

    entered = by_provider(client, "4711", start="/sign-in/organisation?next=/desk/detentions/new")

    assert entered.location == "/desk/detentions/new"
    assert client.get("/desk").status_code == 200
    assert [event.action for event in world.rows(AuditEvent)][-2:] == ["identity bound", "signed in"]
    bound = person(world, "officer.wood-green")
    assert (bound.oidc_issuer, bound.oidc_subject) == (provider, "4711")


def test_whom_no_administrator_has_added_does_not_get_in(at: At, provider: str, world: World) -> None:
    client = at(provider)

    is_refused(client, by_provider(client, "4712"), world)


def test_a_closed_account_stays_closed(at: At, provider: str, world: World) -> None:
    client = at(provider)
    by_provider(client, "4711")
    people.close_by_command("officer.wood-green", now=NIGHT)

    answer = by_provider(client, "4711")

    assert answer.location == "/sign-in"
    assert client.get("/desk").status_code == 303


def test_an_account_that_knows_another_subject_is_not_taken_over(at: At, provider: str, world: World) -> None:
    client = at(provider)
    world.change(Person, person(world, "officer.wood-green").id, oidc_issuer=provider, oidc_subject="another")

    is_refused(client, by_provider(client, "4711"), world)


def test_a_name_that_changed_at_the_provider_is_still_the_same_person(at: At, provider: str, world: World) -> None:
    client = at(provider)
    world.change(Person, person(world, "inspector.met").id, oidc_issuer=provider, oidc_subject="4711")

    assert by_provider(client, "4711").location == "/records"


def test_whoever_says_no_at_the_provider_is_back_at_sign_in(at: At, provider: str, world: World) -> None:
    client = at(provider)
    sent = client.get("/sign-in/organisation")
    back = requests.post(sent.location, data={"action": "deny"}, allow_redirects=False, timeout=10)

    answer = client.get("/sign-in/organisation/answer", query_string=back.headers["Location"].split("?", 1)[-1])

    is_refused(client, answer, world)


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_way_back_never_leads_elsewhere(at: At, provider: str, elsewhere: str) -> None:
    client = at(provider)
    client.get("/sign-in/organisation", query_string={"next": elsewhere})
    sent = client.get("/sign-in/organisation", query_string={"next": elsewhere})
    back = requests.post(sent.location, data={"sub": "4711"}, allow_redirects=False, timeout=10)

    answer = client.get("/sign-in/organisation/answer", query_string=back.headers["Location"].split("?", 1)[1])

    assert answer.location == "/desk"


# --- one that lies --------------------------------------------------------------------------------


def test_the_provider_is_told_to_ask_again_and_gets_the_verifier_of_its_challenge(at: At, liar: Liar) -> None:
    client = at(liar.address)

    assert by_liar(client, liar).location == "/desk"

    assert liar.asked["prompt"] == ["login"]
    assert liar.asked["code_challenge_method"] == ["S256"]
    digest = hashlib.sha256(liar.told["code_verifier"].encode()).digest()
    assert liar.asked["code_challenge"] == [base64.urlsafe_b64encode(digest).decode().rstrip("=")]
    assert liar.told["redirect_uri"] == "http://127.0.0.1:5000/sign-in/organisation/answer"


def test_an_answer_is_taken_once(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)
    answer = liar.authorize(client.get("/sign-in/organisation").location)
    assert client.get("/sign-in/organisation/answer", query_string=answer).location == "/desk"
    client.post("/sign-out")

    again = client.get("/sign-in/organisation/answer", query_string=answer)

    assert again.location == "/sign-in"
    assert client.get("/desk").status_code == 303


@pytest.mark.parametrize(
    "changed", [{"state": "another"}, {"state": ""}, {"code": ""}, {"iss": "https://evil.example"}]
)
def test_an_answer_that_was_not_asked_for_is_refused(at: At, liar: Liar, world: World, changed: dict[str, str]) -> None:
    client = at(liar.address)
    true = liar.authorize(client.get("/sign-in/organisation").location)

    for answer in (true | changed, true):  # the true one comes too late: what was begun has ended
        is_refused(client, client.get("/sign-in/organisation/answer", query_string=answer), world)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": None},
        {"aud": [CLIENT, "another client"]},
        {"azp": "another client"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": 99999999999},
        {"sub": None},
        {"preferred_username": None, "email": "officer.wood-green", "email_verified": False},
        {"preferred_username": None, "email": "officer.wood-green"},
        {"preferred_username": " "},
        {"preferred_username": ["officer.wood-green"]},
        {"preferred_username": "officer.wood-green\0"},
        {"preferred_username": "inspector.\u212aent"},
        {"sub": "a\0b"},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_opens_nothing(at: At, liar: Liar, world: World, claims: dict[str, Any]) -> None:
    client = at(liar.address)
    liar.claims = claims

    is_refused(client, by_liar(client, liar), world)


def test_a_verified_address_names_the_person_where_the_provider_has_no_username(at: At, liar: Liar) -> None:
    liar.claims = {"preferred_username": None, "email": "officer.wood-green", "email_verified": True}

    assert by_liar(at(liar.address), liar).location == "/desk"


@pytest.mark.parametrize(("seconds", "there"), [(-30, "/desk"), (-90, "/sign-in")])
def test_a_token_is_good_for_one_minute_more_and_no_longer(at: At, liar: Liar, seconds: int, there: str) -> None:
    client = at(liar.address)
    liar.claims = {"exp": int(time.time()) + seconds}

    assert by_liar(client, liar).location == there


def test_a_token_for_several_is_taken_where_it_says_that_we_have_asked(at: At, liar: Liar) -> None:
    liar.claims = {"aud": [CLIENT, "another client"], "azp": CLIENT}

    assert by_liar(at(liar.address), liar).location == "/desk"


def test_a_provider_that_calls_itself_another_is_refused(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)
    liar.said = {"issuer": "https://evil.example"}

    is_refused(client, client.get("/sign-in/organisation"), world)


def test_a_token_without_a_signature_opens_nothing(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)
    answer = liar.authorize(client.get("/sign-in/organisation").location)
    head, body, _ = liar.token().split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (f"{none}.{body}.", f"{head}.{body}.", "", "x"):
        liar.forged = forged
        is_refused(client, client.get("/sign-in/organisation/answer", query_string=answer), world)
        answer = liar.authorize(client.get("/sign-in/organisation").location)


def test_a_token_signed_with_our_own_secret_opens_nothing(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)
    answer = liar.authorize(client.get("/sign-in/organisation").location)
    liar.forged = liar.by_secret()

    is_refused(client, client.get("/sign-in/organisation/answer", query_string=answer), world)


def test_a_token_signed_with_somebody_elses_key_opens_nothing(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)
    liar.shown = RSAKey.generate_key(2048, {"kid": "one"})

    is_refused(client, by_liar(client, liar), world)


def test_keys_that_the_provider_has_changed_are_asked_for_again(at: At, liar: Liar) -> None:
    client = at(liar.address)
    assert by_liar(client, liar).location == "/desk"
    client.post("/sign-out")

    liar.key = RSAKey.generate_key(2048, {"kid": "two"})

    assert by_liar(client, liar).location == "/desk"


def test_a_provider_that_is_down_is_said_in_one_plain_sentence(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)
    liar.broken = True

    is_refused(client, client.get("/sign-in/organisation"), world)


def test_a_provider_that_cannot_be_reached_is_said_as_well(at: At, world: World) -> None:
    client = at("http://127.0.0.1:9")

    is_refused(client, client.get("/sign-in/organisation"), world)


def test_an_answer_that_nobody_began_is_refused(at: At, liar: Liar, world: World) -> None:
    client = at(liar.address)

    is_refused(client, client.get("/sign-in/organisation/answer?code=x&state=y"), world)


def test_where_no_provider_is_set_up_there_is_none(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/sign-in/organisation").status_code == 404
    assert not re.search("your organisation<", client.get("/sign-in").get_data(as_text=True))


def test_who_signs_in_with_their_organisation_only_is_set_up(at: At, liar: Liar, world: World) -> None:
    officer = person(world, "officer.wood-green").id
    world.change(Person, officer, password_hash=None)
    by_liar(at(liar.address), liar)

    (line,) = [each for each in people.of_admin(accounts.by_username("admin.met")) if each.id == officer]
    assert line.set_up


def test_starting_afresh_forgets_the_identity(at: At, liar: Liar, world: World) -> None:
    by_liar(at(liar.address), liar)
    people.start_afresh(person(world, "officer.wood-green").id, admin=accounts.by_username("admin.met"), now=NIGHT)

    assert person(world, "officer.wood-green").oidc_subject is None
