"""Places, and what people said of their beds."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Key, one_of

BAND_M = 1000
"""Height in metres of the strips of the grid that `place.band` numbers from the south."""

ABLE_NOW = "beds_free > 0 AND out_of_service IS NULL"
"""What a partial index and the ranking's statement both say, to the letter."""


class Kind(StrEnum):
    """Kinds of place."""

    RESIDENTIAL = "residential"
    FOSTER = "foster"
    EMERGENCY = "emergency"
    SECURE = "secure"


class Place(Base):
    """Somewhere a child can be accommodated, and what it last said of itself.

    `beds_free` can be offered to a new child now; `beds_held` are kept for open requests. A report
    by a person sets the first; asking moves one to the second; `services.beds` has the arithmetic.
    """

    __tablename__ = "place"
    __table_args__ = (
        one_of("kind", Kind),
        CheckConstraint("secure = (kind = 'secure')", name="secure_by_kind"),
        CheckConstraint("age_min >= 10 AND age_max <= 17 AND age_min <= age_max", name="ages"),
        CheckConstraint("sexes BETWEEN 1 AND 3", name="sexes_taken"),
        CheckConstraint("needs_met & needs_not_met = 0", name="needs_either"),
        CheckConstraint("(admits_from IS NULL) = (admits_until IS NULL)", name="hours_both"),
        CheckConstraint("beds_free >= 0 AND beds_held >= 0 AND beds_free + beds_held <= beds_total", name="beds"),
        CheckConstraint("out_of_service_until IS NULL OR out_of_service IS NOT NULL", name="until_with_reason"),
        CheckConstraint("beds_total BETWEEN 1 AND 99", name="beds_total_range"),
        # The ways the ranking reads: everyone in a box; those that may suit, anywhere or of one authority.
        Index("ix_place_box", "band", "easting"),
        Index(
            "ix_place_able_box",
            "secure",
            "band",
            "easting",
            sqlite_where=text(ABLE_NOW),
            postgresql_where=text(ABLE_NOW),
        ),
        Index(
            "ix_place_able_authority_box",
            "authority_code",
            "secure",
            "band",
            "easting",
            sqlite_where=text(ABLE_NOW),
            postgresql_where=text(ABLE_NOW),
        ),
        Index("ix_place_authority", "authority_code"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    kind: Mapped[str] = mapped_column(String(12))
    secure: Mapped[bool]
    town: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(120))
    postcode: Mapped[str] = mapped_column(String(8))
    # 64 bits, so that the square of a distance fits without a cast.
    easting: Mapped[int] = mapped_column(BigInteger)
    northing: Mapped[int] = mapped_column(BigInteger)
    band: Mapped[int]
    age_min: Mapped[int]
    age_max: Mapped[int]
    sexes: Mapped[int]
    needs_met: Mapped[int]
    needs_not_met: Mapped[int]
    admits_from: Mapped[int | None]
    admits_until: Mapped[int | None]
    out_of_service: Mapped[str | None] = mapped_column(String(120))  # why
    out_of_service_until: Mapped[Instant | None]  # None: until somebody puts it back
    beds_total: Mapped[int]
    beds_free: Mapped[int]
    beds_held: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[Instant | None]
    # Its own record of late, recomputed from the requests whenever one ends, never counted up.
    ended: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    answer_minutes: Mapped[float] = mapped_column(default=0.0)


class BedReport(Base):
    """A person vouched for a place's bed count. Never changed; removed by the schedule of retention."""

    __tablename__ = "bed_report"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    beds_free: Mapped[int]
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    reported_by: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(12))
    # What it replaced, so that UNDO can bring it back; no count where it came too late and replaced none.
    free_before: Mapped[int | None]
    confirmed_before: Mapped[Instant | None]
    incoming_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_text.id"), index=True)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("bed_report.id"), unique=True)
