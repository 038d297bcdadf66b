"""Both ends of the stand-in: the application that it calls, and the client that calls it."""

# mypy: disable-error-code="import-untyped"
# twilio ships no types.
from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, request
from flask.testing import FlaskClient
from twilio.rest import Client
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from custodyfinder.gateways.twilio import TwilioSender, _HttpClient, signature_is_good
from custodyfinder.standin import carrier, create_standin
from custodyfinder.standin.store import Store

Answer = tuple[str, int] | tuple[str, int, dict[str, str]]

ACCOUNT = "AC" + "5" * 32
TOKEN = "a-token-made-up-for-tests"
DUTY = "+447700900123"
OTHER = "+447700900124"
DESK = "+442079460123"
ASKED = "Bed needed tonight: girl 14. Answer K7R4 ACCEPT, K7R4 REFUSE and why, or K7R4 RING."
NOON = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Finder:
    """The application's side: keeps what is posted to it, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bool]] = []
        self.answer: Answer = ("", 204)
        self.then: Callable[[], object] | None = None
        """What it does a moment after it has answered."""
        self.app = Flask(__name__)
        self.app.add_url_rule("/<path:hook>", view_func=self._take, methods=["POST"])
        self.url = ""

    def _take(self, hook: str) -> Answer:
        good = signature_is_good(
            TOKEN,
            url=request.url,
            params=dict(request.form.lists()),
            signature=request.headers["X-Twilio-Signature"],
        )
        self.got.append((hook, request.form.to_dict(), good))
        if self.then:
            threading.Timer(0.3, self.then).start()
        return self.answer

    def receipts(self) -> list[tuple[str, str | None]]:
        return [(form["MessageStatus"], form.get("ErrorCode")) for hook, form, _ in self.got if hook == "status"]


@contextmanager
def served(app: Callable[..., object], *, port: int = 0) -> Iterator[str]:
    server = make_server("127.0.0.1", port, app, threaded=True)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def standin_at(folder: Path, *, message_url: str | Callable[[], str], reply_wait: float = 0.0) -> Flask:
    return create_standin(
        store=folder / "made" / "here.sqlite",
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        message_url=message_url,
        delivery_delay=0.01,
        reply_wait=reply_wait,
    )


def sender_at(base: str) -> TwilioSender:
    return TwilioSender(ACCOUNT, TOKEN, from_number=DESK, messaging_service_sid=None, api_base=base)


def client_at(base: str, *, token: str = TOKEN) -> Client:
    return Client(ACCOUNT, token, http_client=_HttpClient(base))


def until(happened: Callable[[], object]) -> None:
    """Wait for what a thread is about to do."""
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.01)


def nobody_delivers() -> bool:
    return not any(thread.name.startswith("deliver-") for thread in threading.enumerate())


def texted(standin: Flask, body: str, *, to: str = DUTY, status: str = "delivered") -> None:
    """Put a text on a phone without the API."""
    store_of(standin).add(
        phone=to, service=DESK, body=body, direction="outbound-api", status=status, now=datetime.now(UTC)
    )


def store_of(standin: Flask) -> Store:
    found = standin.extensions["carrier"]
    assert isinstance(found, carrier.Carrier)
    return found.store


def type_in(phone: FlaskClient, body: str, *, number: str = DUTY, follow: bool = False) -> TestResponse:
    return phone.post(f"/phones/{number}", data={"body": body}, headers=SAME_ORIGIN, follow_redirects=follow)


def typed_in(page: TestResponse) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found is not None
    return found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
