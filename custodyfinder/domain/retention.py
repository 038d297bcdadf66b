"""What is kept, for how long, and why: the schedule of retention, one table.

Data that is kept no longer than its purpose needs is the fifth data protection principle: for the police
Data Protection Act 2018 s.39, which also wants time limits set and reviewed; for an authority UK GDPR art.
5(1)(e). The periods here are the program's proposals. A force has its own schedule, after the Code of
Practice on Police Information and Records Management and the College of Policing's APP, and gives its
periods in a file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ..errors import BadInput

MOST_DAYS = 36_500
THIRTEEN_MONTHS = 396
"""Days. A claim under the Human Rights Act 1998 may be brought within a year (s.7(5)), and a month for its arrival."""


class Fate(StrEnum):
    """What becomes of a kind of record when its time is over."""

    EMPTIED = "emptied"
    """The row stays, without numbers and words: that something was sent or said remains to be seen."""
    REMOVED = "removed"
    REDUCED = "reduced to figures"
    """The row stays with what the figures count, and leads to no child and no custody record any more."""
    KEPT = "kept"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One line of the schedule."""

    what: str
    days: int | None
    """None: for good."""
    counted_from: str
    fate: Fate
    basis: str
    tables: tuple[str, ...]
    least: int = 1
    """Days: what the program itself still needs."""


_FIFTH = "DPA 2018 s.39 (fifth principle)"
_OVER = "the court's sitting, or the last outcome if that was recorded later"

SCHEDULE: Mapping[str, Kind] = {
    "texts": Kind(
        what="Numbers and words of texts, sent and received, and the numbers that a request was texted to",
        days=30,
        counted_from="the text",
        fate=Fate.EMPTIED,
        basis=f"{_FIFTH}: needed while an answer may come, and to look into a text that went astray",
        tables=("text_message", "incoming_text", "step_taken"),
    ),
    "words": Kind(
        what="Free text: words of refusals and of calls, why secure was asked for, the circumstances, "
        "what an inspector signed",
        days=THIRTEEN_MONTHS,
        counted_from=_OVER,
        fate=Fate.EMPTIED,
        basis=f"{_FIFTH}; evidence of why the child stayed (PACE 1984 s.38(7)) while a claim may come (HRA s.7(5))",
        tables=("bed_request", "call", "detention", "outcome"),
    ),
    "certificates": Kind(
        what="Certificates under s.38(7), word by word; the court has its own copy, and the force's file too",
        days=THIRTEEN_MONTHS,
        counted_from=_OVER,
        fate=Fate.REMOVED,
        basis=f"{_FIFTH}; PACE 1984 s.38(7): it is produced to the court, which keeps it",
        tables=("certificate",),
    ),
    "detail": Kind(
        what="The record: custody record number, reference, officers, needs and risks, home, areas to avoid; who was "
        "told, searches, requests, steps, calls; what is left of texts, and their receipts",
        days=THIRTEEN_MONTHS,
        counted_from=_OVER,
        fate=Fate.REDUCED,
        basis=f"{_FIFTH}; s.35 (lawful: PACE 1984 s.38(6)) while a claim may come (HRA s.7(5)); MoPI / APP",
        tables=(
            *("detention", "told", "search_kept", "standing_search", "bed_request", "step_taken", "call", "outcome"),
            *("placement", "text_message", "incoming_text", "receipt", "record_grant", "idempotency_key"),
        ),
    ),
    "bed_reports": Kind(
        what="Who said when how many beds were free",
        days=THIRTEEN_MONTHS,
        counted_from="the report",
        fate=Fate.REMOVED,
        basis="UK GDPR art. 5(1)(e): evidence of the authority's system for answering (Children Act 1989 s.21(2)(b))",
        tables=("bed_report",),
    ),
    "rota": Kind(
        what="Names and numbers of contacts who were taken off the list, and changes of a rota that are over",
        days=THIRTEEN_MONTHS,
        counted_from="the removal, or the end of the change",
        fate=Fate.EMPTIED,
        basis="UK GDPR art. 5(1)(e): who could have been asked, as long as the requests themselves",
        tables=("contact", "rota_override"),
        least=9,  # a turn that began under a change may still be going on
    ),
    "sign_in": Kind(
        what="Sessions that are over, tries to sign in that failed, forms that nobody came back for",
        days=60,
        counted_from="the last use, or the try",
        fate=Fate.REMOVED,
        basis="UK GDPR art. 5(1)(e) and (f): needed to stop guessing, and to know the addresses that somebody uses",
        tables=("sign_in_session", "sign_in_try", "kept_form"),
        least=30,  # an address is known for so long
    ),
    "bookkeeping": Kind(
        what="The program's notes of what it has done once, and of processes that ran",
        days=30,
        counted_from="the note",
        fate=Fate.REMOVED,
        basis="No longer needed; holds no more than keys",
        tables=("once", "heartbeat"),
        least=2,
    ),
    "figures": Kind(
        what="What the figures count: suite, times, age, sex, ethnicity, looked after or not, authority, secure or "
        "not, who was asked and how it ended",
        days=None,
        counted_from="",
        fate=Fate.KEPT,
        basis="DPA 2018 s.41 (statistical purposes), with counts under 5 kept back from authorities; the Concordat's "
        "seventh commitment: forces collect data on transfers",
        tables=("detention", "standing_search", "bed_request", "call", "outcome", "placement"),
    ),
    "audit": Kind(
        what="Who did what to what, when: ids, codes and usernames",
        days=None,
        counted_from="",
        fate=Fate.KEPT,
        basis="DPA 2018 s.62: collection, alteration, consultation, disclosure and erasure are logged",
        tables=("audit_event", "audit_head"),
    ),
    "lists": Kind(
        what="Authorities, custody suites, places, those who sign in, present contacts, rotas and policies, and the "
        "state of the connection to Twilio",
        days=None,
        counted_from="",
        fate=Fate.KEPT,
        basis="In use until somebody changes them",
        tables=(
            "authority",
            "suite",
            "place",
            "person",
            "recovery_code",
            "api_token",
            "weekly_shift",
            "escalation_policy",
            "carrier_state",
        ),
    ),
}
"""The table. README shows it, and a test holds the two together."""

