"""Tables and constraints; no decisions.

A rule the database can keep is a constraint here first and Python second.
"""

# Long because one file shows how the tables hang together; a package once it passes 400 lines.
from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base, Instant

BAND_M = 1000
"""Height in metres of the strips of the grid that `place.band` numbers from the south."""

ABLE_NOW = "beds_free > 0 AND out_of_service IS NULL"
"""What a partial index and the ranking's statement both say, to the letter."""

OPEN = text("state = 'open'")
WAITING = text("state = 'waiting'")
"""As literals, because a plan that is made once for all values cannot use a partial index for a parameter."""

Key = Integer().with_variant(BigInteger(), "postgresql")
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A VARCHAR column that only takes the values of a closed list."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_listed")


class Role(StrEnum):
    """What a person may do; `web.access` has the table."""

    CUSTODY_OFFICER = "custody_officer"
    DUTY_OFFICER = "duty_officer"


class Kind(StrEnum):
    """Kinds of place."""

    RESIDENTIAL = "residential"
    FOSTER = "foster"
    EMERGENCY = "emergency"
    SECURE = "secure"


class RequestState(StrEnum):
    """How asking one authority for one bed stands, or ended."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class TextState(StrEnum):
    """How far a text has come. `services.outbox` says which may follow which."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


class Authority(Base):
    """A council with children's-services duties, by its ONS code."""

    __tablename__ = "authority"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    nation: Mapped[str] = mapped_column(String(8))


class Suite(Base):
    """A custody suite."""

    __tablename__ = "suite"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    force: Mapped[str] = mapped_column(String(80))
    postcode: Mapped[str] = mapped_column(String(8))
    easting: Mapped[int]
    northing: Mapped[int]
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    phone: Mapped[str] = mapped_column(String(16))


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
    out_of_service: Mapped[str | None] = mapped_column(String(120))
    beds_total: Mapped[int]
    beds_free: Mapped[int]
    beds_held: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[Instant | None]
    # Its own record of late, recomputed from the requests whenever one ends, never counted up.
    ended: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    answer_minutes: Mapped[float] = mapped_column(default=0.0)


class BedReport(Base):
    """A person vouched for a place's bed count. Never changed, never removed."""

    __tablename__ = "bed_report"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    beds_free: Mapped[int]
    occurred_at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    reported_by: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(12))


class Contact(Base):
    """Who answers for an authority, and how to reach them."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    authority_code: Mapped[str] = mapped_column(ForeignKey("authority.code"), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(80))
    mobile: Mapped[str] = mapped_column(String(16), index=True)
    landline: Mapped[str] = mapped_column(String(16))


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("(role = 'custody_officer') = (suite_id IS NOT NULL)", name="suite_by_role"),
        CheckConstraint("(role = 'duty_officer') = (authority_code IS NOT NULL)", name="authority_by_role"),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    suite_id: Mapped[int | None] = mapped_column(ForeignKey("suite.id"))
    authority_code: Mapped[str | None] = mapped_column(ForeignKey("authority.code"))
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled_at: Mapped[Instant | None]


class Detention(Base):
    """What the search needs of one child's time after charge.

    No name, no date of birth, no address. Areas to avoid are circles in metres, without the postcode
    they were given by; they can still point at a house, and are for nobody's eyes but the rules'.
    """

    __tablename__ = "detention"
    __table_args__ = (CheckConstraint("age BETWEEN 10 AND 17", name="age_of_a_child"),)

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    suite_id: Mapped[int] = mapped_column(ForeignKey("suite.id"), index=True)
    opened_at: Mapped[Instant]
    opened_by: Mapped[str] = mapped_column(String(60))
    age: Mapped[int]
    sex: Mapped[str] = mapped_column(String(6))
    secure: Mapped[bool]
    approved_under_13: Mapped[bool]
    needs: Mapped[int]
    home_district: Mapped[str | None] = mapped_column(String(4))
    home_easting: Mapped[int | None]
    home_northing: Mapped[int | None]
    responsible_code: Mapped[str] = mapped_column(ForeignKey("authority.code"))
    # Circles as [easting, northing, metres]; polygons as the GeoJSON that was given.
    avoid_circles: Mapped[list[Any]] = mapped_column(Json)
    avoid_geojson: Mapped[str | None] = mapped_column(Text)
    keep_apart: Mapped[list[Any]] = mapped_column(Json)  # references of other detentions


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
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    sent_to: Mapped[str] = mapped_column(String(16))  # the phone that the reference is good for
    reference: Mapped[str] = mapped_column(String(4))
    state: Mapped[str] = mapped_column(String(10), default=RequestState.OPEN.value)
    asked_at: Mapped[Instant]
    asked_by: Mapped[str] = mapped_column(String(60))
    hold_expires_at: Mapped[Instant]
    # What was known when asking: count and its age, distance, cost, reasons.
    shown: Mapped[dict[str, Any]] = mapped_column(Json)
    ring_asked_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[str | None] = mapped_column(String(60))
    channel: Mapped[str | None] = mapped_column(String(12))  # of the answer: text, page
    refusal_reason: Mapped[str | None] = mapped_column(String(24))
    refusal_words: Mapped[str | None] = mapped_column(String(200))


class Placement(Base):
    """A child was accepted into a bed of a place."""

    __tablename__ = "placement"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("bed_request.id"), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    detention_id: Mapped[int] = mapped_column(ForeignKey("detention.id"), unique=True)
    accepted_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class TextMessage(Base):
    """A text that was promised in the transaction that made it necessary: the outbox."""

    __tablename__ = "text_message"
    __table_args__ = (
        one_of("state", TextState),
        Index(
            "ix_text_message_due",
            "due_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("bed_request.id"), index=True)
    to_number: Mapped[str] = mapped_column(String(16))
    body: Mapped[str] = mapped_column(String(160))
    state: Mapped[str] = mapped_column(String(12), default=TextState.WAITING.value)
    promised_at: Mapped[Instant]
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    provider_id: Mapped[str | None] = mapped_column(String(34), unique=True)
    error_code: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[Instant | None]
    settled_at: Mapped[Instant | None]  # delivered, undelivered or failed


class Receipt(Base):
    """What Twilio said of a text, as it said it. Never changed."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("text_message.id"), index=True)
    status: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(10))
    received_at: Mapped[Instant]


class IncomingText(Base):
    """A text that came in, and what was made of it."""

    __tablename__ = "incoming_text"

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    # Twilio delivers a webhook again when it is unsure: the same id is the same text.
    provider_id: Mapped[str] = mapped_column(String(34), unique=True)
    from_number: Mapped[str] = mapped_column(String(16), index=True)
    body: Mapped[str] = mapped_column(String(1600))
    received_at: Mapped[Instant]
    meaning: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("bed_request.id"))
    reply: Mapped[str | None] = mapped_column(String(160))


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
