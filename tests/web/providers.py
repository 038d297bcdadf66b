"""Identity providers for the tests: a real one in a process of its own, and one that can misbehave."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "custodyfinder", "the client's own secret, of forty characters"


@contextmanager
def real(*people: dict[str, Any]) -> Iterator[str]:
    """A provider that knows these people by their claims. Gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    claims = [word for person in people for word in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urlopen(address, timeout=1).close()
                break
            except (URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


@dataclass
class Liar:
    """A provider that says what a test tells it to."""

    address: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    shown: RSAKey | None = None
    """The key that it publishes, where that is another."""
    claims: dict[str, Any] = field(default_factory=dict)
    """In place of the true ones; None leaves one out."""
    forged: str | None = None
    """The whole token."""
    broken: bool = False
    said: dict[str, Any] = field(default_factory=dict)
    """In place of what it truly says of itself."""
    asked: dict[str, list[str]] = field(default_factory=dict)
    """By the authorization request: for the token that follows."""
    told: dict[str, str] = field(default_factory=dict)
    """By the token request."""

    def authorize(self, url: str) -> dict[str, str]:
        """What the person's browser brings back."""
        self.asked = parse_qs(urlsplit(url).query)
        return {"code": "a code", "state": self.asked["state"][0]}

    def true_claims(self) -> dict[str, Any]:
        """Of the officer at Wood Green, for us, now."""
        now = int(time.time())
        return {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "0001",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"][0],
            "preferred_username": "Officer.Wood-Green",
        }

    def token(self) -> str:
        """An ID token, true but for what the test changed."""
        if self.forged is not None:
            return self.forged
        claims = {name: value for name, value in (self.true_claims() | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def by_secret(self) -> str:
        """Signed with what we and the provider both know: anybody with it could sign."""
        return jwt.encode({"alg": "HS256"}, self.true_claims(), OctKey.import_key(SECRET))


@contextmanager
def liar() -> Iterator[Liar]:
    """A running `Liar`."""
    app, it = Flask("provider"), Liar()

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Any:
        if it.broken:
            return "out of order", 500
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        true = {"issuer": it.address} | {name: f"{it.address}/{path}" for name, path in names.items()}
        return jsonify(true | it.said)

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(KeySet([it.shown or it.key]).as_dict(private=False))

    @app.post("/token")
    def token() -> Any:
        it.told = dict(request.form)
        return jsonify({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": it.token()})

    server = make_server("127.0.0.1", 0, app, threaded=True)
    it.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield it
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
