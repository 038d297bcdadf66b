"""Every child of one suite on one page: who needs the officer, and whose court is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.engine import Connection

from ..db import reading
from ..domain.custody_clock import CustodyClock, read_clock
from ..domain.needs import Sex
from ..domain.record import OutcomeKind
from ..domain.stage import Asked, Stage, stage_of
from ..models import GOING_ON, Authority, BedRequest, Detention, Outcome, Place, Placement, RequestState, StandingSearch
from .arrivals import REMIND_AFTER

RECENT = timedelta(hours=24)

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class OpenChild:
    """One child whose record goes on."""

    reference: str
    age: int
    sex: Sex
    secure: bool
    officer: str
    court_at: datetime
    clock: CustodyClock
    stage: Stage
    request_id: int | None
    """The request that the stage speaks of: the accepted one, else the last."""
    authority: str | None
    """Who was asked by it."""
    since: datetime | None
    """When it came to this stage; None before anybody was asked."""


@dataclass(frozen=True, kw_only=True)
class EndedChild:
    """One child whose record has ended."""

    reference: str
    age: int
    sex: Sex
    secure: bool
    kind: OutcomeKind
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SuiteBoard:
    """Both lists."""

    open: tuple[OpenChild, ...]
    """However old; the next court first, then by reference."""
    ended: tuple[EndedChild, ...]
    """Of the last 24 hours, latest first."""

    @property
    def references(self) -> list[str]:
        """Of every record that is shown."""
        return [child.reference for child in self.open] + [child.reference for child in self.ended]


def of_suite(suite_id: int, *, now: datetime) -> SuiteBoard:
    """The children of one suite who are to be found a bed, and those whose record has ended in the last 24 hours."""
    with reading() as connection:
        last = select(func.max(Outcome.id)).group_by(Outcome.detention_id)
        outcome = select(Outcome).where(Outcome.id.in_(last), Outcome.kind != OutcomeKind.REOPENED).subquery()
        rows = connection.execute(
            select(Detention.__table__, outcome.c.kind, outcome.c.recorded_at)
            .outerjoin(outcome, outcome.c.detention_id == Detention.id)
            .where(
                Detention.suite_id == suite_id,
                Detention.reduced_at.is_(None),
                outcome.c.kind.is_(None) | (outcome.c.recorded_at > now - RECENT),
            )
            .order_by(Detention.court_at, Detention.reference)
        ).all()
        going_on = [row for row in rows if row.kind is None]
        ids = [row.id for row in going_on]
        requests, searches = _requests(connection, ids), _searches(connection, ids)
    ended = sorted((row for row in rows if row.kind is not None), key=lambda row: row.recorded_at, reverse=True)
    return SuiteBoard(
        open=tuple(_open(row, requests[row.id], searches, now=now) for row in going_on),
        ended=tuple(
            EndedChild(
                reference=row.reference,
                age=row.age,
                sex=Sex(row.sex),
                secure=row.secure,
                kind=OutcomeKind(row.kind),
                at=row.recorded_at,
            )
            for row in ended
        ),
    )


def _requests(connection: Connection, detentions: Collection[int]) -> dict[int, list[AnyRow]]:
    """Of each child, in the order of asking."""
    found = defaultdict(list)
    for row in connection.execute(
        select(
            BedRequest.id,
            BedRequest.detention_id,
            BedRequest.state,
            BedRequest.by_text,
            BedRequest.ring_asked_at,
            BedRequest.asked_at,
            BedRequest.ended_at,
            Authority.name,
            Placement.accepted_at,
            Placement.arrived_at,
            Placement.ended_at.label("given_back_at"),
        )
        .join(Place, Place.id == BedRequest.place_id)
        .join(Authority, Authority.code == Place.authority_code)
        .outerjoin(Placement, Placement.request_id == BedRequest.id)
        .where(BedRequest.detention_id.in_(detentions))
        .order_by(BedRequest.asked_at, BedRequest.id)
    ):
        found[row.detention_id].append(row)
    return found


def _searches(connection: Connection, detentions: Collection[int]) -> dict[int, datetime | None]:
    """Of each child for whom a search goes on: since when nobody is left to ask."""
    return {
        row.detention_id: row.exhausted_at
        for row in connection.execute(
            select(StandingSearch.detention_id, StandingSearch.exhausted_at).where(
                GOING_ON, StandingSearch.detention_id.in_(detentions)
            )
        )
    }


def _open(
    child: AnyRow,
    requests: list[AnyRow],
    searches: dict[int, datetime | None],
    *,
    now: datetime,
) -> OpenChild:
    stage = stage_of(
        [
            Asked(
                state="given back" if row.given_back_at else row.state,
                ring=not row.by_text or row.ring_asked_at is not None,
                arrived=row.arrived_at is not None,
                since_accepted=now - row.accepted_at if row.accepted_at else timedelta(),
            )
            for row in requests
        ],
        searching=child.id in searches,
        exhausted=searches.get(child.id) is not None,
        remind_after=REMIND_AFTER,
    )
    # The accepted one, else one that waits, else the last: what the officer wants to open.
    order = {RequestState.ACCEPTED: 2, RequestState.OPEN: 1}
    about = max(
        requests,
        key=lambda row: (0 if row.given_back_at else order.get(row.state, 0), row.asked_at, row.id),
        default=None,
    )
    return OpenChild(
        reference=child.reference,
        age=child.age,
        sex=Sex(child.sex),
        secure=child.secure,
        officer=child.officer,
        court_at=child.court_at,
        clock=read_clock(charged_at=child.charged_at, court_at=child.court_at, until=now),
        stage=stage,
        request_id=about.id if about else None,
        authority=about.name if about else None,
        since=_since(about) if about else None,
    )


def _since(request: AnyRow) -> datetime:
    """When it came to what it is: the latest thing that can happen to a request, first."""
    moments = (request.given_back_at, request.arrived_at, request.ended_at, request.ring_asked_at, request.asked_at)
    found: datetime = next(at for at in moments if at is not None)
    return found
