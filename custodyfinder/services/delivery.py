"""Giving the texts of the outbox to Twilio: each once, whoever dies in between.

A text is claimed in one transaction, given to Twilio with none open, and its outcome noted in another.
Where a delivery process dies in the middle, or Twilio's answer is lost, the text may have gone; before
it is sent again, Twilio's own list of what it took for that number is asked. Only one text at a time is
on its way to one number, by a unique index, so that what the list shows belongs to it or is on record.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from ..db import reading, transaction
from ..domain import delivery
from ..gateways.sms import OPTED_OUT, Sender, SmsRefused, SmsTryLater
from ..models import UNSENT, BedRequest, Receipt, RequestState, TextKind, TextMessage, TextState
from . import audit, breaker, contacts, outbox

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""A text whose delivery process died comes back after this long; well over what its calls may take."""

CLOCKS_APART = timedelta(minutes=2)
"""How far Twilio's clock and ours may differ, with room to spare."""

RECEIPT_WITHIN = timedelta(seconds=60)
"""If no receipt has come by then, Twilio is asked."""


@dataclass(frozen=True)
class Claimed:
    """A text that this process, and no other, may send until its lease runs out."""

    id: int
    to: str
    body: str
    use_until: datetime
    attempt: int
    perhaps_sent_since: datetime | None
    """Since then an earlier attempt may have gone through unseen."""
    unanswered: bool
    """Whether the last attempt had no answer."""
    lost_use: str | None
    """Why it must not be sent any more, only looked for; None where it may."""


def claim(most: int, *, now: datetime, lease: timedelta = LEASE) -> list[Claimed]:
    """Take up to so many due texts, never tried ones first, each to another number.

    What has lost its use is failed on the way: too late, or about a request that has ended.
    """
    try:
        with transaction() as session:
            return _claim(session, most, now=now, lease=lease)
    except IntegrityError:
        return []  # another process began to text one of these numbers in the same moment: the next look finds others


def _claim(session: Session, most: int, *, now: datetime, lease: timedelta) -> list[Claimed]:
    retries = breaker.retries_allowed(session, now=now)
    claimed: dict[str, Claimed] = {}
    for text in _due(session, most, retries=retries, now=now):
        if text.to_number in claimed:
            continue  # one at a time to one number
        lost_use = _lost_use(session, text, now=now)
        if lost_use is not None and text.perhaps_sent_since is None:
            outbox.advance(session, text.id, TextState.FAILED, error_code=lost_use, now=now)
            continue
        if retries is not None and text.attempts > 0:
            if retries == 0:
                continue
            retries -= 1
        text.state = TextState.SENDING.value
        text.due_at = now + lease
        text.attempts += 1
        claimed[text.to_number] = Claimed(
            id=text.id,
            to=text.to_number,
            body=text.body,
            use_until=text.use_until,
            attempt=text.attempts,
            perhaps_sent_since=text.perhaps_sent_since,
            unanswered=text.error_code in delivery.UNANSWERED,
            lost_use=lost_use,
        )
        text.perhaps_sent_since = text.perhaps_sent_since or now
    return list(claimed.values())


