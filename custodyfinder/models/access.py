"""Programs of forces and authorities that may call the API, and what they asked for once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Json, Key


class ApiToken(Base):
    """A program that may call the API for one force or one authority. The token itself is not kept."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("(force IS NULL) = (authority_code IS NOT NULL)", name="of_one_organisation"),
        CheckConstraint("expires_at > created_at", name="expires_after_created"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    force: Mapped[str | None] = mapped_column(String(80))  # as in `suite.force`
    authority_code: Mapped[str | None] = mapped_column(ForeignKey("authority.code"))
    scopes: Mapped[list[Any]] = mapped_column(Json)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hexadecimal
    created_at: Mapped[Instant]
    created_by: Mapped[str] = mapped_column(String(60))
    expires_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]  # to the minute


class IdempotencyKey(Base):
    """A program asked for a bed under this key, and which request that made: it goes with the request."""

    __tablename__ = "idempotency_key"

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    asked: Mapped[str] = mapped_column(String(64))  # SHA-256 of what was asked, hexadecimal
    request_id: Mapped[int] = mapped_column(ForeignKey("bed_request.id", ondelete="CASCADE"), index=True)
    at: Mapped[Instant]
