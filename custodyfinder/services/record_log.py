"""The log of one record: everything that was done and said, in order, with when it was and when it was written down.

Nothing is kept for the log alone. It is read from the rows that each act wrote, so that it cannot say
anything else than they do; rows of these kinds are added and never changed. What the schedule of retention
has emptied is said to be no longer kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading
from ..domain.detention import Contradiction
from ..domain.log_words import AGAINST, OF_A_REQUEST, OF_THE_RECORD, SAID
from ..domain.needs import RefusalReason
from ..domain.record import CertificateGround, OutcomeKind, Transport
from ..errors import NotFound
from ..models import (
    AuditEvent,
    Authority,
    BedReport,
    BedRequest,
    Call,
    Certificate,
    Contact,
    Detention,
    IncomingText,
    Outcome,
    Place,
    Receipt,
    SearchKept,
    StepTaken,
    TextMessage,
)
from . import telling
from .progress import TARGETS


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One thing that happened."""

    occurred_at: datetime
    recorded_at: datetime
    who: str
    """A username, a contact's role with the authority, or the program."""
    what: str
    words: str | None = None
    """What somebody said or wrote, as they did; empty where that is no longer kept."""

    @property
    def words_are_gone(self) -> bool:
        """Whether words were said or written that are no longer kept."""
        return self.words == ""


@dataclass(frozen=True)
class _About:
    """A request's place and authority, for the lines that speak of it."""

    place: str
    code: str
    authority: str
    kind: str


def of_record(reference: str, *, suites: Collection[int]) -> list[LogLine]:
    """The whole log of one record of these suites, in order.

    Raises:
        NotFound: there is no such record at any of them.
    """
    with reading() as connection, Session(bind=connection) as session:
        found = session.scalar(
            select(Detention).where(Detention.reference == reference, Detention.suite_id.in_(suites))
        )
        if found is None:
            raise NotFound(f"no such detention at suites {sorted(suites)}")
        return lines_in(session, found)


def lines_in(session: Session, found: Detention) -> list[LogLine]:
    """The same, in the caller's transaction."""
    about = _about(session, found.id)
    who = Names(session)
    lines = [
        # What happened at one moment keeps this order.
        *_of_audit(session, [f"detention:{found.id}"], about, who),
        *_told(session, found.id),
        *_searches(session, found.id),
        *_of_audit(session, [f"request:{request}" for request in about], about, who),
        *_steps_and_texts(session, about),
        *_answers(session, about, who),
        *_calls(session, found.id),
        *_counts(session, found, about, who),
        *_outcomes(session, found.id),
    ]
    return sorted(lines, key=_moment)


def _moment(line: LogLine) -> datetime:
    # People say times to the minute: what was written down in that minute happened when it was written.
    return line.recorded_at if line.recorded_at - line.occurred_at < timedelta(minutes=1) else line.occurred_at


