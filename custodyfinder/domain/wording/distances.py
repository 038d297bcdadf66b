"""Distances as people read them."""

from __future__ import annotations

from ..geo import miles as in_miles


def miles(metres: float) -> str:
    """ "3.2 miles": one decimal under 20, none above."""
    distance = in_miles(metres)
    return f"{distance:.1f} miles" if distance < 20 else f"{distance:.0f} miles"
