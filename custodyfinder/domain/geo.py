"""Points on the British National Grid, how far apart they are, how long the drive may take, areas to avoid.

Everything is in metres on the grid (OSGB36), as the Ordnance Survey and the ONS give their points.
Latitude and longitude (WGS84) come in with GeoJSON and go out to maps, nowhere else.
"""

from __future__ import annotations

import cmath
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import shapely

from ..errors import BadInput

METRES_PER_MILE: Final = 1609.344
MOST_POINTS: Final = 10_000
"""The most points that the areas of one search may have, all together."""

_EAST_M, _NORTH_M = 700_000, 1_300_000
# What lies round the whole grid, in degrees: whatever is outside cannot be on it.
_LATITUDES, _LONGITUDES = (49.0, 62.0), (-10.0, 4.0)


@dataclass(frozen=True, slots=True)
class GridPoint:
    """A point on the British National Grid, in metres.

    Raises:
        ValueError: outside the grid: 0..700,000 east, 0..1,300,000 north.
    """

    easting: float
    northing: float

    def __post_init__(self) -> None:
        if not (0 <= self.easting <= _EAST_M and 0 <= self.northing <= _NORTH_M):
            raise ValueError("outside the National Grid")


def distance_m(a: GridPoint, b: GridPoint) -> float:
    """Straight-line distance in metres, measured on the grid.

    Not driving distance: over an estuary or a moor it flatters a place. The grid's scale is 0.9996
    along 2° W and grows to either side. Against the geodesic on the ellipsoid the worst error measured
    over England and Wales, from 200 m to 600 km, was 0.09% (at the Isles of Scilly).
    """
    return math.hypot(b.easting - a.easting, b.northing - a.northing)


def miles(metres: float) -> float:
    """Metres in statute miles."""
    return metres / METRES_PER_MILE


# --- Travel ------------------------------------------------------------------------------------------
#
# An estimate for a night drive, from nothing but the straight line: no map of the roads is asked. Each
# stretch of the line is driven at its own speed, and the road is taken to be about a quarter longer than
# the line. The figures are a judgement, on the slow side: a child should not be promised sooner than
# the car comes.

_STRETCHES = (
    # up to metres, km/h along the line, what that assumes
    (5_000, 24),  # town: lights, 20 mph streets, finding the door; 30 km/h on the road
    (15_000, 30),  # across a city on its main roads; 38 km/h
    (40_000, 55),  # out of it, and between towns, on A roads; 70 km/h
    (math.inf, 75),  # far: motorways and dual carriageways, without a break; 95 km/h
)


def _with_starts() -> Iterator[tuple[float, float, float, float, float]]:
    from_m, from_minutes = 0.0, 0.0
    for to_m, km_per_hour in _STRETCHES:
        m_per_minute = km_per_hour * 1000 / 60
        to_minutes = from_minutes + (to_m - from_m) / m_per_minute
        yield from_m, to_m, from_minutes, to_minutes, m_per_minute
        from_m, from_minutes = to_m, to_minutes


_TRAVEL = tuple(_with_starts())


def travel_minutes(metres: float) -> float:
    """An estimate of the minutes by car at night to a point so many metres away in a straight line.

    0 for 0, and always more for farther: nearer in metres is nearer in minutes.

    Raises:
        ValueError: a negative distance.
    """
    for from_m, to_m, from_minutes, _, m_per_minute in _TRAVEL:
        if 0 <= metres <= to_m:
            return from_minutes + (metres - from_m) / m_per_minute
    raise ValueError(f"not a distance: {metres}")


def reach_m(minutes: float) -> float:
    """How far, in metres in a straight line, so many minutes reach: the inverse of `travel_minutes`.

    Raises:
        ValueError: negative minutes.
    """
    for from_m, _, from_minutes, to_minutes, m_per_minute in _TRAVEL:
        if 0 <= minutes <= to_minutes:
            return from_m + (minutes - from_minutes) * m_per_minute
    raise ValueError(f"not a time: {minutes}")


