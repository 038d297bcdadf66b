"""What is due by the schedule of retention, kind by kind, and what is done with it.

`domain.retention` has the schedule, `retention` the runs. What is still going on is never due: a record
until its court has sat and its last outcome is as old, a text that may still arrive or be answered.
An empty text ('') is one that was there and is no longer kept; NULL is one that never was.
"""

# Long because each kind of record has its few lines here, and they read one after the other.
from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..db import Base
from ..domain.record import Answer, BailGround
from ..models import (
    BedReport,
    BedRequest,
    Call,
    Certificate,
    Contact,
    Detention,
    Heartbeat,
    IncomingText,
    KeptForm,
    Once,
    Outcome,
    Placement,
    Receipt,
    RecordGrant,
    RequestState,
    RotaOverride,
    SearchKept,
    SignInSession,
    SignInTry,
    StandingSearch,
    StepTaken,
    TextMessage,
    TextState,
    Told,
)

Before = Callable[[str], datetime]
"""What is older than this has been kept long enough, by the kind's name in the schedule."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """One thing to do for one kind."""

    kind: str
    what: str
    """For the report and the audit line."""
    key: InstrumentedAttribute[Any]
    """Of the rows: they are taken in its order, some at a time."""
    due: Callable[[Before], ColumnElement[bool]]
    do: Callable[[Session, Sequence[Any], datetime], int]
    """Given the keys and the time; gives how many rows it was done with."""


def _some(table: type[Base], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the table has a row like this: one of its own, whatever the statement around it reads."""
    return exists().where(*conditions).correlate_except(table)


# --- texts ----------------------------------------------------------------------------------


def _no_open_request(request_id: Any) -> ColumnElement[bool]:
    return ~_some(BedRequest, BedRequest.id == request_id, BedRequest.state == RequestState.OPEN)


def _text_is_over() -> ColumnElement[bool]:
    settled = TextMessage.state.in_([TextState.DELIVERED, TextState.UNDELIVERED, TextState.FAILED])
    # Of a text that a network never reports on, nothing more is heard once Twilio is not asked any more.
    given_up = (TextMessage.state == TextState.SENT) & TextMessage.look_at.is_(None)
    return or_(settled, given_up) & _no_open_request(TextMessage.request_id)


def _texts(before: Before) -> ColumnElement[bool]:
    return (TextMessage.promised_at < before("texts")) & (TextMessage.to_number != "") & _text_is_over()


def _empty_texts(session: Session, ids: Sequence[Any], now: datetime) -> int:
    session.execute(update(TextMessage).where(TextMessage.id.in_(ids)).values(to_number="", body=""))
    return len(ids)


def _steps(before: Before) -> ColumnElement[bool]:
    return (StepTaken.at < before("texts")) & (StepTaken.number != "") & _no_open_request(StepTaken.request_id)


def _empty_steps(session: Session, ids: Sequence[Any], now: datetime) -> int:
    session.execute(update(StepTaken).where(StepTaken.id.in_(ids)).values(number=""))
    return len(ids)


def _incoming(before: Before) -> ColumnElement[bool]:
    return (
        (IncomingText.received_at < before("texts"))
        & (IncomingText.from_number != "")
        & IncomingText.worked_at.is_not(None)
        & _no_open_request(IncomingText.request_id)
    )


def _empty_incoming(session: Session, ids: Sequence[Any], now: datetime) -> int:
    session.execute(
        update(IncomingText)
        .where(IncomingText.id.in_(ids))
        .values(from_number="", body="", reply=_emptied(IncomingText.reply))
    )
    return len(ids)


