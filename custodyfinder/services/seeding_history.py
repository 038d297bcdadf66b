"""A year of made-up history for the demonstration, so that the figures show something on the first start.

Always the same for the same day: the draws come from a fixed seed. What it shows is invented; only
its shape follows what inspections describe: most children stay, most requests are refused or not
answered, and it slowly gets better as places are reported.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import transaction
from ..domain import court, escalation
from ..domain.audit_chain import Line
from ..domain.detention import Contradiction
from ..domain.needs import Need, RefusalReason, Sex
from ..domain.record import (
    GROUNDS_OFFERED,
    Answer,
    CertificateGround,
    Ethnicity,
    Impracticable,
    OutcomeKind,
    Rank,
    Risk,
    Transport,
)
from ..domain.replies import new_reference
from ..domain.suitability import need_bits
from ..models import (
    Authority,
    BedRequest,
    Certificate,
    Contact,
    Detention,
    Outcome,
    Place,
    Placement,
    RequestState,
    Suite,
)
from . import audit, certificates
from .askings import AskingLine
from .endings import PROGRAM

SEED = 20_261_124
DAYS = 365
A_DAY = 3
"""Children charged and refused bail, on the average, in all suites together."""

MARK = "MADE-UP/"
"""Custody record numbers of the history begin with it."""

_LONDON = ZoneInfo("Europe/London")


@dataclass
class _Story:
    """One child's time after charge."""

    detention: Detention
    suite: Suite
    asked: list[tuple[BedRequest, Place]] = field(default_factory=list)
    placement: Placement | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class _World:
    """What the stories are drawn from."""

    suites: list[Suite]
    names: dict[str, str]
    places: dict[tuple[str, bool], list[Place]]
    contacts: dict[str, int]
    london: list[str]


def load(*, now: datetime) -> int:
    """Add the history, unless there is one. Return how many children it has."""
    with transaction() as session:
        if session.scalar(select(Detention.id).where(Detention.custody_record.startswith(MARK)).limit(1)) is not None:
            return 0
        world, draw = _world(session), random.Random(SEED)  # noqa: S311 - a story, not a secret
        stories = [_story(world, draw, number, at) for number, at in enumerate(_charges(draw, now), 1)]
        _store(session, world, stories)
        return len(stories)


def _world(session: Session) -> _World:
    places: dict[tuple[str, bool], list[Place]] = {}
    for place in session.scalars(select(Place).order_by(Place.id)):
        places.setdefault((place.authority_code, place.secure), []).append(place)
        if place.secure:
            places.setdefault(("", True), []).append(place)
    contacts = dict(session.execute(select(Contact.authority_code, Contact.id).where(Contact.is_fallback)).all())
    names = dict(session.execute(select(Authority.code, Authority.name).order_by(Authority.code)).all())
    london = [code for code in names if code.startswith("E09") and (code, False) in places]
    return _World(list(session.scalars(select(Suite).order_by(Suite.id))), names, places, contacts, london)


def _charges(draw: random.Random, now: datetime) -> Iterator[datetime]:
    """When children are charged: at any hour, most often in the evening."""
    first = now.astimezone(_LONDON).date() - timedelta(days=DAYS + 2)
    for day in range(DAYS):
        for _ in range(draw.choice((A_DAY - 2, A_DAY - 1, A_DAY, A_DAY + 1, A_DAY + 2))):
            hour = int(draw.triangular(8, 31, 22)) % 24
            at = datetime.combine(first + timedelta(days=day), time(hour, draw.randrange(60)), _LONDON)
            yield at.astimezone(UTC)


def _story(world: _World, draw: random.Random, number: int, charged: datetime) -> _Story:
    suite = draw.choice(world.suites)
    story = _Story(_detention(world, draw, number, suite, charged), suite)
    opened = story.detention.opened_at
    progress = number / (DAYS * A_DAY)
    if draw.random() < 0.06:
        _end(story, OutcomeKind.BAILED, opened + timedelta(minutes=draw.randrange(30, 240)))
        return story
    _ask(world, draw, story, accepts=0.02 + 0.07 * progress)
    if story.placement is not None:
        _move(draw, story)
    elif story.detention.court_at - opened < timedelta(hours=5) or draw.random() < 0.12:
        _end(story, OutcomeKind.COURT_FIRST, story.detention.court_at - timedelta(minutes=45))
    else:
        _stay(draw, story)
    return story