# --- Areas to avoid ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within so many metres of a point.

    Raises:
        ValueError: the radius is not above 0, or endless.
    """

    centre: GridPoint
    radius_m: float

    def __post_init__(self) -> None:
        if not 0 < self.radius_m < math.inf:
            raise ValueError("a circle's radius must be above 0 m")

    def covers(self, point: GridPoint) -> bool:
        """Whether the point is inside, or on the edge."""
        return distance_m(self.centre, point) <= self.radius_m


# As near as this to a polygon is on its edge: no arithmetic puts a point exactly on a slanting line.
_EDGE_M = 0.001
_NOWHERE = (math.inf, math.inf, -math.inf, -math.inf)


@dataclass(frozen=True, slots=True)
class Areas:
    """Where a child must not be placed: circles, and polygons as `polygons_from_geojson` makes them."""

    circles: tuple[Circle, ...] = ()
    polygons: tuple[shapely.Polygon, ...] = ()
    _joined: shapely.Geometry = field(init=False, repr=False, compare=False, default=None)
    _bounds: tuple[float, ...] = field(init=False, repr=False, compare=False, default=_NOWHERE)

    def __post_init__(self) -> None:
        if self.polygons:
            joined = shapely.union_all(self.polygons)
            shapely.prepare(joined)
            # Frozen for everybody else.
            object.__setattr__(self, "_joined", joined)
            object.__setattr__(self, "_bounds", joined.bounds)

    def covers(self, point: GridPoint) -> bool:
        """Whether the point is inside any of them. On the edge is inside."""
        if self.circles and any(circle.covers(point) for circle in self.circles):
            return True
        west, south, east, north = self._bounds
        x, y = point.easting, point.northing
        if not (west - _EDGE_M <= x <= east + _EDGE_M and south - _EDGE_M <= y <= north + _EDGE_M):
            return False
        return bool(shapely.dwithin(self._joined, shapely.Point(x, y), _EDGE_M))


def polygons_from_geojson(text: str) -> tuple[shapely.Polygon, ...]:
    """The polygons of a GeoJSON text (RFC 7946: WGS84, longitude first), in metres on the grid.

    Takes a Polygon, a MultiPolygon, a Feature or a FeatureCollection of these. Holes are kept, heights
    are not. Edges are drawn straight on the grid: against a straight line in degrees one of 5 km bends
    by less than a metre, one of 50 km by up to 70 m.

    Raises:
        BadInput: not JSON, another type, a ring that is open or crosses itself, a point outside Great
            Britain (swapped latitude and longitude is the usual cause), no polygon, or too many points.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise _bad_area("The areas to avoid are not JSON. Export them again as GeoJSON.") from None
    try:
        polygons = [list(rings) for geometry in _geometries(given) for rings in _polygons_of(geometry)]
        count = sum(len(ring) for rings in polygons for ring in rings)
    except (KeyError, TypeError):
        raise _bad_area(_WRONG_TYPE) from None
    if not polygons:
        raise _bad_area("There is no area in the GeoJSON. Draw at least one polygon.")
    if count > MOST_POINTS:
        raise _bad_area(f"The areas to avoid have more than {MOST_POINTS:,} points. Simplify them.")
    return tuple(_polygon(rings) for rings in polygons)


_WRONG_TYPE = "The areas to avoid must be GeoJSON: a Polygon, a MultiPolygon, or Features of these."


def _bad_area(public: str) -> BadInput:
    return BadInput("areas to avoid", public=public)


def _geometries(given: Any) -> list[Any]:
    if given["type"] == "FeatureCollection":
        return [feature["geometry"] for feature in given["features"]]
    return [given["geometry"] if given["type"] == "Feature" else given]


def _polygons_of(geometry: Any) -> list[Any]:
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"]]
    if geometry["type"] == "MultiPolygon":
        return list(geometry["coordinates"])
    raise _bad_area(_WRONG_TYPE)


def _polygon(rings: list[Any]) -> shapely.Polygon:
    shell, *holes = [_ring(ring) for ring in rings or [[]]]
    polygon = shapely.Polygon(shell, holes)
    if not polygon.is_valid:
        raise _bad_area("The outline of an area to avoid crosses itself. Draw it again.")
    return polygon


def _ring(positions: Any) -> list[tuple[float, float]]:
    if not isinstance(positions, list):
        raise _bad_area(_WRONG_TYPE)
    if len(positions) < 4 or positions[0] != positions[-1]:
        raise _bad_area("The outline of an area to avoid is not closed: it must end where it began.")
    return [_on_grid(position) for position in positions]


def _on_grid(position: Any) -> tuple[float, float]:
    try:
        lon, lat = position[:2]
        point = from_lat_lon(lat, lon)
    except (KeyError, TypeError, ValueError):
        raise _bad_area(
            "An area to avoid has a point outside Great Britain. Give longitude before latitude, in degrees (WGS84)."
        ) from None
    return point.easting, point.northing


# --- Latitude and longitude --------------------------------------------------------------------------
#
# The National Grid is a transverse Mercator projection of the Airy 1830 ellipsoid. Ellipsoids, projection
# and the shift to WGS84 are from "A guide to coordinate systems in Great Britain" (Ordnance Survey). The
# projection is computed with Krüger's series (Karney, "Transverse Mercator with an accuracy of a few
# nanometers", 2011): to 3 mm what PROJ gives. The error of a few metres comes from the shift, which is
# seven figures for a whole island.


@dataclass(frozen=True, slots=True)
class _Ellipsoid:
    a: float
    b: float

    @property
    def e2(self) -> float:
        return 1 - (self.b / self.a) ** 2


