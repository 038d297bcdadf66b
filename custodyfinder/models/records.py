"""What is kept for ever, and what keeps the processes in step."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Json, Key


class AuditEvent(Base):
    """Who did what to what, when. Never changed, never removed: triggers refuse it, and the chain shows it.

    Rows are written by `services.audit` alone, which numbers them without a gap.
    """

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(Json)
    origin: Mapped[str | None] = mapped_column(String(45))  # the address a person came from; None for a process
    why: Mapped[str | None] = mapped_column(String(60))  # the justification of a consultation or disclosure
    previous: Mapped[str] = mapped_column(String(64))  # the digest of the row before
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain of audit lines. One row, and the last lock that a transaction takes."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    last_id: Mapped[int] = mapped_column(Key)
    digest: Mapped[str] = mapped_column(String(64))


class Heartbeat(Base):
    """The last completed cycle of a delivery process."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(String(60), primary_key=True)
    cycled_at: Mapped[Instant]


class Once(Base):
    """Something that is done once: the row is written in the transaction that does it."""

    __tablename__ = "once"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[Instant]
