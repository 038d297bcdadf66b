"""What an incoming text means.

A false "accept" sends a child to where nobody expects them, so an acceptance is read narrowly: the
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
"""Without look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B, U V), and without vowels, so that no word appears."""

REFERENCE_ALPHABET = LETTERS + DIGITS
REFERENCE_LENGTH = 4

LONGEST_READ = 1600
"""Twilio's limit for one text: what is beyond is not read, so a text this long is never an acceptance."""

MOST_WORDS = 200


class Kind(StrEnum):
    """What an incoming text asks of us."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    RING = "ring"
    BARE = "bare"
    """An answer without a reference."""
    STOP = "stop"
    """A word by which a phone opts out: Twilio brings it nothing more."""
    START = "start"
    """A word by which it comes back."""
    CARRIER = "carrier"
    """A word that Twilio answers itself."""
    CODE = "code"
    """Six digits: they confirm a phone."""
    BEDS = "beds"
    """What do you hold for us?"""
    BEDS_REPORT = "beds_report"
    BEDS_SAME = "beds_same"
    BEDS_UNCLEAR = "beds_unclear"
    """About beds, and in doubt."""
    UNDO = "undo"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One incoming text, understood."""

    kind: Kind
    reference: str | None = None
    words: str = ""
    """What was said after REFUSE, at most 200 characters, without control characters."""
    reason: RefusalReason = RefusalReason.NOT_GIVEN
    """Guessed from the words; they are kept beside it."""
    counts: tuple[tuple[str, int], ...] = ()
    """Of BEDS_REPORT: place code, in capitals, and beds free; "" where no place was named."""
    code: str = ""
    """Of CODE."""


def new_reference(choose: Callable[[str], str]) -> str:
    """A random reference, one of 22,500: letter, digit, letter, then either. `choose` draws from a string.

    The digit in second place keeps it from ever being a word of a command.
    """
    return choose(LETTERS) + choose(DIGITS) + choose(LETTERS) + choose(REFERENCE_ALPHABET)


_ACCEPT = r"(?:ACCEPT(?:ED|ING)?|A)"
_REFUSE = r"(?:REFUS(?:E|ED|ING)|R)"
_RING = r"(?:RING|RG)"
_ANSWER = f"(?:{_ACCEPT}|{_REFUSE}|{_RING})"
_BARE_YES_OR_NO = r"(?:YES|YEP|YEAH|Y|OK|OKAY|SURE|FINE|NO|N)"
_FILLER = r"(?:HI|HELLO|PLEASE|THANKS|THANK YOU|OK|OKAY|YES)"
_REGRET = r"(?:SORRY|UNFORTUNATELY|I'M AFRAID)"
# Only in the order of a statement: "will we accept" asks.
_WE_WILL = r"(?:(?:WE |I )?WILL |WE'LL |I'LL |WE |I )?"

# These read a text whose reference has been taken out, in capitals, one space between words.
_ACCEPTANCE = re.compile(f"(?:{_FILLER} )*(?:{_WE_WILL}ACCEPT(?:ED|ING)?|A)(?: {_FILLER})*")
# "R u able to wait" asks: a lone R before one of these is "are".
_REFUSAL = re.compile(
    f"(?:(?:{_FILLER}|{_REGRET}) )*{_WE_WILL}(?!R (?:U|YOU|WE|THEY|THERE)\\b){_REFUSE}(?: (?P<why>.*))?"
)
_CALL = re.compile(f"(?:{_FILLER} )*(?:(?:CAN|COULD|WILL|WOULD) YOU )?{_RING}(?: .*)?")
_BARE = re.compile(f"(?:{_FILLER} )*{_WE_WILL}(?:{_ANSWER}|{_BARE_YES_OR_NO})(?: .*)?|{_FILLER}(?: {_FILLER})*")
_ONLY_ACCEPTS = re.compile(f"{_ACCEPT}(?: {_ACCEPT})*")
_OTHER_ANSWER = re.compile(r"\b(?:ACCEPT|REFUS)")