_AIRY = _Ellipsoid(6_377_563.396, 6_356_256.909)
_WGS84 = _Ellipsoid(6_378_137.0, 6_356_752.314245)

_SHIFT_M = (-446.448, 125.157, -542.060)  # WGS84 to OSGB36
_TURN = tuple(math.radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))
_STRETCH = 20.4894e-6

_E = math.sqrt(_AIRY.e2)
_N = (_AIRY.a - _AIRY.b) / (_AIRY.a + _AIRY.b)
_TO_GRID = (
    _N / 2 - 2 * _N**2 / 3 + 5 * _N**3 / 16,
    13 * _N**2 / 48 - 3 * _N**3 / 5,
    61 * _N**3 / 240,
)
_FROM_GRID = (
    _N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96,
    _N**2 / 48 + _N**3 / 15,
    17 * _N**3 / 480,
)
_RADIUS_M = 0.9996012717 * _AIRY.a / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)


def to_lat_lon(point: GridPoint) -> tuple[float, float]:
    """WGS84 latitude and longitude in degrees; a few metres off at worst."""
    zeta = complex(point.northing - _FALSE_NORTH, point.easting - _FALSE_EAST) / _RADIUS_M
    zeta -= sum(beta * cmath.sin(2 * j * zeta) for j, beta in enumerate(_FROM_GRID, 1))
    lon = _TRUE_LON + math.atan2(math.sinh(zeta.imag), math.cos(zeta.real))
    conformal = math.atanh(math.sin(zeta.real) / math.cosh(zeta.imag))
    sine = _settle(lambda s: math.tanh(conformal + _E * math.atanh(_E * s)), math.tanh(conformal))
    lat, lon = _shifted(math.asin(sine), lon, _AIRY, _WGS84, sign=-1)
    return math.degrees(lat), math.degrees(lon)


def from_lat_lon(lat: float, lon: float) -> GridPoint:
    """The grid point of a WGS84 latitude and longitude in degrees; a few metres off at worst.

    Raises:
        ValueError: outside the grid. Swapped latitude and longitude is the usual cause.
    """
    if not (_LATITUDES[0] <= lat <= _LATITUDES[1] and _LONGITUDES[0] <= lon <= _LONGITUDES[1]):
        raise ValueError("outside Great Britain: are latitude and longitude swapped?")
    zeta = _projected(*_shifted(math.radians(lat), math.radians(lon), _WGS84, _AIRY, sign=1))
    return GridPoint(_FALSE_EAST + zeta.imag, _FALSE_NORTH + zeta.real)


def _projected(lat: float, lon: float) -> complex:
    """Metres north of the equator, and, as the imaginary part, east of the true origin."""
    t = math.sinh(math.atanh(math.sin(lat)) - _E * math.atanh(_E * math.sin(lat)))
    lon -= _TRUE_LON
    zeta = complex(math.atan2(t, math.cos(lon)), math.asinh(math.sin(lon) / math.hypot(t, math.cos(lon))))
    return _RADIUS_M * (zeta + sum(alpha * cmath.sin(2 * j * zeta) for j, alpha in enumerate(_TO_GRID, 1)))


def _shifted(lat: float, lon: float, old: _Ellipsoid, new: _Ellipsoid, *, sign: int) -> tuple[float, float]:
    """The same place on another ellipsoid (Helmert), in radians; at sea level, as no height is known."""
    nu = old.a / math.sqrt(1 - old.e2 * math.sin(lat) ** 2)
    x, y = nu * math.cos(lat) * math.cos(lon), nu * math.cos(lat) * math.sin(lon)
    z = nu * (1 - old.e2) * math.sin(lat)
    (dx, dy, dz), (rx, ry, rz), scale = _SHIFT_M, _TURN, 1 + sign * _STRETCH
    x, y, z = (
        scale * x + sign * (dx - rz * y + ry * z),
        scale * y + sign * (dy + rz * x - rx * z),
        scale * z + sign * (dz - ry * x + rx * y),
    )
    across = math.hypot(x, y)

    def nearer(phi: float) -> float:
        nu = new.a / math.sqrt(1 - new.e2 * math.sin(phi) ** 2)
        return math.atan2(z + new.e2 * nu * math.sin(phi), across)

    return _settle(nearer, math.atan2(z, across * (1 - new.e2))), math.atan2(y, x)


def _settle(step: Callable[[float], float], start: float) -> float:
    # Each step leaves under 1% of the error.
    for _ in range(6):
        start = step(start)
    return start


_TRUE_LON = math.radians(-2)
_FALSE_EAST = 400_000.0
_FALSE_NORTH = -100_000.0 - _projected(math.radians(49), _TRUE_LON).real
