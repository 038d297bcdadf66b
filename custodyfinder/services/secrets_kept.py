"""What must be secret even from whoever steals the database: codes are kept as hashes, seeds of codes encrypted."""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..wiring import wired

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like another when read from paper."""


def new_code() -> str:
    """A code to write down, 79 random bits: "k7mq-2xvd-9pha-t3nw"."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(16))
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def code_hash(code: str) -> str:
    """What is kept of a code; case, spaces and dashes do not matter."""
    plain = "".join(letter for letter in code.lower() if letter in _LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()


def encrypt(secret: str) -> bytes:
    """Only this installation's SECRET_KEY opens it again."""
    return _box().encrypt(secret.encode())


def decrypt(kept: bytes) -> str | None:
    """What was encrypted; None if SECRET_KEY has been changed since."""
    try:
        return _box().decrypt(kept).decode()
    except InvalidToken:
        return None


def _box() -> Fernet:
    derived = HKDF(hashes.SHA256(), length=32, salt=None, info=b"custodyfinder second factor")
    return Fernet(base64.urlsafe_b64encode(derived.derive(wired().settings.secret_key.encode())))
