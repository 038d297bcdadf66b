"""Text as a reader sees it: without the characters that only pretend."""

from __future__ import annotations

import re
import unicodedata

# Letters and marks that are drawn as nothing, though Unicode does not call them format characters: a name made of
# them looks empty, and two names that differ by one look the same.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_HIDDEN = frozenset(("Cc", "Cf", "Cs"))
# A form feed as well, which phones can send: "1" and "2" with one between them are not 12.
_LINE_ENDS = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")


def visible(text: str) -> str:
    """The text without control, format and blank characters; tabs stay, and every line end is a newline.

    Bidirectional controls turn what stands around them, and zero-width characters make two different words look
    the same. A soft hyphen goes with them. An emoji of a family falls into its members, a flag of Wales into a flag.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign for sign in _LINE_ENDS.sub("\n", text) if sign in "\n\t" or not _pretends(sign))


def _pretends(sign: str) -> bool:
    return sign in _BLANK or unicodedata.category(sign) in _HIDDEN