def _due(session: Session, most: int, *, retries: int | None, now: datetime) -> list[TextMessage]:
    other = aliased(TextMessage)
    busy = exists().where(
        other.to_number == TextMessage.to_number, other.state == TextState.SENDING, other.id != TextMessage.id
    )
    due = (
        select(TextMessage)
        .where(UNSENT, TextMessage.due_at <= now, ~busy)
        # Texts that were never tried first: one broken number delays nobody else's.
        .order_by(TextMessage.attempts, TextMessage.due_at, TextMessage.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if retries == 0:
        due = due.where(TextMessage.attempts == 0)
    return list(session.scalars(due))


def _lost_use(session: Session, text: TextMessage, *, now: datetime) -> str | None:
    # Read again just before it goes: nobody is woken for a bed that is no longer needed.
    if text.kind == TextKind.ASK:
        state = session.scalar(select(BedRequest.state).where(BedRequest.id == text.request_id))
        if state != RequestState.OPEN:
            return outbox.ENDED
    return outbox.TOO_LATE if text.use_until <= now else None


def deliver(claimed: Claimed, sender: Sender, *, status_base: str, now: datetime) -> None:
    """Give one claimed text to Twilio and note the outcome.

    Never raises for a text that would not go: the outcome is on its row.

    Args:
        status_base: Address of the receipts' webhook; the text's own id is appended, and Twilio's
            signature over the whole address vouches for it.
    """
    # No transaction is open here. A slow provider must not hold a row, nor SQLite's only writer.
    try:
        provider_id = _went_before(claimed, sender, now=now)
        if provider_id is None:
            if claimed.lost_use is not None:
                _settle(claimed, claimed.lost_use, now=now)
                return
            provider_id = sender.send(
                to=claimed.to,
                body=claimed.body,
                status_url=f"{status_base}?text={claimed.id}",
                valid_for=claimed.use_until - now,
            )
    except SmsTryLater as error:
        _try_later(claimed, error.code, error.retry_after, perhaps_sent=error.perhaps_sent, now=now)
        if error.retry_after is None:  # asking for a pause, it is busy but there
            breaker.failed(claimed.to, error.code, now=now)
    except SmsRefused as error:
        if error.code in delivery.ACCOUNT_TROUBLE:
            _try_later(claimed, error.code, None, perhaps_sent=False, now=now)
            breaker.failed(claimed.to, error.code, now=now)
        else:
            _settle(claimed, error.code, now=now)
            breaker.worked(now=now)
    except Exception as error:
        # A bug met by one text must not stop the ones behind it.
        log.exception("text %s: unexpected error", claimed.id)
        _try_later(claimed, type(error).__name__, None, perhaps_sent=True, now=now)
    else:
        _note_sent(claimed, provider_id, now=now)
        breaker.worked(now=now)


def _went_before(claimed: Claimed, sender: Sender, *, now: datetime) -> str | None:
    """Twilio's id of this text, if an earlier attempt went through after all.

    Raises:
        SmsTryLater: nobody can tell yet.
    """
    if claimed.perhaps_sent_since is None:
        return None
    found = _told(claimed.id) or _listed(claimed, sender, since=claimed.perhaps_sent_since - CLOCKS_APART)
    log.warning("text %s: an earlier attempt %s", claimed.id, "went through" if found else "is not to be found")
    wait = claimed.perhaps_sent_since + delivery.UNANSWERED_FOR - now
    if found is None and claimed.unanswered and wait > timedelta(0):
        raise SmsTryLater("timeout", wait.total_seconds(), perhaps_sent=True)
    return found


def _told(text_id: int) -> str | None:
    """Twilio's id by a receipt that has come, unless that has been taken to be a twin's."""
    twin = exists().where(TextMessage.provider_id == Receipt.provider_id, TextMessage.id != text_id)
    with reading() as connection:
        return connection.scalar(
            select(Receipt.provider_id)
            .where(Receipt.text_id == text_id, Receipt.provider_id.is_not(None), ~twin)
            .limit(1)
        )


def _listed(claimed: Claimed, sender: Sender, *, since: datetime) -> str | None:
    """Twilio's id by its own list: of the oldest with these words that nobody knows."""
    try:
        listed = sender.sent_to(claimed.to, since=since)
    except SmsTryLater as error:
        raise SmsTryLater(error.code, error.retry_after, perhaps_sent=True) from None
    except SmsRefused as error:
        # Not a word on the text itself: without the list nobody knows, and it is not sent blindly.
        raise SmsTryLater(error.code, None, perhaps_sent=True) from None
    same = [sent.provider_id for sent in listed if sent.body == claimed.body]
    with reading() as connection:
        ours = set(connection.scalars(select(TextMessage.provider_id).where(TextMessage.provider_id.in_(same))))
        ours |= set(connection.scalars(select(Receipt.provider_id).where(Receipt.provider_id.in_(same))))
    return next((provider_id for provider_id in reversed(same) if provider_id not in ours), None)


def _note_sent(claimed: Claimed, provider_id: str, *, now: datetime) -> None:
    this = update(TextMessage).where(TextMessage.id == claimed.id)
    news = this.where(TextMessage.state.in_([state for state in TextState if delivery.covers(TextState.SENT, state)]))
    known = {"provider_id": provider_id, "sent_at": now, "perhaps_sent_since": None}
    sent = known | {"state": TextState.SENT.value, "error_code": None, "look_at": now + RECEIPT_WITHIN}
    try:
        with transaction() as session:
            if session.scalar(news.values(sent).returning(TextMessage.id)) is None:
                # A receipt came before this line; it is never covered by a mere "sent".
                session.execute(this.values(known))
    except IntegrityError:
        # A receipt has shown in this moment that it was the twin's: this one is looked for again.
        _try_later(claimed, "twin", None, perhaps_sent=True, now=now)


def _try_later(claimed: Claimed, code: str, retry_after: float | None, *, perhaps_sent: bool, now: datetime) -> None:
    pause = delivery.pause(claimed.attempt, retry_after=retry_after, chance=random.random())  # noqa: S311 - no secret
    log.warning("text %s: attempt %s failed (%s), again in %s", claimed.id, claimed.attempt, code, pause)
    with transaction() as session:
        session.execute(
            update(TextMessage)
            .where(
                TextMessage.id == claimed.id,
                TextMessage.state == TextState.SENDING,
                TextMessage.attempts == claimed.attempt,  # not another process's, after our lease ran out
            )
            .values(
                state=TextState.WAITING.value,
                due_at=now + pause,
                error_code=code,
                **({} if perhaps_sent else {"perhaps_sent_since": claimed.perhaps_sent_since}),
            )
        )


def _settle(claimed: Claimed, code: str, *, now: datetime) -> None:
    with transaction() as session:
        text = session.get_one(TextMessage, claimed.id, with_for_update=True)
        settle_in(session, text, TextState.FAILED, error_code=code, now=now)


def settle_in(session: Session, text: TextMessage, state: TextState, *, error_code: str | None, now: datetime) -> None:
    """Move on a text that the caller has locked.

    A phone that has opted out is marked with it, and its authority's manager told.
    """
    if not outbox.move(text, state, error_code=error_code, now=now):
        return
    if state in (TextState.FAILED, TextState.UNDELIVERED):
        audit.record(session, "custodyfinder", "text did not arrive", f"text:{text.id}", at=now, code=error_code)
        if error_code == OPTED_OUT:
            contacts.stop(session, text.to_number, now=now)