# YES is one of the networks' words too, but who texts it to us means the bed: silence would read as
# agreement, so it counts as an answer without a reference.
_STOP = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"))
_START = frozenset(("START", "UNSTOP"))
_CARRIER = frozenset(("HELP", "INFO"))

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_ABOUT_BEDS = re.compile(r"BEDS?(?![^\W_])", re.IGNORECASE)
_SAME = frozenset(("SAME", "OK", "UNCHANGED", "ALL SAME", "ALL OK", "THE SAME"))
# A place code has a letter in it, so that a number is never taken for one.
_PLACE_CODE = re.compile(r"(?=[0-9]*[A-Z])[A-Z0-9]{2,8}")
_NUMBER = re.compile(r"[0-9]{1,3}")
# What may stand between a code and its number, and between two places; a sign or a point changes the number.
_JOINTS = re.compile(r"[\s:=,;&!]+|\.(?![0-9])")

# Written as one word ("K7R4"), spelt out ("K 7 R 4"), or typed against the answer ("K7R4ACCEPT").
_GAP = r"[ .-]+"
_PLACES = (f"[{LETTERS}]", f"[{DIGITS}]", f"[{LETTERS}]", f"[{REFERENCE_ALPHABET}]")
_REFERENCE = re.compile(
    rf"(?<![^\W_])(?P<before>{_ANSWER})?(?P<reference>{''.join(_PLACES)}|{_GAP.join(_PLACES)})"
    rf"(?P<after>{_ANSWER})?(?![^\W_])",
    re.IGNORECASE,
)
_REFUSE_WORD = re.compile(rf"(?<![^\W_]){_REFUSE}(?![^\W_])", re.IGNORECASE)

# The first row found in the words names the reason. No bed stands last: it is what people say beside
# the real reason ("no bed with staff on").
_REASONS = (
    (RefusalReason.SECURE_WITHOUT_GROUNDS, r"GROUNDS|(?:NOT|WHY|NEEDS?) SECURE|SECURE NOT"),
    (RefusalReason.MIX_OF_CHILDREN, r"RISKS? TO|OTHER (?:CHILD|YOUNG)\w*|MIX\w*|GANGS?|RESIDENTS?|CO ACCUSED"),
    (RefusalReason.STAFFING, r"STAFF\w*|(?:FOSTER )?CARERS?|SHORT HANDED"),
    (RefusalReason.TRANSPORT, r"TRANSPORT|TAXI|DRIVERS?|TRAVEL"),
    (RefusalReason.OUT_OF_AREA, r"AREA|BOROUGH|NOT OURS?|(?:ANOTHER|OTHER|WRONG) (?:AUTHORITY|COUNCIL)"),
    (RefusalReason.TOO_LATE, r"LATE|NOTICE"),
    (RefusalReason.NOT_ENOUGH_KNOWN, r"(?:MORE|ENOUGH|TOO LITTLE) (?:INFO\w*|DETAILS?|KNOWN)|NOT ENOUGH|INFORMATION"),
    (RefusalReason.NO_BED, r"BEDS?|FULL|SPACES?|ROOMS?|CAPACITY|VACANC\w+|PLACEMENTS?"),
)
_SIGNS = tuple((reason, re.compile(rf"\b(?:{signs})\b")) for reason, signs in _REASONS)


def parse(body: str) -> Reply:
    """Read one incoming text. Never raises; takes time in proportion to its length, up to a limit.

    Case, spacing and punctuation are ignored, and the reference may stand before or after the
    answer. A question mark is not ignored beside an acceptance: "accept?" asks.
    """
    text = _plain(body[:LONGEST_READ])
    if about_beds := _ABOUT_BEDS.match(text):
        whole = len(body) < LONGEST_READ  # what was cut off may have been a number
        return _beds(text[about_beds.end() :].upper()) if whole else Reply(kind=Kind.BEDS_UNCLEAR)
    references = {re.sub(_GAP, "", found["reference"]).upper() for found in _REFERENCE.finditer(text)}
    if len(references) > 1:
        return Reply(kind=Kind.UNCLEAR)
    rest = _REFERENCE.sub(lambda found: f" {found['before'] or ''} {found['after'] or ''} ", text)
    said = _words(rest)
    if not references:
        return _without_reference(said)
    reference = references.pop()
    refusal = _REFUSAL.fullmatch(said)
    if refusal and not _ONLY_ACCEPTS.fullmatch(refusal["why"] or ""):
        why = _after_refuse(rest)
        return Reply(kind=Kind.REFUSE, reference=reference, words=why, reason=_reason(_words(why)))
    return Reply(kind=_other_kind(said, sure="?" not in text and len(body) < LONGEST_READ), reference=reference)


