"""Every text that we send: GSM-7, one segment of 160 septets, always.

The instruction, the reference and the number to ring are never cut; the summary is.
No text carries a name, a custody record number, an address, an offence or a link.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .needs import Need, Sex

SEGMENT = 160
"""Septets of one text in one part (3GPP TS 23.038)."""

_LONDON = ZoneInfo("Europe/London")

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[]~|€")
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\t": " "}
)


def septets(text: str) -> int:
    """How many of a segment's 160 septets a text takes.

    Raises:
        ValueError: a character is not in GSM-7.
    """
    total = 0
    for character in text:
        if character in _BASIC:
            total += 1
        elif character in _EXTENDED:
            total += 2
        else:
            raise ValueError(f"not in GSM-7: U+{ord(character):04X}")
    return total


def fold_to_gsm7(text: str) -> str:
    """The text with what GSM-7 lacks replaced: by the bare letter, by a straight quote, else by a question mark."""
    return "".join(_fold(character) for character in text.translate(_PLAIN))


def _fold(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    bare = unicodedata.normalize("NFKD", character)[:1]
    if unicodedata.combining(character):
        return ""
    return bare if bare in _BASIC else "?"


def london_clock(instant: datetime) -> str:
    """ "02:14": the London time of an aware instant.

    Raises:
        ValueError: the instant has no zone.
    """
    return f"{_london(instant):%H:%M}"


def london_when(instant: datetime, *, now: datetime) -> str:
    """ "at 02:14" of the same London day, else "on 3 March at 02:14"."""
    local = _london(instant)
    if local.date() == _london(now).date():
        return f"at {local:%H:%M}"
    return f"on {local.day} {local:%B} at {local:%H:%M}"


def _london(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("a time without a zone")
    return instant.astimezone(_LONDON)


def phone(number: str) -> str:
    """A British number as people read it: "020 7946 0123", "07700 900123"; anything else as it is."""
    if not number.startswith("+44"):
        return number
    national = "0" + number[3:]
    if national.startswith("02"):
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    return f"{national[:5]} {national[5:]}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one authority is asked for, as far as a text may say it."""

    age: int
    sex: Sex
    secure: bool
    needs: tuple[Need, ...]
    place_code: str
    suite: str
    reference: str
    desk_phone: str
    ends_at: datetime


def bed_needed(asked: Asked) -> str:
    """The text that asks for a bed.

    Raises:
        ValueError: place code and number are so long that the instruction would not fit.
    """
    ref = asked.reference
    end = f" Reply {ref} ACCEPT, {ref} REFUSE + why, or {ref} RING. Tel {phone(asked.desk_phone)}"
    return _first_that_fits(start + end for start in _summaries(asked))


def _summaries(asked: Asked) -> Iterator[str]:
    """The summary, each shorter than the one before."""
    kind = "secure" if asked.secure else "non-secure"
    who = f"Bed needed: {asked.sex.child} {asked.age}, {kind}"
    suite = fold_to_gsm7(" ".join(asked.suite.split()))
    named = "".join(f", {need.short}" for need in asked.needs)
    counted = f", +{len(asked.needs)} needs" if asked.needs else ""
    until = f" Held to {london_clock(asked.ends_at)}."
    at = f", at {asked.place_code}. Suite: {suite}."
    yield who + named + at + until
    yield who + named + at
    yield who + counted + at
    for length in range(len(suite) - 1, 0, -1):
        yield who + counted + f", at {asked.place_code}. Suite: {suite[:length].rstrip()}."
    yield who + counted + f", at {asked.place_code}."


def _first_that_fits(texts: Iterator[str]) -> str:
    for text in texts:
        if septets(text) <= SEGMENT:
            return text
    raise ValueError("no summary is short enough for one segment")


def _with_suite(write: Callable[[str], str], suite: str) -> str:
    """A text about a suite, whose name is cut as far as needed."""
    name = fold_to_gsm7(" ".join(suite.split()))
    return _first_that_fits(write(name[:length].rstrip()) for length in range(len(name), -1, -1))


# --- replies to an answer -------------------------------------------------------------------


def accepted(place_code: str, suite: str, desk_phone: str) -> str:
    """After ACCEPT."""
    return _with_suite(
        lambda name: (
            f"Thank you. Recorded: bed accepted at {place_code}. {name} custody will ring to arrange the move. "
            f"Tel {phone(desk_phone)}"
        ),
        suite,
    )


def refused(place_code: str, suite: str, desk_phone: str) -> str:
    """After REFUSE."""
    return _with_suite(
        lambda name: (
            f"Recorded: refused at {place_code}; the bed is free again. If you can take the child after all, "
            f"ring {name} custody {phone(desk_phone)}"
        ),
        suite,
    )


def ring_noted(suite: str, desk_phone: str) -> str:
    """After RING."""
    return _with_suite(
        lambda name: f"{name} custody has been told to ring you. The bed stays held meanwhile. Tel {phone(desk_phone)}",
        suite,
    )


def already(outcome: str, *, by: str, at: datetime) -> str:
    """What is true of a request that has ended."""
    clock = london_clock(at)
    if outcome == "expired":
        return (
            f"This request expired at {clock} and the bed is no longer held. "
            "If you can take the child, ring the custody suite."
        )
    if outcome == "withdrawn":
        return f"This request was withdrawn by the custody suite at {clock}. Nothing more is needed."
    return _with_suite(lambda name: f"Already {outcome} by {name} at {clock}.", by)


def which_reference(references: tuple[str, ...]) -> str:
    """After a bare "yes" or "accept"."""
    if not references:
        return "Nothing was recorded: no request is waiting for an answer from this phone."
    return _first_that_fits(
        "Nothing was recorded. Begin with the reference: "
        + " or ".join(f"{each} ACCEPT" for each in references[:count])
        + "."
        for count in range(len(references), 0, -1)
    )


def unknown_reference() -> str:
    """After a reference that was not sent to this phone."""
    return (
        "Nothing was recorded: this phone has no request with that reference. "
        "Check the reference in our text and send it again."
    )


def help_text() -> str:
    """After anything that cannot be understood."""
    return (
        "Nothing was recorded. Answer with the reference and one word, "
        "such as K7R4 ACCEPT, K7R4 REFUSE no bed, or K7R4 RING."
    )


# --- notices to the contact -----------------------------------------------------------------


def withdrawn_notice(reference: str, suite: str) -> str:
    """To the contact, when the police have taken a request back."""
    return _with_suite(
        lambda name: (
            f"{reference}: the bed is no longer needed; {name} custody has withdrawn the request. No answer is needed."
        ),
        suite,
    )


def expired_notice(reference: str, suite: str) -> str:
    """To the contact, when nobody has answered in time."""
    return _with_suite(
        lambda name: (
            f"{reference}: no answer came in time and the bed is no longer held. "
            f"If you can take the child, ring {name} custody."
        ),
        suite,
    )
