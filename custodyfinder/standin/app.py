"""The stand-in as a Flask application that can run alone or be mounted under a prefix."""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, abort, request

from . import api, handset
from .carrier import Carrier
from .store import Store

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self';"
    " frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": the browser would then post its forms with "Origin: null".
    "Referrer-Policy": "same-origin",
}


def create_standin(
    *,
    store: Path,
    account_sid: str,
    auth_token: str,
    message_url: str | Callable[[], str],
    delivery_delay: float = 0.3,
    answer_delay: float = 0.0,
    reply_wait: float = 1.5,
) -> Flask:
    """A stand-in for Twilio with one account, and its handset at "/". It talks to this machine only.

    Args:
        store: The SQLite file of its texts; made where it is missing. Several processes may share it.
        account_sid: The account, and the user name at its API.
        auth_token: The password at its API; the webhooks it calls are signed with it.
        message_url: The webhook for what is written on the handset, or a function that knows it.
        delivery_delay: Seconds from queued to sent, and again from sent to delivered.
        answer_delay: Seconds before each answer of the API.
        reply_wait: Seconds that the handset waits for a reply to what was typed, at most, before it shows
            the conversation without.
    """
    app = Flask(__name__, template_folder="../../templates", static_folder="static")
    app.config["ANSWER_DELAY"] = answer_delay
    app.config["REPLY_WAIT"] = reply_wait
    carrier = Carrier(
        store=Store(store),
        account_sid=account_sid,
        auth_token=auth_token,
        message_url=message_url,
        delivery_delay=delivery_delay,
    )
    app.extensions["carrier"] = carrier
    app.before_request(_refuse_strangers)
    app.before_request(_Resumption(carrier))
    app.after_request(_add_headers)
    app.register_blueprint(api.bp)
    app.register_blueprint(handset.bp)
    return app


class _Resumption:
    """Takes up, at the first request, the texts that the end of an earlier process left on their way.

    Not when the application is made: a command makes it too, and ends before a text can arrive.
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._first = threading.Lock()

    def __call__(self) -> None:
        if self._first.acquire(blocking=False):  # never released: there is one first time
            for text in self._carrier.store.on_their_way():
                self._carrier.deliver(text)


def _refuse_strangers() -> None:
    """403 to another machine, and to a page that reaches this one under a name of its own (DNS rebinding)."""
    host = re.sub(r":[0-9]+$", "", request.host).strip("[]")
    if not (_is_loopback(request.remote_addr) and _is_loopback(host)):
        abort(403)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # how a socket for both families sees 127.0.0.1
    return (mapped or address).is_loopback


def _add_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
