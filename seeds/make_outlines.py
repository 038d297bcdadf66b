"""Makes seeds/authority_outlines.geojson: about where each authority with children's services lies.

The outlines are made from postcodes, not from surveyed boundaries: each point of the land belongs to the
authority of the nearest postcode of a thinned sample. They are good for shading a map and for nothing else.
Run it with `.venv/bin/python seeds/make_outlines.py` after a new postcode directory; it takes a minute and
makes the same file every time. See README.md for the source and the licence.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import shapely

SEEDS = Path(__file__).resolve().parent
sys.path.insert(0, str(SEEDS.parent))

from custodyfinder.domain.geo import GridPoint, to_lat_lon  # noqa: E402
from custodyfinder.gateways.postcodes import PostcodeDirectory  # noqa: E402

INDEX = SEEDS.parent / "instance" / "postcodes.sqlite"
OUTLINES = SEEDS / "authority_outlines.geojson"

THINNED_M = 300
"""One postcode of each authority in each square of this size."""
FAR_M, BACK_M = 2_400, 2_000
"""Land is what lies within so many metres of a postcode, drawn back again by the second: a coast of some 400 m."""
ISLAND = "E06000046"
"""The Isle of Wight: without this it would grow together with Hampshire, as the banks of an estuary do."""
SMOOTH_M = 500
"""Spits of the coast that are narrower than twice this are left out."""
SIMPLER_M = 220
SMALLEST_M2 = 3_000_000
"""Lesser specks go to a neighbour, or are left out where there is none, unless they are all that an authority has."""
PLACES = 4
"""Decimals of a degree: about 7 by 11 metres. With fewer, narrow necks cross themselves."""


def main() -> None:
    """Read the postcodes, share out the land, write the file."""
    with (SEEDS / "authorities.csv").open(encoding="utf-8", newline="") as file:
        names = {row["code"]: row["name"] for row in csv.DictReader(file)}
    PostcodeDirectory(INDEX).prepare(progress=print)
    points, codes = _sample()
    outlines = _outlines(points, codes, set(names))
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"name": names[code]},
            "geometry": _in_degrees(outlines[code]),
        }
        for code in sorted(outlines)
    ]
    lines = ",\n".join(json.dumps(feature, separators=(",", ":"), ensure_ascii=False) for feature in features)
    OUTLINES.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{len(features)} authorities, {OUTLINES.stat().st_size // 1024} kB")


def _sample() -> tuple[Any, list[str]]:
    """The first postcode in use of each authority in each square, Scotland's too: they end England."""
    chosen: dict[tuple[int, int, str], tuple[int, int]] = {}
    with closing(sqlite3.connect(f"{INDEX.as_uri()}?mode=ro", uri=True)) as index:
        for easting, northing, code in index.execute(
            "SELECT easting, northing, authority FROM postcode WHERE live AND northing < 700000 ORDER BY postcode"
        ):
            chosen.setdefault((easting // THINNED_M, northing // THINNED_M, code), (easting, northing))
    # A point may stand for one authority only.
    by_point = {point: code for (_, _, code), point in sorted(chosen.items(), reverse=True)}
    return shapely.points(np.array(list(by_point), dtype=float)), list(by_point.values())


def _outlines(points: Any, codes: list[str], wanted: set[str]) -> dict[str, Any]:
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), ordered=True))
    cells_of = defaultdict(list)
    for code, cell in zip(codes, cells, strict=True):
        cells_of[code].append(cell)
    on_island = np.array([code == ISLAND for code in codes])
    land = shapely.union(_land(points[on_island]), _land(points[~on_island]))
    shapely.prepare(land)
    # The coast first, so that it is made simpler too; neighbours keep one line between them.
    areas = {code: shapely.intersection(shapely.coverage_union_all(cells_of[code]), land) for code in sorted(cells_of)}
    whole = _without_specks(areas)
    kept = sorted(wanted & whole.keys())
    return dict(zip(kept, shapely.coverage_simplify([whole[code] for code in kept], SIMPLER_M), strict=True))


def _land(points: Any) -> Any:
    """All that is near a postcode or shut in by what is: moors and lakes are somebody's, the sea is nobody's."""
    near = shapely.buffer(shapely.union_all(shapely.buffer(points, FAR_M, quad_segs=4)), -BACK_M, quad_segs=4)
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(near)])
    return shapely.buffer(shapely.buffer(filled, -SMOOTH_M, quad_segs=4), SMOOTH_M, quad_segs=4)


def _without_specks(areas: dict[str, Any]) -> dict[str, Any]:
    """Each authority in parts worth drawing; what is too small goes to whom it has the longest border with."""
    large, specks = {}, []
    for code, area in areas.items():
        parts = sorted(_polygons(area), key=lambda part: -part.area)
        kept = [part for at, part in enumerate(parts) if at == 0 or part.area >= SMALLEST_M2]
        specks += parts[len(kept) :]
        large[code] = kept
    everyone = [(code, part) for code, parts in large.items() for part in parts]
    tree = shapely.STRtree([part for _, part in everyone])
    for speck in specks:
        near = tree.query(speck, predicate="intersects")
        borders = {int(at): shapely.intersection(speck, everyone[at][1]).length for at in near}
        if any(borders.values()):
            large[everyone[max(borders, key=borders.__getitem__)][0]].append(speck)
    return {code: shapely.multipolygons(_polygons(shapely.union_all(parts))) for code, parts in large.items() if parts}


def _polygons(area: Any) -> list[Any]:
    return [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]


def _in_degrees(area: Any) -> dict[str, Any]:
    return {
        "type": "MultiPolygon",
        "coordinates": [[_ring(ring) for ring in (part.exterior, *part.interiors)] for part in shapely.get_parts(area)],
    }


def _ring(ring: Any) -> list[list[float]]:
    """Longitude and latitude, as GeoJSON has them (RFC 7946), neighbours that round to the same point left out."""
    rounded: list[list[float]] = []
    for easting, northing in ring.coords:
        lat, lon = to_lat_lon(GridPoint(min(max(easting, 0), 700_000), max(northing, 0)))
        point = [round(lon, PLACES), round(lat, PLACES)]
        if not rounded or rounded[-1] != point:
            rounded.append(point)
    return rounded


if __name__ == "__main__":
    main()
