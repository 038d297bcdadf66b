"""The far end of the wire."""

from __future__ import annotations

from collections.abc import Callable


class FakeSender:
    """The far end of the wire: keeps what it is given, or fails as told."""

    def __init__(self, *failures: Exception, during: Callable[[], None] | None = None) -> None:
        self.failures, self.during = list(failures), during
        self.sent: list[tuple[str, str, str]] = []

    def send(self, *, to: str, body: str, status_url: str) -> str:
        if self.during:
            self.during()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((to, body, status_url))
        return f"SM{len(self.sent):032x}"
