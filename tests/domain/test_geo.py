"""Points, distances, the travel estimate and areas to avoid."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from geopy.distance import geodesic
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from custodyfinder.domain import geo
from custodyfinder.domain.geo import (
    Areas,
    Circle,
    GridPoint,
    distance_m,
    from_lat_lon,
    miles,
    polygons_from_geojson,
    reach_m,
    to_lat_lon,
    travel_minutes,
)
from custodyfinder.errors import BadInput

DOWNING_STREET = GridPoint(530047, 179951)

# England and Wales lie within this: Scilly to Lowestoft, the Lizard to Berwick.
in_england_or_wales = st.builds(GridPoint, st.floats(80_000, 656_000), st.floats(5_000, 658_000))
on_the_grid = st.builds(GridPoint, st.floats(0, 700_000), st.floats(0, 1_300_000))


# --- Points and distances ---


@pytest.mark.parametrize(
    ("easting", "northing"), [(-1, 0), (0, -1), (700_001, 0), (0, 1_300_001), (math.nan, 0), (0, math.inf)]
)
def test_a_point_outside_the_grid_is_refused(easting: float, northing: float) -> None:
    with pytest.raises(ValueError, match="outside the National Grid"):
        GridPoint(easting, northing)


def test_downing_street_lies_where_the_postcode_directory_says_it_does() -> None:
    assert geodesic(to_lat_lon(DOWNING_STREET), (51.50354, -0.12770)).m < 3
    assert distance_m(from_lat_lon(51.50354, -0.12770), DOWNING_STREET) < 3


@pytest.mark.parametrize(
    ("easting", "northing", "lat", "lon"),
    [
        # From EPSG:27700 to EPSG:4326 by PROJ, with the same seven-parameter shift.
        (87_000, 8_000, 49.8901727, -6.3594216),  # Isles of Scilly
        (318_000, 176_000, 51.4769934, -3.1821202),  # Cardiff
        (651_409.903, 313_177.270, 52.6579786, 1.7160520),  # Caister-on-Sea
        (400_000, 652_000, 55.7613529, -2.0015677),  # Berwick-upon-Tweed
    ],
)
def test_points_at_the_corners_of_the_country_are_where_proj_puts_them(
    easting: float, northing: float, lat: float, lon: float
) -> None:
    point = GridPoint(easting, northing)
    assert to_lat_lon(point) == pytest.approx((lat, lon), abs=2e-7)
    assert distance_m(from_lat_lon(lat, lon), point) < 0.02


@given(on_the_grid)
def test_there_and_back_is_the_same_point_within_a_centimetre(point: GridPoint) -> None:
    east, north = min(max(point.easting, 1), 699_999), min(max(point.northing, 1), 1_299_999)
    inland = GridPoint(east, north)
    assert distance_m(from_lat_lon(*to_lat_lon(inland)), inland) < 0.01


@pytest.mark.parametrize(("lat", "lon"), [(-0.1277, 51.5035), (48.85, 2.35), (91, 0), (math.nan, 0), (49.1, -9.9)])
def test_a_latitude_and_longitude_off_the_grid_are_refused(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        from_lat_lon(lat, lon)


@settings(max_examples=300, deadline=None)
@example(GridPoint(80_000, 5_000), 0.0, 1.57)  # far west, where the grid stretches most
@example(GridPoint(400_000, 200_000), 0.0, 1.57)  # its own meridian, where it shrinks most
@given(in_england_or_wales, st.floats(0, 1), st.floats(0, 2 * math.pi))
def test_the_distance_is_within_half_a_percent_of_the_ellipsoid_from_200_m_to_600_km(
    a: GridPoint, share: float, bearing: float
) -> None:
    length = 200 * 3000**share  # as many short lengths as long ones
    east, north = a.easting + length * math.sin(bearing), a.northing + length * math.cos(bearing)
    assume(80_000 <= east <= 656_000 and 5_000 <= north <= 658_000)
    b = GridPoint(east, north)
    true = geodesic(to_lat_lon(a), to_lat_lon(b)).m
    assert distance_m(a, b) == pytest.approx(true, rel=0.001)  # the docstring promises 0.09%


@given(on_the_grid, on_the_grid)
def test_the_distance_is_the_same_both_ways_and_none_to_itself(a: GridPoint, b: GridPoint) -> None:
    assert distance_m(a, b) == distance_m(b, a)
    assert distance_m(a, a) == 0


def test_a_mile_is_1609_metres_and_a_bit() -> None:
    assert miles(16_093.44) == pytest.approx(10)


# --- Travel ---

distances = st.floats(0, 1_500_000)


@given(distances, distances)
def test_farther_never_takes_less_time(a: float, b: float) -> None:
    near, far = sorted((a, b))
    assert travel_minutes(near) <= travel_minutes(far)


@given(distances, st.floats(0.001, 100_000))
def test_a_millimetre_farther_takes_more_time(metres: float, more: float) -> None:
    assert travel_minutes(metres) < travel_minutes(metres + more)


@given(distances)
def test_the_reach_of_the_travel_time_is_the_distance(metres: float) -> None:
    assert reach_m(travel_minutes(metres)) == pytest.approx(metres, rel=1e-9, abs=1e-6)


@example(40_000.0, travel_minutes(40_000.0))
@given(distances, st.floats(0, 1_300))
def test_a_place_is_in_reach_exactly_when_its_travel_time_is_no_longer(metres: float, minutes: float) -> None:
    if travel_minutes(metres) <= minutes:
        assert metres <= reach_m(minutes) + 1e-6
    else:
        assert metres > reach_m(minutes) - 1e-6


@pytest.mark.parametrize(
    ("metres", "minutes"),
    [(0, 0), (1_000, 2.5), (5_000, 12.5), (15_000, 32.5), (40_000, 59.77), (115_000, 119.77)],
)
def test_the_travel_time_follows_the_table_of_stretches(metres: float, minutes: float) -> None:
    assert travel_minutes(metres) == pytest.approx(minutes, abs=0.005)


@pytest.mark.parametrize("edge", [5_000, 15_000, 40_000])
def test_the_travel_time_does_not_jump_between_stretches(edge: float) -> None:
    assert travel_minutes(edge + 0.001) - travel_minutes(edge) < 1e-5


@pytest.mark.parametrize("wrong", [-0.1, math.nan])
def test_a_negative_distance_or_time_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="not a distance"):
        travel_minutes(wrong)
    with pytest.raises(ValueError, match="not a time"):
        reach_m(wrong)


# --- Areas ---


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A rectangle in degrees, closed."""
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


