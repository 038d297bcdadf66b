"""The figures of a force or of an authority: the facts of a period, read in one go and added up by the domain.

A custody inspector sees the force's children as they are, an inspector those of every force. A manager sees
the children whose responsible authority is theirs, and the requests that were made to their places; counts
under 5 are kept back. So that nobody gets a small count as the difference of two pages, a manager's period
is one financial year, of every suite.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, true

from ..db import reading, transaction
from ..domain import figure_tables
from ..domain.figure_tables import Counted, Table
from ..domain.figures import Ask, Child, Ended, Month, Period, Reply
from ..domain.needs import RefusalReason, Sex
from ..domain.record import Answer, CertificateGround, Ethnicity, Impracticable, OutcomeKind
from ..domain.roles import TABLE, Permission, Reach
from ..errors import BadInput, NotFound
from ..models import (
    Authority,
    BedRequest,
    Call,
    CallOutcome,
    Detention,
    Outcome,
    Place,
    Placement,
    RequestState,
    StandingSearch,
    Suite,
)
from . import audit
from .accounts import SignedIn

EVERYWHERE = "England and Wales"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a reader chose; empty for whatever is usual."""

    first: str = ""
    last: str = ""
    suite: str = ""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What the page shows."""

    of: str
    """The force or the authority."""
    authority_code: str | None
    """Of a manager."""
    period: Period
    earlier: Period | None
    """The year before, where whole years are all that may be chosen."""
    suite: str
    suites: Sequence[tuple[str, str]]
    """Slug and name of those that may be chosen; none for a manager."""
    kept_back: bool
    tables: dict[str, Table]


def read(person: SignedIn, asked: Asked, *, now: datetime) -> Figures:
    """The figures that this person may see.

    Raises:
        BadInput: the months or the suite cannot be.
    """
    if TABLE[Permission.FIGURES].get(person.role) is Reach.AUTHORITY:
        return _of_authority(person, asked, now=now)
    return _of_force(person, asked, now=now)


def returns(person: SignedIn, asked: Asked, *, now: datetime) -> list[list[str]]:
    """The fields of the annual data requirement, a line for each child of the inspector's force; noted in the audit.

    Raises:
        BadInput: the months or the suite cannot be.
        NotFound: the person may not see records.
    """
    if not person.may(Permission.RETURNS):
        raise NotFound(f"person {person.id} may not see records")
    period = _period(asked, now=now)
    with reading() as connection:
        suites = _suites(connection, person, asked.suite)
        children = _children(connection, period, Detention.suite_id.in_(suites))
    with transaction() as session:
        audit.record(session, person.username, "returns downloaded", f"person:{person.id}", at=now, months=period.label)
    return figure_tables.return_lines(children, now=now)


def _of_force(person: SignedIn, asked: Asked, *, now: datetime) -> Figures:
    period = _period(asked, now=now)
    with reading() as connection:
        suites = _suites(connection, person, asked.suite)
        offered = connection.execute(select(Suite.slug, Suite.name).where(_offered(person)).order_by(Suite.name)).all()
        children = _children(connection, period, Detention.suite_id.in_(suites))
    counted = Counted(children=children, asks=[ask for child in children for ask in child.asks], period=period, now=now)
    return Figures(
        of=person.force or EVERYWHERE,
        authority_code=None,
        period=period,
        earlier=None,
        suite=asked.suite,
        suites=[(row.slug, row.name) for row in offered],
        kept_back=False,
        tables=figure_tables.all_tables(counted, kept_back=False),
    )


def _of_authority(person: SignedIn, asked: Asked, *, now: datetime) -> Figures:
    period = Period.year_of(Month.of(now))
    if asked.first or asked.last:
        period = _period(asked, now=now)
    if asked.suite or period != Period.year_of(period.first):
        raise BadInput(
            "period",
            public="Choose one whole year, April to March, of every custody suite: small counts could be worked out "
            "from parts of it.",
        )
    with reading() as connection:
        children = _children(connection, period, Detention.responsible_code == person.authority_code)
        # To its places, whoever's child it is for: what an authority answers for.
        asks = _asks(connection, period, Authority.code == person.authority_code)
    counted = Counted(children=children, asks=[ask for _, ask in asks], period=period, now=now)
    return Figures(
        of=person.authority_name or "",
        authority_code=person.authority_code,
        period=period,
        earlier=Period.year_of(period.first.later(-12)),
        suite="",
        suites=(),
        kept_back=True,
        tables=figure_tables.all_tables(counted, kept_back=True),
    )


def _period(asked: Asked, *, now: datetime) -> Period:
    last = Month.read(asked.last) if asked.last else Month.of(now)
    first = Month.read(asked.first) if asked.first else last.later(-11)
    return Period(first, last)


def _offered(person: SignedIn) -> ColumnElement[bool]:
    """The suites whose figures this person may see: of the force, or all."""
    everywhere = TABLE[Permission.FIGURES].get(person.role) is Reach.ALL
    return true() if everywhere else Suite.force == person.force


def _suites(connection: Connection, person: SignedIn, slug: str) -> list[int]:
    """The suites of the force, or the one that was chosen."""
    theirs = select(Suite.id).where(_offered(person))
    if not slug:
        return sorted(connection.scalars(theirs))
    chosen = connection.scalar(select(Suite.id).where(Suite.slug == slug, Suite.id.in_(theirs)))
    if chosen is None:
        raise BadInput("suite", public="There is no such custody suite here. Choose one from the list.")
    return [chosen]


# --- reading the facts: one statement for each kind of row --------------------------------------


def _children(connection: Connection, period: Period, whose: ColumnElement[bool]) -> list[Child]:
    asks = defaultdict(list)
    for detention_id, ask in _asks(connection, period, whose):
        asks[detention_id].append(ask)
    ended = {row.detention_id: row for row in connection.execute(_latest_outcomes(period, whose))}
    arrivals = _of_period(
        select(Placement.detention_id, Placement.arrived_at).where(Placement.arrived_at.is_not(None)),
        Placement.detention_id,
        period,
        whose,
    )
    arrived = {row.detention_id: row.arrived_at for row in connection.execute(arrivals.order_by(Placement.id))}
    nobody_left = set(
        connection.scalars(
            _of_period(
                select(StandingSearch.detention_id).where(StandingSearch.exhausted_at.is_not(None)),
                StandingSearch.detention_id,
                period,
                whose,
            )
        )
    )
    return [
        _child(row, asks[row.id], ended.get(row.id), arrived.get(row.id), nobody_left=row.id in nobody_left)
        for row in connection.execute(_detentions(period, whose))
    ]


def _of_period(
    statement: Select[*tuple[Any, ...]], detention_id: Any, period: Period, whose: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Rows that belong to the children of the period."""
    return statement.join(Detention, Detention.id == detention_id).where(_charged_in(period), whose)


