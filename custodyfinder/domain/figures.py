"""What is counted of the children who were charged and refused bail: the definitions. `tables` adds it up.

Everything is counted in the month of the charge, London time. `docs/figures.md` says the same for whoever
reads the figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ..errors import BadInput
from .custody_clock import NIGHT_BEGINS, NIGHT_ENDS, OVERNIGHT, longest_night
from .needs import RefusalReason, Sex
from .record import Answer, CertificateGround, Ethnicity, Impracticable, OutcomeKind

_LONDON = ZoneInfo("Europe/London")

MOST_MONTHS = 36
YEAR_BEGINS = 4
"""April: the financial year, which returns go by."""


# --- time -----------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def of(cls, instant: datetime) -> Month:
        """The month of an instant in London."""
        here = instant.astimezone(_LONDON)
        return cls(here.year, here.month)

    @classmethod
    def read(cls, typed: str) -> Month:
        """From "2026-04".

        Raises:
            BadInput: it is no month.
        """
        found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", typed.strip(), re.ASCII)
        if found is None:
            raise BadInput("month", public="Enter each month as year and month, such as 2026-04.")
        return cls(int(found[1]), int(found[2]))

    def later(self, months: int) -> Month:
        """So many months later; earlier, if below nothing."""
        years, rest = divmod(self.number - 1 + months, 12)
        return Month(self.year + years, rest + 1)

    def starts(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=_LONDON)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"

    @property
    def label(self) -> str:
        """ "November 2026"."""
        return f"{self.starts():%B %Y}"


@dataclass(frozen=True)
class Period:
    """Whole months, both ends included.

    Raises:
        BadInput: it ends before it begins, or is longer than three years.
    """

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadInput("period", public="The last month must not be before the first. Change one of them.")
        if self.first.later(MOST_MONTHS) <= self.last:
            raise BadInput("period", public=f"Choose {MOST_MONTHS} months or fewer.")

    @classmethod
    def year_of(cls, month: Month) -> Period:
        """The financial year that a month is in, April to March."""
        first = Month(month.year if month.number >= YEAR_BEGINS else month.year - 1, YEAR_BEGINS)
        return cls(first, first.later(11))

    @property
    def months(self) -> list[Month]:
        """In order."""
        months = [self.first]
        while months[-1] < self.last:
            months.append(months[-1].later(1))
        return months

    @property
    def label(self) -> str:
        """ "April 2026 to March 2027"."""
        return self.first.label if self.first == self.last else f"{self.first.label} to {self.last.label}"


# --- the facts ------------------------------------------------------------------------------


class Reply(StrEnum):
    """What came of asking an authority."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    WITHDRAWN = "withdrawn"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """An authority was asked once for a bed for a child: by a request, or by a call that belongs to none."""

    authority: str
    secure: bool
    at: datetime
    charged_at: datetime
    """Of the child: it is counted in that month."""
    suite: str
    reply: Reply
    reason: RefusalReason | None = None
    replied_at: datetime | None = None
    """When it was accepted or refused."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The latest outcome that somebody recorded."""

    kind: OutcomeKind
    at: datetime
    """When the child left, where the child was moved, bailed or taken to court."""
    ground: CertificateGround | None = None
    impracticable: Impracticable | None = None


class Result(StrEnum):
    """How it ended for the child, and where the child was not moved, why not."""

    MOVED = "moved"
    BAILED = "bailed"
    COURT_FIRST = "court_first"
    NO_SECURE = "no_secure"
    NO_TRANSPORT = "no_transport"
    ROADS = "roads"
    TOO_FAR_FOR_COURT = "too_far_for_court"
    NO_ACCOMMODATION = "no_accommodation"
    NOT_RECORDED = "not_recorded"

    @property
    def label(self) -> str:
        """For the head of a column."""
        return _RESULTS[self]


_RESULTS = {
    Result.MOVED: "Transferred",
    Result.BAILED: "Not: bailed after all",
    Result.COURT_FIRST: "Not: taken to court first",
    Result.NO_SECURE: "Not: no secure accommodation",
    Result.NO_TRANSPORT: "Not: no transport",
    Result.ROADS: "Not: weather or roads",
    Result.TOO_FAR_FOR_COURT: "Not: too far for court",
    Result.NO_ACCOMMODATION: "Not: no authority provided a bed",
    Result.NOT_RECORDED: "No outcome recorded",
}