_USUAL = {name: kind.days for name, kind in SCHEDULE.items() if kind.days is not None}

_NOT_LONGER_THAN_DETAIL = ("texts", "words", "certificates")
"""They hang on the record: what it is about must not outlive it."""


@dataclass(frozen=True)
class Retention:
    """How many days each kind is kept, by its name in the schedule."""

    days: Mapping[str, int] = field(default_factory=lambda: dict(_USUAL))

    def before(self, kind: str, *, now: datetime) -> datetime:
        """What is older than this has been kept long enough."""
        return now - timedelta(days=self.days[kind])

    @classmethod
    def from_toml(cls, text: str) -> Retention:
        """Read a force's own periods: `name = days` lines, any of the schedule's names, the rest as they are.

        Raises:
            BadInput: not TOML, an unknown name, not a whole number of days, or something that hangs on the
                record would be kept longer than the record.
        """
        try:
            given = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise _wrong(f"The retention file is not TOML: {error}.") from None
        for name, value in given.items():
            if name not in SCHEDULE:
                raise _wrong(f"The retention file has an unknown name, {name}; it may have {', '.join(_USUAL)}.")
            if name not in _USUAL:
                raise _wrong(f"In the retention file, {name} cannot be given a time: that is kept for good.")
            least = SCHEDULE[name].least
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_DAYS:
                raise _wrong(f"In the retention file, {name} must be a whole number of days, {least} to {MOST_DAYS}.")
        days = _USUAL | given
        for name in _NOT_LONGER_THAN_DETAIL:
            if days[name] > days["detail"]:
                raise _wrong(
                    f"In the retention file, {name} ({days[name]} days) must not be kept longer than detail "
                    f"({days['detail']} days), on which it hangs."
                )
        return cls(days)


def _wrong(public: str) -> BadInput:
    return BadInput("retention", public=public)


def as_markdown() -> str:
    """The schedule as README has it."""
    lines = [
        "| name | what | kept | counted from | then | basis |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, kind in SCHEDULE.items():
        kept = "for good" if kind.days is None else f"{kind.days} days"
        lines.append(f"| `{name}` | {kind.what} | {kept} | {kind.counted_from} | {kind.fate.value} | {kind.basis} |")
    return "\n".join(lines)
