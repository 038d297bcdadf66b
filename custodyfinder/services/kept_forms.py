"""What somebody had typed when their session ended, until they have signed in again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from ..db import reading, transaction
from ..models import KeptForm

FOR = timedelta(hours=1)
MOST_FIELDS = 200


@dataclass(frozen=True)
class Kept:
    """A form as it was sent."""

    address: str
    fields: list[tuple[str, str]]


def keep(person_id: int, address: str, fields: list[tuple[str, str]], *, now: datetime) -> None:
    """Keep it in place of whatever was kept before. More fields than any page of ours has are not kept."""
    if len(fields) > MOST_FIELDS or len(address) > 200:
        return
    with transaction() as session:
        session.merge(KeptForm(person_id=person_id, address=address, fields=[list(pair) for pair in fields], at=now))


def of_person(person_id: int, *, now: datetime) -> Kept | None:
    """What this person had typed less than an hour ago."""
    with reading() as connection:
        row = connection.execute(
            select(KeptForm.address, KeptForm.fields).where(KeptForm.person_id == person_id, KeptForm.at > now - FOR)
        ).first()
    return None if row is None else Kept(row.address, [(name, value) for name, value in row.fields])


def forget(person_id: int) -> None:
    """It was given back, or nobody wants it."""
    with transaction() as session:
        kept = session.get(KeptForm, person_id)
        if kept is not None:
            session.delete(kept)


def forget_old(*, now: datetime) -> None:
    """Remove what nobody came back for."""
    with transaction() as session:
        session.execute(delete(KeptForm).where(KeptForm.at <= now - FOR))
