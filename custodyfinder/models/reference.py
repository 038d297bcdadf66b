"""Who there is: authorities, custody suites, the people who sign in."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from .base import Key, one_of

COUNTS_WANTED_AT = 18 * 60
"""When an authority that has chosen no hour is asked for its counts: minutes after midnight, London time."""


class Role(StrEnum):
    """What a person may do; `web.access` has the table."""

    CUSTODY_OFFICER = "custody_officer"
    DUTY_OFFICER = "duty_officer"
    MANAGER = "manager"
    INSPECTOR = "inspector"


class Authority(Base):
    """A council with children's-services duties, by its ONS code."""

    __tablename__ = "authority"
    __table_args__ = (CheckConstraint("counts_wanted_at BETWEEN 0 AND 1439", name="counts_wanted_in_the_day"),)

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    nation: Mapped[str] = mapped_column(String(8))
    # Whether requests are texted. An authority that wants to be rung is shown to the officer with its number.
    texted: Mapped[bool] = mapped_column(default=True)
    # Minutes after midnight in London; None: counts are never asked for.
    counts_wanted_at: Mapped[int | None] = mapped_column(default=COUNTS_WANTED_AT)


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
    mobile: Mapped[str | None] = mapped_column(String(16))  # of the desk, for reminders; most have none


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("(role IN ('custody_officer', 'inspector')) = (suite_id IS NOT NULL)", name="suite_by_role"),
        CheckConstraint(
            "(role IN ('duty_officer', 'manager')) = (authority_code IS NOT NULL)", name="authority_by_role"
        ),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    suite_id: Mapped[int | None] = mapped_column(ForeignKey("suite.id"))  # an inspector sees every suite of its force
    authority_code: Mapped[str | None] = mapped_column(ForeignKey("authority.code"))
    password_hash: Mapped[str] = mapped_column(String(200))
    disabled_at: Mapped[Instant | None]
