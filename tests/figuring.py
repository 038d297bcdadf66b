"""Rows for the figures, made at will: children of other nights, how it ended for them, what was asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from custodyfinder.db import transaction
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import CertificateGround, Impracticable, OutcomeKind
from custodyfinder.models import Call, CallOutcome, Outcome
from custodyfinder.services import arrivals, requests

from .conftest import NIGHT
from .world import HARINGEY, World

EVENING = NIGHT - timedelta(hours=5)
"""Ten past nine: the children of the figures are charged then, an hour before they are recorded."""


def child(world: World, *, charged_at: datetime = EVENING, home: str = HARINGEY, **said: Any) -> str:
    """A child charged at this time, the court at ten the next morning. Returns the reference."""
    return world.detention(at=charged_at + timedelta(hours=1), looked_after_by=home, **said)


def outcome(world: World, reference: str, kind: OutcomeKind, *, at: datetime | None = None, **said: Any) -> None:
    """How it ended, as the record would have it."""
    when = at or EVENING + timedelta(hours=4)
    values: dict[str, Any] = {
        "occurred_at": when,
        "recorded_at": when,
        "by": "officer.wood-green",
        "contradictions": [],
    }
    if kind is OutcomeKind.TRANSFERRED and "authority_code" in Outcome.__table__.columns:
        values["authority_code"] = HARINGEY
    with transaction() as session:
        session.add(Outcome(detention_id=world.detention_id(reference), kind=kind.value, **values | said))


def not_moved(world: World, reference: str, why: Impracticable | None = None) -> None:
    """A certificate: for want of secure accommodation, or of transport."""
    ground = CertificateGround.IMPRACTICABLE if why else CertificateGround.NO_SECURE
    outcome(
        world,
        reference,
        OutcomeKind.NOT_TRANSFERRED,
        ground=ground.value,
        impracticable=why and why.value,
        circumstances="What happened in that night.",
    )


def moved(world: World, reference: str, place_id: int, *, at: datetime = EVENING) -> int:
    """Asked for at ten past ten, accepted 20 minutes and arrived 90 minutes later. Returns the request."""
    request = world.ask(place_id, detention=reference, at=at + timedelta(hours=1))
    accepted = at + timedelta(minutes=80)
    requests.accept(request, authority_code=HARINGEY, by="duty.haringey", channel="page", now=accepted)
    arrivals.record(request, by="duty.haringey", now=at + timedelta(minutes=150), authority_code=HARINGEY)
    outcome(world, reference, OutcomeKind.TRANSFERRED, at=accepted, request_id=request, left_at=accepted)
    return request


def refused(world: World, reference: str, place_id: int, *, authority: str = HARINGEY, at: datetime = EVENING) -> int:
    """Asked for at ten past ten, refused ten minutes later for want of a bed. Returns the request."""
    request = world.ask(place_id, detention=reference, at=at + timedelta(hours=1))
    requests.refuse(
        request,
        reason=RefusalReason.NO_BED,
        words="",
        authority_code=authority,
        by="duty",
        channel="page",
        now=at + timedelta(minutes=70),
    )
    return request


def call(
    world: World,
    reference: str,
    said: CallOutcome,
    *,
    authority: str = HARINGEY,
    request_id: int | None = None,
    reason: RefusalReason | None = None,
) -> None:
    """Somebody rang, of a request or of none, at eleven."""
    with transaction() as session:
        session.add(
            Call(
                detention_id=world.detention_id(reference),
                authority_code=authority,
                request_id=request_id,
                secure=False,
                said=said.value,
                reason=reason and reason.value,
                occurred_at=EVENING + timedelta(hours=2),
                recorded_at=EVENING + timedelta(hours=2),
                by="officer.wood-green",
            )
        )
