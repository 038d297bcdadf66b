"""Texts through Twilio, and the proof that a webhook call came from Twilio.

Nothing raised or logged here holds a phone number or the words of a text. Twilio's own
messages do ("The 'To' number … is not valid"), so only their codes are passed on.
"""

# mypy: disable-error-code="import-untyped"
# twilio ships no types.
from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from json import JSONDecodeError, loads
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError
from werkzeug.datastructures import MultiDict

from .sms import Fate, Sent, SmsRefused, SmsTryLater

log = logging.getLogger(__name__)

# Its debugging lines are the addresses called, and the address of `sent_to` holds a number.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

TIMEOUT_SECONDS = 5.0
"""For connecting, and again for each wait for an answer; the client's own default is to wait for ever."""

RETRY_AFTER_AT_MOST = 120.0
"""Seconds. A child is waiting: a provider that asks for a longer pause is asked again all the same."""

VALID_AT_LEAST, VALID_AT_MOST = 1, 36_000
"""Seconds: what Twilio takes as a ValidityPeriod."""

BAD_CALLBACK = "21609"
"""Twilio's code for a status callback address that it will not call."""

CONNECTIONS = 32
"""Kept open for the next text. More threads than this still work, each beyond it on a new connection."""

LISTED_AT_ONCE = 100

TRIAL_WORDS = "Sent from your Twilio trial account - "
"""What Twilio writes before every text of an account that does not pay yet."""


