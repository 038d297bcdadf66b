"""What Twilio does between its API and the phones: deliver, report, and bring answers.

Every call to the application is signed as Twilio signs. Logs name texts by sid and never hold a number.
"""

# mypy: disable-error-code="import-untyped"
# twilio ships no types.
from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

import requests
from flask import current_app
from twilio.request_validator import RequestValidator

from ..clock import now
from ..errors import CustodyfinderError
from .magic import START_WORDS, STOP_WORDS, UNDELIVERED
from .rounds import Rounds
from .segments import segments
from .store import Store, Text

log = logging.getLogger(__name__)

SERVICE_NUMBER = "+441632960000"
"""Where answers go from a phone that has not been texted yet, and what a messaging service sends from."""

RETRY_AFTER = (0.5, 1.0, 2.0, 4.0)
"""Seconds before a status callback that found nobody is tried again."""

WEBHOOK_SECONDS: Final = 15
"""How long Twilio waits for the answer to an incoming text."""

HTTP_FAILED, BAD_TWIML = 11200, 12100
"""Twilio's codes for a webhook that did not answer 2xx, and for one whose answer cannot be read."""


class NotTaken(CustodyfinderError):
    """The application did not take a text that somebody sent; the text is kept, with Twilio's code."""

    status = 502

    def __init__(self, text: Text, error_code: int, why: str) -> None:
        super().__init__(f"text {text.sid} not taken: {error_code}", public=f"The text was not taken: {why}.")
        self.error_code = error_code


@dataclass(frozen=True, slots=True)
class Carrier:
    """One account's traffic.

    `message_url` is the application's webhook for incoming texts, or a function that knows it;
    `delivery_delay` is the pause before each change of a text's status, in seconds.
    """

    store: Store
    account_sid: str
    auth_token: str = field(repr=False)
    message_url: str | Callable[[], str]
    delivery_delay: float
    rounds: Rounds = field(default_factory=Rounds)

    def deliver(self, text: Text) -> None:
        """Let a text that was taken go its way in the background: sent, then delivered or not."""
        self.rounds.start(self._deliver(text))

    def _deliver(self, text: Text) -> Iterator[float]:
        fault = UNDELIVERED.get(text.phone)
        end = "delivered" if fault is None else "undelivered"
        for was, to, error_code in (("queued", "sent", None), ("sent", end, fault)):
            if text.status == "sent" and was == "queued":
                continue
            yield self.delivery_delay
            if not self.store.move(text.sid, was=was, to=to, error_code=error_code, now=now()):
                return  # another process has taken it up
            if text.callback:
                yield from self._report(text, text.callback, status=to, error_code=error_code)

    def _report(self, text: Text, url: str, *, status: str, error_code: int | None) -> Iterator[float]:
        form = self._form(text) | {"MessageStatus": status, "SmsStatus": status}
        if error_code is not None:
            form["ErrorCode"] = str(error_code)
        for pause in (*RETRY_AFTER, None):
            try:
                answer = self._post(url, form)
            except requests.RequestException as error:
                log.warning("callback %s of text %s: %s", status, text.sid, type(error).__name__)
                if pause is not None:
                    yield pause
                continue
            if not answer.ok:
                log.warning("callback %s of text %s: answered %s", status, text.sid, answer.status_code)
            return
        log.error("callback %s of text %s: given up", status, text.sid)

    def bring(self, body: str, *, phone: str) -> Text:
        """Take what somebody wrote on a phone to the application, and its reply, if it answers with one, back.

        A word that Twilio keeps opts the phone out or in first, whatever the application makes of it.

        Raises:
            NotTaken: there was no answer, or not 2xx, or not TwiML.
        """
        self._note_opting(body, phone)
        earlier = self.store.conversation(phone)
        text = self.store.add(
            phone=phone,
            service=earlier[-1].service if earlier else SERVICE_NUMBER,
            body=body,
            direction="inbound",
            status="received",
            now=now(),
        )
        try:
            replies = self._ask(text)
        except NotTaken as refusal:
            self.store.move(text.sid, was="received", to="received", error_code=refusal.error_code, now=now())
            raise
        for reply in replies if not self.store.has_opted_out(phone) else []:
            self.store.add(
                phone=phone,
                service=text.service,
                body=reply,
                direction="outbound-reply",
                status="delivered",
                now=now(),
            )
        return text

    def _note_opting(self, body: str, phone: str) -> None:
        word = body.strip().upper()
        if word in STOP_WORDS:
            self.store.opt_out(phone)
        elif word in START_WORDS:
            self.store.opt_in(phone)

    def _ask(self, text: Text) -> list[str]:
        url = self.message_url if isinstance(self.message_url, str) else self.message_url()
        form = self._form(text) | {
            "SmsMessageSid": text.sid,
            "SmsStatus": "received",
            "Body": text.body,
            "NumMedia": "0",
            "NumSegments": str(segments(text.body)),
        }
        try:
            answer = self._post(url, form)
        except requests.RequestException as error:
            log.warning("text %s: the webhook gave no answer (%s)", text.sid, type(error).__name__)
            raise NotTaken(text, HTTP_FAILED, "custodyfinder gave no answer") from None
        if not 200 <= answer.status_code < 300:
            log.warning("text %s: the webhook answered %s", text.sid, answer.status_code)
            raise NotTaken(text, HTTP_FAILED, f"custodyfinder answered {answer.status_code}")
        try:
            return list(_replies(answer.content))
        except ElementTree.ParseError:
            log.warning("text %s: the webhook's answer is not TwiML", text.sid)
            raise NotTaken(text, BAD_TWIML, "custodyfinder's answer was not TwiML") from None

    def _form(self, text: Text) -> dict[str, str]:
        sender, to = (text.phone, text.service) if text.inbound else (text.service, text.phone)
        return {
            "MessageSid": text.sid,
            "SmsSid": text.sid,
            "AccountSid": self.account_sid,
            "From": sender,
            "To": to,
            "ApiVersion": "2010-04-01",
        }

    def _post(self, url: str, form: dict[str, str]) -> requests.Response:
        signature = RequestValidator(self.auth_token).compute_signature(url, form)
        with requests.Session() as session:
            session.trust_env = False  # the application is on this machine: no proxy leads to it
            return session.post(
                url,
                data=form,
                headers={"X-Twilio-Signature": signature},
                timeout=WEBHOOK_SECONDS,
                allow_redirects=False,
            )


def the_carrier() -> Carrier:
    """The carrier of the current stand-in."""
    carrier = current_app.extensions["carrier"]
    assert isinstance(carrier, Carrier)  # noqa: S101 - tells mypy; create_standin put it there
    return carrier


def _replies(twiml: bytes) -> Iterator[str]:
    if not twiml.strip():
        return
    # And expat refuses entities that grow without bound.
    for message in ElementTree.fromstring(twiml).iter("Message"):  # noqa: S314 - the application's own answer
        yield "".join(message.itertext()).strip()