def _emptied(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    return case((column.is_not(None), ""), else_=None)


# --- records --------------------------------------------------------------------------------


def _is_over(before: datetime) -> ColumnElement[bool]:
    """Of a detention: nothing of it has gone on since, and nothing goes on."""
    return (
        (Detention.court_at < before)
        & ~_some(Outcome, Outcome.detention_id == Detention.id, Outcome.recorded_at >= before)
        & ~_some(BedRequest, BedRequest.detention_id == Detention.id, BedRequest.state == RequestState.OPEN)
        & ~_some(StandingSearch, StandingSearch.detention_id == Detention.id, StandingSearch.ended_at.is_(None))
    )


def _wordy(before: Before) -> ColumnElement[bool]:
    of_it = Detention.id
    return (
        Detention.reduced_at.is_(None)
        & _is_over(before("words"))
        & or_(
            Detention.secure_reasons != "",
            _some(BedRequest, BedRequest.detention_id == of_it, BedRequest.refusal_words != ""),
            _some(Call, Call.detention_id == of_it, Call.words != ""),
            _some(Outcome, Outcome.detention_id == of_it, Outcome.circumstances != ""),
            _some(Outcome, Outcome.detention_id == of_it, Outcome.override_words != ""),
        )
    )


def _empty_words(session: Session, ids: Sequence[Any], now: datetime) -> int:
    for table, of_it, *columns in (
        (Detention, Detention.id, Detention.secure_reasons),
        (BedRequest, BedRequest.detention_id, BedRequest.refusal_words),
        (Call, Call.detention_id, Call.words),
        (Outcome, Outcome.detention_id, Outcome.circumstances, Outcome.override_words),
    ):
        emptied: dict[Any, Any] = {column: _emptied(column) for column in columns}
        session.execute(update(table).where(of_it.in_(ids)).values(emptied))
    return len(ids)


def _certificates(before: Before) -> ColumnElement[bool]:
    return _some(Detention, Detention.id == Certificate.detention_id, _is_over(before("certificates")))


def _remove(key: InstrumentedAttribute[Any]) -> Callable[[Session, Sequence[Any], datetime], int]:
    def remove(session: Session, keys: Sequence[Any], now: datetime) -> int:
        session.execute(delete(key.class_).where(key.in_(keys)))
        return len(keys)

    return remove


def _records(before: Before) -> ColumnElement[bool]:
    return Detention.reduced_at.is_(None) & _is_over(before("detail"))


def _reduce(session: Session, ids: Sequence[Any], now: datetime) -> int:
    """In place, so that the figures read one kind of row, before and after."""
    requests = select(BedRequest.id).where(BedRequest.detention_id.in_(ids))
    _empty_words(session, ids, now)
    session.execute(delete(StepTaken).where(StepTaken.request_id.in_(requests)))
    for table in (Told, SearchKept, Certificate, RecordGrant):
        session.execute(delete(table).where(table.detention_id.in_(ids)))
    for table, values in _NOTHING_OF.items():
        session.execute(update(table).where(table.detention_id.in_(ids)).values(values))
    for detention in session.scalars(select(Detention).where(Detention.id.in_(ids))):
        _reduce_one(detention)
        detention.reduced_at = now
    return len(ids)


_NOTHING_OF: dict[Any, dict[str, Any]] = {
    BedRequest: {"reference": "", "asked_by": "", "ended_by": None, "channel": None, "policy": {}, "shown": {}},
    StandingSearch: {"started_by": "", "ended_by": None},
    Call: {"by": ""},
    Placement: {"arrived_by": None},
    Outcome: {
        "by": "",
        "transport": None,
        "inspector": None,
        "inspector_rank": None,
        "contradictions": [],
        "overridden_by": None,
    },
}


def _reduce_one(detention: Detention) -> None:
    # New ones, so that nobody comes to it by an old one: neither by an address nor by a custody record.
    detention.reference, detention.custody_record = secrets.token_urlsafe(6), secrets.token_hex(10)
    detention.opened_by = detention.officer = ""
    detention.arrived_at, detention.bail_refused_at = None, detention.charged_at
    detention.bail_ground = BailGround.NOT_RECORDED.value
    detention.appropriate_adult = detention.child_protection = Answer.NOT_KNOWN.value
    detention.missing_before = detention.exploitation = Answer.NOT_KNOWN.value
    detention.other_would_do, detention.approved_under_13 = None, False
    detention.needs = detention.needs_no = 0
    detention.home_district = detention.home_easting = detention.home_northing = None
    detention.avoid_circles, detention.avoid_geojson, detention.keep_apart = [], None, []


# --- what is left of texts --------------------------------------------------------------------


def _of_a_kept_record(detention_id: Any, before: Before, *links: ColumnElement[bool]) -> ColumnElement[bool]:
    tables = (Detention, BedRequest, StepTaken, Told)
    return exists().where(Detention.id == detention_id, ~_is_over(before("detail")), *links).correlate_except(*tables)


def _text_rows(before: Before) -> ColumnElement[bool]:
    step = (StepTaken.text_id == TextMessage.id) & (BedRequest.id == StepTaken.request_id)
    return (
        (TextMessage.promised_at < before("detail"))
        & _text_is_over()
        & ~_of_a_kept_record(BedRequest.detention_id, before, BedRequest.id == TextMessage.request_id)
        & ~_of_a_kept_record(BedRequest.detention_id, before, step)
        & ~_of_a_kept_record(Told.detention_id, before, Told.text_id == TextMessage.id)
    )


def _remove_texts(session: Session, ids: Sequence[Any], now: datetime) -> int:
    # Of a record that another process is reducing at this moment, the rows still hang on its steps: they are left.
    free = (
        TextMessage.id.in_(ids),
        ~_some(StepTaken, StepTaken.text_id == TextMessage.id),
        ~_some(Told, Told.text_id == TextMessage.id),
    )
    return len(session.scalars(delete(TextMessage).where(*free).returning(TextMessage.id)).all())


def _incoming_rows(before: Before) -> ColumnElement[bool]:
    reported = _some(
        BedReport, BedReport.incoming_id == IncomingText.id, BedReport.recorded_at >= before("bed_reports")
    )
    return (
        (IncomingText.received_at < before("detail"))
        & IncomingText.worked_at.is_not(None)
        & _no_open_request(IncomingText.request_id)
        & ~_of_a_kept_record(BedRequest.detention_id, before, BedRequest.id == IncomingText.request_id)
        & ~reported
    )


def _remove_incoming(session: Session, ids: Sequence[Any], now: datetime) -> int:
    free = (IncomingText.id.in_(ids), ~_some(BedReport, BedReport.incoming_id == IncomingText.id))
    return len(session.scalars(delete(IncomingText).where(*free).returning(IncomingText.id)).all())


def _receipts(before: Before) -> ColumnElement[bool]:
    return (Receipt.received_at < before("detail")) & Receipt.worked_at.is_not(None)


# --- the rest -------------------------------------------------------------------------------


def _remove_reports(session: Session, ids: Sequence[Any], now: datetime) -> int:
    session.execute(update(BedReport).where(BedReport.undoes_id.in_(ids)).values(undoes_id=None))
    session.execute(delete(BedReport).where(BedReport.id.in_(ids)))
    return len(ids)


def _contacts(before: Before) -> ColumnElement[bool]:
    return (Contact.removed_at < before("rota")) & (Contact.name != "")


def _empty_contacts(session: Session, ids: Sequence[Any], now: datetime) -> int:
    emptied = {"name": "", "mobile": _emptied(Contact.mobile), "landline": _emptied(Contact.landline)}
    session.execute(update(Contact).where(Contact.id.in_(ids)).values(**emptied, check_code=None))
    return len(ids)


def _heartbeats(before: Before) -> ColumnElement[bool]:
    # The latest stays: without any the program would say that no delivery process has ever run.
    latest = select(func.max(Heartbeat.cycled_at)).scalar_subquery()
    return (Heartbeat.cycled_at < before("bookkeeping")) & (Heartbeat.cycled_at < latest)


WORKS: tuple[Work, ...] = (
    Work(kind="texts", what="texts sent", key=TextMessage.id, due=_texts, do=_empty_texts),
    Work(kind="texts", what="numbers asked", key=StepTaken.id, due=_steps, do=_empty_steps),
    Work(kind="texts", what="texts received", key=IncomingText.id, due=_incoming, do=_empty_incoming),
    Work(kind="words", what="records", key=Detention.id, due=_wordy, do=_empty_words),
    Work(kind="certificates", what="certificates", key=Certificate.id, due=_certificates, do=_remove(Certificate.id)),
    Work(
        kind="bed_reports",
        what="reports",
        key=BedReport.id,
        due=lambda before: BedReport.recorded_at < before("bed_reports"),
        do=_remove_reports,
    ),
    # After its texts and reports: what hangs on a record goes before it, what it hangs on after it.
    Work(kind="detail", what="records", key=Detention.id, due=_records, do=_reduce),
    Work(
        kind="detail",
        what="searches of programs",  # made before there was a record
        key=SearchKept.id,
        due=lambda before: SearchKept.detention_id.is_(None) & (SearchKept.at < before("detail")),
        do=_remove(SearchKept.id),
    ),
    Work(kind="detail", what="texts sent", key=TextMessage.id, due=_text_rows, do=_remove_texts),
    Work(kind="detail", what="texts received", key=IncomingText.id, due=_incoming_rows, do=_remove_incoming),
    Work(kind="detail", what="receipts", key=Receipt.id, due=_receipts, do=_remove(Receipt.id)),
    Work(kind="rota", what="contacts", key=Contact.id, due=_contacts, do=_empty_contacts),
    Work(
        kind="rota",
        what="changes",
        key=RotaOverride.id,
        due=lambda before: RotaOverride.ends_at < before("rota"),
        do=_remove(RotaOverride.id),
    ),
    Work(
        kind="sign_in",
        what="sessions",
        key=SignInSession.id,
        due=lambda before: SignInSession.seen_at < before("sign_in"),
        do=_remove(SignInSession.id),
    ),
    Work(
        kind="sign_in",
        what="tries",
        key=SignInTry.id,
        due=lambda before: SignInTry.at < before("sign_in"),
        do=_remove(SignInTry.id),
    ),
    Work(
        kind="sign_in",
        what="forms",
        key=KeptForm.person_id,
        due=lambda before: KeptForm.at < before("sign_in"),
        do=_remove(KeptForm.person_id),
    ),
    Work(
        kind="bookkeeping",
        what="notes",
        key=Once.key,
        due=lambda before: Once.at < before("bookkeeping"),
        do=_remove(Once.key),
    ),
    Work(kind="bookkeeping", what="processes", key=Heartbeat.worker, due=_heartbeats, do=_remove(Heartbeat.worker)),
)
"""In the order in which they are done."""