def _charged_in(period: Period) -> ColumnElement[bool]:
    return (Detention.charged_at >= period.first.starts()) & (Detention.charged_at < period.last.later(1).starts())


def _detentions(period: Period, whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Detention.id, Suite.name.label("suite"), Detention.charged_at, Detention.court_at),
            *(Detention.age, Detention.sex, Detention.ethnicity, Detention.looked_after, Detention.secure),
            *(Detention.responsible_code, Authority.name.label("home")),
        )
        .join(Suite, Suite.id == Detention.suite_id)
        .join(Authority, Authority.code == Detention.responsible_code)
        .where(_charged_in(period), whose)
        .order_by(Detention.charged_at, Detention.id)
    )


def _latest_outcomes(period: Period, whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Every outcome in order: the last of each child counts."""
    columns = (
        *(Outcome.detention_id, Outcome.kind, Outcome.occurred_at, Outcome.left_at),
        *(Outcome.arrived_at, Outcome.ground, Outcome.impracticable),
    )
    return _of_period(select(*columns), Outcome.detention_id, period, whose).order_by(Outcome.id)


def _child(
    row: Row[*tuple[Any, ...]],
    asks: Sequence[Ask],
    outcome: Row[*tuple[Any, ...]] | None,
    arrived_at: datetime | None,
    *,
    nobody_left: bool,
) -> Child:
    ended = None
    if outcome is not None and outcome.kind != OutcomeKind.REOPENED:
        ended = Ended(
            kind=OutcomeKind(outcome.kind),
            at=outcome.left_at or outcome.occurred_at,
            ground=CertificateGround(outcome.ground) if outcome.ground else None,
            impracticable=Impracticable(outcome.impracticable) if outcome.impracticable else None,
        )
        arrived_at = outcome.arrived_at or arrived_at
    return Child(
        suite=row.suite,
        charged_at=row.charged_at,
        court_at=row.court_at,
        age=row.age,
        sex=Sex(row.sex),
        ethnicity=Ethnicity(row.ethnicity) if row.ethnicity else None,
        looked_after=Answer(row.looked_after),
        secure=row.secure,
        home_code=row.responsible_code,
        home=row.home,
        ended=ended,
        arrived_at=arrived_at,
        nobody_left=nobody_left,
        asks=asks,
    )


def _asks(connection: Connection, period: Period, whose: ColumnElement[bool]) -> list[tuple[int, Ask]]:
    """Each time that an authority was asked, with the key of the detention: requests, and calls of no request."""
    calls = connection.execute(
        select(
            *(Call.detention_id, Call.request_id, Call.secure, Call.said, Call.reason, Call.occurred_at.label("at")),
            *(Detention.charged_at, Suite.name.label("suite"), Authority.name.label("authority")),
        )
        .join(Authority, Authority.code == Call.authority_code)
        .join(Detention, Detention.id == Call.detention_id)
        .join(Suite, Suite.id == Detention.suite_id)
        .where(_charged_in(period), whose)
        .order_by(Call.id)
    ).all()
    requests = connection.execute(
        select(
            *(BedRequest.id, BedRequest.detention_id, BedRequest.state, BedRequest.asked_at.label("at")),
            *(BedRequest.ended_at, BedRequest.refusal_reason, Place.secure, Placement.accepted_at),
            *(Detention.charged_at, Suite.name.label("suite"), Authority.name.label("authority")),
        )
        .join(Place, Place.id == BedRequest.place_id)
        .outerjoin(Placement, Placement.request_id == BedRequest.id)
        .join(Authority, Authority.code == Place.authority_code)
        .join(Detention, Detention.id == BedRequest.detention_id)
        .join(Suite, Suite.id == Detention.suite_id)
        .where(_charged_in(period), whose)
        .order_by(BedRequest.id)
    ).all()
    refused_later = {call.request_id: call for call in calls if call.request_id and call.said == CallOutcome.REFUSED}
    return [
        *((row.detention_id, _request(row, refused_later.get(row.id))) for row in requests),
        *((row.detention_id, _call(row)) for row in calls if row.request_id is None),
    ]


_REPLY_OF_STATE = {
    RequestState.OPEN: Reply.OPEN,
    RequestState.ACCEPTED: Reply.ACCEPTED,
    RequestState.REFUSED: Reply.REFUSED,
    RequestState.WITHDRAWN: Reply.WITHDRAWN,
    RequestState.EXPIRED: Reply.NO_ANSWER,
}
_REPLY_OF_CALL = {CallOutcome.ACCEPTED: Reply.ACCEPTED, CallOutcome.REFUSED: Reply.REFUSED}


def _request(row: Row[*tuple[Any, ...]], call: Row[*tuple[Any, ...]] | None) -> Ask:
    reply, at, reason = _REPLY_OF_STATE[RequestState(row.state)], row.ended_at, row.refusal_reason
    if row.accepted_at is not None:  # and perhaps given back later: the child was bailed, say
        return _ask(row, Reply.ACCEPTED, row.accepted_at, None)
    if reply is Reply.NO_ANSWER and call is not None:  # it ran out, and they said no when they were rung
        reply, at, reason = Reply.REFUSED, call.at, call.reason
    return _ask(row, reply, at, reason)


def _call(row: Row[*tuple[Any, ...]]) -> Ask:
    # Whoever will ring back and has not has given no answer; where they have, that is another call.
    return _ask(row, _REPLY_OF_CALL.get(CallOutcome(row.said), Reply.NO_ANSWER), row.at, row.reason)


def _ask(row: Row[*tuple[Any, ...]], reply: Reply, at: datetime | None, reason: str | None) -> Ask:
    return Ask(
        authority=row.authority,
        secure=row.secure,
        at=row.at,
        charged_at=row.charged_at,
        suite=row.suite,
        reply=reply,
        reason=RefusalReason(reason) if reason and reply is Reply.REFUSED else None,
        replied_at=at if reply in (Reply.ACCEPTED, Reply.REFUSED) else None,
    )
