"""How many texts a network makes of one (GSM 03.38), counted apart from the application's own rule."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")


def segments(body: str) -> int:
    """The number of parts, at least 1: 160 or 153 characters of GSM-7 each, else 70 or 67 of UCS-2."""
    if _BASIC.issuperset(body) or (_BASIC | _ESCAPED).issuperset(body):
        size = len(body) + sum(character in _ESCAPED for character in body)
        alone, part = 160, 153
    else:
        size = len(body.encode("utf-16-be")) // 2
        alone, part = 70, 67
    return 1 if size <= alone else -(-size // part)
