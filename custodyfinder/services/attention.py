"""What waits for a delivery process, in one look that writes nothing and locks nothing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select

from ..db import reading
from ..models import (
    FATE_UNKNOWN,
    GOING_ON,
    NOT_FOLLOWED_UP,
    OPEN,
    UNSENT,
    UNWORKED,
    BedRequest,
    IncomingText,
    Receipt,
    StandingSearch,
    TextMessage,
)


class Waiting(NamedTuple):
    """Whether anything of a kind waits now."""

    texts: bool
    incoming: bool
    receipts: bool
    fates: bool
    steps: bool
    searches: bool
    holds: bool


def look(*, now: datetime) -> Waiting:
    """What is due. Each part is found by a partial index: the look costs the same on the busiest night."""
    parts = (
        exists().where(UNSENT, TextMessage.due_at <= now).select_from(TextMessage),
        exists().where(UNWORKED, IncomingText.due_at <= now).select_from(IncomingText),
        exists().where(UNWORKED).select_from(Receipt),
        exists().where(FATE_UNKNOWN, TextMessage.look_at <= now).select_from(TextMessage),
        exists().where(OPEN, BedRequest.next_step_at <= now).select_from(BedRequest)
        | exists().where(NOT_FOLLOWED_UP).select_from(TextMessage),
        exists()
        .where(GOING_ON, (StandingSearch.look_at <= now) | (StandingSearch.until <= now))
        .select_from(StandingSearch),
        exists().where(OPEN, BedRequest.hold_expires_at <= now).select_from(BedRequest),
    )
    with reading() as connection:
        return Waiting._make(connection.execute(select(*parts)).one())