class TwilioSender:
    """A `Sender` on Twilio's REST API. Threads may share one.

    Args:
        from_number: The sending number in E.164. Give either this or `messaging_service_sid`.
        api_base: Another origin for https://api.twilio.com, with a path before Twilio's if it has one.

    Raises:
        ValueError: both or neither of `from_number` and `messaging_service_sid` were given.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        from_number: str | None,
        messaging_service_sid: str | None,
        api_base: str | None,
    ) -> None:
        if (from_number is None) == (messaging_service_sid is None):
            raise ValueError("give either a sending number or a messaging service")
        self._client = Client(account_sid, auth_token, http_client=_HttpClient(api_base))
        self._number, self._service = from_number, messaging_service_sid

    def send(self, *, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
        """As `Sender.send`. A text that Twilio will not report on is sent without reports, with a warning."""
        seconds = min(max(int(valid_for.total_seconds()), VALID_AT_LEAST), VALID_AT_MOST)
        try:
            return self._create(to=to, body=body, validity_period=seconds, status_callback=status_url)
        except SmsRefused as refused:
            if refused.code != BAD_CALLBACK:
                raise
        # The text matters more than its receipt.
        log.warning("Twilio will not call PUBLIC_URL for receipts (21609): a text goes without them")
        return self._create(to=to, body=body, validity_period=seconds)

    def _create(self, **text: str | int) -> str:
        message = self._client.messages.create(from_=self._number, messaging_service_sid=self._service, **text)
        if not message.sid:
            raise SmsTryLater("unreadable", None, perhaps_sent=True)
        return str(message.sid)

    def sent_to(self, to: str, *, since: datetime) -> list[Sent]:
        """As `Sender.sent_to`."""
        # Not by Twilio's DateSent: a text that still waits in Twilio's queue has none.
        # Twilio's times have whole seconds, cut off: a text may seem up to a second older than it is.
        since = since.astimezone(UTC).replace(microsecond=0)
        # What a messaging service has only queued has no From yet, so that its texts are told by its sid below.
        from_ = self._number or values.unset
        found: list[Sent] = []
        try:
            page = self._client.messages.page(to=to, from_=from_, page_size=LISTED_AT_ONCE)
            while page is not None:
                messages = list(page)
                recent = [message for message in messages if _created(message) >= since]
                found += [_sent(message) for message in recent if self._is_ours(message)]
                # By whole pages: queued and sent texts of about the same time may stand in either order.
                page = page.next_page() if messages and len(recent) == len(messages) else None
        except TwilioException:
            raise SmsTryLater("unreadable", None, perhaps_sent=False) from None  # JSON, but not a list of messages
        return sorted(found, key=lambda sent: sent.created_at, reverse=True)

    def _is_ours(self, message: Any) -> bool:
        by_us = self._service is None or message.messaging_service_sid == self._service
        return bool(by_us and message.direction == "outbound-api")

    def fate(self, provider_id: str) -> Fate:
        """As `Sender.fate`."""
        message = self._client.messages(provider_id).fetch()
        if not message.status:
            raise SmsTryLater("unreadable", None, perhaps_sent=False)
        return Fate(str(message.status), None if message.error_code is None else str(message.error_code))


def _created(message: Any) -> datetime:
    created = message.date_created
    if not isinstance(created, datetime):
        raise SmsTryLater("unreadable", None, perhaps_sent=False)
    return created


def _sent(message: Any) -> Sent:
    body = str(message.body or "").removeprefix(TRIAL_WORDS)
    return Sent(provider_id=str(message.sid), body=body, created_at=_created(message))


def signature_is_good(auth_token: str, *, url: str, params: Mapping[str, Sequence[str]], signature: str) -> bool:
    """Whether Twilio, or somebody else who holds the token, signed this form post.

    An empty token vouches for nothing: the answer is then False, whatever the signature.

    Args:
        url: The public address that was called, with its query: as Twilio knows it, not as a proxy sees it.
        params: The form, every value of every field.
        signature: The header X-Twilio-Signature.
    """
    if not auth_token:
        return False
    form: MultiDict[str, str] = MultiDict((name, value) for name, them in params.items() for value in them)
    return bool(RequestValidator(auth_token).validate(url, form, signature))


class _HttpClient(TwilioHttpClient):
    """Twilio's transport with a timeout, another origin if one is set, and our errors for every failure."""

    def __init__(self, api_base: str | None) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
        self._api_base = api_base.rstrip("/") if api_base else None
        if urlsplit(self._api_base or "").hostname in ("127.0.0.1", "::1", "localhost"):
            # A proxy that HTTP_PROXY names is on another machine, and would look for the stand-in there.
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As TwilioHttpClient.request; what it returns is 2xx and a JSON object.

        Raises:
            SmsTryLater: no answer came, or none that Twilio gives, or it was 429 or 5xx.
            SmsRefused: the answer was another 4xx.
        """
        sends = method.upper() == "POST"
        try:
            response = super().request(method, self._moved(url), *args, **kwargs)
        except requests.RequestException as error:
            code = "timeout" if isinstance(error, requests.Timeout) else "connection"
            raise SmsTryLater(code, None, perhaps_sent=sends and not _never_left(error)) from None
        status = response.status_code
        if status == 429:
            raise SmsTryLater(_code(response), _retry_after(response.headers), perhaps_sent=False)
        if 400 <= status < 500:
            raise SmsRefused(_code(response))
        if not 200 <= status < 300:  # a redirect, too: something stands between us and Twilio
            raise SmsTryLater(_code(response), _retry_after(response.headers), perhaps_sent=sends)
        if _object(response) is None:
            raise SmsTryLater("unreadable", None, perhaps_sent=sends)
        return response

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Log nothing: Twilio's client would log the query of `sent_to`, which holds a number."""

    def _moved(self, url: str) -> str:
        if self._api_base is None:
            return url
        parts = urlsplit(url)
        return self._api_base + parts.path + (f"?{parts.query}" if parts.query else "")


def _never_left(error: requests.RequestException) -> bool:
    """Whether no connection was made at all. False where that is in doubt: a broken one, or a proxy's word."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    # requests wraps urllib3's MaxRetryError; its reason says refused, or no such name.
    wrapped = error.args[0] if error.args else None
    return isinstance(getattr(wrapped, "reason", None), NewConnectionError)


def _object(response: Response) -> dict[str, Any] | None:
    """The JSON object that was answered; None for anything else, such as the page of a gateway in between."""
    try:
        answer = loads(response.text)
    except JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def _code(response: Response) -> str:
    code = (_object(response) or {}).get("code")
    return str(code if isinstance(code, int) else response.status_code)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    # Twilio gives seconds. The date that HTTP allows as well is left to our own pauses.
    asked = headers.get("Retry-After", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    return RETRY_AFTER_AT_MOST if len(asked) > 6 else min(float(asked), RETRY_AFTER_AT_MOST)
