"""How people get in: their sessions, tries that failed, second factors, what they had typed when a session ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Json, Key


class SignInSession(Base):
    """Somebody is signed in somewhere. The browser has the token, this row its hash."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    began_at: Mapped[Instant]
    seen_at: Mapped[Instant]  # when the person last did something; a page that follows by itself does not count
    ended_at: Mapped[Instant | None]
    origin: Mapped[str] = mapped_column(String(45))  # the address they came from


class SignInTry(Base):
    """A password, a code or a token was tried and has not been found right."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_who", "who", "at"), Index("ix_sign_in_try_origin", "origin", "at"))

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    at: Mapped[Instant]
    who: Mapped[str] = mapped_column(String(64))  # a hash: people type their password into the wrong box
    origin: Mapped[str] = mapped_column(String(45))


class RecoveryCode(Base):
    """Opens an account once, where the phone with the second factor is lost."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[Instant | None]


class KeptForm(Base):
    """What somebody had typed when their session ended: given back to them once, and to nobody else."""

    __tablename__ = "kept_form"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(200))
    fields: Mapped[list[Any]] = mapped_column(Json)  # pairs, since a name may come twice
    at: Mapped[Instant]


class RecordGrant(Base):
    """A record was given to an inspector to read, and until when."""

    __tablename__ = "record_grant"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    given_by: Mapped[str] = mapped_column(String(60))
    given_at: Mapped[Instant]
    until: Mapped[Instant]
    why: Mapped[str] = mapped_column(String(200))