class Names:
    """Whom an actor stands for: a contact by role and authority, never by number or name."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, str] = {}

    def __call__(self, actor: str) -> str:
        if not actor.startswith("contact:"):
            return actor
        if actor not in self._known:
            row = self._session.execute(
                select(Contact.role, Authority.name)
                .join(Authority, Authority.code == Contact.authority_code)
                .where(Contact.id == int(actor.removeprefix("contact:")))
            ).first()
            self._known[actor] = f"{row[0]}, {row[1]}" if row else "a contact"
        return self._known[actor]


def _about(session: Session, detention_id: int) -> dict[int, _About]:
    rows = session.execute(
        select(BedRequest.id, Place.name, Place.code, Authority.name.label("authority"), Place.secure)
        .join(Place, Place.id == BedRequest.place_id)
        .join(Authority, Authority.code == Place.authority_code)
        .where(BedRequest.detention_id == detention_id)
    )
    return {row.id: _About(row.name, row.code, row.authority, "secure" if row.secure else "non-secure") for row in rows}


def _of_audit(session: Session, subjects: list[str], about: dict[int, _About], who: Names) -> Iterator[LogLine]:
    events = session.scalars(select(AuditEvent).where(AuditEvent.subject.in_(subjects)).order_by(AuditEvent.id))
    for event in events:
        what = _sentence(event, about)
        if what is not None:
            yield LogLine(occurred_at=event.at, recorded_at=event.at, who=who(event.actor), what=what)


def _sentence(event: AuditEvent, about: dict[int, _About]) -> str | None:
    """None for what is told better by a row of its own."""
    subject, _, number = event.subject.partition(":")
    if subject == "request":
        words = OF_A_REQUEST.get(event.action)
        return words and words.format(**vars(about[int(number)]))
    if event.action == "certificate refused":
        against = ", ".join(AGAINST[Contradiction(code)] for code in event.details["against"])
        return f"A certificate was asked for and refused, because the record says otherwise: {against}"
    return OF_THE_RECORD.get(event.action)


def _told(session: Session, detention_id: int) -> Iterator[LogLine]:
    for line in telling.lines_in(session, detention_id):
        if line.why_not is not None:
            what = f"{line.authority} could not be told by text: {line.why_not}"
        else:
            what = f"Text to {line.authority}, {line.role}: a child of theirs is held and a bed is needed"
        yield LogLine(occurred_at=line.at, recorded_at=line.at, who="custodyfinder", what=what)
        if line.settled_at is not None and line.text_state is not None:
            yield LogLine(
                occurred_at=line.settled_at,
                recorded_at=line.settled_at,
                who="custodyfinder",
                what=f"That text to {line.authority} was {line.text_state.value}",
            )


def _steps_and_texts(session: Session, about: dict[int, _About]) -> Iterator[LogLine]:
    rows = session.execute(
        select(StepTaken, Contact.role, TextMessage)
        .outerjoin(Contact, Contact.id == StepTaken.contact_id)
        .outerjoin(TextMessage, TextMessage.id == StepTaken.text_id)
        .where(StepTaken.request_id.in_(about))
        .order_by(StepTaken.id)
    ).all()
    names: dict[int, str] = {}
    for step, role, text in rows:
        whom = ", ".join(part for part in (role, TARGETS.get(step.target), about[step.request_id].authority) if part)
        if step.skipped is not None:
            yield _program(step.at, f"Not texted: {whom}: {step.skipped}")
        elif text is not None:
            names[text.id] = whom
            yield _program(step.at, f"Text promised to {whom}", words=text.body)
            if text.sent_at is not None:
                yield _program(text.sent_at, f"Text sent to {whom}")
            if text.error_code is not None and text.settled_at is not None:
                yield _program(text.settled_at, f"Text to {whom} did not arrive ({text.error_code})")
    receipts = session.scalars(select(Receipt).where(Receipt.text_id.in_(names)).order_by(Receipt.id))
    for receipt in receipts:
        yield LogLine(
            occurred_at=receipt.received_at,
            recorded_at=receipt.worked_at or receipt.received_at,
            who="Twilio",
            what=f"Receipt: the text to {names[receipt.text_id]} is {receipt.status}"
            f"{f' ({receipt.error_code})' if receipt.error_code else ''}",
        )
    others = session.scalars(select(TextMessage).where(TextMessage.request_id.in_(about), TextMessage.id.not_in(names)))
    for text in others:
        yield _program(text.promised_at, f"Text about {about[text.request_id or 0].authority}'s request", text.body)


def _program(at: datetime, what: str, words: str | None = None) -> LogLine:
    return LogLine(occurred_at=at, recorded_at=at, who="custodyfinder", what=what, words=words)


def _answers(session: Session, about: dict[int, _About], who: Names) -> Iterator[LogLine]:
    texts = session.scalars(
        select(IncomingText).where(IncomingText.request_id.in_(about)).order_by(IncomingText.id)
    ).all()
    for text in texts:
        phone = session.scalar(
            select(StepTaken.contact_id)
            .where(
                StepTaken.request_id == text.request_id,
                StepTaken.number == text.from_number,
                StepTaken.number != "",  # two numbers that are no longer kept are not the same phone
            )
            .limit(1)
        )
        yield LogLine(
            occurred_at=text.received_at,
            recorded_at=text.worked_at or text.received_at,
            who=who(f"contact:{phone}") if phone else "a phone",
            what="Text received",
            words=text.body,
        )
    refusals = session.execute(
        select(BedRequest.ended_at, BedRequest.refusal_reason, BedRequest.refusal_words, BedRequest.ended_by).where(
            BedRequest.id.in_(about), BedRequest.refusal_reason.is_not(None)
        )
    ).all()
    for row in refusals:
        yield LogLine(
            occurred_at=row.ended_at,
            recorded_at=row.ended_at,
            who=who(row.ended_by),
            what=f"Reason of the refusal: {RefusalReason(row.refusal_reason).label.lower()}",
            words=row.refusal_words,
        )


def _calls(session: Session, detention_id: int) -> Iterator[LogLine]:
    rows = session.execute(
        select(Call, Authority.name)
        .join(Authority, Authority.code == Call.authority_code)
        .where(Call.detention_id == detention_id)
        .order_by(Call.id)
    ).all()
    for call, authority in rows:
        yield LogLine(
            occurred_at=call.occurred_at,
            recorded_at=call.recorded_at,
            who=call.by,
            what=f"Rang {authority} for a {'secure' if call.secure else 'non-secure'} bed: {SAID[call.said]}",
            words=call.words,
        )


def _searches(session: Session, detention_id: int) -> Iterator[LogLine]:
    kept = session.scalars(
        select(SearchKept).where(SearchKept.detention_id == detention_id).order_by(SearchKept.id)
    ).all()
    firsts = [each.answer["options"][0]["place"] for each in kept if each.answer and each.answer["options"]]
    names = dict(session.execute(select(Place.id, Place.name).where(Place.id.in_(firsts))).all())
    for each in kept:
        what = _search_sentence(each.answer, names) if each.answer else "Searched again: the same answer"
        yield LogLine(occurred_at=each.at, recorded_at=each.at, who=each.by, what=what)


def _search_sentence(answer: dict[str, Any], names: dict[int, str]) -> str:
    options = answer["options"]
    if not options:
        return f"Searched: no place suits; {len(answer['left_out'])} of the nearest were left out, each with its reason"
    number = "one place suits" if len(options) == 1 else f"{len(options)} places suit"
    return f"Searched: {number}; first {names[options[0]['place']]}, {options[0]['beds_free']} free"


def _counts(session: Session, found: Detention, about: dict[int, _About], who: Names) -> Iterator[LogLine]:
    """Reports of beds at places that were asked, from the opening of the record on."""
    asked = select(BedRequest.place_id).where(BedRequest.id.in_(about))
    ended = session.scalar(select(Outcome.occurred_at).where(Outcome.detention_id == found.id).order_by(Outcome.id))
    reports = select(BedReport, Place.name).join(Place, Place.id == BedReport.place_id)
    reports = reports.where(BedReport.place_id.in_(asked), BedReport.recorded_at >= found.opened_at)
    reports = reports.where(BedReport.recorded_at <= (ended or found.court_at))
    for report, name in session.execute(reports.order_by(BedReport.id)).all():
        yield LogLine(
            occurred_at=report.occurred_at,
            recorded_at=report.recorded_at,
            who=who(report.reported_by),
            what=f"Reported {report.beds_free} free at {name}, by {report.channel}",
        )


def _outcomes(session: Session, detention_id: int) -> Iterator[LogLine]:
    rows = session.execute(
        select(Outcome, Authority.name, Certificate.digest)
        .outerjoin(Authority, Authority.code == Outcome.authority_code)
        .outerjoin(Certificate, Certificate.outcome_id == Outcome.id)
        .where(Outcome.detention_id == detention_id)
        .order_by(Outcome.id)
    ).all()
    for outcome, authority, digest in rows:
        what = OutcomeKind(outcome.kind).label
        if authority and outcome.transport:
            what += f": {authority}, by {Transport(outcome.transport).label.lower()}"
        yield LogLine(
            occurred_at=outcome.occurred_at,
            recorded_at=outcome.recorded_at,
            who=outcome.by,
            what=what,
            words=outcome.circumstances,
        )
        if outcome.arrived_at is not None:
            yield LogLine(
                occurred_at=outcome.arrived_at,
                recorded_at=outcome.recorded_at,
                who=outcome.by,
                what="The child arrived there",
            )
        if digest and outcome.ground:
            yield LogLine(
                occurred_at=outcome.recorded_at,
                recorded_at=outcome.recorded_at,
                who=outcome.by,
                what=f"Certificate issued under {CertificateGround(outcome.ground).paragraph}, digest {digest[:8]}",
            )
        if outcome.overridden_by:
            yield LogLine(
                occurred_at=outcome.recorded_at,
                recorded_at=outcome.recorded_at,
                who=outcome.overridden_by,
                what="Signed for what the record contradicts: "
                + ", ".join(AGAINST[Contradiction(code)] for code in outcome.contradictions),
                words=outcome.override_words,
            )
