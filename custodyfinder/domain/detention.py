"""The tests of PACE 1984 s.38: what may be asked for, and what a certificate may say.

The program never decides for the custody officer. It says which rule an answer meets or fails, where
the rule stands, and what to do; an inspector may sign for what the record contradicts. It is a tool,
not legal advice: each rule names its source so that a force's lawyers can find and change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .needs import Sex
from .record import CertificateGround, Impracticable
from .suitability import OLDEST, YOUNGEST

SECURE_FROM = 12
"""PACE 1984 s.38(6)(b): "has attained the age of 12"; Code C 16.7. Some council pages say 13 and are wrong."""

APPROVAL_BELOW = 13
"""Children (Secure Accommodation) Regulations 1991 reg. 4: the Secretary of State's prior approval."""

FEWEST_WORDS, MOST_WORDS = 20, 500
"""Characters of reasons or circumstances. Fewer say nothing that a court could weigh."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with an answer: which field, and one sentence with the rule and what to do."""

    field: str
    sentence: str


def faults_of_age(age: int) -> Iterator[Fault]:
    """Criminal responsibility begins at 10; a child is under 18 (s.37(15) as amended by CJCA 2015 s.42; Code C 1.5)."""
    if age < YOUNGEST:
        yield Fault("age", "Age must be 10 or over: a child under 10 cannot be charged. Check the age.")
    elif age > OLDEST:
        yield Fault(
            "age",
            "Age must be 17 or under: someone of 18 is not a child. If they may be under 18, enter 17.",
        )


def faults_of_secure(
    *, age: int, reasons: str, other_would_do: bool | None, approved_under_13: bool
) -> Iterator[Fault]:
    """Why secure accommodation may not be asked for, as it was asked; nothing if it may be.

    PACE 1984 s.38(6)(b): at 12 or over, where other accommodation would not be adequate to protect the
    public from serious harm from this child. 1991 Regulations reg. 4: under 13 with approval only. The
    officer says as well whether non-secure would do: if it would, it is what has to be asked for.
    """
    if age < SECURE_FROM:
        yield Fault(
            "kind",
            "Secure accommodation cannot be asked for under 12: PACE 1984 s.38(6)(b) speaks of a child who has "
            "attained 12. Ask for non-secure accommodation; the authority must provide it.",
        )
        return
    if not FEWEST_WORDS <= len(reasons) <= MOST_WORDS:
        yield Fault(
            "secure_reasons",
            "Say in your own words why other accommodation would not protect the public from serious harm from this "
            f"child (PACE 1984 s.38(6)(b)), in {FEWEST_WORDS} to {MOST_WORDS} characters. "
            "Without such reasons ask for non-secure accommodation.",
        )
    if other_would_do is None:
        yield Fault("other_would_do", "Say whether non-secure accommodation would do as well.")
    elif other_would_do:
        yield Fault(
            "other_would_do",
            "Ask for non-secure accommodation: if it would protect the public, secure may not be asked for "
            "(PACE 1984 s.38(6)(b)).",
        )
    if age < APPROVAL_BELOW and not approved_under_13:
        yield Fault(
            "approved",
            "Under 13, secure accommodation needs the Secretary of State's approval beforehand (Children (Secure "
            "Accommodation) Regulations 1991 reg. 4). Ask for non-secure accommodation, or record the approval.",
        )


LATEST_CHARGE = timedelta(days=4)
"""A charge longer ago is a slip of the pen: no custody after charge lasts that long without a court."""

FARTHEST_COURT = timedelta(days=4)
"""PACE 1984 s.46: not later than the first sitting after charge; over the longest holiday."""


def faults_of_times(
    *, arrived_at: datetime | None, charged_at: datetime, bail_refused_at: datetime, court_at: datetime, now: datetime
) -> Iterator[Fault]:
    """Times that cannot be: a record is opened after charge with bail refused, and before the court (s.38(1), s.46)."""
    if arrived_at is not None and arrived_at > charged_at:
        yield Fault("arrived", "The child came to the station before the charge. Check both times.")
    elif arrived_at is not None and arrived_at < charged_at - LATEST_CHARGE:
        yield Fault("arrived", "The child cannot have come so long before the charge. Check the day.")
    if charged_at > now:
        yield Fault("charged", "The charge cannot be ahead. This record is opened after charge; check the time.")
    elif charged_at < now - LATEST_CHARGE:
        yield Fault("charged", "The charge cannot be more than four days ago. Check the day.")
    if bail_refused_at < charged_at:
        yield Fault("bail_refused", "Bail is refused after the charge, not before it. Check both times.")
    elif bail_refused_at > now:
        yield Fault("bail_refused", "The refusal of bail cannot be ahead. Check the time.")
    if court_at <= now:
        yield Fault("court", "The court's time must be ahead. Check the day and the time.")
    elif court_at > now + FARTHEST_COURT:
        yield Fault("court", "The court sits within four days: the first sitting after charge. Check the day.")


# --- the certificate ------------------------------------------------------------------------


