"""A place as the rules read it, from a row that is in hand already."""

from __future__ import annotations

from ..domain.suitability import Candidate
from ..models import Place


def candidate_of(place: Place, authority_name: str = "") -> Candidate:
    """The rules' view of one place. Hard rules need no authority name."""
    return Candidate(
        *(
            authority_name if name == "authority_name" else getattr(place, name)
            for name in Candidate._fields
        )
    )
