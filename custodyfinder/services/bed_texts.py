"""Beds by text: what we hold, reports, undo; and the one text a night that asks for counts that have gone stale."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from ..db import reading, transaction
from ..domain import wording
from ..domain.escalation import Target
from ..domain.replies import Kind, Reply
from ..domain.wording import BedLine
from ..models import Authority, BedReport, Contact, IncomingText, Once, Place, TextKind
from . import audit, bed_reports, oncall, outbox
from .endings import PROGRAM

CHANNEL = "text"
UNDO_WITHIN = timedelta(minutes=10)
FRESH_FOR = timedelta(hours=2)
"""Whoever has confirmed their counts within it is not asked for them."""

ASKED_WITHIN = timedelta(hours=1)
"""After the hour that an authority chose: later than that is another night's text."""

_LONDON = ZoneInfo("Europe/London")


def answer(
    session: Session, incoming: IncomingText, reply: Reply, contacts: list[Contact], *, now: datetime
) -> tuple[str, bool]:
    """Do what a text about beds says. Return the answer, and whether it was understood.

    In the caller's transaction. The places are those of every authority that the phone is on the list of.
    """
    places = _places(session, contacts)
    if reply.kind is Kind.BEDS:
        return wording.beds_held([_line(place) for place in places], now), True
    if reply.kind is Kind.BEDS_SAME:
        return _confirm(session, incoming, places, contacts, now=now), True
    if reply.kind is Kind.BEDS_REPORT:
        return _report(session, incoming, reply.counts, places, contacts, now=now)
    if reply.kind is Kind.UNDO:
        return _undo(session, incoming, places, contacts, now=now), True
    return wording.beds_help(), False


def _places(session: Session, contacts: list[Contact]) -> list[Place]:
    """Locked, by id as everywhere, and then by code."""
    codes = {contact.authority_code for contact in contacts}
    found = session.scalars(select(Place).where(Place.authority_code.in_(codes)).order_by(Place.id).with_for_update())
    return sorted(found, key=lambda place: place.code)


def _line(place: Place) -> BedLine:
    return BedLine(
        code=place.code,
        free=place.beds_free,
        held=place.beds_held,
        total=place.beds_total,
        confirmed_at=place.confirmed_at,
        out_of_service=place.out_of_service is not None,
    )


def _report(
    session: Session,
    incoming: IncomingText,
    counts: tuple[tuple[str, int], ...],
    places: list[Place],
    contacts: list[Contact],
    *,
    now: datetime,
) -> tuple[str, bool]:
    """Every count is stored, or none is and the answer asks about the first that cannot be."""
    by_code = {place.code: place for place in places}
    if counts[0][0] == "":
        if len(places) != 1:
            return wording.beds_which_place([place.code for place in places]), False
        counts = ((places[0].code, counts[0][1]),)
    for code, free in counts:
        place = by_code.get(code)
        if place is None:
            return wording.beds_unknown_place(code), False
        if place.out_of_service is not None:
            return wording.beds_out_of_service(code), True
        if free > bed_reports.most_free(place):
            return wording.beds_too_many(code, bed_reports.most_free(place)), True
    said = [(by_code[code], free) for code, free in counts]
    return _store(session, incoming, said, contacts, now=now), True


def _confirm(
    session: Session, incoming: IncomingText, places: list[Place], contacts: list[Contact], *, now: datetime
) -> str:
    same = [(place, place.beds_free) for place in places if place.out_of_service is None]
    if not same:
        return wording.beds_held([_line(place) for place in places], now)
    # The answer says each count: a bed may have been taken since they were last shown to this phone.
    return _store(session, incoming, same, contacts, now=now)


def _store(
    session: Session,
    incoming: IncomingText,
    said: list[tuple[Place, int]],
    contacts: list[Contact],
    *,
    now: datetime,
) -> str:
    """Write each count down, and say which the places have now; those with a newer one keep that."""
    stored, newer = [], []
    for place, free in said:
        if _write(session, incoming, place, free, contacts, now=now):
            stored.append((place.code, free))
        else:
            newer.append(place.code)
    return wording.beds_reported(stored, newer)


def _write(
    session: Session, incoming: IncomingText, place: Place, free: int, contacts: list[Contact], *, now: datetime
) -> bool:
    who = next(contact for contact in contacts if contact.authority_code == place.authority_code)
    return bed_reports.write(
        session,
        place,
        free,
        by=f"contact:{who.id}",
        channel=CHANNEL,
        occurred_at=incoming.received_at,
        now=now,
        incoming_id=incoming.id,
    )