def _detention(world: _World, draw: random.Random, number: int, suite: Suite, charged: datetime) -> Detention:
    age = draw.choices(range(10, 18), (1, 2, 4, 8, 15, 22, 26, 30))[0]
    opened = charged + timedelta(minutes=draw.randrange(20, 90))
    secure = age >= 13 and draw.random() < 0.16
    home = suite.authority_code if draw.random() < 0.6 else draw.choice(world.london)
    return Detention(
        reference=f"{new_reference(draw.choice)}-{new_reference(draw.choice)[:3]}",
        suite_id=suite.id,
        custody_record=f"{MARK}{number}",
        opened_at=opened,
        opened_by=f"officer.{suite.slug}",
        officer=f"officer.{suite.slug}",
        arrived_at=charged - timedelta(minutes=draw.randrange(120, 900)),
        charged_at=charged,
        bail_refused_at=opened - timedelta(minutes=5),
        court_at=court.next_sitting(opened),
        bail_ground=draw.choices(GROUNDS_OFFERED, (2, 30, 35, 4, 12, 5, 1, 10, 1))[0].value,
        appropriate_adult=draw.choices(tuple(Answer), (80, 4, 16))[0].value,
        age=age,
        sex=draw.choices((Sex.MALE, Sex.FEMALE), (86, 14))[0].value,
        ethnicity=draw.choices([each.value for each in Ethnicity] + [None], (9, 24, 12, 34, 4, 9, 8))[0],
        **{risk.value: draw.choices(tuple(Answer), (22, 55, 23))[0].value for risk in Risk},
        secure=secure,
        secure_reasons="Made up: several robberies with a weapon, the last while on bail." if secure else None,
        other_would_do=False if secure else None,
        approved_under_13=False,
        needs=need_bits(need for need in Need if draw.random() < 0.08),
        needs_no=0,
        home_district=None,
        home_easting=None,
        home_northing=None,
        responsible_code=home,
        avoid_circles=[],
        keep_apart=[],
    )


def _ask(world: _World, draw: random.Random, story: _Story, *, accepts: float) -> None:
    """Ask one place after the other until one accepts, or the officer gives up."""
    detention = story.detention
    codes = [detention.responsible_code, *draw.sample(world.london, 3)]
    at = detention.opened_at + timedelta(minutes=draw.randrange(3, 40))
    for code in codes[: draw.choice((0, 1, 1, 2, 2, 3, 4))]:
        offered = world.places.get((code, detention.secure)) or world.places.get(("", detention.secure), [])
        place = draw.choice(offered)
        state = draw.choices(
            (RequestState.ACCEPTED, RequestState.REFUSED, RequestState.EXPIRED), (accepts, 0.5, 0.45 - accepts)
        )[0]
        took = 30 if state is RequestState.EXPIRED else max(1, min(29, round(draw.lognormvariate(2.3, 0.7))))
        ended = at + timedelta(minutes=took)
        if ended >= detention.court_at:
            return
        story.asked.append((_request(world, draw, detention, place, state, at, ended), place))
        if state is RequestState.ACCEPTED:
            story.placement = Placement(place_id=place.id, accepted_at=ended)
            return
        at = ended + timedelta(minutes=draw.randrange(1, 25))


def _request(
    world: _World,
    draw: random.Random,
    detention: Detention,
    place: Place,
    state: RequestState,
    at: datetime,
    ended: datetime,
) -> BedRequest:
    refused = state is RequestState.REFUSED
    contact = world.contacts[place.authority_code]
    return BedRequest(
        place_id=place.id,
        contact_id=contact,
        by_text=True,
        reference=new_reference(draw.choice),
        state=state.value,
        asked_at=at,
        asked_by=detention.officer,
        hold_expires_at=at + timedelta(minutes=30),
        policy=escalation.as_json(escalation.default(timedelta(minutes=30))),
        shown={},
        ended_at=ended,
        ended_by=PROGRAM if state is RequestState.EXPIRED else f"contact:{contact}",
        channel=None if state is RequestState.EXPIRED else "text",
        refusal_reason=draw.choices(tuple(RefusalReason), (40, 8, 6, 14, 8, 12, 8, 6, 3, 10))[0].value
        if refused
        else None,
    )


def _end(story: _Story, kind: OutcomeKind, at: datetime, **more: object) -> None:
    story.outcome = Outcome(
        kind=kind.value,
        occurred_at=at,
        recorded_at=at + timedelta(minutes=4),
        by=story.detention.officer,
        contradictions=[],
        **more,
    )


def _move(draw: random.Random, story: _Story) -> None:
    assert story.placement is not None  # noqa: S101 - the caller has looked
    left = story.placement.accepted_at + timedelta(minutes=draw.randrange(25, 150))
    arrived = left + timedelta(minutes=draw.randrange(15, 80))
    story.placement.arrived_at, story.placement.arrived_by = arrived, story.detention.officer
    story.placement.ended_at = arrived + timedelta(hours=10)
    transport = draw.choices(tuple(Transport), (45, 30, 20, 3, 2))[0].value
    code = story.asked[-1][1].authority_code
    said = {"authority_code": code, "left_at": left, "arrived_at": arrived, "transport": transport}
    _end(story, OutcomeKind.TRANSFERRED, left, **said)


