"""What the application asks of whoever carries its texts, and the two ways in which a text fails.

Neither failure carries the number or the words of the text: both end up in logs.
"""

from __future__ import annotations

from typing import Protocol

from ..errors import CustodyfinderError


class Sender(Protocol):
    """Hands texts to a provider."""

    def send(self, *, to: str, body: str, status_url: str) -> str:
        """Hand over one text and return the provider's id for it. Handed over is not yet delivered.

        Args:
            to: The phone, in E.164 ("+447700900123").
            status_url: Where the provider reports what became of the text.

        Raises:
            SmsTryLater: nothing is known to be wrong with the text; the same call may succeed later.
                It may also have succeeded already, unseen: a second copy is possible.
            SmsRefused: the same call would fail again.
        """
        ...


class SmsTryLater(CustodyfinderError):
    """The provider is busy, broken or out of reach.

    `.code` is the provider's code, or "timeout", "connection", "unreadable";
    `.retry_after` is the pause it asked for in seconds, None if it asked for none.
    """

    status = 503
    public = "The text could not be sent just now. It will be tried again."

    def __init__(self, code: str, retry_after: float | None) -> None:
        super().__init__(f"text not sent, to be tried again: {code}")
        self.code = code
        self.retry_after = retry_after


class SmsRefused(CustodyfinderError):
    """The provider will not carry this text, now or later. `.code` is the provider's code."""

    status = 502
    public = "The text was refused and will not arrive. Ring instead."

    def __init__(self, code: str) -> None:
        super().__init__(f"text refused: {code}")
        self.code = code
