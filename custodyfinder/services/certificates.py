"""The certificate for the court: made from the record, kept word by word, checked by its digest."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading, to_json
from ..domain import wording
from ..domain.certificate import digest as digest_of
from ..domain.detention import Against
from ..domain.record import BailGround, CertificateGround, Impracticable, Rank
from ..errors import BadInput, Conflict, NotFound
from ..models import Authority, Certificate, Detention, Outcome, Suite
from . import telling
from .askings import AskingLine
from .detentions import outcome_of
from .telling import ToldLine


def body_of(
    session: Session,
    detention: Detention,
    outcome: Outcome,
    asked: Sequence[AskingLine],
    against: Sequence[Against],
    *,
    by: str,
    now: datetime,
) -> dict[str, Any]:
    """What the certificate says, from the record as it is in this transaction. Times in ISO 8601, UTC."""
    return body(
        detention,
        outcome,
        suite=session.get_one(Suite, detention.suite_id),
        authority=session.get_one(Authority, detention.responsible_code).name,
        told=telling.lines_in(session, detention.id),
        asked=asked,
        against=[each.sentence for each in against],
        by=by,
        now=now,
    )


def body(
    detention: Detention,
    outcome: Outcome,
    *,
    suite: Suite,
    authority: str,
    told: Sequence[ToldLine],
    asked: Sequence[AskingLine],
    against: Sequence[str],
    by: str,
    now: datetime,
) -> dict[str, Any]:
    """`body_of`, from rows that are there already."""
    assert outcome.ground is not None  # noqa: S101 - the database ties the ground to the outcome
    ground, bail = CertificateGround(outcome.ground), BailGround(detention.bail_ground)
    return {
        "version": 1,
        "reference": detention.reference,
        "custody_record": detention.custody_record,
        "force": suite.force,
        "suite": suite.name,
        "age": detention.age,
        "sex": detention.sex,
        "arrived_at": detention.arrived_at and _utc(detention.arrived_at),
        "charged_at": _utc(detention.charged_at),
        "bail_refused_at": _utc(detention.bail_refused_at),
        "court_at": _utc(detention.court_at),
        "bail_ground": {"label": bail.label, "paragraph": bail.paragraph},
        "appropriate_adult": detention.appropriate_adult,
        "responsible_authority": authority,
        "told": [_told(line) for line in told],
        "secure": detention.secure,
        "secure_reasons": detention.secure_reasons,
        "other_would_do": detention.other_would_do,
        "ground": {"code": ground.value, "label": ground.label, "paragraph": ground.paragraph},
        "impracticable": Impracticable(outcome.impracticable).label if outcome.impracticable else None,
        "circumstances": outcome.circumstances,
        "asked": [_asked(line) for line in asked],
        "certified_by": detention.officer if outcome.overridden_by else by,
        "certified_at": _utc(now),
        "inspector": outcome.inspector,
        "inspector_rank": Rank(outcome.inspector_rank).label if outcome.inspector_rank else None,
        "override": None
        if outcome.overridden_by is None
        else {"by": outcome.overridden_by, "words": outcome.override_words, "contradictions": list(against)},
    }


def issue(session: Session, outcome: Outcome, body: dict[str, Any], *, by: str, now: datetime) -> str:
    """Keep the certificate as it is issued, in the caller's transaction. Return its digest."""
    made = certificate(outcome, body, by=by, now=now)
    session.add(made)
    return made.digest


def certificate(outcome: Outcome, body: dict[str, Any], *, by: str, now: datetime) -> Certificate:
    """The row that keeps these words and their digest."""
    words = to_json(body)
    return Certificate(
        detention_id=outcome.detention_id,
        outcome_id=outcome.id,
        issued_at=now,
        issued_by=by,
        body=words,
        digest=digest_of(words),
    )