def _undo(
    session: Session, incoming: IncomingText, places: list[Place], contacts: list[Contact], *, now: datetime
) -> str:
    """Take back the last report from this phone: all its places, or none."""
    last = _last_text_with_reports(session, incoming)
    if last is None:
        return wording.nothing_to_undo()
    by_id = {place.id: place for place in places}
    reports = session.scalars(
        # What came too late replaced nothing, and there is nothing of it to bring back.
        select(BedReport)
        .where(BedReport.incoming_id == last, BedReport.free_before.is_not(None))
        .order_by(BedReport.id)
    ).all()
    back: list[tuple[BedReport, Place, int]] = []
    for report in reports:
        place = by_id.get(report.place_id)
        if place is None or _reported_since(session, report):
            return wording.nothing_to_undo()
        # What was held, let go or taken meanwhile stays so: only the person's own change is taken back.
        free = place.beds_free + (report.free_before or 0) - report.beds_free
        if not 0 <= free <= bed_reports.most_free(place):
            return wording.nothing_to_undo()
        back.append((report, place, free))
    for report, place, free in back:
        bed_reports.write(
            session,
            place,
            free,
            by=report.reported_by,
            channel=CHANNEL,
            occurred_at=incoming.received_at,
            now=now,
            incoming_id=incoming.id,
            undoes_id=report.id,
            confirmed_at=report.confirmed_before,
        )
    return wording.beds_undone([(place.code, free) for _, place, free in back]) if back else wording.nothing_to_undo()


def _last_text_with_reports(session: Session, incoming: IncomingText) -> int | None:
    """The last text from this phone that reported, if that is not long ago and was not taken back."""
    undoing = aliased(BedReport)
    row = session.execute(
        select(IncomingText.id, BedReport.undoes_id, undoing.id.label("undone_by"))
        .join(BedReport, BedReport.incoming_id == IncomingText.id)
        .outerjoin(undoing, undoing.undoes_id == BedReport.id)
        .where(
            IncomingText.from_number == incoming.from_number,
            IncomingText.id < incoming.id,  # an UNDO that is worked late never takes back what came after it
            IncomingText.received_at >= incoming.received_at - UNDO_WITHIN,
        )
        .order_by(IncomingText.id.desc(), BedReport.id.desc())
        .limit(1)
    ).first()
    return None if row is None or row.undoes_id is not None or row.undone_by is not None else row.id


def _reported_since(session: Session, report: BedReport) -> bool:
    later = select(BedReport.id).where(
        BedReport.place_id == report.place_id, BedReport.id > report.id, BedReport.free_before.is_not(None)
    )
    return session.scalar(later.limit(1)) is not None


# --- asking for counts ----------------------------------------------------------------------


def ask_counts_due(*, now: datetime) -> int:
    """Ask every authority whose hour has come for its counts, once a day, unless they are fresh. Return how many."""
    first, last = ((each.astimezone(_LONDON)) for each in (now - ASKED_WITHIN, now))
    start, end = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    wanted = Authority.counts_wanted_at
    in_time = wanted.between(start, end) if start <= end else (wanted >= start) | (wanted <= end)
    with reading() as connection:
        due = connection.execute(select(Authority.code, wanted).where(in_time)).all()
        # The day on which the hour fell: after midnight that may be yesterday.
        keys = {row.code: f"counts:{row.code}:{(first if row.counts_wanted_at > end else last):%Y%m%d}" for row in due}
        asked = set(connection.scalars(select(Once.key).where(Once.key.in_(keys.values()))))
    return sum(_ask_counts(code, key, now=now) for code, key in keys.items() if key not in asked)


def _ask_counts(code: str, key: str, *, now: datetime) -> bool:
    try:
        with transaction() as session:
            session.add(Once(key=key, at=now))
            session.flush()  # another process that asks at this moment stops here
            stale = [
                _line(place)
                for place in session.scalars(select(Place).where(Place.authority_code == code).order_by(Place.code))
                if place.out_of_service is None and (place.confirmed_at is None or place.confirmed_at < now - FRESH_FOR)
            ]
            number = _somebody(session, code, now=now) if stale else None
            if number is None:
                return False
            name = session.get_one(Authority, code).name
            outbox.promise(
                session,
                kind=TextKind.NOTICE,
                to=number,
                body=wording.beds_wanted(name, stale, now),
                request_id=None,
                use_until=now + ASKED_WITHIN,
                now=now,
            )
            audit.record(session, PROGRAM, "counts asked for", f"authority:{code}", at=now, places=len(stale))
            return True
    except IntegrityError:
        return False


def _somebody(session: Session, code: str, *, now: datetime) -> str | None:
    """The first phone that can be texted of: on duty, fallback, manager."""
    for target in Target:
        for contact in oncall.whom(session, code, target, now=now):
            if oncall.why_not(contact) is None:
                return contact.mobile
    return None
