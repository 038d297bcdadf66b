"""Asking one place after the other, without anybody pressing anything, until one says yes.

An officer starts it for one child: one place at a time, or three at once. Whenever fewer are being
asked than that, the places are ranked afresh and the best that was not asked before is asked. It ends
with the first acceptance, when the officer stops it, or when the court sits.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.ranking import Option
from ..errors import BadInput, Conflict, NotFound
from ..models import (
    GOING_ON,
    Authority,
    BedRequest,
    Detention,
    Place,
    RequestState,
    SearchEnd,
    StandingSearch,
)
from . import asking, audit, beds, enquiries, search
from .endings import PROGRAM, lock_detention, stop_asking
from .requests import expire_due

log = logging.getLogger(__name__)

AT_ONCE = (1, 3)
LONGEST = timedelta(days=4)
"""A court sits sooner, over any holiday."""

LOOK_AGAIN = timedelta(seconds=30)
"""After nobody was left to ask: somebody may report a bed."""

ASK_AGAIN_AFTER = timedelta(minutes=60)
"""A place that did not answer is asked again after this long, if nobody else is left. One that refused is not."""

MOST_RANKED = 400
"""How far down the order a search goes. A night has time for a few dozen."""


def start(detention_reference: str, *, suite_id: int, at_once: int, until: datetime, by: str, now: datetime) -> int:
    """Begin a standing search for one child. The first places are asked by the delivery process within a second.

    Args:
        until: When the court sits: nothing is asked after it.

    Raises:
        BadInput: `at_once` is not 1 or 3, or `until` is not ahead, or too far.
        NotFound: there is no such detention at this suite.
        Conflict: the child has a bed, or is being searched for already, or the record has ended.
    """
    if at_once not in AT_ONCE:
        raise BadInput("at once", field="at_once", public="Choose one place at a time, or three at once.")
    if until <= now:
        raise BadInput(
            "court time", field="until", public="The court's time must be ahead. Check the day and the time."
        )
    if until > now + LONGEST:
        raise BadInput("court time", field="until", public="The court's time must be within four days.")
    with transaction() as session:
        detention = _locked(session, detention_reference, suite_id)
        asking.check_goes_on(session, detention.id)
        if session.scalar(select(StandingSearch.id).where(_of(detention.id), GOING_ON)) is not None:
            raise Conflict("a search is going on", public="A search is going on for this child already.")
        begun = StandingSearch(
            detention_id=detention.id, at_once=at_once, started_at=now, started_by=by, until=until, look_at=now
        )
        session.add(begun)
        session.flush()
        audit.record(
            session, by, "search started", f"detention:{detention.id}", at=now, search=begun.id, at_once=at_once
        )
        return begun.id


def stop(detention_reference: str, *, suite_id: int, by: str, now: datetime) -> None:
    """The officer stops it: nobody else is asked, and those who are being asked are told it is over.

    Raises:
        NotFound: there is no such detention at this suite, or no search is going on.
    """
    expire_due(now=now)
    with transaction() as session:
        detention = _locked(session, detention_reference, suite_id)
        going_on = session.scalar(select(StandingSearch).where(_of(detention.id), GOING_ON))
        if going_on is None:
            raise NotFound("no search", public="No search is going on for this child. Reload the page.")
        stop_asking(session, detention.id, SearchEnd.STOPPED, by=by, now=now)


def work(*, now: datetime) -> int:
    """Move every standing search on that has something to do. Return how many had.

    Safe from any number of processes: who asks next is settled under the lock on the detention.
    """
    with reading() as connection:
        due = connection.execute(
            select(StandingSearch.id, StandingSearch.until)
            .where(GOING_ON, (StandingSearch.look_at <= now) | (StandingSearch.until <= now))
            .order_by(StandingSearch.look_at)
        ).all()
    for row in due:
        if row.until <= now:
            _end_at_court(row.id, now=now)
        else:
            _ask_next(row.id, now=now)
    return len(due)


def _ask_next(search_id: int, *, now: datetime) -> None:
    """Ask until as many are being asked as the officer chose, best first; rest where nobody is left."""
    with transaction() as session:
        going_on = session.get_one(StandingSearch, search_id)
        detention_id = going_on.detention_id
        wanted = going_on.at_once - _being_asked(session, detention_id)
    if wanted <= 0:
        _rest(search_id, now=now, exhausted=False)
        return
    # No transaction is open while the places are ranked: afresh, at this moment.
    ranking = search.find(enquiries.child_in(detention_id, now=now), at=now, limit=MOST_RANKED)
    for option in _in_turn(ranking.options, detention_id, search_id, now=now):
        try:
            more = _ask_one(search_id, option, now=now)
        except (beds.NoBedLeft, asking.NoLongerSuits, NotFound) as error:
            log.info("search %s: place %s is passed over: %s", search_id, option.place.id, type(error).__name__)
            continue
        except IntegrityError:
            return  # two drew the same reference in one moment; the next look is in an instant
        if not more:
            return
    _rest(search_id, now=now, exhausted=True)


def _in_turn(options: Sequence[Option], detention_id: int, search_id: int, *, now: datetime) -> list[Option]:
    """Those that may be asked, in the order of asking.

    Best first; but three requests for one child on one phone look like three children, so that places of
    authorities that are being asked already come after the others. Then, if nobody new is left, those that
    did not answer an hour ago.
    """
    with reading() as connection:
        asked = connection.execute(
            select(BedRequest.place_id, BedRequest.state, BedRequest.ended_at, Place.authority_code)
            .join(Place, Place.id == BedRequest.place_id)
            .where(BedRequest.detention_id == detention_id)
        ).all()
    busy = {row.authority_code for row in asked if row.state == RequestState.OPEN}
    last = {row.place_id: row for row in asked}
    new = [option for option in options if option.place.id not in last]
    first: list[Option] = []
    then: list[Option] = []
    for option in new:
        code = option.place.authority_code
        (then if code in busy else first).append(option)
        busy.add(code)
    rested = now - ASK_AGAIN_AFTER
    again = [
        option
        for option in options
        if (row := last.get(option.place.id)) is not None
        and row.state == RequestState.EXPIRED
        and row.ended_at <= rested
    ]
    return first + then + again


def _ask_one(search_id: int, option: Option, *, now: datetime) -> bool:
    """Ask one place, if the search still wants it. Return whether it wants more after that."""
    with transaction() as session:
        going_on = _locked_search(session, search_id)
        if going_on is None or going_on.until <= now:
            return False
        if going_on.at_once <= _being_asked(session, going_on.detention_id):
            return False  # another process was quicker
        detention = session.get_one(Detention, going_on.detention_id)
        if not _may_hold(session, option.place.authority_code, detention.id):
            return True
        asking.ask_in(session, detention, option.place.id, by=PROGRAM, shown=option, search_id=search_id, now=now)
        going_on.exhausted_at = None
        return True


def _may_hold(session: Session, authority_code: str, detention_id: int) -> bool:
    """Whether a bed of an authority that is only rung may be held: one at a time, for the officer has one telephone."""
    if session.get_one(Authority, authority_code).texted:
        return True
    rung = select(BedRequest.id).where(
        BedRequest.detention_id == detention_id,
        BedRequest.state == RequestState.OPEN,
        BedRequest.by_text.is_(False),
    )
    return session.scalar(rung.limit(1)) is None


def _being_asked(session: Session, detention_id: int) -> int:
    """Requests for this child that somebody was texted about; one that waits for a telephone holds nobody up."""
    open_now = select(BedRequest.id).where(
        BedRequest.detention_id == detention_id, BedRequest.state == RequestState.OPEN, BedRequest.by_text
    )
    return len(session.scalars(open_now).all())


def _rest(search_id: int, *, now: datetime, exhausted: bool) -> None:
    with transaction() as session:
        going_on = _locked_search(session, search_id)
        if going_on is None:
            return
        if exhausted and going_on.exhausted_at is None and _being_asked(session, going_on.detention_id) == 0:
            going_on.exhausted_at = now
            audit.record(session, PROGRAM, "nobody left to ask", f"detention:{going_on.detention_id}", at=now)
        going_on.look_at = now + LOOK_AGAIN


def _end_at_court(search_id: int, *, now: datetime) -> None:
    with transaction() as session:
        going_on = _locked_search(session, search_id)
        if going_on is not None:
            stop_asking(session, going_on.detention_id, SearchEnd.COURT, by=PROGRAM, now=now)


def _locked(session: Session, reference: str, suite_id: int) -> Detention:
    detention_id = session.scalar(
        select(Detention.id).where(Detention.reference == reference, Detention.suite_id == suite_id)
    )
    if detention_id is None:
        raise NotFound(f"no such detention at suite {suite_id}")
    lock_detention(session, detention_id)
    return session.get_one(Detention, detention_id)


def _locked_search(session: Session, search_id: int) -> StandingSearch | None:
    """The search with its detention locked; None where it has ended."""
    detention_id = session.scalars(select(StandingSearch.detention_id).where(StandingSearch.id == search_id)).one()
    lock_detention(session, detention_id)
    return session.scalar(select(StandingSearch).where(StandingSearch.id == search_id, GOING_ON))


def _of(detention_id: int) -> ColumnElement[bool]:
    return StandingSearch.detention_id == detention_id


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A child's latest standing search, for the page."""

    at_once: int
    started_at: datetime
    started_by: str
    until: datetime
    exhausted_at: datetime | None
    """Nobody is left to ask, since then. It goes on: somebody may report a bed."""
    ended_at: datetime | None
    ended_by: str | None
    ended_why: SearchEnd | None


def latest(detention_reference: str, *, suite_id: int) -> Standing | None:
    """The search that goes on for this child, or the last that did; None where there was none."""
    with reading() as connection, Session(bind=connection) as session:
        found = session.scalar(
            select(StandingSearch)
            .join(Detention, Detention.id == StandingSearch.detention_id)
            .where(Detention.reference == detention_reference, Detention.suite_id == suite_id)
            .order_by(StandingSearch.id.desc())
            .limit(1)
        )
        if found is None:
            return None
        return Standing(
            at_once=found.at_once,
            started_at=found.started_at,
            started_by=found.started_by,
            until=found.until,
            exhausted_at=found.exhausted_at,
            ended_at=found.ended_at,
            ended_by=found.ended_by,
            ended_why=SearchEnd(found.ended_why) if found.ended_why else None,
        )
