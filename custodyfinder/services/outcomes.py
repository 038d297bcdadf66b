"""How a child's time after charge ended, and the certificate where the child was not moved.

Outcomes are added, never changed: the last that was recorded counts, and one that was recorded by
mistake is followed by "opened again". What the record contradicts is not certified, unless an
inspector signs for it in words.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.detention import FEWEST_WORDS, MOST_WORDS, Against, Facts, speaks_against
from ..domain.needs import Sex
from ..domain.record import CertificateGround, Impracticable, OutcomeKind, Rank, Transport
from ..errors import BadInput, Conflict, NotFound
from ..models import Call, CallOutcome, Certificate, Detention, Outcome, Place, Placement, SearchEnd
from . import askings, audit, certificates
from .detentions import outcome_of
from .endings import lock_detention, release, stop_asking
from .requests import expire_due

_INSPECTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{1,58}[A-Za-z0-9]")


class Contradicted(Conflict):
    """The record says otherwise than the certificate would; `against` has each reason in a sentence."""

    public = "The record contradicts this certificate. An inspector can sign for it in words."

    def __init__(self, detention_id: int, against: Collection[Against]) -> None:
        super().__init__(f"certificate of detention {detention_id} refused: {', '.join(each.code for each in against)}")
        self.against = tuple(against)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What an officer says of how it ended. Fields that a kind does not need stay empty."""

    kind: OutcomeKind
    occurred_at: datetime
    """When the child left, was bailed, was taken to court, or when it was decided that they stay."""
    arrived_at: datetime | None = None
    transport: Transport | None = None
    ground: CertificateGround | None = None
    impracticable: Impracticable | None = None
    circumstances: str = ""
    inspector: str = ""
    """The number by which the force knows the supervising officer."""
    inspector_rank: Rank | None = None
    override_words: str = ""
    """An inspector's own, where the record says otherwise."""


def record(
    reference: str, ended: Ended, *, suites: Collection[int], by: str, may_override: bool, now: datetime
) -> str | None:
    """Record how it ended. Return the digest of the certificate, where one was issued.

    Whoever is being asked is told that it is over; the bed of an accepted child who does not come is
    given back. The outcome, its certificate, the texts and the audit line are one transaction.

    Args:
        may_override: Whether this is an inspector, who may sign for what the record contradicts.

    Raises:
        NotFound: there is no such record at these suites.
        BadInput: something that was said cannot be; `field` says what.
        Conflict: the record has ended already.
        Contradicted: the record contradicts the certificate, and no inspector has signed for that.
    """
    expire_due(now=now)
    try:
        with transaction() as session:
            detention = _locked(session, reference, suites)
            if outcome_of(session, detention.id) is not None:
                raise Conflict("ended", public="How this ended has been recorded already. Reload the page.")
            _check_times(ended, detention, now=now)
            if ended.kind is OutcomeKind.TRANSFERRED:
                _transferred(session, detention, ended, by=by, now=now)
                return None
            if ended.kind is OutcomeKind.NOT_TRANSFERRED:
                return _not_transferred(session, detention, ended, by=by, may_override=may_override, now=now)
            _end(session, detention, Outcome(**_common(ended, detention, by=by, now=now)), by=by, now=now)
            return None
    except Contradicted as refusal:
        _note_refusal(reference, suites, refusal, by=by, now=now)
        raise


def reopen(reference: str, *, suites: Collection[int], by: str, now: datetime) -> None:
    """The outcome was recorded by mistake: the record goes on. What was recorded stays on the log.

    Raises:
        NotFound: there is no such record at these suites.
        Conflict: it has not ended.
    """
    with transaction() as session:
        detention = _locked(session, reference, suites)
        if outcome_of(session, detention.id) is None:
            raise Conflict("not ended", public="This record has not ended. Reload the page.")
        session.add(
            Outcome(
                detention_id=detention.id,
                kind=OutcomeKind.REOPENED.value,
                occurred_at=now,
                recorded_at=now,
                by=by,
                contradictions=[],
            )
        )
        audit.record(session, by, "record opened again", f"detention:{detention.id}", at=now)


def has_certificate(detention_id: int) -> bool:
    """Whether the outcome that counts has a certificate that is still kept."""
    with reading() as connection, Session(bind=connection) as session:
        ended = outcome_of(session, detention_id)
        kept = select(Certificate.id).where(Certificate.outcome_id == (ended.id if ended else None))
        return session.scalar(kept) is not None


def _locked(session: Session, reference: str, suites: Collection[int]) -> Detention:
    detention_id = session.scalar(
        select(Detention.id).where(Detention.reference == reference, Detention.suite_id.in_(suites))
    )
    if detention_id is None:
        raise NotFound(f"no such detention at suites {sorted(suites)}")
    lock_detention(session, detention_id)
    return session.get_one(Detention, detention_id)


def _check_times(ended: Ended, detention: Detention, *, now: datetime) -> None:
    if ended.occurred_at > now:
        raise BadInput("ahead", field="occurred", public="The time cannot be ahead. Check it.")
    if ended.occurred_at < detention.charged_at:
        raise BadInput("before charge", field="occurred", public="The time cannot be before the charge. Check the day.")
    if ended.arrived_at is not None:
        if ended.arrived_at < ended.occurred_at:
            raise BadInput(
                "arrival", field="arrived", public="The child arrived after leaving, not before. Check both."
            )
        if ended.arrived_at > now:
            raise BadInput("arrival", field="arrived", public="The arrival cannot be ahead. Leave it empty until then.")


