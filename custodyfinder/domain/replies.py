"""What an incoming text means.

A false "accept" sends a child to where nobody expects them, so acceptance is read narrowly: the
reference, the word, and nothing else but politeness. Whatever is in doubt is unclear, and unclear
changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .needs import RefusalReason

LETTERS, DIGITS = "CDFGHJKMNPRTWXY", "34679"
"""Without look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B, U V) and without vowels, so that no word can appear.

A and Q are out as well; the single letters that answer, A and R, can never be a whole reference."""

REFERENCE_ALPHABET = LETTERS + DIGITS
REFERENCE_LENGTH = 4
LONGEST_READ = 1600
"""Nothing longer comes from a phone; what is beyond is not looked at."""

MOST_WORDS = 200


class Kind(StrEnum):
    """What an incoming text asks of us."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    RING = "ring"
    BARE = "bare"
    """An answer without a reference."""
    CARRIER = "carrier"
    """A word that Twilio or the networks take for themselves."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One incoming text, understood."""

    kind: Kind
    reference: str | None = None
    words: str = ""
    """What was said after REFUSE, at most 200 characters, without control characters."""
    reason: RefusalReason = RefusalReason.NOT_GIVEN


def new_reference(choose: Callable[[str], str]) -> str:
    """A random reference: letter, digit, letter, letter or digit. `choose` draws one character of a string.

    It always has a digit and a letter, so that it can never be a word of a command.
    """
    return choose(LETTERS) + choose(DIGITS) + choose(LETTERS) + choose(REFERENCE_ALPHABET)


_REFERENCE = re.compile(f"[{LETTERS}][{DIGITS}][{LETTERS}][{REFERENCE_ALPHABET}]")
_TOKEN = re.compile(r"[A-Z0-9]+(?:'[A-Z]+)?")

_ACCEPT = {"ACCEPT", "ACCEPTED", "ACCEPTING", "A"}
_REFUSE = {"REFUSE", "REFUSED", "REFUSING", "R"}
_RING = {"RING", "RG"}
_COMMANDS = _ACCEPT | _REFUSE | _RING
# YES is one of the networks' words too, but who sends it to us means the bed: it is answered with the reference.
_CARRIER = {
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
    *("START", "UNSTOP", "HELP", "INFO"),
}
_BARE = _COMMANDS | {"YES", "OK", "OKAY", "YEP", "YEAH", "NO", "FINE", "SURE", "Y", "N"}

# Politeness that may stand beside an acceptance without putting it in doubt.
_POLITE = {
    "PLEASE",
    "THANKS",
    "THANK",
    "YOU",
    "OK",
    "OKAY",
    "YES",
    "WE",
    "I",
    "WILL",
    "HI",
    "HELLO",
    "THIS",
    "BED",
    "THE",
}

# The first of these that is found in the words names the reason; the words themselves are kept beside it.
_REASONS = (
    (RefusalReason.SECURE_WITHOUT_GROUNDS, ("GROUNDS", "NOT SECURE", "WHY SECURE")),
    (RefusalReason.MIX_OF_CHILDREN, ("OTHER CHILD", "RISK", "MIX", "GANG", "RESIDENT")),
    (RefusalReason.STAFFING, ("STAFF", "CARER", "COVER")),
    (RefusalReason.TRANSPORT, ("TRANSPORT", "TAXI", "DRIVER", "TRAVEL")),
    (RefusalReason.OUT_OF_AREA, ("AREA", "BOROUGH", "NOT OURS", "ANOTHER AUTHORITY")),
    (RefusalReason.TOO_LATE, ("LATE", "NOTICE")),
    (RefusalReason.NOT_ENOUGH_KNOWN, ("INFORMATION", "KNOW", "DETAILS")),
    (RefusalReason.NO_BED, ("BED", "FULL", "SPACE", "ROOM", "CAPACITY", "VACANC")),
)


def parse(body: str) -> Reply:
    """Read one incoming text. Never raises; takes time in proportion to its length, up to a limit.

    Case, spacing and punctuation are ignored, and the reference may stand before or after the word.
    """
    text = _plain(body[:LONGEST_READ])
    upper = text.upper()
    tokens = _TOKEN.findall(upper)
    if len(tokens) == 1 and tokens[0] in _CARRIER:
        return Reply(kind=Kind.CARRIER)
    tokens = _apart(tokens)
    references = {token for token in tokens if _REFERENCE.fullmatch(token)}
    if len(references) > 1:
        return Reply(kind=Kind.UNCLEAR)
    words = [token for token in tokens if token not in references]
    if not references:
        answers = bool(words) and words[0] in _BARE | _CARRIER
        return Reply(kind=Kind.BARE if answers else Kind.UNCLEAR)
    return _with_reference(references.pop(), words, text)


def _with_reference(reference: str, words: list[str], text: str) -> Reply:
    command = words[0] if words else ""
    if command in _REFUSE:
        said = _said(text, reference)
        return Reply(kind=Kind.REFUSE, reference=reference, words=said, reason=_reason(said))
    meant = [word for word in words if word not in _POLITE]
    if len(meant) == 1 and meant[0] in _ACCEPT:
        return Reply(kind=Kind.ACCEPT, reference=reference)
    if meant and meant[0] in _RING and not set(meant) & (_ACCEPT | _REFUSE):
        return Reply(kind=Kind.RING, reference=reference)
    return Reply(kind=Kind.UNCLEAR, reference=reference)


def _plain(text: str) -> str:
    """Styled letters as plain ones; control, bidirectional and zero-width characters as spaces or nothing."""
    kept = []
    for character in unicodedata.normalize("NFKC", text.replace("’", "'")):
        category = unicodedata.category(character)
        if category == "Cf":
            continue
        kept.append(" " if category.startswith(("C", "Z")) else character)
    return "".join(kept)


def _apart(tokens: list[str]) -> list[str]:
    """Split a reference from a command that was typed against it ("K7R4ACCEPT"), and join one spelt out ("K 7 R 4")."""
    joined: list[str] = []
    spelt = ""
    for token in [*tokens, ""]:
        # Only single characters of the alphabet can spell a reference; A is no part of one, R may be.
        if len(token) == 1 and token in REFERENCE_ALPHABET and len(spelt) < REFERENCE_LENGTH:
            spelt += token
            continue
        joined.extend([spelt] if _REFERENCE.fullmatch(spelt) else list(spelt))
        spelt = ""
        joined.extend(_split(token))
    return joined


def _split(token: str) -> list[str]:
    if not token:
        return []
    head, tail = token[:REFERENCE_LENGTH], token[REFERENCE_LENGTH:]
    if tail in _COMMANDS and _REFERENCE.fullmatch(head):
        return [head, tail]
    head, tail = token[:-REFERENCE_LENGTH], token[-REFERENCE_LENGTH:]
    if head in _COMMANDS and _REFERENCE.fullmatch(tail):
        return [head, tail]
    return [token]


def _said(text: str, reference: str) -> str:
    """What stands after the word, without the reference."""
    found = re.search(r"REFUS(?:ED|ING|E)|\bR\b|(?<=\w{4})R\b", text, re.IGNORECASE)
    rest = text[found.end() :] if found else ""
    rest = re.sub(re.escape(reference), " ", rest, flags=re.IGNORECASE)
    return " ".join(rest.split()).strip(" :;,.-–—")[:MOST_WORDS].strip()


def _reason(words: str) -> RefusalReason:
    if not words:
        return RefusalReason.NOT_GIVEN
    upper = words.upper()
    for reason, signs in _REASONS:
        if any(sign in upper for sign in signs):
            return reason
    return RefusalReason.OTHER
