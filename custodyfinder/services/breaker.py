"""Whether Twilio is out, as all delivery processes see it together.

While it is, texts that have failed before are held back but for one in ten seconds, which probes;
texts that were never tried go all the same. The first that goes through ends the outage.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.delivery import ACCOUNT_TROUBLE, UNANSWERED
from ..models import CarrierState, TextMessage, TextState

log = logging.getLogger(__name__)

FAILURES = 4
"""So many in a row, without a success between them, are an outage: to more than one number, or with a
failure that cannot be one number's fault."""

NOT_ONE_NUMBERS = UNANSWERED | ACCOUNT_TROUBLE
"""What cannot be one number's fault: no answer at all, or our account refused."""

PROBE_EVERY = timedelta(seconds=10)

_ONLY = 1
"""There is one row."""


def failed(number: str, code: str, *, now: datetime) -> None:
    """Twilio could not be reached, or broke, over a text to this number."""
    try:
        with transaction() as session:
            _count(session, number, code, now=now)
    except IntegrityError:  # the first failure ever, and another process was writing the row in the same moment
        with transaction() as session:
            _count(session, number, code, now=now)


def _count(session: Session, number: str, code: str, *, now: datetime) -> None:
    state = session.get(CarrierState, _ONLY, with_for_update=True)
    if state is None:
        state = CarrierState(id=_ONLY, failures=0, numbers=0)
        session.add(state)
        session.flush()
    if state.failures == 0:
        state.failing_since, state.numbers, state.last_number = now, 0, None
    state.failures += 1
    if number != state.last_number:
        state.numbers += 1
        state.last_number = number
    everybody = state.numbers > 1 or code in NOT_ONE_NUMBERS
    if state.open_since is None and state.failures >= FAILURES and everybody:
        log.error("Twilio is out since %s: texts are delayed", state.failing_since)
        state.open_since = state.failing_since
        state.probe_at = now + PROBE_EVERY


def worked(*, now: datetime) -> None:
    """Twilio has answered: whatever outage there was is over, and what waits is due at once."""
    with reading() as connection:
        failing = connection.scalar(select(CarrierState.failures).where(CarrierState.id == _ONLY))
    if not failing:
        return  # nearly always: no write, and nobody waits for the row
    with transaction() as session:
        state = session.get(CarrierState, _ONLY, with_for_update=True)
        if state is None:
            return
        if state.open_since is not None:
            log.warning("Twilio is back; it was out since %s", state.open_since)
            session.execute(
                update(TextMessage)
                .where(TextMessage.state == TextState.WAITING, TextMessage.attempts > 0, TextMessage.due_at > now)
                .values(due_at=now)
            )
        state.failures = state.numbers = 0
        state.last_number = state.failing_since = state.open_since = state.probe_at = None


def retries_allowed(session: Session, *, now: datetime) -> int | None:
    """How many texts that have failed before may be tried now; None where Twilio is not out."""
    state = session.get(CarrierState, _ONLY)
    if state is None or state.open_since is None:
        return None
    taken = session.scalar(
        update(CarrierState)
        .where(CarrierState.id == _ONLY, CarrierState.probe_at <= now)
        .values(probe_at=now + PROBE_EVERY)
        .returning(CarrierState.id)
    )
    return 0 if taken is None else 1


def out_since() -> datetime | None:
    """Since when texts are delayed; None where they are not."""
    with reading() as connection:
        return connection.scalar(select(CarrierState.open_since).where(CarrierState.id == _ONLY))
