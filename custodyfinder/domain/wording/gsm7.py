"""What fits into one text: 160 septets of GSM-7."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

SEGMENT = 160
"""Septets of one text in one part (3GPP TS 23.038)."""

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


def one_line(text: str) -> str:
    return fold_to_gsm7(" ".join(text.split()))


def first_that_fits(texts: Iterable[str]) -> str:
    for text in texts:
        if septets(text) <= SEGMENT:
            return text
    raise ValueError("nothing is short enough for one segment")


def with_name(write: Callable[[str], str], name: str) -> str:
    """A text that names a suite or an authority; the name is cut as far as needed."""
    line = one_line(name)
    return first_that_fits(write(line[:length].rstrip()) for length in range(len(line), -1, -1))