SQUARE = ring(-0.13, 51.50, -0.12, 51.51)
"""Round Whitehall, a kilometre or so across."""


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def areas(given: Any) -> Areas:
    return Areas(polygons=polygons_from_geojson(json.dumps(given)))


def test_no_areas_cover_nothing() -> None:
    assert not Areas().covers(DOWNING_STREET)


def test_a_place_on_the_edge_of_a_circle_is_inside_and_a_millimetre_beyond_is_not() -> None:
    circle = Circle(DOWNING_STREET, 1000)
    assert Areas((circle,)).covers(GridPoint(531_047, 179_951))
    assert Areas((circle,)).covers(GridPoint(530_647, 180_751))  # 600, 800
    assert not Areas((circle,)).covers(GridPoint(531_047.001, 179_951))


@given(in_england_or_wales, in_england_or_wales, st.floats(1, 100_000))
def test_a_circle_covers_exactly_what_is_no_farther_than_its_radius(
    centre: GridPoint, point: GridPoint, radius: float
) -> None:
    assert Areas((Circle(centre, radius),)).covers(point) == (distance_m(centre, point) <= radius)


@pytest.mark.parametrize("radius", [0, -1, math.nan, math.inf])
def test_a_circle_without_a_proper_radius_is_refused(radius: float) -> None:
    with pytest.raises(ValueError, match="radius"):
        Circle(DOWNING_STREET, radius)


@pytest.mark.parametrize(
    "given",
    [
        polygon(SQUARE),
        {"type": "MultiPolygon", "coordinates": [[ring(-3, 53, -2.99, 53.01)], [SQUARE]]},
        feature(polygon(SQUARE)),
        {
            "type": "FeatureCollection",
            "features": [feature(polygon(ring(-3, 53, -2.99, 53.01))), feature(polygon(SQUARE))],
        },
    ],
    ids=lambda given: given["type"],
)
def test_every_kind_of_geojson_with_polygons_is_taken(given: dict[str, Any]) -> None:
    assert areas(given).covers(DOWNING_STREET)
    assert not areas(given).covers(GridPoint(532_000, 179_951))


def test_a_place_in_a_hole_is_outside_and_on_its_edge_inside() -> None:
    hole = ring(-0.129, 51.503, -0.126, 51.504)
    holed = areas(polygon(SQUARE, hole))
    assert not holed.covers(DOWNING_STREET)
    assert holed.covers(from_lat_lon(51.503, -0.129))


def test_a_place_where_two_polygons_overlap_is_inside() -> None:
    both = areas({"type": "MultiPolygon", "coordinates": [[SQUARE], [ring(-0.128, 51.502, -0.125, 51.505)]]})
    assert both.covers(DOWNING_STREET)


