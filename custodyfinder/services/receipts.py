"""What became of a text: Twilio's receipts, kept raw as they come and worked afterwards; asked for where none came."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import transaction
from ..domain.delivery import MEANING
from ..gateways.sms import Sender, SmsRefused, SmsTryLater
from ..models import FATE_UNKNOWN, UNWORKED, Receipt, TextMessage, TextState
from . import delivery

log = logging.getLogger(__name__)

AT_A_TIME = 100

LOOK_AGAIN = tuple(timedelta(seconds=seconds) for seconds in (60, 120, 300, 900, 1800))
"""After a first look that told nothing final; then never again: Twilio itself gives up within hours."""


def take(text_id: int, *, status: str, error_code: str | None, now: datetime, provider_id: str | None = None) -> None:
    """Keep what Twilio says of a text. One insert, so that a flood of them slows nobody."""
    with transaction() as session:
        session.add(
            Receipt(text_id=text_id, provider_id=provider_id, status=status, error_code=error_code, received_at=now)
        )


def work(*, now: datetime) -> int:
    """Move texts on by the receipts that wait, in the order in which they came. Return how many there were.

    A receipt for a text that is not ours, or with a status that Twilio has not documented, changes no text.
    """
    with transaction() as session:
        waiting = session.scalars(
            select(Receipt).where(UNWORKED).order_by(Receipt.id).limit(AT_A_TIME).with_for_update(skip_locked=True)
        ).all()
        texts = _texts_of(session, waiting)
        by_key = {text.id: text for text in texts}
        by_name: dict[str | None, TextMessage] = {each.provider_id: each for each in texts if each.provider_id}
        for receipt in waiting:
            receipt.worked_at = now
            # Twilio's id comes first: of twins, one may have been found under the other's id. The other is then
            # not found, and sent: this receipt must not say that it went already.
            text = by_name.get(receipt.provider_id) or by_key.get(receipt.text_id)
            meaning = MEANING.get(receipt.status)
            if text is None or meaning is None:
                log.warning("receipt %s of text %s says %r", receipt.id, receipt.text_id, receipt.status)
                continue
            delivery.settle_in(session, text, meaning, error_code=receipt.error_code, now=now)
            if receipt.provider_id is not None and text.provider_id is None:
                # Its delivery process died, or has not come to note it.
                by_name[receipt.provider_id] = text
                text.provider_id, text.sent_at = receipt.provider_id, now
                if text.state == TextState.SENT:
                    text.look_at = now + delivery.RECEIPT_WITHIN
        return len(waiting)


def _texts_of(session: Session, waiting: Sequence[Receipt]) -> Sequence[TextMessage]:
    ids = {receipt.text_id for receipt in waiting}
    names = {receipt.provider_id for receipt in waiting if receipt.provider_id is not None}
    return session.scalars(
        select(TextMessage)
        .where(TextMessage.id.in_(ids) | TextMessage.provider_id.in_(names))
        .order_by(TextMessage.id)  # so that two processes lock the texts they share in the same order
        .with_for_update()
    ).all()


def ask_for_one(sender: Sender, *, now: datetime) -> bool:
    """Ask Twilio what became of one text of which no receipt has come in time. Return whether there was one."""
    with transaction() as session:
        text = session.scalar(
            select(TextMessage)
            .where(FATE_UNKNOWN, TextMessage.look_at <= now, TextMessage.state == TextState.SENT)
            .order_by(TextMessage.look_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if text is None or text.provider_id is None:
            return False
        pause = LOOK_AGAIN[text.looks] if text.looks < len(LOOK_AGAIN) else None
        text.look_at = None if pause is None else now + pause
        text.looks += 1
        text_id, provider_id = text.id, text.provider_id
    log.warning("no receipt came in time for text %s: asking", text_id)
    try:
        fate = sender.fate(provider_id)
    except (SmsTryLater, SmsRefused) as error:
        log.warning("text %s: asking what became of it failed (%s)", text_id, error.code)
        return True
    with transaction() as session:
        session.add(
            Receipt(text_id=text_id, status=fate.status, error_code=fate.error_code, asked_for=True, received_at=now)
        )
    return True
