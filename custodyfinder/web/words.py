"""How times, distances and numbers are written on the pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask

from .. import clock
from ..domain import wording
from ..domain.freshness import Freshness, age, freshness
from ..domain.needs import RefusalReason
from ..wiring import wired
from . import instants

KINDS = {
    "residential": "children's home",
    "foster": "foster carer",
    "emergency": "emergency bed",
    "secure": "secure children's home",
}

CALL_OUTCOMES = {
    "accepted": "they accept the child",
    "refused": "they refuse",
    "ring_back": "they will ring back",
    "no_answer": "no answer",
}

_LONDON = ZoneInfo("Europe/London")


def init_app(app: Flask) -> None:
    """Register the filters that the templates use."""
    app.add_template_filter(wording.london_clock, "clock")
    app.add_template_filter(wording.phone, "phone")
    app.add_template_filter(wording.miles, "miles")
    app.add_template_filter(fresh)
    app.add_template_filter(minutes)
    app.add_template_filter(when)
    app.add_template_filter(ago)
    app.add_template_filter(day)
    app.add_template_filter(when_short)
    app.add_template_filter(duration)
    app.add_template_filter(wording.london_moment, "moment")
    app.jinja_env.globals.update(
        days_since=lambda first: instants.days_since(first, now=clock.now()),
        days_before=lambda count: instants.days_since(clock.now() - timedelta(days=count), now=clock.now()),
        days_ahead=lambda count: instants.days_ahead(count, now=clock.now()),
        is_stale=is_stale,
        kinds=KINDS,
        cost_names=tuple(wording.COST_NAMES.values()),
        reason_groups=wording.GROUPS,
        said_in_full=wording.SAID_IN_FULL,
        call_outcomes=CALL_OUTCOMES,
        refusal_reasons=tuple(RefusalReason),
    )


def minutes(number: float) -> str:
    """ "14 minutes", whole; what rounds to none is "under a minute"."""
    whole = round(number)
    if whole < 1:
        return "under a minute"
    return "1 minute" if whole == 1 else f"{whole} minutes"


def when(instant: datetime) -> str:
    """ "at 02:14" today, "on 3 March at 02:14" otherwise."""
    return wording.london_when(instant, now=clock.now())


def ago(instant: datetime) -> str:
    """ "12 minutes ago", "3 hours ago", "2 days ago"."""
    since = clock.now() - instant
    return "just now" if since < timedelta(minutes=1) else f"{age(since)} ago"


def day(instant: datetime) -> str:
    """ "Tuesday 24 November", in London."""
    here = instant.astimezone(_LONDON)
    return f"{here:%A} {here.day} {here:%B}"


def fresh(confirmed_at: datetime | None) -> Freshness:
    """How far a count can be relied on now."""
    return freshness(confirmed_at, at=clock.now(), weights=wired().weights)


def is_stale(confirmed_at: datetime | None) -> bool:
    """Whether a count is so old that nobody should rely on it, or was never confirmed."""
    return fresh(confirmed_at).ring_first


def when_short(instant: datetime) -> str:
    """ "17:00" today, "Wed 25 Nov 17:00" otherwise, in London."""
    here = instant.astimezone(_LONDON)
    if here.date() == clock.now().astimezone(_LONDON).date():
        return f"{here:%H:%M}"
    return f"{here:%a} {here.day} {here:%b %H:%M}"


def duration(time: timedelta) -> str:
    """ "3 h 12 min", "40 min"."""
    whole = int(abs(time) / timedelta(minutes=1))
    hours, minutes = divmod(whole, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
