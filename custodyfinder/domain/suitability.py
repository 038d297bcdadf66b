"""What may be known of a child and of a place, and which rules leave a place out, each with its reason in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .geo import Areas, GridPoint
from .needs import Need, Sex, any_of
from .weights import Weights

LONDON = ZoneInfo("Europe/London")
YOUNGEST, OLDEST = 10, 17
"""Criminal responsibility begins at 10; a child is under 18 (PACE 1984 s.37(15))."""

_NEED_BIT = {need: 1 << index for index, need in enumerate(Need)}
_SEX_BIT = {Sex.FEMALE: 1, Sex.MALE: 2}


def need_bits(needs: Iterable[Need]) -> int:
    """A set of needs as the bit mask that the database keeps."""
    return sum(_NEED_BIT[need] for need in set(needs))


def needs_in(bits: int) -> tuple[Need, ...]:
    """The needs of a bit mask, in the order of the closed list."""
    return tuple(need for need, bit in _NEED_BIT.items() if bits & bit)


def sex_bits(sexes: Iterable[Sex]) -> int:
    """A set of sexes as the bit mask that the database keeps."""
    return sum(_SEX_BIT[sex] for sex in set(sexes))


def sexes_in(bits: int) -> tuple[Sex, ...]:
    """The sexes of a bit mask."""
    return tuple(sex for sex, bit in _SEX_BIT.items() if bits & bit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What the ranking may know of a child: nothing that names or finds them."""

    origin: GridPoint
    """The custody suite that the child is to leave."""
    age: int
    sex: Sex
    responsible: str
    """Code of the authority to ask first: home or looked-after authority, else the suite's."""
    secure: bool = False
    approved_under_13: bool = False
    """The Secretary of State has approved secure accommodation (1991 Regulations reg. 4)."""
    needs: frozenset[Need] = frozenset()
    home: GridPoint | None = None
    """The centre of the home postcode district, never the home itself."""
    avoid: Areas = field(default_factory=Areas)
    kept_apart_from: frozenset[int] = frozenset()
    """Places where a child is now who must be kept apart from this one."""
    refused_tonight: frozenset[int] = frozenset()
    asked_now: frozenset[int] = frozenset()
    """Places that hold a bed for this child already and have not answered yet."""


class Candidate(NamedTuple):
    """What the rules read of one place, in the order in which the database gives it.

    A named tuple and not a dataclass: thousands are built for one search, and this takes a
    quarter of the time of a frozen dataclass.
    """

    id: int
    code: str
    name: str
    kind: str
    town: str
    authority_code: str
    authority_name: str
    easting: int
    northing: int
    secure: bool
    age_min: int
    age_max: int
    sexes: int
    needs_met: int
    needs_not_met: int
    admits_from: int | None
    """Minutes after midnight in London; None with `admits_until`: admits at any hour."""
    admits_until: int | None
    out_of_service: str | None
    beds_free: int
    confirmed_at: datetime | None
    """When a person last vouched for `beds_free`; a hold or an expiry never counts."""
    ended: int
    """Requests of the last 90 days that ended in an answer or in silence."""
    refused: int
    answer_minutes: float
    """Mean minutes to the end of those requests."""


class Reason(NamedTuple):
    """Why a place is left out."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One child at one instant: what both lists of rules are asked about."""

    child: Child
    at: datetime
    weights: Weights
    london_minute: int
    sex_bit: int
    need_bits: int
    avoids: bool
    """Whether there is any area to avoid: most children have none, and a point a place is a lot."""

    @classmethod
    def about(cls, child: Child, *, at: datetime, weights: Weights) -> Question:
        """Prepare what every place is compared with.

        Raises:
            ValueError: `at` has no zone.
        """
        if at.tzinfo is None:
            raise ValueError("a time without a zone")
        local = at.astimezone(LONDON)
        return cls(
            child,
            at,
            weights,
            local.hour * 60 + local.minute,
            _SEX_BIT[child.sex],
            need_bits(child.needs),
            child.avoid != Areas(),
        )


@dataclass(frozen=True, slots=True)
class HardRule:
    """One rule that leaves a place out: the test, and the reason in words."""

    code: str
    leaves_out: Callable[[Question, Candidate], bool]
    words: Callable[[Question, Candidate], str]


