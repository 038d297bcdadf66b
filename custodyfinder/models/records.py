"""What is kept for ever, and what keeps the processes in step."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Json, Key


class AuditEvent(Base):
    """Who did what to what, when. Never changed, never removed."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    at: Mapped[Instant]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(Json)


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
