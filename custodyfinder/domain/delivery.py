"""How far a text has come, what may follow what, and when it is tried again."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final


class TextState(StrEnum):
    """How far a text has come."""

    WAITING = "waiting"
    SENDING = "sending"
    """A delivery process is calling Twilio, or died while it was."""
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


_RANK: Final = {
    TextState.WAITING: 0,
    TextState.SENDING: 1,
    TextState.SENT: 2,
    TextState.UNDELIVERED: 3,
    TextState.FAILED: 3,
    TextState.DELIVERED: 4,
}

MEANING: Final = {
    # Twilio's message statuses. "undelivered" is a text that did not arrive, whatever it sounds like.
    "accepted": TextState.SENT,
    "scheduled": TextState.SENT,
    "queued": TextState.SENT,
    "sending": TextState.SENT,
    "sent": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.UNDELIVERED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}

ACCOUNT_TROUBLE: Final = frozenset({"10001", "20003", "20005", "20006", "20008", "20404", "401", "403", "404"})
"""Twilio's codes for a wrong token, an account that is suspended or that it does not know, and the HTTP
statuses of the same: nothing is wrong with the text. https://www.twilio.com/docs/api/errors"""

UNANSWERED: Final = frozenset({"timeout", "connection"})
"""No answer came: Twilio may still be at work on the call."""

UNANSWERED_FOR: Final = timedelta(seconds=10)
"""After so long an unanswered call is over, here and at Twilio: what its list does not show by then, it never took."""

PAUSES: Final = (timedelta(0), timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=45))
"""Before the second attempt, the third, the fourth, and every one after that."""

JITTER: Final = 0.2
"""A pause is up to so much longer, so that a hundred texts that failed together do not come back together."""


def covers(new: TextState, old: TextState) -> bool:
    """Whether a text that is `old` becomes `new`: a late "sent" never covers "delivered"."""
    return _RANK[new] > _RANK[old]


def is_settled(state: TextState) -> bool:
    """Whether nothing but a better outcome can follow."""
    return _RANK[state] >= _RANK[TextState.FAILED]


def pause(attempts: int, *, retry_after: float | None, chance: float) -> timedelta:
    """How long to wait after so many failed attempts.

    Args:
        retry_after: Seconds that the provider asked for; never less than that.
        chance: A random number from 0 to 1.
    """
    usual = PAUSES[min(attempts, len(PAUSES)) - 1] * (1 + JITTER * chance)
    return usual if retry_after is None else max(usual, timedelta(seconds=retry_after))