@given(st.sampled_from([SQUARE, ring(-0.125, 51.495, -0.115, 51.505)]), st.integers(0, 3), st.floats(0, 1))
def test_a_place_on_the_edge_of_a_polygon_is_inside(side_of: list[list[float]], side: int, share: float) -> None:
    area = areas({"type": "MultiPolygon", "coordinates": [[SQUARE], [ring(-0.125, 51.495, -0.115, 51.505)]]})
    a, b = (from_lat_lon(lat, lon) for lon, lat in side_of[side : side + 2])
    on_edge = GridPoint(a.easting + share * (b.easting - a.easting), a.northing + share * (b.northing - a.northing))
    assert area.covers(on_edge)


@pytest.mark.parametrize("metres", [-0.5, 0.5])
def test_half_a_metre_decides_at_the_edge_of_a_polygon(metres: float) -> None:
    corner, other = from_lat_lon(51.50, -0.13), from_lat_lon(51.51, -0.13)
    beside = GridPoint((corner.easting + other.easting) / 2 + metres, (corner.northing + other.northing) / 2)
    assert areas(polygon(SQUARE)).covers(beside) == (metres > 0)


def test_circles_and_polygons_count_together() -> None:
    both = Areas((Circle(GridPoint(400_000, 300_000), 10),), polygons_from_geojson(json.dumps(polygon(SQUARE))))
    assert both.covers(DOWNING_STREET)
    assert both.covers(GridPoint(400_000, 300_010))
    assert not both.covers(GridPoint(400_000, 300_011))


def test_areas_are_the_same_if_they_cover_the_same() -> None:
    assert areas(polygon(SQUARE)) == areas(polygon(SQUARE))
    assert hash(areas(polygon(SQUARE))) == hash(areas(polygon(SQUARE)))


def test_heights_are_left_aside() -> None:
    assert areas(polygon([[*position, 12.5] for position in SQUARE])).covers(DOWNING_STREET)


BOW_TIE = [[-0.13, 51.50], [-0.12, 51.51], [-0.12, 51.50], [-0.13, 51.51], [-0.13, 51.50]]
CIRCLE_OF_10_000 = [
    [-0.12 + 0.01 * math.cos(turn), 51.5 + 0.01 * math.sin(turn)]
    for turn in (2 * math.pi * (step % 10_000) / 10_000 for step in range(10_001))
]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        ("null", "must be GeoJSON"),
        ("[]", "must be GeoJSON"),
        ("{}", "must be GeoJSON"),
        ('{"type": "Point", "coordinates": [-0.1, 51.5]}', "must be GeoJSON"),
        ('{"type": "Polygon"}', "must be GeoJSON"),
        ('{"type": "Polygon", "coordinates": 5}', "must be GeoJSON"),
        ('{"type": "Polygon", "coordinates": [{"0": 1}]}', "must be GeoJSON"),
        ('{"type": "Feature", "geometry": null}', "must be GeoJSON"),
        ('{"type": "Polygon", "coordinates": []}', "not closed"),
        ('{"type": "FeatureCollection", "features": []}', "no area"),
        (json.dumps(polygon(SQUARE[:-1])), "not closed"),
        (json.dumps(polygon(SQUARE[:2] + SQUARE[:1])), "not closed"),
        (json.dumps(polygon(SQUARE, SQUARE[:-1])), "not closed"),
        (json.dumps(polygon(BOW_TIE)), "crosses itself"),
        (json.dumps(polygon([SQUARE[0]] * 5)), "crosses itself"),
        (json.dumps(polygon([[lat, lon] for lon, lat in SQUARE])), "longitude before latitude"),
        (json.dumps(polygon([["-0.1", "51.5"]] * 4)), "outside Great Britain"),
        (json.dumps(polygon([[{}]] * 4)), "outside Great Britain"),
        (json.dumps(polygon([{"lat": 51.5}] * 4)), "outside Great Britain"),
        (
            '{"type": "Polygon", "coordinates": [[[NaN, 51], [0, 52], [1, 52], [NaN, 51]]]}',
            "outside Great Britain",
        ),
        (json.dumps(polygon(CIRCLE_OF_10_000)), "more than 10,000 points"),
    ],
)
def test_geojson_that_cannot_be_used_is_refused_in_one_plain_sentence(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        polygons_from_geojson(text)
    assert says in refused.value.public
    assert "51" not in str(refused.value)


def test_as_many_points_as_are_allowed_are_taken() -> None:
    fewer = [*CIRCLE_OF_10_000[:9_999], CIRCLE_OF_10_000[0]]
    assert len(fewer) == geo.MOST_POINTS
    assert areas(polygon(fewer)).covers(from_lat_lon(51.5, -0.12))


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=12,
)


@settings(max_examples=50)
@given(st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection"]), anything)
def test_whatever_is_wrong_with_geojson_it_is_the_input_that_is_bad(kind: str, inside: Any) -> None:
    text = json.dumps({"type": kind, "coordinates": inside, "geometry": inside, "features": inside})
    with pytest.raises(BadInput):
        polygons_from_geojson(text)
