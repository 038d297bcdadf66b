"""About where each authority lies, for shading a map: `seeds/authority_outlines.geojson`, read once a process."""

from __future__ import annotations

import json
from functools import lru_cache

from ..config import PROJECT
from ..domain.drawing import Outline, outline

OUTLINES = PROJECT / "seeds" / "authority_outlines.geojson"


@lru_cache(maxsize=1)
def outlines() -> tuple[Outline, ...]:
    """Every authority of England and Wales, in the order of their codes."""
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    return tuple(
        outline(feature["id"], feature["properties"]["name"], feature["geometry"]["coordinates"])
        for feature in features
    )
