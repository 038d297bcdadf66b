"""Who there is: authorities, custody suites, the people who sign in."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Identity, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, Instant
from ..domain.roles import Organisation, Role
from .base import Key, one_of

COUNTS_WANTED_AT = 18 * 60
"""When an authority that has chosen no hour is asked for its counts: minutes after midnight, London time."""


def _only(column: str, *roles: Role) -> CheckConstraint:
    """A column that these roles have, and no other."""
    listed = ", ".join(f"'{role}'" for role in roles)
    return CheckConstraint(f"(role IN ({listed})) = ({column} IS NOT NULL)", name=f"{column}_by_role")


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
    """Somebody who signs in, of one organisation: a suite of a force, a force, an authority, or none of these."""

    __tablename__ = "person"
    __table_args__ = (
        one_of("role", Role),
        UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_person_identity"),
        _only("suite_id", Role.CUSTODY_OFFICER),
        _only("force", Role.CUSTODY_INSPECTOR, Role.FORCE_ADMIN),
        _only("authority_code", *(role for role in Role if role.of is Organisation.AUTHORITY)),
    )

    id: Mapped[int] = mapped_column(Key, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    suite_id: Mapped[int | None] = mapped_column(ForeignKey("suite.id"))
    force: Mapped[str | None] = mapped_column(String(80))
    authority_code: Mapped[str | None] = mapped_column(ForeignKey("authority.code"))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # None until the account is set up
    # Given out by an administrator, good once and for three days: sets the password and the second factor.
    setup_hash: Mapped[str | None] = mapped_column(String(64))
    setup_until: Mapped[Instant | None]
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted: a stolen backup opens nothing
    totp_confirmed_at: Mapped[Instant | None]
    totp_step: Mapped[int | None]  # of the last code that was taken: none is taken twice
    oidc_issuer: Mapped[str | None] = mapped_column(String(200))  # the identity provider that knows them
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    disabled_at: Mapped[Instant | None]
