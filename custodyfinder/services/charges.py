"""What an officer says of the charge, of bail and of the risks, and what is wrong with it by the rules of the Act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..domain import detention as tests_of_the_act
from ..domain.needs import Need
from ..domain.record import Answer, BailGround, Ethnicity, Risk
from ..errors import BadInput
from .enquiries import Enquiry


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What else the record holds of a child who was charged and refused bail: numbers, times, closed lists."""

    custody_record: str
    """The force's own reference; no name."""
    arrived_at: datetime | None = None
    """At the station."""
    charged_at: datetime
    bail_refused_at: datetime
    court_at: datetime
    bail_ground: BailGround
    appropriate_adult: Answer = Answer.NOT_KNOWN
    """Whether one has been told."""
    risks: Mapping[Risk, Answer] = field(default_factory=dict)
    """Not known where nothing is said."""
    needs_no: frozenset[Need] = frozenset()
    """What the child is known not to need."""
    ethnicity: Ethnicity | None = None
    secure_reasons: str = ""
    other_would_do: bool | None = None

    def risk(self, which: Risk) -> Answer:
        """What is known of it."""
        return self.risks.get(which, Answer.NOT_KNOWN)


_CUSTODY_RECORD = re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9 ./-]{2,18}[A-Z0-9]")
_A_WORD = re.compile(r"[A-Z]{5}")


def custody_record_number(typed: str) -> str:
    """The force's own reference, in capitals.

    Raises:
        BadInput: it does not look like one: a name was typed, say.
    """
    number = " ".join(typed.upper().split())
    if not _CUSTODY_RECORD.fullmatch(number) or _A_WORD.search(number):
        raise BadInput(
            "custody record",
            field="custody_record",
            public="Enter the custody record number, such as 01YE/4711/26: 4 to 20 letters, figures, dots, strokes "
            "and hyphens, with a figure in it. Never a name.",
        )
    return number


def check_charge(enquiry: Enquiry, charge: Charge, *, now: datetime) -> list[tests_of_the_act.Fault]:
    """Everything that is wrong with what was said, by the rules of the Act; empty if nothing is."""
    found = [
        *tests_of_the_act.faults_of_age(enquiry.age),
        *tests_of_the_act.faults_of_times(
            arrived_at=charge.arrived_at,
            charged_at=charge.charged_at,
            bail_refused_at=charge.bail_refused_at,
            court_at=charge.court_at,
            now=now,
        ),
    ]
    if enquiry.secure:
        found += tests_of_the_act.faults_of_secure(
            age=enquiry.age,
            reasons=charge.secure_reasons,
            other_would_do=charge.other_would_do,
            approved_under_13=enquiry.approved_under_13,
        )
    if enquiry.looked_after_by and charge.risk(Risk.LOOKED_AFTER) is Answer.NO:
        found.append(
            tests_of_the_act.Fault(
                "looked_after_by", "You said that the child is not looked after. Clear the authority, or change that."
            )
        )
    return found
