"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when the phone is lost."""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..errors import NotFound
from ..models import Person, RecoveryCode
from . import audit
from .accounts import SignedIn
from .secrets_kept import code_hash, decrypt, encrypt, new_code

PERIOD = 30
"""Seconds that a code stands."""

CODES = 10


def secret_to_enrol(person_id: int) -> tuple[str, str]:
    """The secret for the app, and the otpauth address that its QR code holds. The same until it is confirmed.

    Raises:
        NotFound: the account was closed, or has a second factor.
    """
    with transaction() as session:
        person = session.get(Person, person_id, with_for_update=True)
        if person is None or person.disabled_at is not None or person.totp_confirmed_at is not None:
            raise NotFound(f"nothing to enrol for person {person_id}")
        secret = decrypt(person.totp_secret) if person.totp_secret is not None else None
        if secret is None:
            secret = pyotp.random_base32()
            person.totp_secret = encrypt(secret)
        return secret, pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name="custodyfinder")


def take(session: Session, person: Person, code: str, *, now: datetime) -> str | None:
    """Use this code up. Return what it was, or None if it is not right or was used before.

    The caller holds the person's row, so that one code cannot be taken twice at once.
    """
    digits = "".join(code.split())
    if digits.isascii() and digits.isdigit():
        return "password and app" if _take_app_code(person, digits, now) else None
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == code_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCode.id)
    ).first()
    return None if used is None else "password and recovery code"


def _take_app_code(person: Person, digits: str, now: datetime) -> bool:
    secret = decrypt(person.totp_secret) if person.totp_secret is not None else None
    if secret is None:
        return False
    app = pyotp.TOTP(secret, interval=PERIOD)
    step = int(now.timestamp()) // PERIOD
    # One before and one after: the phone's clock, and the time it takes to type.
    for candidate in (step - 1, step, step + 1):
        new = person.totp_step is None or candidate > person.totp_step
        if new and hmac.compare_digest(app.generate_otp(candidate), digits):
            person.totp_step = candidate
            return True
    return False


def new_recovery_codes(session: Session, person: Person) -> list[str]:
    """Ten codes in place of those before, in the caller's transaction. They are shown this once."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [new_code() for _ in range(CODES)]
    session.add_all(RecoveryCode(person_id=person.id, code_hash=code_hash(code)) for code in codes)
    return codes


def renew_recovery_codes(person: SignedIn, *, now: datetime) -> list[str]:
    """Ten new codes for somebody who is signed in; the old ones no longer open anything."""
    with transaction() as session:
        codes = new_recovery_codes(session, session.get_one(Person, person.id))
        audit.record(session, person.username, "recovery codes renewed", f"person:{person.id}", at=now)
        return codes


def codes_left(person: SignedIn) -> int | None:
    """How many recovery codes are unused; None where there is no second factor here."""
    with reading() as connection:
        enrolled = connection.scalar(select(Person.totp_confirmed_at).where(Person.id == person.id))
        left = connection.scalar(
            select(func.count())
            .select_from(RecoveryCode)
            .where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
        )
    return None if enrolled is None else left or 0
