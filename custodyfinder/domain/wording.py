"""Every text that we send: GSM-7, one segment of 160 septets, always.

The instruction, the reference and the number to ring are never cut; the summary is.
No text carries a name, a custody record number, an address, an offence or a link.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
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
_GSM7 = _BASIC | _EXTENDED
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\t": " "})


def septets(text: str) -> int:
    """How many of a segment's 160 septets a text takes.

    Raises:
        ValueError: a character is not in GSM-7.
    """
    total = 0
    for character in text:
        if character not in _GSM7:
            raise ValueError(f"not in GSM-7: U+{ord(character):04X}")
        total += 2 if character in _EXTENDED else 1
    return total


def fold_to_gsm7(text: str) -> str:
    """The text with what GSM-7 lacks replaced: by its plain letters, a straight quote, else a question mark."""
    return "".join(_fold(character) for character in unicodedata.normalize("NFC", text).translate(_PLAIN))


def _fold(character: str) -> str:
    if character in _GSM7:
        return character
    if unicodedata.combining(character):
        return ""
    parts = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return bare if bare and _GSM7.issuperset(bare) else "?"


def _one_line(text: str) -> str:
    return fold_to_gsm7(" ".join(text.split()))


def london_clock(instant: datetime) -> str:
    """The London time of an aware instant, as in 02:14.

    Raises:
        ValueError: the instant has no zone.
    """
    return f"{_london(instant):%H:%M}"


def london_when(instant: datetime, *, now: datetime) -> str:
    """As in "at 02:14" on the London day of `now`, else "on 3 March at 02:14".

    Raises:
        ValueError: either has no zone.
    """
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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    ends_at: datetime | None
    """When the held bed is given up."""


def bed_needed(asked: Asked) -> str:
    """The text that asks for a bed.

    Raises:
        ValueError: the number to ring is so long that the instruction would not fit, or `ends_at`
            has no zone.
    """
    reference = asked.reference
    how = f" Reply {reference} ACCEPT, {reference} REFUSE + why, or {reference} RING."
    return _first_that_fits(f"{start}{how} Tel {phone(asked.desk_phone)}" for start in _summaries(asked))


def _summaries(asked: Asked) -> Iterator[str]:
    """The summary, each shorter than the one before: without the deadline, the needs, the suite, the place."""
    who = f"Bed needed: {asked.sex.child} {asked.age}, {'secure' if asked.secure else 'non-secure'}"
    suite = _one_line(asked.suite)
    at = f", at {_one_line(asked.place_code)}."
    if asked.ends_at is not None:
        yield f"{who}{_needs(asked.needs)}{at} Suite: {suite}. Held to {london_clock(asked.ends_at)}."
    for named in range(len(asked.needs), -1, -1):
        yield f"{who}{_needs(asked.needs, named=named)}{at} Suite: {suite}."
    counted = who + _needs(asked.needs, named=0)
    for length in range(len(suite) - 1, 0, -1):
        yield f"{counted}{at} Suite: {suite[:length].rstrip()}."
    yield counted + at
    yield f"{counted}."


def _needs(needs: tuple[Need, ...], *, named: int | None = None) -> str:
    """The first needs by name and the rest as a count: none is ever left out unsaid."""
    named = len(needs) if named is None else named
    left = len(needs) - named
    parts = [need.short for need in needs[:named]]
    if left:
        parts.append(f"+{left} {'need' if left == 1 else 'needs'}")
    return "".join(f", {part}" for part in parts)


def _first_that_fits(texts: Iterable[str]) -> str:
    for text in texts:
        if septets(text) <= SEGMENT:
            return text
    raise ValueError("nothing is short enough for one segment")


def _with_name(write: Callable[[str], str], name: str) -> str:
    """A text that names a suite or an authority; the name is cut as far as needed."""
    line = _one_line(name)
    return _first_that_fits(write(line[:length].rstrip()) for length in range(len(line), -1, -1))


# --- replies to an answer -------------------------------------------------------------------


def accepted(place_code: str, suite: str, desk_phone: str) -> str:
    """After ACCEPT."""
    return _with_name(
        lambda name: (
            f"Recorded: bed at {_one_line(place_code)} accepted for {name}. "
            f"The custody suite will ring you about the move. Tel {phone(desk_phone)}"
        ),
        suite,
    )


def refused(place_code: str, suite: str, desk_phone: str) -> str:
    """After REFUSE."""
    return _with_name(
        lambda name: (
            f"Recorded: refused at {_one_line(place_code)}; the bed is free again. "
            f"If you can take the child after all, ring {name} custody {phone(desk_phone)}"
        ),
        suite,
    )


def ring_noted(suite: str, desk_phone: str) -> str:
    """After RING."""
    return _with_name(
        lambda name: f"{name} custody has been told to ring you. The request stays open. Tel {phone(desk_phone)}",
        suite,
    )


def already(outcome: str, *, by: str, at: datetime) -> str:
    """What is true of a request that has ended, in one sentence or two."""
    if outcome == "expired":
        return expired(at)
    if outcome == "withdrawn":
        return withdrawn(at)
    return _with_name(lambda name: f"Already {outcome} by {name} at {london_clock(at)}.", by)


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
    return _first_that_fits(
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


# --- notices to the contact -----------------------------------------------------------------


def withdrawn_notice(reference: str, suite: str) -> str:
    """To the contact, when the police have taken a request back."""
    return _with_name(
        lambda name: (
            f"{reference}: the bed is no longer needed; {name} custody has withdrawn the request. No answer is needed."
        ),
        suite,
    )


def expired_notice(reference: str, suite: str) -> str:
    """To the contact, when nobody has answered in time."""
    return _with_name(
        lambda name: (
            f"{reference}: no answer came in time and the bed is no longer held. "
            f"If you can take the child, ring {name} custody."
        ),
        suite,
    )
