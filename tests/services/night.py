"""A night that a test moves through: a fake Twilio, a clock, and a delivery process that does its turn when told."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from custodyfinder.db import db
from custodyfinder.models import IncomingText, TextMessage
from custodyfinder.services import (
    arrivals,
    bed_texts,
    delivery,
    escalating,
    inbox,
    on_duty,
    out_of_service,
    receipts,
    requests,
    standing,
)

from ..world import World
from .senders import FakeSender

_ids = count(1)


class Night:
    """What happens, minute by minute."""

    def __init__(self, world: World, *failures: Exception) -> None:
        self.world = world
        self.sender = FakeSender(*failures)
        self.now = world.now

    def go_to(self, minutes: float) -> list[tuple[str, str]]:
        """Let it be so many minutes after the start, and do a turn. Gives phone and words of what was sent in it."""
        return self.go_to_time(self.world.now + timedelta(minutes=minutes))

    def go_to_time(self, now: datetime) -> list[tuple[str, str]]:
        """As `go_to`."""
        self.now = self.sender.now = now
        return self.turn()

    def turn(self) -> list[tuple[str, str]]:
        """One turn of a delivery process, until nothing is due."""
        before = len(self.sender.sent)
        while inbox.work_next(now=self.now):
            pass
        requests.expire_due(now=self.now)
        while receipts.work(now=self.now):
            pass
        escalating.take_due(now=self.now)
        standing.work(now=self.now)
        for work in (
            arrivals.remind_due,
            on_duty.announce_due,
            bed_texts.ask_counts_due,
            out_of_service.return_to_service_due,
        ):
            work(now=self.now)
        while claimed := delivery.claim(16, now=self.now):
            for text in claimed:
                delivery.deliver(text, self.sender, status_base="https://example.org/status", now=self.now)
        if escalating.take_due(now=self.now):
            self.turn()
        return [(to, body) for to, body, _ in self.sender.sent[before:]]

    def text_in(self, body: str, *, sender: str, sid: str | None = None) -> str | None:
        """Somebody texts us; gives the answer that goes out."""
        provider_id = sid or f"SM{next(_ids):032x}"
        inbox.receive(provider_id=provider_id, from_number=sender, body=body, now=self.now)
        self.turn()
        with Session(db.engine) as session:
            kept = session.scalars(select(IncomingText).where(IncomingText.provider_id == provider_id)).one()
            assert kept.reply is None or (sender, kept.reply) in [(to, words) for to, words, _ in self.sender.sent]
            return kept.reply

    def receipt(self, text: TextMessage, status: str, error_code: str | None = None) -> list[tuple[str, str]]:
        """Twilio says what became of a text."""
        receipts.take(text.id, status=status, error_code=error_code, now=self.now)
        return self.turn()
