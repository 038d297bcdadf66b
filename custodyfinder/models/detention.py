"""A child's time after charge, as recorded here: the record, the searches made, how it ended, the certificate."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from ..domain.record import (
    Answer,
    BailGround,
    CertificateGround,
    Ethnicity,
    Impracticable,
    OutcomeKind,
    Rank,
    Transport,
)
from .base import Json, JsonOrNull, Key, one_of

KEPT = text("reduced_at IS NULL")


class Detention(Base):
    """One child's time after charge with bail refused.

    No name, no date of birth, no address. Areas to avoid are circles in metres, without the postcode
    they were given by; they can still point at a house, and are for nobody's eyes but the rules'.

    When its time is over, it is reduced in place to what the figures count, and found by no reference any more.
    """

    __tablename__ = "detention"
    __table_args__ = (
        CheckConstraint("age BETWEEN 10 AND 17", name="age_of_a_child"),
        CheckConstraint("NOT secure OR age >= 12", name="secure_at_twelve"),
        CheckConstraint("NOT secure OR secure_reasons IS NOT NULL", name="secure_with_reasons"),
        CheckConstraint("charged_at <= bail_refused_at", name="charged_before_bail_refused"),
        CheckConstraint("court_at > charged_at", name="court_after_charge"),
        one_of("bail_ground", BailGround),
        one_of("appropriate_adult", Answer),
        one_of("looked_after", Answer),
        one_of("child_protection", Answer),
        one_of("missing_before", Answer),
        one_of("exploitation", Answer),
        one_of("ethnicity", Ethnicity),
        # A second record for the same child would ask every authority twice.
        UniqueConstraint("suite_id", "custody_record", name="uq_detention_custody_record"),
        Index("ix_detention_suite_opened", "suite_id", "opened_at"),
        Index("ix_detention_kept", "court_at", sqlite_where=KEPT, postgresql_where=KEPT),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    suite_id: Mapped[int] = mapped_column(ForeignKey("suite.id"), index=True)
    custody_record: Mapped[str] = mapped_column(String(20))  # the force's own number
    opened_at: Mapped[Instant]
    opened_by: Mapped[str] = mapped_column(String(60))
    officer: Mapped[str] = mapped_column(String(60))  # who has the record now; handed over at the change of shift
    arrived_at: Mapped[Instant | None]  # at the station
    charged_at: Mapped[Instant]
    bail_refused_at: Mapped[Instant]
    court_at: Mapped[Instant]
    bail_ground: Mapped[str] = mapped_column(String(24))
    appropriate_adult: Mapped[str] = mapped_column(String(9))  # told
    age: Mapped[int]
    sex: Mapped[str] = mapped_column(String(6))
    ethnicity: Mapped[str | None] = mapped_column(String(12))
    looked_after: Mapped[str] = mapped_column(String(9))
    child_protection: Mapped[str] = mapped_column(String(9))
    missing_before: Mapped[str] = mapped_column(String(9))
    exploitation: Mapped[str] = mapped_column(String(9))
    secure: Mapped[bool]
    secure_reasons: Mapped[str | None] = mapped_column(String(500))
    other_would_do: Mapped[bool | None]  # said where secure is asked for: would non-secure do as well?
    approved_under_13: Mapped[bool]
    needs: Mapped[int]
    needs_no: Mapped[int] = mapped_column(default=0)  # neither in this nor in `needs`: not known
    home_district: Mapped[str | None] = mapped_column(String(4))
    home_easting: Mapped[int | None]
    home_northing: Mapped[int | None]
    responsible_code: Mapped[str] = mapped_column(ForeignKey("authority.code"), index=True)
    # Circles as [easting, northing, metres]; polygons as the GeoJSON that was given.
    avoid_circles: Mapped[list[Any]] = mapped_column(Json)
    avoid_geojson: Mapped[str | None] = mapped_column(Text)
    keep_apart: Mapped[list[Any]] = mapped_column(Json)  # references of other detentions
    reduced_at: Mapped[Instant | None]  # to what the figures count


class Told(Base):
    """The responsible authority was told that a child of theirs is held, or could not be.

    Never changed, except by the schedule of retention.
    """

    __tablename__ = "told"
    __table_args__ = (CheckConstraint("(text_id IS NULL) = (why_not IS NOT NULL)", name="texted_or_why_not"),)

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    text_id: Mapped[int | None] = mapped_column(ForeignKey("text_message.id"), index=True)
    why_not: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[Instant]


class SearchKept(Base):
    """A search and its answer, as whoever searched saw it. Never changed, except by the schedule of retention."""

    __tablename__ = "search_kept"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (same_as_id IS NOT NULL)", name="answer_or_same"),
        CheckConstraint("(detention_id IS NULL) = (question IS NOT NULL)", name="question_where_no_record"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int | None] = mapped_column(ForeignKey("detention.id"), index=True)
    # What was asked, where no record says it: a program searched before it opened one. No postcode.
    question: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)
    at: Mapped[Instant]
    by: Mapped[str] = mapped_column(String(60))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("search_kept.id"), index=True)


class Outcome(Base):
    """How it ended, as an officer said it. The latest counts; an earlier one that was wrong stays.

    Never changed, except by the schedule of retention.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        one_of("kind", OutcomeKind),
        one_of("ground", CertificateGround),
        one_of("impracticable", Impracticable),
        one_of("transport", Transport),
        one_of("inspector_rank", Rank),
        CheckConstraint("(kind = 'not_transferred') = (ground IS NOT NULL)", name="ground_where_not_moved"),
        CheckConstraint("(kind = 'transferred') = (authority_code IS NOT NULL)", name="authority_where_moved"),
        CheckConstraint("request_id IS NULL OR kind = 'transferred'", name="place_only_where_moved"),
        CheckConstraint(
            "(ground IS NOT NULL AND ground = 'impracticable') = (impracticable IS NOT NULL)",
            name="circumstance_where_impracticable",
        ),
        CheckConstraint("ground IS NULL OR circumstances IS NOT NULL", name="ground_with_circumstances"),
        CheckConstraint("arrived_at IS NULL OR arrived_at >= left_at", name="arrived_after_leaving"),
        Index("ix_outcome_recorded", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    by: Mapped[str] = mapped_column(String(60))
    authority_code: Mapped[str | None] = mapped_column(ForeignKey("authority.code"))  # to whom
    # None where the authority took the child without a place of its list: to family, say (s.38(6B)).
    request_id: Mapped[int | None] = mapped_column(ForeignKey("bed_request.id"), index=True)
    left_at: Mapped[Instant | None]
    arrived_at: Mapped[Instant | None]
    transport: Mapped[str | None] = mapped_column(String(12))
    ground: Mapped[str | None] = mapped_column(String(16))
    impracticable: Mapped[str | None] = mapped_column(String(20))
    circumstances: Mapped[str | None] = mapped_column(String(500))
    inspector: Mapped[str | None] = mapped_column(String(60))  # who supervises, by the number that the force knows
    inspector_rank: Mapped[str | None] = mapped_column(String(24))
    # Where the record says otherwise, and an inspector signed for it all the same.
    contradictions: Mapped[list[Any]] = mapped_column(Json)
    overridden_by: Mapped[str | None] = mapped_column(String(60))
    override_words: Mapped[str | None] = mapped_column(String(500))


class Certificate(Base):
    """The certificate under s.38(7) as it was issued, word by word.

    Never changed, except by the schedule of retention.
    """

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), index=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcome.id"), unique=True)
    issued_at: Mapped[Instant]
    issued_by: Mapped[str] = mapped_column(String(60))
    # Text and not JSON: the digest is of these very characters, and a database may write JSON its own way.
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the body in UTF-8, hexadecimal
