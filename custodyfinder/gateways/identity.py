"""An identity provider by OpenID Connect: the authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636)."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

# Authlib makes the requests of the flow, joserfc (of the same authors) checks the token: neither is for us to write.
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from ..errors import CustodyfinderError

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
AT_ONCE = 2
"""How many threads of a process may talk to the provider: fewer than gunicorn has, so that some stay free."""

PATIENCE_SECONDS = 2.0
"""How long another one waits for its turn."""

LEEWAY_SECONDS = 60
KNOWN_FOR = timedelta(hours=1)
ALGORITHMS = ("RS256", "ES256")
"""Of the provider's own keys. Never "none", and never one whose key is a secret that we have too."""

LONGEST_SUBJECT = 255


class NotIdentified(CustodyfinderError):
    """The provider did not tell who this is, or what it told does not hold. The log has the kind of failure only."""

    status = 422
    public = (
        "Your organisation's sign-in did not work. Try again. If it goes on, sign in with a username and password, "
        "or ask your administrator."
    )


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What has to be remembered until the person comes back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who came back: `subject` is theirs for ever, `username` what people call them."""

    issuer: str
    subject: str
    username: str


@dataclass(frozen=True, kw_only=True)
class _Provider:
    """What the provider says of itself."""

    said: dict[str, Any]
    keys: KeySet
    until: datetime


class IdentityProvider:
    """One provider. What it says of itself is remembered for an hour, and asked again for an unknown key."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._known: _Provider | None = None
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def begin(self, redirect_uri: str, *, now: datetime) -> Begun:
        """Where to send the person. The provider asks them again, although somebody may be signed in there.

        Raises:
            NotIdentified: the provider cannot be reached.
        """
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        with self._session(redirect_uri) as session:
            url, state = session.create_authorization_url(
                self._provider(now).said["authorization_endpoint"],
                code_verifier=verifier,
                nonce=nonce,
                prompt="login",  # the terminal is everybody's: whoever sat here before may still be known there
            )
        return Begun(url=url, state=state, nonce=nonce, verifier=verifier)

    def finish(self, answer: Mapping[str, str], begun: Begun, redirect_uri: str, *, now: datetime) -> Identity:
        """Who came back with this answer.

        Raises:
            NotIdentified: refused, forged, for somebody else, too old, or the provider cannot be reached.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise _failed("another state")
        if "error" in answer or not answer.get("code"):
            raise _failed("refused by the provider")
        # RFC 9207: where the provider says who answers, it has to be this one.
        if answer.get("iss", self.issuer).rstrip("/") != self.issuer:
            raise _failed("another issuer answered")
        provider = self._provider(now)
        try:
            with self._turn(), self._session(redirect_uri) as session:
                token = session.fetch_token(
                    provider.said["token_endpoint"],
                    code=answer["code"],
                    code_verifier=begun.verifier,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,  # the code and our secret go nowhere else
                )
        except (OAuthError, requests.RequestException, ValueError) as error:
            raise _failed(f"no token ({type(error).__name__})") from None
        claims = self._claims(str(token.get("id_token", "")), provider, begun.nonce, now)
        return Identity(issuer=self.issuer, subject=_subject(claims), username=_username(claims))

    def _session(self, redirect_uri: str) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )

    def _claims(self, id_token: str, provider: _Provider, nonce: str, now: datetime) -> dict[str, Any]:
        try:
            try:
                decoded = jwt.decode(id_token, provider.keys, algorithms=list(ALGORITHMS))
            except InvalidKeyIdError:  # not among the keys that we know: they may have been changed
                decoded = jwt.decode(id_token, self._provider(now, afresh=True).keys, algorithms=list(ALGORITHMS))
            claims = decoded.claims
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": provider.said["issuer"]},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError) as error:
            raise _failed(f"token does not hold ({type(error).__name__})") from None
        # For several at once: the one that asked has to be named.
        alone = isinstance(claims["aud"], str) or len(claims["aud"]) == 1
        if claims.get("azp", self._client_id if alone else None) != self._client_id:
            raise _failed("token for another client")
        return dict(claims)

    def _provider(self, now: datetime, *, afresh: bool = False) -> _Provider:
        known = self._known
        if afresh or known is None or now >= known.until:
            with self._turn():
                known = self._known = self._ask(now)
        return known

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """A turn at talking to the provider: where it hangs, whoever has a password still finds a free thread."""
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            raise _failed("others wait for the provider already")
        try:
            yield
        finally:
            self._turns.release()

    def _ask(self, now: datetime) -> _Provider:
        try:
            said = _get(f"{self.issuer}/.well-known/openid-configuration")
            if str(said["issuer"]).rstrip("/") != self.issuer:
                raise _failed("the provider says that it is another")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if urlsplit(said[name]).scheme not in ("https", urlsplit(self.issuer).scheme):
                    raise ValueError("an address that is not on https")
            keys = KeySet.import_key_set(_get(said["jwks_uri"]))  # type: ignore[arg-type]
        except (requests.RequestException, JoseError, LookupError, TypeError, ValueError) as error:
            raise _failed(f"the provider cannot be asked ({type(error).__name__})") from None
        return _Provider(said=said, keys=keys, until=now + KNOWN_FOR)


def _get(url: str) -> dict[str, Any]:
    response = requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found


def _subject(claims: Mapping[str, Any]) -> str:
    """Theirs for ever: at most 255 characters of ASCII (OpenID Connect Core 2)."""
    subject = claims["sub"]
    if not isinstance(subject, str) or not _is_plain(subject) or len(subject) > LONGEST_SUBJECT:
        raise _failed("no subject")
    return subject


def _username(claims: Mapping[str, Any]) -> str:
    """What the provider's directory calls the person; an e-mail address only where it has been verified."""
    name = claims.get("preferred_username")
    if not name and claims.get("email_verified") is True:
        name = claims.get("email")
    # Usernames here are ASCII. Others may turn into one in small letters: the sign for kelvin becomes a k.
    if not isinstance(name, str) or not _is_plain(name):
        raise _failed("no username")
    return name.strip().lower()


def _is_plain(text: str) -> bool:
    return bool(text.strip()) and text.isascii() and text.isprintable()


def _failed(kind: str) -> NotIdentified:
    log.warning("sign-in by the identity provider failed: %s", kind)
    return NotIdentified(kind)
