"""Texts that are promised in the transaction that makes them necessary.

`services.delivery` gives them to Twilio afterwards; `services.receipts` learns what became of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..domain import delivery
from ..models import TextKind, TextMessage, TextState

USUAL_USE = timedelta(minutes=30)
"""A text that could not be sent within it fails for good, unless who promised it knows better."""

ENDED = "request ended"
TOO_LATE = "too late"


def promise(
    session: Session,
    *,
    kind: TextKind,
    to: str,
    body: str,
    request_id: int | None,
    use_until: datetime | None = None,
    now: datetime,
) -> TextMessage:
    """Put one text into the caller's transaction; it is sent if and only if that commits.

    Args:
        use_until: It fails rather than go out after this, and Twilio drops it then; half an hour from now if None.
    """
    text = TextMessage(
        kind=kind.value,
        to_number=to,
        body=body,
        request_id=request_id,
        promised_at=now,
        due_at=now,
        use_until=use_until or now + USUAL_USE,
    )
    session.add(text)
    session.flush()
    return text


def drop(session: Session, *, request_id: int, now: datetime) -> None:
    """Never send what still waits to ask about a request that has ended.

    One that a delivery process is sending at this moment goes out all the same.
    """
    session.execute(
        update(TextMessage)
        .where(
            TextMessage.request_id == request_id,
            TextMessage.kind == TextKind.ASK,
            TextMessage.state == TextState.WAITING,
            TextMessage.perhaps_sent_since.is_(None),
        )
        .values(state=TextState.FAILED.value, error_code=ENDED, settled_at=now)
    )


def advance(session: Session, text_id: int, state: TextState, *, error_code: str | None, now: datetime) -> None:
    """Move a text on, if that is news: an older state never covers a newer."""
    text = session.scalar(select(TextMessage).where(TextMessage.id == text_id).with_for_update())
    if text is not None:
        move(text, state, error_code=error_code, now=now)


def move(text: TextMessage, state: TextState, *, error_code: str | None, now: datetime) -> bool:
    """`advance`, of a text that the caller has locked. Return whether it moved."""
    if not delivery.covers(state, TextState(text.state)):
        return False
    text.state = state.value
    text.error_code = error_code
    if delivery.is_settled(state):
        text.settled_at = now
        text.look_at = None
        text.perhaps_sent_since = None
    return True