def _utc(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _told(line: ToldLine) -> dict[str, Any]:
    return {
        "authority": line.authority,
        "role": line.role,
        "at": _utc(line.at),
        "result": line.why_not or (line.text_state.value if line.text_state else "waiting"),
    }


def _asked(line: AskingLine) -> dict[str, Any]:
    return {
        "authority": line.authority,
        "secure": line.secure,
        "how": "text" if line.by_text else "telephone",
        "asked_at": _utc(line.asked_at),
        "asked_by": line.asked_by,
        "answer": line.answer,
        "reason": line.reason.label if line.reason else None,
        "words": line.words,
        "answered_at": line.answered_at and _utc(line.answered_at),
        "answered_by": line.answered_by,
    }


# --- reading it -----------------------------------------------------------------------------


class NotAsIssued(Conflict):
    """The kept certificate is not what was issued: it is not shown as if it were."""

    public = (
        "This certificate is not as it was issued: its words or its digest were changed in the database. Use the paper "
        "in the court's file, and tell whoever runs this program: `flask records check` names it."
    )

    def __init__(self, certificate_id: int) -> None:
        super().__init__(f"certificate {certificate_id} is not as issued")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A certificate as it was issued."""

    body: dict[str, Any]
    digest: str
    issued_at: datetime
    counts: bool
    """False where the record was opened again after it."""


def show(reference: str, *, suites: Collection[int]) -> Kept:
    """The last certificate of one record of these suites.

    Raises:
        NotFound: there is no such record at any of them, or it has no certificate.
        NotAsIssued: its words or its digest were changed since.
    """
    with reading() as connection, Session(bind=connection) as session:
        found = session.scalar(
            select(Certificate)
            .join(Detention, Detention.id == Certificate.detention_id)
            .where(Detention.reference == reference, Detention.suite_id.in_(suites))
            .order_by(Certificate.id.desc())
            .limit(1)
        )
        if found is None:
            raise NotFound(f"no certificate of such a detention at suites {sorted(suites)}")
        if not _is_intact(found, reference):
            raise NotAsIssued(found.id)
        ended = outcome_of(session, found.detention_id)
        return Kept(
            body=json.loads(found.body),
            digest=found.digest,
            issued_at=found.issued_at,
            counts=ended is not None and ended.id == found.outcome_id,
        )


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Whether one certificate is as it was issued."""

    reference: str
    digest: str
    issued_at: datetime
    issued_by: str
    intact: bool

    @property
    def sentence(self) -> str:
        """One line."""
        state = "as it was issued" if self.intact else "NOT as it was issued: its words or its digest were changed"
        issued = wording.london_moment(self.issued_at)
        return f"{self.digest[:16]} is of record {self.reference}, issued {issued} by {self.issued_by}: {state}."

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "reference": self.reference,
            "digest": self.digest,
            "issued_at": _utc(self.issued_at),
            "issued_by": self.issued_by,
            "intact": self.intact,
        }


def check(digest: str | None = None) -> list[Checked]:
    """Recompute the digests of every certificate, or of those whose digest, kept or recomputed, begins like this.

    Raises:
        BadInput: fewer than 8 hexadecimal digits, or no certificate has such a digest.
    """
    found = select(Certificate, Detention.reference).join(Detention, Detention.id == Certificate.detention_id)
    start = re.sub(r"\s", "", digest or "").lower()
    if digest is not None and not re.fullmatch(r"[0-9a-f]{8,64}", start):
        raise BadInput("digest", public="Give at least the first 8 characters of the digest: 0 to 9 and a to f.")
    with reading() as connection, Session(bind=connection) as session:
        checked = [
            Checked(
                reference=reference,
                digest=certificate.digest,
                issued_at=certificate.issued_at,
                issued_by=certificate.issued_by,
                intact=_is_intact(certificate, reference),
            )
            for certificate, reference in session.execute(found.order_by(Certificate.id))
            # Either, so that a paper still leads to its record where somebody changed one of them.
            if certificate.digest.startswith(start) or digest_of(certificate.body).startswith(start)
        ]
    if digest is not None and not checked:
        raise BadInput(
            "digest",
            public="No certificate here has this digest: it was not issued here, or it was changed. Check the digits.",
        )
    return checked


def _is_intact(certificate: Certificate, reference: str) -> bool:
    if digest_of(certificate.body) != certificate.digest:
        return False
    return bool(json.loads(certificate.body)["reference"] == reference)