def _common(ended: Ended, detention: Detention, *, by: str, now: datetime) -> dict[str, object]:
    return {
        "detention_id": detention.id,
        "kind": ended.kind.value,
        "occurred_at": ended.occurred_at,
        "recorded_at": now,
        "by": by,
        "contradictions": [],
    }


def _end(session: Session, detention: Detention, outcome: Outcome, *, by: str, now: datetime) -> None:
    """Write the outcome down, end the search, and give back the bed of a child who does not come."""
    stop_asking(session, detention.id, SearchEnd.STOPPED, by=by, now=now)
    if outcome.kind != OutcomeKind.TRANSFERRED:
        release(session, detention.id, by=by, now=now)
    session.add(outcome)
    session.flush()
    audit.record(session, by, f"ended: {outcome.kind}", f"detention:{detention.id}", at=now, outcome=outcome.id)


def _transferred(session: Session, detention: Detention, ended: Ended, *, by: str, now: datetime) -> None:
    placement = session.scalar(
        select(Placement).where(Placement.detention_id == detention.id, Placement.ended_at.is_(None))
    )
    authority_code = (
        session.get_one(Place, placement.place_id).authority_code
        if placement
        else _accepted_by_call(session, detention)
    )
    if authority_code is None:
        raise BadInput(
            "nobody accepted",
            field="kind",
            public="No authority has accepted this child. Ask for a bed, or record the call in which one accepted.",
        )
    if ended.transport is None:
        raise BadInput("transport", field="transport", public="Say who took the child there.")
    if ended.arrived_at is not None and placement is not None and placement.arrived_at is None:
        placement.arrived_at, placement.arrived_by = ended.arrived_at, by
    outcome = Outcome(
        **_common(ended, detention, by=by, now=now),
        authority_code=authority_code,
        request_id=placement.request_id if placement else None,
        left_at=ended.occurred_at,
        arrived_at=ended.arrived_at,
        transport=ended.transport.value,
    )
    _end(session, detention, outcome, by=by, now=now)


def _accepted_by_call(session: Session, detention: Detention) -> str | None:
    """The authority that said on the telephone that it takes the child, without a place of its list."""
    return session.scalar(
        select(Call.authority_code)
        .where(Call.detention_id == detention.id, Call.said == CallOutcome.ACCEPTED)
        .order_by(Call.id.desc())
        .limit(1)
    )


def _not_transferred(
    session: Session, detention: Detention, ended: Ended, *, by: str, may_override: bool, now: datetime
) -> str:
    ground = _checked_ground(ended)
    lines = askings.of_detention(session, detention.id)
    facts = Facts(
        age=detention.age,
        sex=Sex(detention.sex),
        secure=detention.secure,
        other_would_do=detention.other_would_do,
        asked=[line.as_fact() for line in lines],
    )
    against = list(speaks_against(facts, ground, ended.circumstances, ended.impracticable))
    overridden = bool(against) and may_override and len(ended.override_words) >= FEWEST_WORDS
    if against and not overridden:
        raise Contradicted(detention.id, against)
    outcome = Outcome(
        **_common(ended, detention, by=by, now=now) | {"contradictions": [each.code.value for each in against]},
        ground=ground.value,
        impracticable=ended.impracticable.value if ended.impracticable else None,
        circumstances=ended.circumstances,
        inspector=ended.inspector,
        inspector_rank=ended.inspector_rank.value if ended.inspector_rank else None,
        overridden_by=by if overridden else None,
        override_words=ended.override_words if overridden else None,
    )
    # Before the search is ended: the certificate says what was true when the officer signed it.
    body = certificates.body_of(session, detention, outcome, lines, against, by=by, now=now)
    _end(session, detention, outcome, by=by, now=now)
    return certificates.issue(session, outcome, body, by=by, now=now)


def _checked_ground(ended: Ended) -> CertificateGround:
    if ended.ground is None:
        raise BadInput("ground", field="ground", public="Choose the ground on which the child was not moved.")
    if ended.ground is CertificateGround.IMPRACTICABLE and ended.impracticable is None:
        raise BadInput(
            "impracticable",
            field="impracticable",
            public="Say which circumstance of transport or travel made the move impracticable (Code C Note 16D).",
        )
    if ended.ground is CertificateGround.NO_SECURE and ended.impracticable is not None:
        raise BadInput(
            "impracticable",
            field="impracticable",
            public="A circumstance of transport belongs to the other ground. Choose one ground.",
        )
    if not FEWEST_WORDS <= len(ended.circumstances) <= MOST_WORDS:
        raise BadInput(
            "circumstances",
            field="circumstances",
            public="The certificate must show the court why the child stayed in the station (PACE 1984 s.38(7); "
            f"Code C 16.7). Describe the circumstances in {FEWEST_WORDS} to {MOST_WORDS} characters. No names.",
        )
    if not _INSPECTOR.fullmatch(ended.inspector) or ended.inspector_rank is None:
        raise BadInput(
            "inspector",
            field="inspector",
            public="Give the number and the rank of the officer of inspector rank or above who supervises "
            "(Code C 16.7).",
        )
    if len(ended.override_words) > MOST_WORDS:
        raise BadInput("override", field="override_words", public=f"Use {MOST_WORDS} characters or fewer.")
    return ended.ground


def _note_refusal(reference: str, suites: Collection[int], refusal: Contradicted, *, by: str, now: datetime) -> None:
    """The attempt is on the log, though nothing else of it is kept."""
    with transaction() as session:
        detention = _locked(session, reference, suites)
        audit.record(
            session,
            by,
            "certificate refused",
            f"detention:{detention.id}",
            at=now,
            against=[each.code.value for each in refusal.against],
        )
