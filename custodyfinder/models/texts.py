"""Texts out and in, what Twilio said of them, and how Twilio is doing."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from ..domain.delivery import TextState as TextState
from .base import Key, one_of

UNSENT = text("state IN ('waiting', 'sending')")
SENDING = text("state = 'sending'")
FATE_UNKNOWN = text("look_at IS NOT NULL")
NOT_FOLLOWED_UP = text("kind = 'ask' AND state IN ('undelivered', 'failed') AND followed_up_at IS NULL")
UNWORKED = text("worked_at IS NULL")
"""As literals, because a plan that is made once for all values cannot use a partial index for a parameter."""


class TextKind(StrEnum):
    """What a text is for."""

    ASK = "ask"
    """Asks for a bed: never sent once its request has ended."""
    NOTICE = "notice"
    REPLY = "reply"
    HELP = "help"
    """A reply to what was not understood: five an hour to one number."""


class TextMessage(Base):
    """A text that was promised in the transaction that made it necessary: the outbox.

    The schedule of retention empties number and words; what is empty was there once.
    """

    __tablename__ = "text_message"
    __table_args__ = (
        one_of("state", TextState),
        one_of("kind", TextKind),
        Index("ix_text_message_due", "due_at", sqlite_where=UNSENT, postgresql_where=UNSENT),
        # One call at a time to one number: a copy of a text is told from its twin by what is on record.
        Index("uq_text_message_sending", "to_number", unique=True, sqlite_where=SENDING, postgresql_where=SENDING),
        Index("ix_text_message_look", "look_at", sqlite_where=FATE_UNKNOWN, postgresql_where=FATE_UNKNOWN),
        Index(
            "ix_text_message_follow_up",
            "request_id",
            sqlite_where=NOT_FOLLOWED_UP,
            postgresql_where=NOT_FOLLOWED_UP,
        ),
        Index("ix_text_message_number", "to_number", "promised_at"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("bed_request.id"), index=True)
    to_number: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(String(160))
    state: Mapped[str] = mapped_column(String(12), default=TextState.WAITING.value)
    promised_at: Mapped[Instant]
    due_at: Mapped[Instant]  # while it is being sent: when its delivery process is taken for dead
    use_until: Mapped[Instant]  # it fails rather than go out later
    attempts: Mapped[int] = mapped_column(default=0)
    # Since then a call may have gone through unseen: Twilio is asked before it is sent again.
    perhaps_sent_since: Mapped[Instant | None]
    provider_id: Mapped[str | None] = mapped_column(String(34), unique=True)
    error_code: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[Instant | None]
    settled_at: Mapped[Instant | None]  # delivered, undelivered or failed
    look_at: Mapped[Instant | None]  # when Twilio is asked what became of it, if no receipt has come
    looks: Mapped[int] = mapped_column(default=0)
    followed_up_at: Mapped[Instant | None]  # the next step was taken, because this one did not arrive


class Receipt(Base):
    """What Twilio said of a text, as it said it. Only `worked_at` is ever changed."""

    __tablename__ = "receipt"
    __table_args__ = (Index("ix_receipt_unworked", "id", sqlite_where=UNWORKED, postgresql_where=UNWORKED),)

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    # No foreign key: taking a receipt waits for no row of another table.
    text_id: Mapped[int] = mapped_column(Key, index=True)
    provider_id: Mapped[str | None] = mapped_column(String(34), index=True)
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(10))
    asked_for: Mapped[bool] = mapped_column(default=False)  # we asked, rather than Twilio told
    received_at: Mapped[Instant]
    worked_at: Mapped[Instant | None]


class IncomingText(Base):
    """A text that came in, and what was made of it.

    The schedule of retention empties number and words; what is empty was there once.
    """

    __tablename__ = "incoming_text"
    __table_args__ = (Index("ix_incoming_text_unworked", "due_at", sqlite_where=UNWORKED, postgresql_where=UNWORKED),)

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    # Twilio delivers a webhook again when it is unsure: the same id is the same text.
    provider_id: Mapped[str] = mapped_column(String(34), unique=True)
    from_number: Mapped[str] = mapped_column(String(16), index=True)
    body: Mapped[str] = mapped_column(String(1600))
    received_at: Mapped[Instant]
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    worked_at: Mapped[Instant | None]
    meaning: Mapped[str | None] = mapped_column(String(12))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("bed_request.id"))
    reply: Mapped[str | None] = mapped_column(String(160))


class CarrierState(Base):
    """How Twilio is doing, as seen by all delivery processes together. One row."""

    __tablename__ = "carrier_state"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    last_number: Mapped[str | None] = mapped_column(String(16))
    numbers: Mapped[int] = mapped_column(default=0)  # changes of number among them
    failing_since: Mapped[Instant | None]
    open_since: Mapped[Instant | None]  # the outage that the pages speak of
    probe_at: Mapped[Instant | None]