def _without_reference(said: str) -> Reply:
    for words, kind in ((_STOP, Kind.STOP), (_START, Kind.START), (_CARRIER, Kind.CARRIER)):
        if said in words:
            return Reply(kind=kind)
    if said == "UNDO":
        return Reply(kind=Kind.UNDO)
    digits = said.replace(" ", "")
    if _SIX_DIGITS.fullmatch(digits):
        return Reply(kind=Kind.CODE, code=digits)
    return Reply(kind=Kind.BARE if _BARE.fullmatch(said) else Kind.UNCLEAR)


def _beds(rest: str) -> Reply:
    """What stands after BEDS, in capitals. A question, a sign, a fraction or a word in doubt reports nothing."""
    words = [word for word in _JOINTS.split(rest) if word and word != "AND"]
    if not words or words == ["?"]:
        return Reply(kind=Kind.BEDS)
    if " ".join(words) in _SAME:
        return Reply(kind=Kind.BEDS_SAME)
    if len(words) == 1 and _NUMBER.fullmatch(words[0]):
        return Reply(kind=Kind.BEDS_REPORT, counts=(("", int(words[0])),))
    counts: dict[str, int] = {}
    for code, number in zip(words[::2], words[1::2], strict=False):
        if not (_PLACE_CODE.fullmatch(code) and _NUMBER.fullmatch(number)):
            return Reply(kind=Kind.BEDS_UNCLEAR)
        if counts.setdefault(code, int(number)) != int(number):
            return Reply(kind=Kind.BEDS_UNCLEAR)  # two counts for one place
    if len(words) % 2:
        return Reply(kind=Kind.BEDS_UNCLEAR)
    return Reply(kind=Kind.BEDS_REPORT, counts=tuple(counts.items()))


def _other_kind(said: str, *, sure: bool) -> Kind:
    if _ACCEPTANCE.fullmatch(said):
        return Kind.ACCEPT if sure else Kind.UNCLEAR
    if _CALL.fullmatch(said) and not _OTHER_ANSWER.search(said):
        return Kind.RING
    return Kind.UNCLEAR


def _plain(text: str) -> str:
    """Full-width and styled letters as plain ones; no invisible characters; one space for any gap."""
    kept = []
    for character in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(character)
        if category == "Cf":  # zero-width and bidirectional: nothing that a reader sees
            continue
        kept.append(" " if category.startswith(("C", "Z")) else character)
    return " ".join("".join(kept).replace("’", "'").split())


def _words(text: str) -> str:
    """In capitals, without punctuation, one space between words. Emoji and accents stay as words of their own:
    a thumb pointing down beside ACCEPT, or a line through it, must leave a trace."""
    kept = []
    for character in text.upper():
        category = unicodedata.category(character)
        if category.startswith("L") or category == "Nd" or character == "'":
            kept.append(character)
        elif category.startswith("P") or character.isascii():
            kept.append(" ")
        else:
            kept.append(f" {character} ")
    words = (word.strip("'") for word in "".join(kept).split())
    return " ".join(word for word in words if word)


def _after_refuse(rest: str) -> str:
    """What was said after the word, as it was written."""
    found = _REFUSE_WORD.search(rest)
    after = rest[found.end() :] if found else ""
    if not _words(after):  # nothing but punctuation
        return ""
    return " ".join(after.split()).strip(" :;,.-–—/")[:MOST_WORDS].strip()


def _reason(words: str) -> RefusalReason:
    if not words:
        return RefusalReason.NOT_GIVEN
    return next((reason for reason, signs in _SIGNS if signs.search(words)), RefusalReason.OTHER)
