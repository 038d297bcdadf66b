"""A program that got no answer asks again under the same key, and gets the first answer: one request, not two.

The key is written in the transaction that makes the request. What was refused wrote nothing, so that a
repetition of it is tried afresh. Of what was asked only a hash is kept, and of the answer only which
request it was about.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ..db import to_json
from ..errors import BadInput
from ..models import IdempotencyKey

_KEY = re.compile(r"[!-~]{1,100}")


class KeyUsedForAnother(BadInput):
    """The program has used this key for another child, or another place."""

    public = "This Idempotency-Key was used for something else. Use a new key for each thing that you ask for."


@dataclass(frozen=True)
class Repeatable:
    """What is asked, under the key by which its repetition is recognised."""

    token_id: int
    key: str
    asked: str
    """SHA-256 of what is asked, hexadecimal."""

    @classmethod
    def of(cls, token_id: int, key: str, *asked: object) -> Repeatable:
        """Raises BadInput where the key is not 1 to 100 visible characters of ASCII."""
        if not _KEY.fullmatch(key):
            raise BadInput(
                "idempotency key",
                field="Idempotency-Key",
                public="An Idempotency-Key is 1 to 100 letters, digits and signs without spaces, such as a UUID.",
            )
        return cls(token_id, key, hashlib.sha256(to_json(asked).encode("utf-8")).hexdigest())


def first_request(session: Session, again: Repeatable) -> int | None:
    """The request that was made under this key, in the caller's transaction; None where there is none yet.

    Raises:
        KeyUsedForAnother: the key was used, and for something else.
    """
    kept = session.get(IdempotencyKey, (again.token_id, again.key))
    if kept is None:
        return None
    if kept.asked != again.asked:
        raise KeyUsedForAnother("key used for another", field="Idempotency-Key")
    return kept.request_id


def keep(session: Session, first: Repeatable, request_id: int, *, now: datetime) -> None:
    """Remember which request was made under this key, in the caller's transaction."""
    session.add(
        IdempotencyKey(token_id=first.token_id, key=first.key, asked=first.asked, request_id=request_id, at=now)
    )
    session.flush()
