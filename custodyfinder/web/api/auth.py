"""Who calls: the program behind the token, and whether this call is its to make. No session, no cookie."""

from __future__ import annotations

from collections.abc import Collection

from flask import request

from ... import clock
from ...domain.scopes import Organisation, Scope
from ...errors import NotAllowed
from ...services import tokens
from ...services.tokens import Client, TokenRefused


def client_of_request(scope: Scope, organisations: Collection[Organisation]) -> Client:
    """The program that calls, once it is known that it may.

    Every failure of a token passes here: whoever counts failures counts them where `TokenRefused` is raised.

    Raises:
        TokenRefused: no token, or one that is not good.
        NotAllowed: the token has not this scope, or is not of such an organisation.
    """
    now = clock.now()
    client = tokens.client_of(_token(), now=now)
    tokens.note_use(client, now=now)
    if scope not in client.scopes:
        raise NotAllowed(
            f"token {client.id} has not the scope {scope.value}",
            public=f"This token has not the scope {scope.value}, which this call needs.",
        )
    if client.organisation not in organisations:
        raise NotAllowed(
            f"token {client.id} is of {client.organisation.value}",
            public="This call is not for programs of this kind of organisation.",
        )
    return client


def _token() -> str:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused("no token")
    return text.strip()
