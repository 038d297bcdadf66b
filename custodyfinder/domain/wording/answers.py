"""What we say after an answer: what was done, or what is true now."""

from __future__ import annotations

from datetime import datetime

from .gsm7 import first_that_fits, one_line, with_name
from .times import london_clock, phone


def accepted(place_code: str, suite: str, desk_phone: str) -> str:
    """After ACCEPT."""
    return with_name(
        lambda name: (
            f"Recorded: bed at {one_line(place_code)} accepted for {name}. "
            f"The custody suite will ring you about the move. Tel {phone(desk_phone)}"
        ),
        suite,
    )


def refused(place_code: str, suite: str, desk_phone: str) -> str:
    """After REFUSE."""
    return with_name(
        lambda name: (
            f"Recorded: refused at {one_line(place_code)}; the bed is free again. "
            f"If you can take the child after all, ring {name} custody {phone(desk_phone)}"
        ),
        suite,
    )


def ring_noted(suite: str, desk_phone: str) -> str:
    """After RING."""
    return with_name(
        lambda name: f"{name} custody has been told to ring you. The request stays open. Tel {phone(desk_phone)}",
        suite,
    )


def already(outcome: str, *, by: str, at: datetime) -> str:
    """What is true of a request that has ended, in one sentence or two."""
    if outcome == "expired":
        return expired(at)
    if outcome == "withdrawn":
        return withdrawn(at)
    return with_name(lambda name: f"Already {outcome} by {name} at {london_clock(at)}.", by)


def expired(at: datetime, desk_phone: str | None = None) -> str:
    """After an answer that came too late."""
    number = "" if desk_phone is None else f" Tel {phone(desk_phone)}"
    return (
        f"This request expired at {london_clock(at)} and the bed is no longer held. "
        f"If you can take the child, ring the custody suite.{number}"
    )


def withdrawn(at: datetime) -> str:
    """After an answer to a request that was taken back."""
    return f"This request was withdrawn at {london_clock(at)}. The bed is no longer needed."


def which_reference(references: tuple[str, ...]) -> str:
    """After an answer without a reference. Names no answer before another: a bare "no" is met here too."""
    if not references:
        return "Nothing was recorded: no request is waiting for an answer from this phone."
    return first_that_fits(
        f"Nothing was recorded. Put the reference first ({' or '.join(references[:count])}), "
        "then ACCEPT, REFUSE and why, or RING."
        for count in range(len(references), 0, -1)
    )


def unknown_reference() -> str:
    """After a reference that was not sent to this phone."""
    return (
        "Nothing was recorded: this phone has no request with that reference. "
        "Check the reference in our text and send it again."
    )


def help_text() -> str:
    """After anything that cannot be understood. No example reference: somebody would copy it."""
    return "Nothing was recorded. Send the reference from our text and one word: ACCEPT, REFUSE (and why) or RING."
