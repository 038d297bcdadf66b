"""Asking for a bed for a child: the searches that keep going, the requests, the calls, the placements."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Json, Key, one_of

OPEN = text("state = 'open'")
GOING_ON = text("ended_at IS NULL")
"""As literals, because a plan that is made once for all values cannot use a partial index for a parameter."""


class RequestState(StrEnum):
    """How asking one authority for one bed stands, or ended."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class CallOutcome(StrEnum):
    """What came of ringing."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    RING_BACK = "ring_back"
    NO_ANSWER = "no_answer"


class SearchEnd(StrEnum):
    """Why a standing search came to its end."""

    ACCEPTED = "accepted"
    STOPPED = "stopped"
    COURT = "court"


class StandingSearch(Base):
    """An officer has asked for a bed to be looked for, one place after the other, until somebody says yes."""

    __tablename__ = "standing_search"
    __table_args__ = (
        one_of("ended_why", SearchEnd),
        CheckConstraint("at_once IN (1, 3)", name="at_once_listed"),
        CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="end_has_reason"),
        Index(
            "uq_standing_search_going_on",
            "detention_id",
            unique=True,
            sqlite_where=GOING_ON,
            postgresql_where=GOING_ON,
        ),
        Index("ix_standing_search_look", "look_at", sqlite_where=GOING_ON, postgresql_where=GOING_ON),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"))
    at_once: Mapped[int]
    started_at: Mapped[Instant]
    started_by: Mapped[str] = mapped_column(String(60))
    until: Mapped[Instant]  # the court's sitting: a hard end
    look_at: Mapped[Instant]  # not before; moved to now whenever one of its requests ends
    exhausted_at: Mapped[Instant | None]  # nobody was left to ask, since then
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))
    ended_why: Mapped[str | None] = mapped_column(String(10))


class BedRequest(Base):
    """Asking one authority for one bed for one child, and the bed held meanwhile."""

    __tablename__ = "bed_request"
    __table_args__ = (
        one_of("state", RequestState),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="open_has_no_end"),
        CheckConstraint("hold_expires_at > asked_at", name="expires_after_asked"),
        # A second click on "Ask" is the same request.
        Index(
            "uq_bed_request_open",
            "detention_id",
            "place_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        # One child sleeps in one bed: the first acceptance wins.
        Index(
            "uq_bed_request_accepted",
            "detention_id",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
        Index(
            "uq_bed_request_open_reference",
            "reference",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_bed_request_reference", "reference", "asked_at"),
        Index("ix_bed_request_next_step", "next_step_at", sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_bed_request_place_ended", "place_id", "ended_at"),
        Index(
            "ix_bed_request_expiry",
            "hold_expires_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)  # whom to ring
    search_id: Mapped[int | None] = mapped_column(ForeignKey("standing_search.id"), index=True)
    by_text: Mapped[bool]  # False: the authority is rung, and nobody is texted
    reference: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(10), default=RequestState.OPEN.value)
    asked_at: Mapped[Instant]
    asked_by: Mapped[str] = mapped_column(String(60))
    hold_expires_at: Mapped[Instant]  # the end of the chain
    # The escalation policy as it was when asking, and how far it has gone.
    policy: Mapped[dict[str, Any]] = mapped_column(Json)
    next_step: Mapped[int] = mapped_column(default=0)
    next_step_at: Mapped[Instant | None]  # None: no step is left
    # What was known when asking: count and its age, distance, cost, reasons.
    shown: Mapped[dict[str, Any]] = mapped_column(Json)
    ring_asked_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))
    channel: Mapped[str | None] = mapped_column(String(12))  # of the answer: text, page
    refusal_reason: Mapped[str | None] = mapped_column(String(24))
    refusal_words: Mapped[str | None] = mapped_column(String(200))


class StepTaken(Base):
    """Somebody was texted for a request, or a step was skipped and why.

    Never changed, except by the schedule of retention. A reference is good from the phones that it was sent
    to, which are these.
    """

    __tablename__ = "step_taken"
    __table_args__ = (
        CheckConstraint("(number IS NULL) = (skipped IS NOT NULL)", name="texted_or_skipped"),
        Index("ix_step_taken_number", "number", "request_id"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("bed_request.id"), index=True)
    step: Mapped[int]
    target: Mapped[str] = mapped_column(String(20))  # as the policy has it, or "coming_on"
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    number: Mapped[str | None] = mapped_column(String(16))
    text_id: Mapped[int | None] = mapped_column(ForeignKey("text_message.id"), index=True)
    skipped: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[Instant]


class Call(Base):
    """The officer rang an authority about a child, of a request or of none, and what was said.

    Never changed, except by the schedule of retention.
    """

    __tablename__ = "call"
    __table_args__ = (one_of("said", CallOutcome),)

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("bed_request.id"), index=True)
    secure: Mapped[bool]  # what was asked for
    reason: Mapped[str | None] = mapped_column(String(24))  # where they refused
    said: Mapped[str] = mapped_column(String(10))
    words: Mapped[str | None] = mapped_column(String(200))
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    by: Mapped[str] = mapped_column(String(60))


class Placement(Base):
    """A child was accepted into a bed of a place."""

    __tablename__ = "placement"
    __table_args__ = (
        Index("uq_placement_going_on", "detention_id", unique=True, sqlite_where=GOING_ON, postgresql_where=GOING_ON),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("bed_request.id"), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    accepted_at: Mapped[Instant]
    arrived_at: Mapped[Instant | None]
    arrived_by: Mapped[str | None] = mapped_column(String(60))
    ended_at: Mapped[Instant | None]  # the child did not come after all, or has left
