"""British numbers, in and out of E.164."""

from __future__ import annotations

import re

import phonenumbers

from ..errors import BadInput

_DRAMA = re.compile(r"\+447700900[0-9]{3}")
"""Ofcom's drama mobiles: they belong to nobody, and are all that seeds and tests have."""


def number(typed: str, *, field: str) -> str:
    """A possible number in E.164.

    Raises:
        BadInput: it is none.
    """
    try:
        parsed = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        raise _wrong(field, "Enter a phone number, such as 020 7946 0000.") from None
    if parsed.extension:  # E.164 has no room for it, and without it the officer rings a switchboard
        raise _wrong(field, "An extension cannot be kept. Enter a number that rings directly.")
    # Possible, not valid: Ofcom's drama numbers are possible and belong to nobody.
    if not phonenumbers.is_possible_number(parsed):
        raise _wrong(field, "That is not a possible phone number. Check its digits.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def mobile(typed: str, *, field: str = "mobile") -> str:
    """A British mobile number in E.164.

    Raises:
        BadInput: it is none; a landline takes no texts.
    """
    found = number(typed, field=field)
    if _DRAMA.fullmatch(found):
        return found
    kind = phonenumbers.number_type(phonenumbers.parse(found, "GB"))
    if not found.startswith("+44") or kind != phonenumbers.PhoneNumberType.MOBILE:
        raise _wrong(field, "Enter a British mobile number, which can take texts, such as 07700 900123.")
    return found


def _wrong(field: str, public: str) -> BadInput:
    return BadInput("phone number", field=field, public=public)
