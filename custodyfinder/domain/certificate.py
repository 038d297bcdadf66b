"""The certificate under PACE 1984 s.38(7) as it is read: the kept words laid out for a page and for paper."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .needs import Sex
from .record import Answer
from .wording import london_moment

TITLE = "Certificate under section 38(7) of the Police and Criminal Evidence Act 1984"

ANSWERS = {
    "accepted": "Accepted",
    "refused": "Refused",
    "expired": "No answer",
    "withdrawn": "Withdrawn by the police",
    "open": "No answer yet",
    "no_answer": "No answer to the call",
    "ring_back": "Said they would ring back",
}
RESULTS = {
    "delivered": "text delivered",
    "sent": "text sent",
    "waiting": "text not yet sent",
    "sending": "text not yet sent",
    "undelivered": "text not delivered",
    "failed": "text not delivered",
}


def digest(body: str) -> str:
    """What is printed on the paper: SHA-256 of the kept words in UTF-8, hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The certificate as words, in the order of reading. Times are London's."""

    statement: str
    """What is certified, in a sentence."""
    ground: str
    circumstances: Sequence[str]
    facts: Sequence[tuple[str, str]]
    told: Sequence[str]
    asked: Sequence[tuple[str, str, str, str]]
    """Authority and kind; when, how and by whom it was asked; its answer and why; when and by whom that came."""
    override: Sequence[str]
    """Empty unless an inspector signed for what the record contradicts."""
    signed: Sequence[tuple[str, str]]


def paper(body: dict[str, Any]) -> Paper:
    """Lay a certificate out. `body` is what `services.certificates` keeps, version 1."""
    ground = body["ground"]
    return Paper(
        statement=f"I certify that the child of custody record {body['custody_record']}, "
        f"a {Sex(body['sex']).child} of {body['age']} who was charged and refused bail, was not moved to "
        "local-authority accommodation, on the ground below.",
        ground=f"{ground['label']} ({ground['paragraph']}).",
        circumstances=[part for part in (body["impracticable"], body["circumstances"]) if part],
        facts=_facts(body),
        told=[_told(each) for each in body["told"]],
        asked=[_asked(each) for each in body["asked"]],
        override=_override(body["override"]),
        signed=[
            ("Certified by the custody officer", f"{body['certified_by']}, {_at(body['certified_at'])}"),
            ("Supervised by (Code C 16.7)", f"{body['inspector_rank']} {body['inspector']}"),
        ],
    )


def _facts(body: dict[str, Any]) -> list[tuple[str, str]]:
    bail = body["bail_ground"]
    facts = [
        ("Custody suite", f"{body['suite']}, {body['force']}"),
        ("Came to the station", _at(body["arrived_at"]) if body["arrived_at"] else "Not recorded"),
        ("Charged", _at(body["charged_at"])),
        ("Bail refused", f"{_at(body['bail_refused_at'])}: {bail['label']} ({bail['paragraph']})"),
        ("Brought before the court", _at(body["court_at"])),
        ("Appropriate adult told", Answer(body["appropriate_adult"]).label),
        ("Responsible authority", body["responsible_authority"]),
        ("Accommodation asked for", "Secure" if body["secure"] else "Non-secure"),
    ]
    if body["secure"]:
        facts.append(("Why secure", body["secure_reasons"]))
        facts.append(("Would non-secure do?", {True: "Yes", False: "No", None: "Not said"}[body["other_would_do"]]))
    return facts


def _told(each: dict[str, Any]) -> str:
    who = f"{each['authority']}, {each['role']}" if each["role"] else each["authority"]
    return f"{who}, {_at(each['at'])}: {RESULTS.get(each['result'], each['result'])}"


def _asked(each: dict[str, Any]) -> tuple[str, str, str, str]:
    why = ": ".join(part for part in (each["reason"], each["words"]) if part)
    answer = ANSWERS[each["answer"]]
    return (
        f"{each['authority']} ({'secure' if each['secure'] else 'non-secure'})",
        f"{_at(each['asked_at'])}, by {each['how']}, {each['asked_by']}",
        f"{answer}. {why}" if why else answer,
        ", ".join(part for part in (each["answered_at"] and _at(each["answered_at"]), each["answered_by"]) if part),
    )


def _override(said: dict[str, Any] | None) -> list[str]:
    if said is None:
        return []
    return [*said["contradictions"], f"Signed for all the same by {said['by']}: “{said['words']}”"]


def _at(instant: str) -> str:
    return london_moment(datetime.fromisoformat(instant))
