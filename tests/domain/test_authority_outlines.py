"""The outlines of the authorities as they are kept in seeds/: fit to be drawn as a map."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
OUTLINES = SEEDS / "authority_outlines.geojson"

KM2 = 1 / 7_450
"""A square kilometre in square degrees, about, in the middle of England and Wales."""

ISLE_OF_WIGHT, SCILLY = "E06000046", "E06000053"


@cache
def areas() -> dict[str, Any]:
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    return dict(zip((feature["id"] for feature in features), shapes, strict=True))


@cache
def land() -> Any:
    return shapely.coverage_union_all(list(areas().values()))


def test_every_authority_of_england_and_wales_has_an_outline_under_its_name() -> None:
    with (SEEDS / "authorities.csv").open(encoding="utf-8", newline="") as file:
        wanted = {row["code"]: row["name"] for row in csv.DictReader(file)}
    features = json.loads(OUTLINES.read_text(encoding="utf-8"))["features"]

    assert {feature["id"]: feature["properties"]["name"] for feature in features} == wanted


def test_every_outline_is_valid_and_no_speck() -> None:
    assert all(shapely.is_valid(list(areas().values())))
    small = {code for code, area in areas().items() if shapely.area(shapely.get_parts(area)).min() < 2.5 * KM2}
    assert small <= {SCILLY, "E09000001"}  # islands, and the City of London


def test_neighbours_share_one_line_without_a_gap_and_without_overlapping() -> None:
    assert shapely.coverage_is_valid(list(areas().values()))


def test_the_land_has_no_hole_that_is_nobodys() -> None:
    assert all(not part.interiors for part in shapely.get_parts(land()))


def test_the_coast_has_no_spike() -> None:
    """No point where the line turns back on itself, on a stretch long enough to be seen."""
    for part in shapely.get_parts(land()):
        points = shapely.get_coordinates(part.exterior)[:-1] * (0.61, 1)
        before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
        lengths = np.hypot(*before.T), np.hypot(*after.T)
        turns = np.degrees(np.arccos(np.clip((before * after).sum(axis=1) / (lengths[0] * lengths[1]), -1, 1)))
        assert not ((turns > 150) & (np.minimum(*lengths) > 0.005)).any()


def test_the_isle_of_wight_is_an_island_and_so_are_the_scillies() -> None:
    for island in (ISLE_OF_WIGHT, SCILLY):
        others = [area for code, area in areas().items() if code != island]
        assert not shapely.intersects(areas()[island], others).any()


def test_the_file_is_light_enough_to_be_read_by_every_process() -> None:
    assert OUTLINES.stat().st_size < 600_000
