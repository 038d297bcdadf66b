"""Who is on duty now and next for every authority, and the texts that go with it.

Whoever comes on duty is told what waits; managers are told once a day what is wrong in the days ahead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import rota, wording
from ..domain.escalation import Target
from ..domain.rota import Day, Override, Rota, Shift, Turn
from ..gateways.holidays import is_bank_holiday
from ..models import (
    Authority,
    BedRequest,
    Contact,
    Once,
    Place,
    RequestState,
    RotaOverride,
    StepTaken,
    TextKind,
    WeeklyShift,
)
from . import audit, oncall, outbox
from .endings import PROGRAM
from .rota import Problems, problems_of

ANNOUNCED_WITHIN = timedelta(minutes=15)
"""After the start of a shift: who was not told by then, while no delivery process ran, has found out."""

GAPS_TOLD = range(10, 16)
"""Hours of London in which managers are told of gaps: while something can be done about them."""

LONDON_BOROUGH = "E09"
_LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Somebody:
    """A contact as the page shows them. The mobile is for their own authority's people only."""

    name: str
    role: str
    landline: str | None
    mobile: str | None
    why_not: str | None


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    """One authority: who is on now, and who is next."""

    authority_code: str
    authority: str
    texted: bool
    now: tuple[tuple[Somebody, datetime], ...]
    """With the end of each turn."""
    next: tuple[Somebody, datetime] | None
    """With the start of the turn."""
    fallback: Somebody | None
    problems: Problems

    @property
    def in_london(self) -> bool:
        """Whether it is a London borough."""
        return self.authority_code.startswith(LONDON_BOROUGH)


@dataclass(frozen=True)
class _All:
    authorities: list[Authority]
    contacts: dict[str, list[Contact]]
    rotas: dict[str, Rota]


def overview(*, now: datetime) -> list[OnDuty]:
    """Every authority, the London boroughs first, then by name."""
    with reading() as connection, Session(bind=connection) as session:
        everything = _read(session, now=now)
        lines = [_line(each, everything, now=now) for each in everything.authorities]
    return sorted(lines, key=lambda line: (not line.in_london, line.authority))


def _read(session: Session, *, now: datetime, codes: Iterable[str] | None = None) -> _All:
    """All in four queries, not four for each authority."""
    wanted = select(Authority).order_by(Authority.name)
    if codes is not None:
        wanted = wanted.where(Authority.code.in_(list(codes)))
    authorities = list(session.scalars(wanted))
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for contact in session.scalars(select(Contact).where(Contact.removed_at.is_(None)).order_by(Contact.id)):
        contacts[contact.authority_code].append(contact)
    shifts: dict[str, list[Shift]] = defaultdict(list)
    for row in session.execute(
        select(
            WeeklyShift.authority_code, WeeklyShift.contact_id, WeeklyShift.day, WeeklyShift.starts, WeeklyShift.ends
        )
    ):
        shifts[row.authority_code].append(Shift(row.contact_id, Day(row.day), row.starts, row.ends))
    overrides: dict[str, list[Override]] = defaultdict(list)
    for each in session.scalars(select(RotaOverride).where(RotaOverride.ends_at > now - oncall.PAST_KEPT)):
        overrides[each.authority_code].append(Override(each.contact_id, each.starts_at, each.ends_at))
    rotas = {
        each.code: Rota(tuple(shifts[each.code]), tuple(overrides[each.code]), is_bank_holiday) for each in authorities
    }
    return _All(authorities, contacts, rotas)


def _line(authority: Authority, everything: _All, *, now: datetime) -> OnDuty:
    contacts = {contact.id: contact for contact in everything.contacts[authority.code]}
    its_rota = everything.rotas[authority.code]
    on = [turn for turn in rota.on_duty(its_rota, at=now) if turn.contact_id in contacts]
    after = rota.next_on(its_rota, after=now)
    fallback = next((contact for contact in contacts.values() if contact.is_fallback), None)
    return OnDuty(
        authority_code=authority.code,
        authority=authority.name,
        texted=authority.texted,
        now=tuple((_somebody(contacts[turn.contact_id]), turn.ends) for turn in on),
        next=(_somebody(contacts[after.contact_id]), after.starts) if after and after.contact_id in contacts else None,
        fallback=_somebody(fallback) if fallback else None,
        problems=problems_of(its_rota, list(contacts.values()), now=now),
    )


def _somebody(contact: Contact) -> Somebody:
    return Somebody(contact.name, contact.role, contact.landline, contact.mobile, oncall.why_not(contact))


# --- texts ----------------------------------------------------------------------------------


