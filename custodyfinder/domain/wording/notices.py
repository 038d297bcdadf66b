"""What contacts, managers and desks are told without having asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..needs import Sex
from .gsm7 import first_that_fits, one_line, with_name
from .times import london_clock, london_when, phone

ROTA_PAGE = "the rota page of custodyfinder"


def child_held(*, authority: str, suite: str, age: int, sex: Sex, secure: bool, desk_phone: str) -> str:
    """To the responsible authority's duty contact, as soon as the record is opened."""
    kind = "secure" if secure else "non-secure"
    start = f"{sex.child} {age}, charged, no bail. {kind.capitalize()} bed needed tonight; a request follows."
    where, whose = one_line(suite), one_line(authority)
    return first_that_fits(
        f"A child of {whose[:length].rstrip()} is held at {where[:long].rstrip()} custody: {start} "
        f"Tel {phone(desk_phone)}"
        for long in range(len(where), 0, -1)
        for length in range(len(whose), 0, -1)
    )


def withdrawn_notice(reference: str, suite: str) -> str:
    """To the contact, when the police have taken a request back."""
    return with_name(
        lambda name: (
            f"{reference}: the bed is no longer needed; {name} custody has withdrawn the request. No answer is needed."
        ),
        suite,
    )


def expired_notice(reference: str, suite: str) -> str:
    """To the contact, when nobody has answered in time."""
    return with_name(
        lambda name: (
            f"{reference}: no answer came in time and the bed is no longer held. "
            f"If you can take the child, ring {name} custody."
        ),
        suite,
    )


def accepted_elsewhere(reference: str, by: str, at: datetime) -> str:
    """To the contacts of the other requests for a child, when one authority has accepted."""
    return with_name(
        lambda name: f"{reference}: no longer needed, accepted by {name} at {london_clock(at)}. No answer is needed.",
        by,
    )


def accepted_here(reference: str, by: str, at: datetime) -> str:
    """To the other phones that were asked in the same request. Never "no longer needed": their bed is."""
    return with_name(
        lambda name: f"{reference}: accepted by {name} at {london_clock(at)}. No other answer is needed.", by
    )


def nobody_answered(reference: str, place_code: str, suite: str, desk_phone: str) -> str:
    """To the manager, at the end of the chain."""
    return with_name(
        lambda name: (
            f"{reference}: nobody answered for a bed at {one_line(place_code)}, which is no longer held. "
            f"If you can take the child, ring {name} custody {phone(desk_phone)}"
        ),
        suite,
    )


def arrival_to_contact(reference: str, place_code: str, suite: str, desk_phone: str, accepted_at: datetime) -> str:
    """To the authority, when an accepted child has not been recorded as arrived."""
    return with_name(
        lambda name: (
            f"{reference}, accepted {london_clock(accepted_at)}: has the child arrived at {one_line(place_code)}? "
            f"Record it on your page, or ring {name} custody {phone(desk_phone)}"
        ),
        suite,
    )


def arrival_to_suite(reference: str, place_code: str, by: str, accepted_at: datetime) -> str:
    """To the desk, when an accepted child has not been recorded as arrived."""
    return with_name(
        lambda name: (
            f"{reference}, accepted by {name} {london_clock(accepted_at)}: no arrival at {one_line(place_code)} "
            "is recorded. Record it on the page of the request, or ring them."
        ),
        by,
    )


# --- the rota -------------------------------------------------------------------------------


def check_phone(authority: str, code: str) -> str:
    """To a phone that somebody put on an authority's rota."""
    return with_name(
        lambda name: (
            f"{name} wants to text this phone when a child in custody needs a bed. "
            f"If that is right, text back {code}. If not, do nothing."
        ),
        authority,
    )


def phone_checked(authority: str) -> str:
    """After the right code."""
    return with_name(lambda name: f"Thank you. This phone is now on the duty list of {name}.", authority)


def code_wrong() -> str:
    """After six digits that are not the code, or no longer."""
    return "Nothing was recorded: that code is not right, or older than a day. Ask your manager to send a new one."


def coming_on(authority: str, until: datetime, waiting: Sequence[str]) -> str:
    """To somebody whose shift begins, with the references that wait for an answer."""
    ends = london_clock(until)
    if not waiting:
        return with_name(
            lambda name: f"You are on duty for {name} until {ends}. Nothing is waiting. BEDS shows your counts.",
            authority,
        )
    how = f" Reply {waiting[0]} ACCEPT, {waiting[0]} REFUSE + why, or {waiting[0]} RING."
    name = one_line(authority)
    return first_that_fits(
        f"On duty for {name[:length].rstrip()} until {ends}. Waiting: {_listed(waiting, count)}.{how}"
        for length in range(len(name), 0, -1)
        for count in range(len(waiting), 0, -1)
    )


def _listed(references: Sequence[str], count: int) -> str:
    more = len(references) - count
    return ", ".join(references[:count]) + (f" +{more} more" if more else "")


def rota_problems(
    authority: str, *, gaps: int, first_gap: datetime | None, unverified: int, opted_out: int, now: datetime
) -> str:
    """To the manager, once a day while something is wrong in the next seven days."""
    found = []
    if gaps and first_gap is not None:
        times = "a gap" if gaps == 1 else f"{gaps} gaps"
        found.append(f"{times}, {'' if gaps == 1 else 'the first '}{london_when(first_gap, now=now)}")
    if unverified:
        found.append(f"{unverified} unconfirmed {'number' if unverified == 1 else 'numbers'}")
    if opted_out:
        found.append(f"{opted_out} opted out of texts")
    wrong = "; ".join(found) or "something to put right"
    return with_name(lambda name: f"{name}, next 7 days: {wrong}. Please put it right on {ROTA_PAGE}.", authority)


def opted_out_notice(authority: str, role: str) -> str:
    """To the manager, when a phone has sent STOP."""
    who = one_line(role)[:40].rstrip()
    return with_name(
        lambda name: (
            f"{name}: the phone of {who} has sent STOP and is no longer texted. START from that phone brings it back."
        ),
        authority,
    )


def brought_back(authority: str) -> str:
    """After START."""
    return with_name(lambda name: f"This phone is texted again for {name}.", authority)
