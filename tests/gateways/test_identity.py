"""What the identity provider is believed, how long it is waited for, and what the log has of it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
import responses
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from custodyfinder.gateways import identity
from custodyfinder.gateways.identity import Identity, IdentityProvider, NotIdentified

from ..web import providers
from ..web.providers import CLIENT, SECRET, Liar

BACK = "http://127.0.0.1:5000/sign-in/organisation/answer"
AWAY = "https://login.example.org"
NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


@pytest.fixture
def liar() -> Iterator[Liar]:
    """A provider that lies."""
    with providers.liar() as running:
        yield running


def signed_in_at(liar: Liar) -> Identity:
    """Go there and come back. It goes by the real time."""
    provider, now = IdentityProvider(liar.address, CLIENT, SECRET), datetime.now(UTC)
    begun = provider.begin(BACK, now=now)
    return provider.finish(liar.authorize(begun.url), begun, BACK, now=now)


def test_a_token_by_an_elliptic_curve_is_taken(liar: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ECKey.generate_key("P-256", {"kid": "curve"})
    monkeypatch.setattr(liar, "shown", key)
    monkeypatch.setattr(liar, "token", lambda: jwt.encode({"alg": "ES256", "kid": "curve"}, liar.true_claims(), key))

    assert signed_in_at(liar) == Identity(issuer=liar.address, subject="0001", username="officer.wood-green")


@pytest.mark.parametrize("name", ["inspector.\u212aent", "officer.wood\u2010green", "officer.wood-green\0", "offıcer"])
def test_a_name_that_no_administrator_could_have_added_is_nobodys(liar: Liar, name: str) -> None:
    """In small letters the sign for kelvin is a k, and would open somebody else's account."""
    liar.claims = {"preferred_username": name}

    with pytest.raises(NotIdentified, match="no username"):
        signed_in_at(liar)


@pytest.mark.parametrize("subject", ["a\0b", "x" * 256, "  ", "ümlaut"])
def test_a_subject_that_is_none_by_the_standard_is_refused(liar: Liar, subject: str) -> None:
    liar.claims = {"sub": subject}

    with pytest.raises(NotIdentified, match="no subject"):
        signed_in_at(liar)


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": None},
        {"preferred_username": "inspector.\u212aent"},
        {"sub": "a subject\0"},
        {"nonce": "another"},
        {"aud": "another client"},
        {"exp": 1},
    ],
    ids=str,
)
def test_the_log_has_the_kind_of_failure_and_nothing_of_the_person(
    liar: Liar, caplog: pytest.LogCaptureFixture, claims: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG, logger="custodyfinder")
    liar.claims = {"email": "wood.green@example.org", "name": "W. Green"} | claims

    with pytest.raises(NotIdentified) as refusal:
        signed_in_at(liar)

    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("custodyfinder")]
    assert line.startswith("sign-in by the identity provider failed: ")
    for told in ("green", "inspector", "subject\\", "another", "0001", SECRET, "a code", "eyJ"):
        assert told not in f"{line} {refusal.value}".lower().replace("another client", "")


# --- how long it is waited for --------------------------------------------------------------------


def test_a_provider_that_hangs_holds_up_two_people_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody else's threads are free again for those who sign in with a password."""
    monkeypatch.setattr(identity, "TIMEOUT_SECONDS", 2.0)
    monkeypatch.setattr(identity, "PATIENCE_SECONDS", 0.1)
    waited: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        provider = IdentityProvider(f"http://127.0.0.1:{silent.getsockname()[1]}", CLIENT, SECRET)

        def press() -> None:
            began = monotonic()
            with pytest.raises(NotIdentified):
                provider.begin(BACK, now=NOW)
            waited.append(monotonic() - began)

        everybody = [threading.Thread(target=press) for _ in range(8)]
        for one in everybody:
            one.start()
        for one in everybody:
            one.join()

    assert len([each for each in waited if each < 1.5]) == 6
    assert len([each for each in waited if 1.5 <= each < 4]) == 2


def test_a_provider_that_hangs_over_the_token_holds_up_two_people_and_no_more(
    liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "PATIENCE_SECONDS", 0.1)
    provider, go_on, refused = IdentityProvider(liar.address, CLIENT, SECRET), threading.Event(), []
    begun = provider.begin(BACK, now=NOW)
    answer = liar.authorize(begun.url)
    monkeypatch.setattr(liar, "token", lambda: "x" if go_on.wait(10) else "y")

    def come_back() -> None:
        with pytest.raises(NotIdentified) as refusal:
            provider.finish(answer, begun, BACK, now=NOW)
        refused.append(str(refusal.value))
        if len(refused) == 4:  # the others have been turned away: those two may go on
            go_on.set()

    everybody = [threading.Thread(target=come_back) for _ in range(6)]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()

    assert refused[:4] == ["others wait for the provider already"] * 4
    assert [why.startswith("token does not hold") for why in refused[4:]] == [True, True]


def test_after_somebody_was_turned_away_there_is_a_turn_for_the_next(liar: Liar) -> None:
    provider = IdentityProvider(liar.address, CLIENT, SECRET)
    liar.broken = True
    for _ in range(5):
        with pytest.raises(NotIdentified, match="cannot be asked"):
            provider.begin(BACK, now=NOW)
    liar.broken = False

    assert provider.begin(BACK, now=NOW).url.startswith(f"{liar.address}/authorize?")


# --- a provider on https --------------------------------------------------------------------------


def published(**changed: str) -> None:
    """What a provider away from here says of itself."""
    names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
    said = {"issuer": AWAY} | {name: f"{AWAY}/{path}" for name, path in names.items()} | changed
    responses.get(f"{AWAY}/.well-known/openid-configuration", json=said)
    keys = KeySet([RSAKey.generate_key(2048, {"kid": "one"})]).as_dict(private=False)
    responses.get(said["jwks_uri"], json=keys)


def asked(path: str) -> int:
    """How often."""
    return len([call for call in responses.calls if str(call.request.url) == f"{AWAY}{path}"])


@responses.activate
def test_what_the_provider_says_of_itself_is_asked_once_an_hour() -> None:
    published()
    provider = IdentityProvider(AWAY, CLIENT, SECRET)

    for minutes in (0, 1, 59):
        provider.begin(BACK, now=NOW + timedelta(minutes=minutes))
    assert (asked("/.well-known/openid-configuration"), asked("/keys")) == (1, 1)

    provider.begin(BACK, now=NOW + timedelta(minutes=60))
    assert (asked("/.well-known/openid-configuration"), asked("/keys")) == (2, 2)


@responses.activate
@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_provider_on_https_leads_to_nothing_that_anybody_on_the_way_can_read(endpoint: str) -> None:
    published(**{endpoint: "http://login.example.org/plain"})

    with pytest.raises(NotIdentified, match="cannot be asked"):
        IdentityProvider(AWAY, CLIENT, SECRET).begin(BACK, now=NOW)


@responses.activate
def test_our_secret_and_the_code_are_sent_nowhere_but_to_the_address_that_the_provider_published() -> None:
    published()
    responses.post(f"{AWAY}/token", status=307, headers={"Location": "https://evil.example/token"})
    elsewhere = responses.post("https://evil.example/token", json={"access_token": "x", "token_type": "Bearer"})
    provider = IdentityProvider(AWAY, CLIENT, SECRET)
    begun = provider.begin(BACK, now=NOW)

    with pytest.raises(NotIdentified, match="no token"):
        provider.finish({"code": "a code", "state": begun.state}, begun, BACK, now=NOW)

    assert elsewhere.call_count == 0