def announce_due(*, now: datetime) -> int:
    """Text everybody who came on duty in the last quarter of an hour what is waiting, once. Return how many."""
    since = now - ANNOUNCED_WITHIN
    with reading() as connection, Session(bind=connection) as session:
        codes = _may_begin(session, since, now)
        if not codes:
            return 0
        everything = _read(session, now=now, codes=codes)
        begun = [
            (code, turn)
            for code, its_rota in everything.rotas.items()
            for turn in rota.coming_on(its_rota, since=since, until=now)
        ]
        told = set(session.scalars(select(Once.key).where(Once.key.in_([_key(turn) for _, turn in begun]))))
    new = [(code, turn) for code, turn in begun if _key(turn) not in told]
    for code, turn in new:
        try:
            with transaction() as session:
                session.add(Once(key=_key(turn), at=now))
                session.flush()  # another process that tells them at this moment stops here
                _announce(session, code, turn, now=now)
        except IntegrityError:
            continue
    return len(new)


def _may_begin(session: Session, since: datetime, until: datetime) -> set[str]:
    """Authorities with a shift or an override that has an end near that time: the others need no arithmetic."""
    first, last = (each.astimezone(_LONDON) for each in (since - timedelta(hours=1), until + timedelta(hours=1)))
    start, end = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    in_time = (
        WeeklyShift.starts.between(start, end)
        if start <= end
        else (WeeklyShift.starts >= start) | (WeeklyShift.starts <= end)
    )
    near = set(session.scalars(select(WeeklyShift.authority_code).where(in_time).distinct()))
    edges = RotaOverride.starts_at.between(since, until) | RotaOverride.ends_at.between(since, until)
    return near | set(session.scalars(select(RotaOverride.authority_code).where(edges).distinct()))


def _key(turn: Turn) -> str:
    return f"on-duty:{turn.contact_id}:{turn.starts:%Y%m%dT%H%M}"


def _announce(session: Session, code: str, turn: Turn, *, now: datetime) -> None:
    authority = session.get_one(Authority, code)
    contact = session.get_one(Contact, turn.contact_id)
    if not authority.texted or contact.removed_at is not None or oncall.why_not(contact) is not None:
        return
    number = contact.mobile
    if number is None:
        return
    waiting = session.scalars(
        select(BedRequest)
        .join(Place, Place.id == BedRequest.place_id)
        .where(Place.authority_code == code, BedRequest.state == RequestState.OPEN)
        .order_by(BedRequest.asked_at)
    ).all()
    references = tuple(request.reference for request in waiting)
    text = outbox.promise(
        session,
        kind=TextKind.NOTICE,
        to=number,
        body=wording.coming_on(authority.name, turn.ends, references),
        request_id=None,
        now=now,
    )
    for request in waiting:  # from now on the reference is good from this phone, too
        session.add(
            StepTaken(
                request_id=request.id,
                step=max(0, request.next_step - 1),
                target="coming_on",
                contact_id=contact.id,
                number=number,
                text_id=text.id,
                at=now,
            )
        )
    audit.record(session, PROGRAM, "told that they are on duty", f"contact:{contact.id}", at=now)


def tell_gaps_due(*, now: datetime) -> int:
    """Once a day, text every manager whose rota has something wrong in the next seven days. Return how many."""
    here = now.astimezone(_LONDON)
    if here.hour not in GAPS_TOLD:
        return 0
    day = f"{here:%Y%m%d}"
    with reading() as connection, Session(bind=connection) as session:
        if session.get(Once, f"gaps:{day}") is not None:
            return 0
        everything = _read(session, now=now)
        wrong = [
            (each, found)
            for each in everything.authorities
            if (found := problems_of(everything.rotas[each.code], everything.contacts[each.code], now=now)).any
        ]
    told = sum(_tell_gaps(each, found, day, now=now) for each, found in wrong)
    try:
        with transaction() as session:
            session.add(Once(key=f"gaps:{day}", at=now))
    except IntegrityError:
        pass  # another process has gone through them as well, and told nobody twice
    return told


def _tell_gaps(authority: Authority, found: Problems, day: str, *, now: datetime) -> bool:
    try:
        with transaction() as session:
            session.add(Once(key=f"gaps:{day}:{authority.code}", at=now))
            session.flush()
            managers = [
                each.mobile
                for each in oncall.whom(session, authority.code, Target.MANAGER, now=now)
                if each.mobile is not None and oncall.why_not(each) is None
            ]
            for number in managers:
                body = wording.rota_problems(
                    authority.name,
                    gaps=len(found.gaps),
                    first_gap=found.gaps[0].starts if found.gaps else None,
                    unverified=len(found.unconfirmed),
                    opted_out=len(found.opted_out),
                    now=now,
                )
                outbox.promise(
                    session,
                    kind=TextKind.NOTICE,
                    to=number,
                    body=body,
                    request_id=None,
                    use_until=now + timedelta(hours=6),
                    now=now,
                )
            audit.record(session, PROGRAM, "gaps told", f"authority:{authority.code}", at=now, told=bool(managers))
            return bool(managers)
    except IntegrityError:
        return False
