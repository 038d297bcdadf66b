"""The far end of the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from custodyfinder.gateways.sms import Fate, Sent, SmsRefused

from ..conftest import NIGHT

_ids = count(1)
"""Of all fakes together: no two texts have one id."""


class FakeSender:
    """The far end of the wire: keeps what it is given, or fails as told.

    Each of `failures` ends one `send`, in order; one that is `perhaps_sent` keeps the text all the same
    if the fake `takes_unseen`. `during` is called at the start of every `send`.
    """

    def __init__(
        self, *failures: Exception, during: Callable[[], None] | None = None, takes_unseen: bool = False
    ) -> None:
        self.failures, self.during, self.takes_unseen = list(failures), during, takes_unseen
        self.now: datetime = NIGHT
        """The provider's clock, which stands still; a test may move it."""
        self.sent: list[tuple[str, str, str]] = []
        """Phone, words, and address for receipts of what was taken."""
        self.valid_for: list[timedelta] = []
        """Of each of those."""
        self.fates: dict[str, Fate] = {}
        """By the provider's id; a text that is not here was only queued so far."""
        self.asking_fails: Exception | None = None
        """What `sent_to` and `fate` raise."""
        self.asked: list[tuple[str, datetime]] = []
        """Phone and time of every `sent_to`."""
        self._taken: list[tuple[str, Sent]] = []

    def send(self, *, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
        if self.during:
            self.during()
        if self.failures:
            failure = self.failures.pop(0)
            if self.takes_unseen and getattr(failure, "perhaps_sent", False):
                self._take(to, body, status_url, valid_for)
            raise failure
        return self._take(to, body, status_url, valid_for)

    def _take(self, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
        self.sent.append((to, body, status_url))
        self.valid_for.append(valid_for)
        taken = Sent(provider_id=f"SM{next(_ids):032x}", body=body, created_at=self.now)
        self._taken.append((to, taken))
        return taken.provider_id

    def sent_to(self, to: str, *, since: datetime) -> list[Sent]:
        self.asked.append((to, since))
        if self.asking_fails:
            raise self.asking_fails
        return [sent for phone, sent in reversed(self._taken) if phone == to and sent.created_at >= since]

    def fate(self, provider_id: str) -> Fate:
        if self.asking_fails:
            raise self.asking_fails
        if provider_id not in {sent.provider_id for _, sent in self._taken} | set(self.fates):
            raise SmsRefused("20404")
        return self.fates.get(provider_id, Fate("queued", None))
