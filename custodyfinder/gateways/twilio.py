"""Texts through Twilio, and the proof that a webhook call came from Twilio.

Nothing raised or logged here holds a phone number or the words of a text. Twilio's own
messages do ("The 'To' number … is not valid"), so only their codes are passed on.
"""

# mypy: disable-error-code="import-untyped"
# twilio ships no types.
from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from json import JSONDecodeError, loads
from typing import Any
from urllib.parse import urlsplit

import requests
from twilio.base import values
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.datastructures import MultiDict

from .sms import SmsRefused, SmsTryLater

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0
"""For connecting, and again for each wait for an answer; the client's own default is to wait for ever."""

RETRY_AFTER_AT_MOST = 120.0
"""Seconds. A child is waiting: a provider that asks for a longer pause is asked again all the same."""

VALID_SECONDS = 30 * 60
"""Twilio drops a text that it could not pass on by then, rather than let an old request arrive at dawn."""

BAD_CALLBACK = "21609"
"""Twilio's code for a status callback address that it will not call."""


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
        self._from = {"from_": from_number, "messaging_service_sid": messaging_service_sid}

    def send(self, *, to: str, body: str, status_url: str) -> str:
        """As `Sender.send`. A text that Twilio will not report on is sent without reports, with a warning."""
        try:
            return self._create(to=to, body=body, status_callback=status_url)
        except SmsRefused as refused:
            if refused.code != BAD_CALLBACK:
                raise
        # The text matters more than its receipt.
        log.warning("Twilio will not call PUBLIC_URL for receipts (21609): a text goes without them")
        return self._create(to=to, body=body, status_callback=values.unset)

    def _create(self, *, to: str, body: str, status_callback: str | object) -> str:
        try:
            message = self._client.messages.create(
                to=to,
                body=body,
                status_callback=status_callback,
                validity_period=VALID_SECONDS,
                **self._from,
            )
        except (TwilioRestException, TwilioServiceException) as error:
            code = str(error.code if isinstance(error.code, int) else error.status)
            if 400 <= error.status < 500:
                raise SmsRefused(code) from None
            raise SmsTryLater(code, None) from None  # a redirect: something stands between us and Twilio
        except JSONDecodeError:
            raise SmsTryLater("unreadable", None) from None
        if not message.sid:
            raise SmsTryLater("unreadable", None)
        return str(message.sid)


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
    """Twilio's transport with a timeout, another origin if one is set, and named errors for "not now"."""

    def __init__(self, api_base: str | None) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._api_base = api_base.rstrip("/") if api_base else None
        if urlsplit(self._api_base or "").hostname in ("127.0.0.1", "::1", "localhost"):
            # A proxy that HTTP_PROXY names is on another machine, and would look for the stand-in there.
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As TwilioHttpClient.request.

        Raises:
            SmsTryLater: no answer came, or the answer was 429 or 5xx.
        """
        try:
            response = super().request(method, self._moved(url), *args, **kwargs)
        except requests.Timeout:
            raise SmsTryLater("timeout", None) from None
        except requests.RequestException:
            raise SmsTryLater("connection", None) from None
        if response.status_code == 429 or response.status_code >= 500:
            # Here, because Twilio's exception has lost the headers.
            raise SmsTryLater(_code(response), _retry_after(response.headers))
        return response

    def _moved(self, url: str) -> str:
        if self._api_base is None:
            return url
        parts = urlsplit(url)
        return self._api_base + parts.path + (f"?{parts.query}" if parts.query else "")


def _code(response: Response) -> str:
    try:
        problem = loads(response.text)
    except JSONDecodeError:
        problem = None  # a gateway's own page, not Twilio's
    code = problem.get("code") if isinstance(problem, dict) else None
    return str(code if isinstance(code, int) else response.status_code)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    # Twilio gives seconds. The date that HTTP allows as well is left to our own pauses.
    asked = headers.get("Retry-After", "")
    if not (asked.isascii() and asked.isdigit()):
        return None
    return RETRY_AFTER_AT_MOST if len(asked) > 6 else min(float(asked), RETRY_AFTER_AT_MOST)
