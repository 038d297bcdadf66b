"""About where each authority lies, for the maps: `seeds/authority_outlines.geojson`, read once a process."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any

import shapely

from ..config import PROJECT
from ..domain.drawing import Outline, outline
from ..domain.geo import from_lat_lon
from ..domain.search_map import Ground

OUTLINES = PROJECT / "seeds" / "authority_outlines.geojson"


@lru_cache(maxsize=1)
def outlines() -> tuple[Outline, ...]:
    """Every authority of England and Wales, in the order of their codes."""
    return tuple(
        outline(feature["id"], feature["properties"]["name"], feature["geometry"]["coordinates"])
        for feature in _features()
    )


_TOLERANCES_M = (4_000, 2_000, 1_000, 500)
"""Of the outlines made simpler for a map of a large piece of the country."""


def grounds(unit_m: float) -> tuple[Ground, ...]:
    """Every authority in metres on the grid, as simple as a map allows whose unit is so many metres.

    The first call in a process takes half a second, and the first of each of five degrees some 50 ms.
    """
    return _simpler(next((tolerance for tolerance in _TOLERANCES_M if tolerance <= 2.5 * unit_m), 0))


@cache
def _simpler(tolerance_m: int) -> tuple[Ground, ...]:
    if tolerance_m == 0:
        return _on_grid()
    # Together, so that neighbours keep one line between them.
    areas = shapely.coverage_simplify([ground.area for ground in _on_grid()], tolerance_m)
    return tuple(Ground(ground.name, area) for ground, area in zip(_on_grid(), areas, strict=True))


@cache
def _on_grid() -> tuple[Ground, ...]:
    # Neighbours share their points: each is turned into metres once.
    known: dict[tuple[float, float], tuple[float, float]] = {}

    def metres(ring: list[list[float]]) -> list[tuple[float, float]]:
        for lon, lat in ring:
            if (lon, lat) not in known:
                point = from_lat_lon(lat, lon)
                known[lon, lat] = round(point.easting, 1), round(point.northing, 1)
        return [known[lon, lat] for lon, lat in ring]

    return tuple(
        Ground(
            feature["properties"]["name"],
            shapely.MultiPolygon(
                [
                    shapely.Polygon(metres(shell), [metres(hole) for hole in holes])
                    for shell, *holes in feature["geometry"]["coordinates"]
                ]
            ),
        )
        for feature in _features()
    )


def _features() -> list[Any]:
    found: list[Any] = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    return found
