"""Who is to be texted for an authority at one moment, and who cannot be."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import escalation, rota
from ..domain.escalation import Target
from ..domain.rota import Day, Override, Rota, Shift
from ..gateways.holidays import is_bank_holiday
from ..models import Contact, RotaOverride, WeeklyShift

PAST_KEPT = timedelta(days=8)
"""How far back overrides still matter: a turn that began under one may still be going on."""


def rota_of(session: Session, authority_code: str, *, now: datetime) -> Rota:
    """An authority's weekly rota, with the overrides that have not long ended."""
    shifts = session.scalars(
        select(WeeklyShift).where(WeeklyShift.authority_code == authority_code).order_by(WeeklyShift.id)
    )
    overrides = session.scalars(
        select(RotaOverride)
        .where(RotaOverride.authority_code == authority_code, RotaOverride.ends_at > now - PAST_KEPT)
        .order_by(RotaOverride.id)
    )
    return Rota(
        shifts=tuple(Shift(each.contact_id, Day(each.day), each.starts, each.ends) for each in shifts),
        overrides=tuple(Override(each.contact_id, each.starts_at, each.ends_at) for each in overrides),
        is_bank_holiday=is_bank_holiday,
    )


def whom(session: Session, authority_code: str, target: str, *, now: datetime) -> list[Contact]:
    """The contacts that a step's target stands for at this moment, whether they can be texted or not.

    A contact who was removed, or who is of another authority, is nobody.
    """
    present = select(Contact).where(Contact.authority_code == authority_code, Contact.removed_at.is_(None))
    if target == Target.ON_DUTY:
        turns = rota.on_duty(rota_of(session, authority_code, now=now), at=now)
        there = {
            each.id: each for each in session.scalars(present.where(Contact.id.in_([t.contact_id for t in turns])))
        }
        return [there[turn.contact_id] for turn in turns if turn.contact_id in there]
    if target == Target.FALLBACK:
        return list(session.scalars(present.where(Contact.is_fallback)))
    if target == Target.MANAGER:
        return list(session.scalars(present.where(Contact.is_manager)))
    return list(session.scalars(present.where(Contact.id == escalation.contact_of(target))))


def to_ring(session: Session, authority_code: str, *, now: datetime) -> Contact | None:
    """Whom the officer rings: on duty if they have a landline, else the fallback, else the manager, else anybody."""
    candidates = [each for target in Target for each in whom(session, authority_code, target, now=now)]
    candidates += session.scalars(
        select(Contact)
        .where(Contact.authority_code == authority_code, Contact.removed_at.is_(None))
        .order_by(Contact.id)
    )
    with_landline = [each for each in candidates if each.landline is not None]
    return next(iter(with_landline or candidates), None)


def why_not(contact: Contact) -> str | None:
    """Why this contact cannot be texted, in words for the page and the record; None if they can be."""
    if contact.mobile is None:
        return "has no mobile"
    if contact.verified_at is None:
        return "has not confirmed the number"  # whoever has it might accept a child
    if contact.opted_out_at is not None:
        return "has opted out of texts"
    return None
