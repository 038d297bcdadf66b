"""Texts that are promised in the transaction that makes them necessary, and delivered afterwards.

The guarantee: a promised text is given to Twilio at least once. A second copy is possible where a
delivery process dies between the call and the note of it; a repeated text is harmless here, a lost
one is not.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..gateways.sms import Sender, SmsRefused, SmsTryLater
from ..models import WAITING, Heartbeat, Receipt, TextMessage, TextState

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""A claimed text comes back after this long if its delivery process died; well over the 5 s that a call may take."""

RETRY_AFTER = (timedelta(0), timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=45))
"""Pauses before the next attempts; after the last, every `RETRY_AFTER[-1]` until the text is no use any more."""

NO_USE_AFTER = timedelta(minutes=30)
"""A request is answered or expired by then: a text that could not be sent within it fails for good."""

_RANK = {
    TextState.WAITING: 0,
    TextState.SENT: 1,
    TextState.UNDELIVERED: 2,
    TextState.FAILED: 2,
    TextState.DELIVERED: 3,
}

_MEANING = {
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


@dataclass(frozen=True)
class _Claimed:
    id: int
    to: str
    body: str
    promised_at: datetime
    attempts: int


def promise(session: Session, *, to: str, body: str, request_id: int | None, now: datetime) -> None:
    """Put one text into the caller's transaction; it is sent if and only if that commits."""
    session.add(TextMessage(to_number=to, body=body, request_id=request_id, promised_at=now, due_at=now))


def deliver_next(sender: Sender, *, status_base: str, now: datetime) -> bool:
    """Send the longest-waiting due text, if any. Return whether there was one.

    Never raises for a text that would not send: the outcome is on its row.

    Args:
        status_base: Address of the receipts' webhook; the text's own id is appended, and Twilio's
            signature over the whole address vouches for it.
    """
    claimed = _claim(now)
    if claimed is None:
        return False

    # No transaction is open here. A slow provider must not hold a row, nor SQLite's only writer.
    try:
        provider_id = sender.send(to=claimed.to, body=claimed.body, status_url=f"{status_base}?text={claimed.id}")
    except SmsTryLater as error:
        _try_later(claimed, error.code, error.retry_after, now=now)
    except SmsRefused as error:
        _settle(claimed.id, TextState.FAILED, error_code=error.code, now=now)
    except Exception as error:
        # A bug met by one text must not stop the ones behind it.
        log.exception("text %s: unexpected error", claimed.id)
        _try_later(claimed, type(error).__name__, None, now=now)
    else:
        _note_sent(claimed.id, provider_id, now=now)
    return True


def _claim(now: datetime) -> _Claimed | None:
    with transaction() as session:
        # After an outage, say: "a bed is needed" must not arrive when it no longer is.
        _fail(session, TextMessage.promised_at <= now - NO_USE_AFTER, why="too late", now=now)
        text = session.scalar(
            select(TextMessage)
            .where(WAITING, TextMessage.due_at <= now)
            # Texts that were never tried first: one broken number delays nobody else's.
            .order_by(TextMessage.attempts, TextMessage.due_at, TextMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if text is None:
            return None
        text.due_at = now + LEASE
        text.attempts += 1
        return _Claimed(text.id, text.to_number, text.body, text.promised_at, text.attempts)


def drop(session: Session, *, request_id: int, now: datetime) -> bool:
    """Never send what waits for a request that has ended. Return whether there was such a text.

    One that a delivery process is sending at this moment goes out all the same.
    """
    unsent = (TextMessage.request_id == request_id) & (TextMessage.attempts == 0)
    return _fail(session, unsent, why="request ended", now=now)


def _fail(session: Session, which: ColumnElement[bool], *, why: str, now: datetime) -> bool:
    failed = session.scalars(
        update(TextMessage)
        .where(WAITING, which)
        .values(state=TextState.FAILED.value, error_code=why, settled_at=now)
        .returning(TextMessage.id)
    ).all()
    return bool(failed)


def _note_sent(text_id: int, provider_id: str, *, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(TextMessage).where(TextMessage.id == text_id).values(provider_id=provider_id, sent_at=now)
        )
        # A receipt may have come before this line; it is never covered by a mere "sent".
        session.execute(
            update(TextMessage)
            .where(TextMessage.id == text_id, TextMessage.state == TextState.WAITING)
            .values(state=TextState.SENT.value, error_code=None)
        )


def _try_later(claimed: _Claimed, code: str, retry_after: float | None, *, now: datetime) -> None:
    if now - claimed.promised_at >= NO_USE_AFTER:
        _settle(claimed.id, TextState.FAILED, error_code=code, now=now)
        return
    pause = RETRY_AFTER[min(claimed.attempts, len(RETRY_AFTER)) - 1]
    if retry_after is not None:
        pause = max(pause, timedelta(seconds=retry_after))
    log.warning("text %s: attempt %s failed (%s), again in %s", claimed.id, claimed.attempts, code, pause)
    with transaction() as session:
        session.execute(
            update(TextMessage)
            .where(TextMessage.id == claimed.id, TextMessage.state == TextState.WAITING)
            .values(due_at=now + pause, error_code=code)
        )


def _settle(text_id: int, state: TextState, *, error_code: str | None, now: datetime) -> None:
    with transaction() as session:
        _advance(session, text_id, state, error_code=error_code, now=now)


def _advance(session: Session, text_id: int, state: TextState, *, error_code: str | None, now: datetime) -> None:
    text = session.scalar(select(TextMessage).where(TextMessage.id == text_id).with_for_update())
    if text is None or _RANK[state] <= _RANK[TextState(text.state)]:
        return
    text.state = state.value
    text.error_code = error_code
    if _RANK[state] >= _RANK[TextState.FAILED]:
        text.settled_at = now


def take_receipt(text_id: int, *, status: str, error_code: str | None, now: datetime) -> None:
    """Keep what Twilio says of a text, and move the text on if that is news. An older state never covers a newer.

    A receipt for a text that is not ours, or with a status that Twilio has not documented, changes no text.
    """
    with transaction() as session:
        # Locked first: two receipts at once would otherwise each hold the row, by the foreign key of their
        # own line, and wait for the other.
        if session.scalar(select(TextMessage.id).where(TextMessage.id == text_id).with_for_update()) is None:
            log.warning("a receipt came for text %s, which does not exist", text_id)
            return
        session.add(Receipt(text_id=text_id, status=status[:20], error_code=error_code, received_at=now))
        meaning = _MEANING.get(status)
        if meaning is not None:
            _advance(session, text_id, meaning, error_code=error_code, now=now)


def beat(worker: str, *, now: datetime) -> None:
    """Note that a delivery process has completed a cycle."""
    with transaction() as session:
        session.merge(Heartbeat(worker=worker, cycled_at=now))


def last_cycle() -> datetime | None:
    """When any delivery process last completed a cycle."""
    with reading() as connection:
        return connection.scalar(select(Heartbeat.cycled_at).order_by(Heartbeat.cycled_at.desc()).limit(1))