class Contradiction(StrEnum):
    """What in the record speaks against a certificate."""

    UNDER_12 = "under_12"
    NOBODY_ASKED = "nobody_asked"
    STILL_ASKING = "still_asking"
    BED_OFFERED = "bed_offered"
    SECURE_NOT_ASKED = "secure_not_asked"
    OTHER_WOULD_DO = "other_would_do"
    NOT_IMPRACTICABLE = "not_impracticable"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One time that an authority was asked for this child, by text or by telephone."""

    authority: str
    secure: bool
    answer: str
    """ "open", "accepted", "refused", "expired", "withdrawn"; of a call also "ring_back" and "no_answer"."""
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the record shows when a certificate is asked for."""

    age: int
    sex: Sex
    secure: bool
    """Whether the record asks for secure accommodation, with reasons."""
    other_would_do: bool | None
    asked: Sequence[Asking]


@dataclass(frozen=True)
class Against:
    """One contradiction, in a sentence that names the rule and says what to do."""

    code: Contradiction
    sentence: str


def speaks_against(
    facts: Facts, ground: CertificateGround, circumstances: str, impracticable: Impracticable | None = None
) -> Iterator[Against]:
    """What in the record contradicts a certificate on this ground; nothing if all of it agrees."""
    if ground is CertificateGround.NO_SECURE and facts.age < SECURE_FROM:
        yield Against(
            Contradiction.UNDER_12,
            f"The child is {facts.age}. This ground is for a child who has attained 12 (PACE 1984 s.38(6)(b)); "
            "under 12, any accommodation of the authority has to be used.",
        )
    if not facts.asked:
        yield Against(
            Contradiction.NOBODY_ASKED,
            "No authority has been asked. Ask for a bed, or ring an authority and record the call, before the court is "
            "told that the child could not be moved (PACE 1984 s.38(6); Children Act 1989 s.21(2)(b)).",
        )
    waiting = [asking for asking in facts.asked if asking.answer == "open"]
    if waiting:
        yield Against(
            Contradiction.STILL_ASKING,
            f"{_names(waiting)} may still say yes: the request is open. Wait for the answer, or withdraw it first.",
        )
    offered = [asking for asking in facts.asked if asking.answer == "accepted" and not asking.secure]
    if offered:
        yield Against(
            Contradiction.BED_OFFERED,
            f"{_names(offered)} accepted, and a non-secure bed is open to the child. The child must be moved there "
            "(PACE 1984 s.38(6)). If no transport can be had, ask the authority to fetch the child.",
        )
    if ground is CertificateGround.NO_SECURE:
        yield from _against_no_secure(facts)
    elif impracticable is Impracticable.NO_ACCOMMODATION:
        yield Against(
            Contradiction.NOT_IMPRACTICABLE,
            "That no authority provided a bed does not make a move impracticable: only transport and travel can "
            "(Code C Note 16D), and an authority that is asked for non-secure accommodation must provide it (Children "
            "Act 1989 s.21(2)(b)). Keep asking, and ring the authority's manager. If the child stays all the same, an "
            "inspector has to sign for it, so that the court and the figures show why.",
        )
    else:
        yield from _against_16d(circumstances)


def _against_no_secure(facts: Facts) -> Iterator[Against]:
    secure_asked = any(asking.secure for asking in facts.asked)
    if not facts.secure or (facts.asked and not secure_asked):
        yield Against(
            Contradiction.SECURE_NOT_ASKED,
            "No secure accommodation was asked for, so that nothing shows that none is available "
            "(PACE 1984 s.38(6)(b)). The lack of it counts only where only secure would protect the public "
            "(Code C Note 16D).",
        )
    if facts.other_would_do:
        yield Against(
            Contradiction.OTHER_WOULD_DO,
            "The record says that non-secure accommodation would do. It must then be used (PACE 1984 s.38(6)(b)).",
        )


# What Code C Note 16D says does not make a move impracticable, as people write it.
_NOT_IMPRACTICABLE = (
    (
        "the child's behaviour",
        r"behav\w*|violen\w*|aggress\w*|abusive|kicking|spitting|non.?complian\w*|uncooperative|"
        r"refus\w+ to (?:go|leave)",
    ),
    ("the nature of the offence", r"offen[cs]e\w*|robbery|knife|murder|gbh|assault\w*|burglary|serious\w* charge"),
    ("the lack of secure accommodation", r"no secure|secure (?:bed|accommodation|place|unit)\w*"),
    (
        "the hour",
        r"too late|late (?:at night|hour|in the)|(?:the|this) (?:hour|time) of|middle of the night|out of hours",
    ),
    (
        "that no bed was found",
        r"no beds?|no (?:place|placement|accommodation|foster)\w*|nowhere|nobody answer\w*|no answer",
    ),
    ("the lack of staff at the authority", r"(?:no|short of|not enough|lack of) (?:social worker|staff|edt)\w*"),
)
_16D = tuple((what, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for what, words in _NOT_IMPRACTICABLE)


def _against_16d(circumstances: str) -> Iterator[Against]:
    for what, pattern in _16D:
        if found := pattern.search(circumstances):
            yield Against(
                Contradiction.NOT_IMPRACTICABLE,
                f"“{found[0]}” reads as {what}, which does not make a move impracticable: only transport and travel "
                "can (Code C Note 16D). Describe the transport, or choose the other ground.",
            )
            return


def _names(askings: Sequence[Asking]) -> str:
    names = list(dict.fromkeys(asking.authority for asking in askings))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
