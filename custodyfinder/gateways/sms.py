"""What the application asks of whoever carries its texts, and the two ways in which a text fails.

Neither failure carries the number or the words of the text: both end up in logs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ..errors import CustodyfinderError

OPTED_OUT = "21610"
"""Twilio's code for a phone that has sent STOP: nothing reaches it by text until it sends START."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One text that the provider says it took from us. `created_at` is when, aware, in UTC, by the provider's clock."""

    provider_id: str
    body: str = field(repr=False)
    """Exactly as it was handed over."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """How far a text has come, in Twilio's words: "queued", "sent", "delivered", "undelivered", "failed" ..."""

    status: str
    error_code: str | None
    """Why it did not arrive, None while nothing is wrong."""


class Sender(Protocol):
    """Hands texts to a provider, and asks what it has of them.

    Every call may raise:
        SmsTryLater: nothing is known to be wrong; the same call may succeed later.
        SmsRefused: the same call would fail again.
    """

    def send(self, *, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
        """Hand over one text and return the provider's id for it. Handed over is not yet delivered.

        Where this raises SmsTryLater with `perhaps_sent`, the text may be on its way all the same:
        ask `sent_to` before sending it again.

        Args:
            to: The phone, in E.164 ("+447700900123").
            status_url: Where the provider reports what became of the text.
            valid_for: After this long the provider drops the text rather than bring it late. In whole
                seconds; what the provider does not allow (Twilio: 1 to 36,000 s) becomes the nearest it does.
        """
        ...

    def sent_to(self, to: str, *, since: datetime) -> list[Sent]:
        """The provider's own list of what it took for that phone from our sender, newest first.

        Args:
            to: The phone, in E.164.
            since: Aware. Texts of the same second and later are listed, by the provider's clock:
                leave room for ours being ahead of it.
        """
        ...

    def fate(self, provider_id: str) -> Fate:
        """What became of a text, for when no receipt came. SmsRefused "20404": the provider knows no such text."""
        ...


class SmsTryLater(CustodyfinderError):
    """The provider is busy, broken or out of reach.

    `.code` is the provider's code ("20429"), or the HTTP status of an answer without one ("503"), or:
    "timeout" (no connection, or no answer, in time), "connection" (none was made, or it broke),
    "unreadable" (the answer was not the provider's);
    `.retry_after` is the pause it asked for in seconds, None if it asked for none;
    `.perhaps_sent` is whether this call may have sent the text unseen. Always False from `sent_to` and
    `fate`, which send nothing: a doubt from an earlier call stands.
    """

    status = 503
    public = "The text could not be sent just now. It will be tried again."

    def __init__(self, code: str, retry_after: float | None, *, perhaps_sent: bool) -> None:
        super().__init__(f"text not sent, to be tried again: {code}{' (perhaps sent)' if perhaps_sent else ''}")
        self.code = code
        self.retry_after = retry_after
        self.perhaps_sent = perhaps_sent


class SmsRefused(CustodyfinderError):
    """The provider will not carry this text, now or later. `.code` is its code, or the HTTP status without one."""

    status = 502
    public = "The text was refused and will not arrive. Ring instead."

    def __init__(self, code: str) -> None:
        super().__init__(f"text refused: {code}")
        self.code = code
