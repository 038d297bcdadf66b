"""Who answers for an authority, when, and in which order they are asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Json, Key

FALLBACK = text("is_fallback AND removed_at IS NULL")
MANAGER = text("is_manager AND removed_at IS NULL")
PRESENT = text("removed_at IS NULL")


class Contact(Base):
    """Somebody who answers for an authority, or a phone that a team shares.

    Only a mobile that was checked, by a code texted back from it, is ever asked for a bed.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("mobile IS NOT NULL OR landline IS NOT NULL", name="some_number"),
        Index("uq_contact_fallback", "authority_code", unique=True, sqlite_where=FALLBACK, postgresql_where=FALLBACK),
        Index("uq_contact_manager", "authority_code", unique=True, sqlite_where=MANAGER, postgresql_where=MANAGER),
        Index("uq_contact_name", "authority_code", "name", unique=True, sqlite_where=PRESENT, postgresql_where=PRESENT),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(80))
    mobile: Mapped[str | None] = mapped_column(String(16), index=True)
    landline: Mapped[str | None] = mapped_column(String(16))
    is_fallback: Mapped[bool] = mapped_column(default=False)  # is always there
    is_manager: Mapped[bool] = mapped_column(default=False)  # is told of gaps, opt-outs and silence
    check_code: Mapped[str | None] = mapped_column(String(6))
    check_sent_at: Mapped[Instant | None]
    verified_at: Mapped[Instant | None]
    opted_out_at: Mapped[Instant | None]
    removed_at: Mapped[Instant | None]


class WeeklyShift(Base):
    """One contact on duty, every week; `domain.rota` has the meaning of the columns."""

    __tablename__ = "weekly_shift"
    __table_args__ = (
        CheckConstraint("day BETWEEN 0 AND 7", name="day_listed"),
        CheckConstraint("starts BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439", name="in_the_day"),
        UniqueConstraint("authority_code", "contact_id", "day", "starts"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    day: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]


class RotaOverride(Base):
    """One contact in place of whoever the weekly rota has, for one time."""

    __tablename__ = "rota_override"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_rota_override_authority_end", "authority_code", "ends_at"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    made_by: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[Instant]


class EscalationPolicy(Base):
    """Whom an authority wants asked, and when. Never changed: a change is a new version."""

    __tablename__ = "escalation_policy"
    __table_args__ = (UniqueConstraint("authority_code", "version"),)

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    version: Mapped[int]
    policy: Mapped[dict[str, Any]] = mapped_column(Json)  # as `domain.escalation.as_json` writes it
    made_by: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[Instant]
