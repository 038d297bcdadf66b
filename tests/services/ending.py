"""What the tests of endings share: what an officer says, and answers to requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import CertificateGround, Impracticable, OutcomeKind, Rank, Transport
from custodyfinder.services import outcomes, requests
from custodyfinder.services.outcomes import Ended

from ..conftest import NIGHT
from ..world import HARINGEY, World

LATER = NIGHT + timedelta(hours=3)
NO_VAN = "The only van broke down and no taxi firm would come."
OVERRIDE = "I spoke to the authority at 04:40: it cannot staff the bed."


def not_moved(**said: Any) -> Ended:
    usual: dict[str, Any] = {
        "kind": OutcomeKind.NOT_TRANSFERRED,
        "occurred_at": LATER,
        "ground": CertificateGround.IMPRACTICABLE,
        "impracticable": Impracticable.NO_TRANSPORT,
        "circumstances": NO_VAN,
        "inspector": "4711 YE",
        "inspector_rank": Rank.INSPECTOR,
    }
    return Ended(**usual | said)


def moved(**said: Any) -> Ended:
    usual: dict[str, Any] = {"kind": OutcomeKind.TRANSFERRED, "occurred_at": LATER, "transport": Transport.POLICE}
    return Ended(**usual | said)


def record(world: World, reference: str, ended: Ended, *, inspector: bool = False) -> str | None:
    return outcomes.record(
        reference,
        ended,
        suites=[world.suite_id],
        by="inspector.met" if inspector else "officer.wood-green",
        may_override=inspector,
        now=LATER,
    )


def refuse(request: int, *, authority: str = HARINGEY) -> None:
    requests.refuse(
        request,
        reason=RefusalReason.NO_BED,
        words="full tonight",
        authority_code=authority,
        by="duty.haringey",
        channel="page",
        now=NIGHT + timedelta(minutes=10),
    )


def accept(request: int) -> None:
    requests.accept(
        request, authority_code=HARINGEY, by="duty.haringey", channel="page", now=NIGHT + timedelta(minutes=10)
    )