def admits_at(place: Candidate, minute: int) -> bool:
    """Whether the place takes a child at this minute of the London day (its window may cross midnight)."""
    start, end = place.admits_from, place.admits_until
    if start is None or end is None or start == end:
        return True
    if start < end:
        return start <= minute < end
    return minute >= start or minute < end


def hours_of(place: Candidate) -> str:
    """When it admits, in London: "18:00 to 02:00", "at any hour"."""
    if place.admits_from is None or place.admits_from == place.admits_until:
        return "at any hour"
    return f"{_clock(place.admits_from)} to {_clock(place.admits_until)}"


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def _sexes_taken(place: Candidate) -> str:
    return " and ".join("girls" if sex is Sex.FEMALE else "boys" for sex in sexes_in(place.sexes))


def _needs_it_cannot_meet(question: Question, place: Candidate) -> str:
    return f"It has no {any_of(needs_in(place.needs_not_met & question.need_bits))}."


HARD_RULES: tuple[HardRule, ...] = (
    HardRule("no_bed", lambda q, p: p.beds_free < 1, lambda q, p: "No bed is free now."),
    HardRule(
        "out_of_service",
        lambda q, p: p.out_of_service is not None,
        lambda q, p: f"Out of service: {p.out_of_service}.",
    ),
    HardRule(
        "age",
        lambda q, p: not p.age_min <= q.child.age <= p.age_max,
        lambda q, p: f"Takes ages {p.age_min} to {p.age_max}.",
    ),
    HardRule(
        "sex",
        lambda q, p: not p.sexes & q.sex_bit,
        lambda q, p: f"Takes {_sexes_taken(p)} only.",
    ),
    HardRule(
        "not_secure",
        lambda q, p: q.child.secure and not p.secure,
        lambda q, p: "Secure accommodation is asked for, and this is not secure.",
    ),
    HardRule(
        "secure",
        lambda q, p: p.secure and not q.child.secure,
        lambda q, p: "This is secure accommodation, and non-secure is asked for.",
    ),
    HardRule(
        # Children (Secure Accommodation) Regulations 1991 reg. 4.
        "under_13",
        lambda q, p: p.secure and q.child.secure and q.child.age < 13 and not q.child.approved_under_13,
        lambda q, p: "Under 13, secure accommodation needs the Secretary of State's approval, and none is recorded.",
    ),
    HardRule(
        "hours",
        lambda q, p: not admits_at(p, q.london_minute),
        lambda q, p: f"Admits from {hours_of(p)} only.",
    ),
    HardRule("need_not_met", lambda q, p: bool(p.needs_not_met & q.need_bits), _needs_it_cannot_meet),
    HardRule(
        "area_to_avoid",
        lambda q, p: q.avoids and q.child.avoid.covers(GridPoint(p.easting, p.northing)),
        lambda q, p: "It lies in an area that this child must avoid.",
    ),
    HardRule(
        "keep_apart",
        lambda q, p: p.id in q.child.kept_apart_from,
        lambda q, p: "A child is there now who must be kept apart from this one.",
    ),
    HardRule(
        "refused_tonight",
        lambda q, p: p.id in q.child.refused_tonight,
        lambda q, p: "It has refused this child already tonight.",
    ),
    HardRule(
        "asked_now",
        lambda q, p: p.id in q.child.asked_now,
        lambda q, p: "It has been asked already and holds a bed for this child; no answer yet.",
    ),
)


_TESTS = tuple(rule.leaves_out for rule in HARD_RULES)


def suits(question: Question, place: Candidate) -> bool:
    """Whether no hard rule leaves the place out."""
    for leaves_out in _TESTS:  # noqa: SIM110 - a loop takes half the time of `any` over a generator
        if leaves_out(question, place):
            return False
    return True


def reasons_against(question: Question, place: Candidate) -> tuple[Reason, ...]:
    """Every reason that leaves the place out, in words. Empty if it suits."""
    return tuple(
        Reason(rule.code, rule.words(question, place)) for rule in HARD_RULES if rule.leaves_out(question, place)
    )