@dataclass(frozen=True, kw_only=True)
class Child:
    """One child's time after charge, as the figures need it."""

    suite: str
    charged_at: datetime
    court_at: datetime
    age: int
    sex: Sex
    ethnicity: Ethnicity | None
    looked_after: Answer
    secure: bool
    """Whether the record asks for secure accommodation."""
    home_code: str
    home: str
    """The responsible authority."""
    ended: Ended | None = None
    arrived_at: datetime | None = None
    """At a place that accepted the child."""
    nobody_left: bool = False
    """A search that kept going found nobody left to ask."""
    asks: Sequence[Ask] = ()

    @property
    def result(self) -> Result:
        """From the latest outcome. Where none was recorded, a recorded arrival is a move."""
        if self.ended is None:
            return Result.NOT_RECORDED if self.arrived_at is None else Result.MOVED
        if self.ended.kind is OutcomeKind.TRANSFERRED:
            return Result.MOVED
        if self.ended.kind is not OutcomeKind.NOT_TRANSFERRED:
            return Result(self.ended.kind.value)
        return Result((self.ended.impracticable or CertificateGround.NO_SECURE).value)

    @property
    def until(self) -> datetime:
        """When the child's time in the cell ended: left, bailed, at court; the court's time where nobody said."""
        if self.ended is not None and self.ended.kind is not OutcomeKind.NOT_TRANSFERRED:
            return self.ended.at
        if self.ended is None and self.arrived_at is not None:
            return self.arrived_at
        return self.court_at

    def overnight(self, *, now: datetime) -> bool:
        """Four hours or more of one night, 00:00 to 08:00 in London, in the cell after charge, up to now."""
        return longest_night(self.charged_at, min(self.until, now)) >= OVERNIGHT

    @property
    def lacked_secure(self) -> bool:
        """Which kind of bed was wanted: secure where the record asks for it, or the certificate says there was none."""
        return self.secure or self.result is Result.NO_SECURE

    def unmet_nights(self, *, now: datetime) -> int:
        """Unmet need: nights in the cell because no bed was there.

        A night counts where the child was in the cell for four hours or more of it, was not moved in the
        end, and either the certificate says that no secure accommodation was available, or that no
        authority provided a bed, or beds were looked for (an authority was asked, or a search found nobody
        left to ask), nobody accepted, and the certificate does not name transport or travel. A night
        before bail or court counts too. A child who was moved in the end counts no night, so that the
        figure is on the low side.
        """
        if self.result is Result.MOVED or self.result in _TRAVEL:
            return 0
        looked = bool(self.asks) or self.nobody_left
        accepted = any(ask.reply is Reply.ACCEPTED for ask in self.asks)
        if self.result in _NO_BED or (looked and not accepted):
            return nights_between(self.charged_at, min(self.until, now))
        return 0

    def minutes_to(self, what: Milestone) -> float | None:
        """Minutes from the first time that an authority was asked for this child; None where it was not reached."""
        if not self.asks:
            return None
        answers = [ask.replied_at for ask in self.asks if ask.replied_at is not None]
        if what is not Milestone.ANSWER:
            answers = [ask.replied_at for ask in self.asks if ask.replied_at and ask.reply is Reply.ACCEPTED]
        if what is Milestone.ARRIVAL:
            answers = [self.arrived_at] if self.arrived_at is not None else []
        first = min(ask.at for ask in self.asks)
        return max((min(answers) - first) / timedelta(minutes=1), 0.0) if answers else None


class Milestone(StrEnum):
    """What the time is taken to."""

    ANSWER = "first_answer"
    ACCEPTANCE = "acceptance"
    ARRIVAL = "arrival"

    @property
    def label(self) -> str:
        """For a row."""
        return {
            Milestone.ANSWER: "First answer",
            Milestone.ACCEPTANCE: "Acceptance",
            Milestone.ARRIVAL: "Arrival at the place",
        }[self]


_NO_BED = frozenset({Result.NO_SECURE, Result.NO_ACCOMMODATION})
_TRAVEL = frozenset({Result.NO_TRANSPORT, Result.ROADS, Result.TOO_FAR_FOR_COURT})


def nights_between(start: datetime, end: datetime) -> int:
    """Nights of which four hours or more, of 00:00 to 08:00 in London, lie between two instants."""
    nights = 0
    day = start.astimezone(_LONDON).date()
    while (begins := datetime.combine(day, NIGHT_BEGINS, _LONDON)) < end:
        ends = datetime.combine(day, NIGHT_ENDS, _LONDON)
        nights += longest_night(max(start, begins), min(end, ends)) >= OVERNIGHT
        day += timedelta(days=1)
    return nights


# --- the middle and the slow ----------------------------------------------------------------


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number of values, half way between the two in the middle.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values have no middle")
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def ninetieth(values: Sequence[float]) -> float:
    """The 90th percentile by nearest rank: the smallest value that nine in ten of them do not exceed.

    Raises:
        ValueError: there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values have no percentile")
    return ordered[-(-9 * len(ordered) // 10) - 1]  # rounded up, in whole numbers: 0.9 is not one to a computer
