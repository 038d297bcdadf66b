"""A text is promised, and a delivery process looks, at so many seconds of the night."""

from __future__ import annotations

from datetime import datetime, timedelta

from custodyfinder.db import transaction
from custodyfinder.gateways.sms import SmsTryLater
from custodyfinder.models import TextKind
from custodyfinder.services import delivery, outbox, receipts

from ..conftest import NIGHT
from ..world import HARINGEY_PHONE
from .senders import FakeSender

BASE = "https://example.org/status"


def at(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)


def busy(code: str = "20500", *, retry_after: float | None = None, perhaps_sent: bool = True) -> SmsTryLater:
    return SmsTryLater(code, retry_after, perhaps_sent=perhaps_sent)


def promise(body: str = "hello", *, to: str = HARINGEY_PHONE, now: datetime = NIGHT, **more: object) -> int:
    with transaction() as session:
        text = outbox.promise(
            session,
            kind=TextKind.NOTICE,
            to=to,
            body=body,
            request_id=None,
            now=now,
            **more,  # type: ignore[arg-type]
        )
        return text.id


def send(sender: FakeSender, seconds: float = 0) -> int:
    """One look of a delivery process. Gives how many texts it took."""
    sender.now = at(seconds)
    claimed = delivery.claim(16, now=at(seconds))
    for text in claimed:
        delivery.deliver(text, sender, status_base=BASE, now=at(seconds))
    return len(claimed)


def receipt(text: int, status: str, error_code: str | None = None, *, seconds: float = 1) -> None:
    receipts.take(text, status=status, error_code=error_code, now=at(seconds))
    receipts.work(now=at(seconds))
