"""The closed lists that forms, files, the command line and JSON share: sexes, needs, reasons to refuse."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Sex(StrEnum):
    """As the custody record has it."""

    FEMALE = "female"
    MALE = "male"

    @property
    def child(self) -> str:
        """The word for a child of this sex."""
        return "girl" if self is Sex.FEMALE else "boy"


class Need(StrEnum):
    """What a child may need of a place. A place meets it, does not, or has not said; not said is never no."""

    STEP_FREE = "step_free"
    MEDICAL_COVER = "medical_cover"
    SELF_HARM_WATCH = "self_harm_watch"
    SUBSTANCE_CARE = "substance_care"
    INTERPRETER = "interpreter"
    EXPLOITATION_SUPPORT = "exploitation_support"

    @property
    def label(self) -> str:
        """For a form."""
        return _NEEDS[self][0]

    @property
    def noun(self) -> str:
        """Within a sentence: "step-free access"."""
        return _NEEDS[self][1]

    @property
    def short(self) -> str:
        """For a text: at most 12 characters of GSM-7."""
        return _NEEDS[self][2]


def any_of(needs: Sequence[Need]) -> str:
    """The end of "It has no …": "step-free access, medical cover or access to an interpreter"."""
    *first, last = (need.noun for need in needs)
    return f"{', '.join(first)} or {last}" if first else last


_NEEDS = {
    # label for a form; what a place has or has not; short for a text
    Need.STEP_FREE: ("Step-free access", "step-free access", "step-free"),
    Need.MEDICAL_COVER: ("Medical cover", "medical cover", "medical"),
    Need.SELF_HARM_WATCH: ("Watching for self-harm", "staff to watch for self-harm", "self-harm"),
    Need.SUBSTANCE_CARE: ("Care after drink or drugs", "care after drink or drugs", "substances"),
    Need.INTERPRETER: ("An interpreter", "access to an interpreter", "interpreter"),
    Need.EXPLOITATION_SUPPORT: (
        "Support for a child at risk of exploitation",
        "support for a child at risk of exploitation",
        "exploitation",
    ),
}


class RefusalReason(StrEnum):
    """Why an authority refuses: a closed list, so that figures can be made of it."""

    NO_BED = "no_bed"
    TOO_LATE = "too_late"
    SECURE_WITHOUT_GROUNDS = "secure_without_grounds"
    OUT_OF_AREA = "out_of_area"
    NOT_ENOUGH_KNOWN = "not_enough_known"
    STAFFING = "staffing"
    MIX_OF_CHILDREN = "mix_of_children"
    TRANSPORT = "transport"
    OTHER = "other"
    NOT_GIVEN = "not_given"

    @property
    def label(self) -> str:
        """For a form and for the officer's page."""
        return _REFUSALS[self]


_REFUSALS = {
    RefusalReason.NO_BED: "No bed is free",
    RefusalReason.TOO_LATE: "Asked too late",
    RefusalReason.SECURE_WITHOUT_GROUNDS: "Secure accommodation asked for without grounds",
    RefusalReason.OUT_OF_AREA: "The child is not from this area",
    RefusalReason.NOT_ENOUGH_KNOWN: "Too little is known about the child",
    RefusalReason.STAFFING: "Not enough staff tonight",
    RefusalReason.MIX_OF_CHILDREN: "Risk to or from children who are there",
    RefusalReason.TRANSPORT: "No transport",
    RefusalReason.OTHER: "Another reason",
    RefusalReason.NOT_GIVEN: "No reason given",
}