def _stay(draw: random.Random, story: _Story) -> None:
    """The child stays: secure was not to be had, no transport, or nobody took them and an inspector signed."""
    at = story.detention.opened_at
    if story.asked:
        at = story.asked[-1][0].ended_at or at
    number = f"{draw.randrange(1000, 9999)} {draw.choice(('NI', 'YE', 'CX'))}"
    said: dict[str, object] = {"inspector": number, "inspector_rank": Rank.INSPECTOR.value}
    if story.detention.secure and story.asked:
        said |= {"ground": CertificateGround.NO_SECURE.value}
        words = "Made up: no secure accommodation was available anywhere that was asked."
    elif story.asked and draw.random() < 0.2:
        said |= {"ground": "impracticable", "impracticable": Impracticable.NO_TRANSPORT.value}
        words = "Made up: no van and no driver could be had before the court sat."
    else:
        said |= {"ground": "impracticable", "impracticable": Impracticable.NO_ACCOMMODATION.value}
        words = "Made up: every authority that was rung said that it had nobody to take the child."
        said |= {"overridden_by": "inspector.met", "override_words": "Made up: I have rung the authority's manager."}
    _end(story, OutcomeKind.NOT_TRANSFERRED, at + timedelta(minutes=20), circumstances=words, **said)
    assert story.outcome is not None  # noqa: S101 - made on the line before
    if story.outcome.overridden_by:
        codes = [Contradiction.NOT_IMPRACTICABLE, *([] if story.asked else [Contradiction.NOBODY_ASKED])]
        story.outcome.contradictions = [code.value for code in codes]


def _store(session: Session, world: _World, stories: list[_Story]) -> None:
    """Level by level: each needs the keys of the one before."""
    session.add_all(story.detention for story in stories)
    session.flush()
    for story in stories:
        for request, _ in story.asked:
            request.detention_id = story.detention.id
            session.add(request)
    session.flush()
    for story in stories:
        if story.placement is not None:
            story.placement.request_id = story.asked[-1][0].id
            story.placement.detention_id = story.detention.id
            session.add(story.placement)
        if story.outcome is not None:
            story.outcome.detention_id = story.detention.id
            if story.placement is not None:
                story.outcome.request_id = story.placement.request_id
            session.add(story.outcome)
    session.flush()
    session.add_all(made for story in stories for made in _certificate(world, story))
    audit.add(session, [line for story in stories for line in _audit(story)])


def _certificate(world: _World, story: _Story) -> list[Certificate]:
    outcome = story.outcome
    if outcome is None or outcome.ground is None:
        return []
    words = certificates.body(
        story.detention,
        outcome,
        suite=story.suite,
        authority=world.names[story.detention.responsible_code],
        told=[],
        asked=[_line(world, request, place) for request, place in story.asked],
        against=["Made up: the record does not show that transport was what was missing."],
        by=outcome.by,
        now=outcome.recorded_at,
    )
    return [certificates.certificate(outcome, words, by=outcome.by, now=outcome.recorded_at)]


def _line(world: _World, request: BedRequest, place: Place) -> AskingLine:
    return AskingLine(
        authority=world.names[place.authority_code],
        secure=place.secure,
        by_text=True,
        asked_at=request.asked_at,
        asked_by=request.asked_by,
        answer=request.state,
        reason=RefusalReason(request.refusal_reason) if request.refusal_reason else None,
        words=None,
        answered_at=request.ended_at,
        answered_by="Duty desk" if request.channel else None,
        given_back_at=None,
    )


def _audit(story: _Story) -> Iterator[Line]:
    """The lines that the log is read from."""
    detention = story.detention
    yield _event(detention.opened_at, detention.officer, "detention opened", f"detention:{detention.id}")
    for request, _ in story.asked:
        subject = f"request:{request.id}"
        yield _event(request.asked_at, request.asked_by, "bed asked for", subject)
        if request.ended_at is not None and request.ended_by is not None:
            yield _event(request.ended_at, request.ended_by, f"request {request.state}", subject)
    if story.outcome is not None:
        what = f"ended: {story.outcome.kind}"
        yield _event(story.outcome.recorded_at, story.outcome.by, what, f"detention:{detention.id}")


def _event(at: datetime, actor: str, action: str, subject: str) -> Line:
    return Line(at=at, actor=actor, action=action, subject=subject, details={"made_up": True})
