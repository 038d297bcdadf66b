"""The map beside the list of options: what the template draws as SVG.

Points are metres on the British National Grid: suites, places, districts and areas to avoid are all kept
so, a circle stays a circle, and a mile is as long across as it is down. The outlines alone come in degrees
and are turned into metres once. North on the grid is up; it is within 3° of true north everywhere.

Where a place is, is confidential until it has accepted. No function here is given its position: a
`Spot` has the middle of its postcode district, which is all that can be read from the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import shapely

from . import map_labels
from .drawing import path_of
from .geo import METRES_PER_MILE, Areas, GridPoint, distance_m
from .map_labels import CELL_HEIGHT, Box, Text

WIDTH, HEIGHT = 420, 340
_MARGIN = 40
_INSIDE = Box(3, 3, WIDTH - 3, HEIGHT - 3)

MOST_SHOWN = 40
"""More numbers than this have no room to be read."""

_FRAMED = 10
"""The map is as large as these, the best, need it."""
_OUTLIER = 3.0
"""One of them that is so many times as far as the middle one does not make the map larger."""
_COARSE_M, _SQUARE_M = 500, 2_000
"""A district must have this radius to be shown as it is; the squares are those of the National Grid, so wide."""
_LEAST_M = 6_000
"""The map is at least so wide: with everything at one point there would be nothing to recognise."""
_HOME_M, _HOME_TIMES = 20_000, 2.0
"""The home district makes the map larger up to here, or up to so many times as far as the options."""


@dataclass(frozen=True)
class Ground:
    """An authority: its name and its outline in metres on the grid."""

    name: str
    area: shapely.Geometry


@dataclass(frozen=True)
class District:
    """A postcode district: its middle, and how far round it most of its addresses lie."""

    name: str
    centre: GridPoint
    radius_m: float

    def coarse(self) -> District:
        """The same, or, if it is so small that its middle is an address, the square that it lies in.

        Bryher's district (TR23) has one postcode, and those of large firms are one building.
        """
        if self.radius_m >= _COARSE_M:
            return self
        x, y = (value // _SQUARE_M * _SQUARE_M + _SQUARE_M / 2 for value in (self.centre.easting, self.centre.northing))
        return District(self.name, GridPoint(x, y), _SQUARE_M / 2)


@dataclass(frozen=True)
class Spot:
    """An option by its number in the list, in the middle of its postcode district."""

    number: int
    name: str
    at: GridPoint


@dataclass(frozen=True)
class Frame:
    """The piece of the country that is drawn."""

    west: float
    north: float
    unit_m: float
    """Metres to a unit of the drawing."""

    def xy(self, point: GridPoint) -> tuple[float, float]:
        """Where a point is drawn."""
        right, down = point.easting - self.west, self.north - point.northing
        return round(right / self.unit_m, 1), round(down / self.unit_m, 1)

    def drawn(self, area: shapely.Geometry) -> shapely.Geometry:
        """An area, or each of a list, as it is drawn, cut off a little outside the edge."""
        bounds = self.west, self.north - HEIGHT * self.unit_m, self.west + WIDTH * self.unit_m, self.north
        margin = 4 * self.unit_m
        cut = shapely.clip_by_rect(area, bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
        return shapely.transform(cut, lambda at: (at - (self.west, self.north)) * (1 / self.unit_m, -1 / self.unit_m))


@dataclass(frozen=True)
class Cell:
    """One number: the link to its row."""

    number: int
    name: str
    box: Box


@dataclass(frozen=True)
class Mark:
    """The numbers of one district, and the point that they belong to if they do not stand on it."""

    cells: tuple[Cell, ...]
    box: Box
    anchor: tuple[float, float] | None


@dataclass(frozen=True)
class Home:
    """The ring of the home district, and its name."""

    x: float
    y: float
    radius: float
    label: Text


@dataclass(frozen=True)
class Scale:
    """So many miles are so long."""

    miles: str
    length: float
    box: Box
    """What it covers, in the corner."""


@dataclass(frozen=True, kw_only=True)
class SearchMap:
    """What the template draws, in order."""

    width: int
    height: int
    grounds: tuple[str, ...]
    """Paths of the authorities."""
    names: tuple[Text, ...]
    avoid: str
    """Path of what is to be avoided; empty where none of it is on the map."""
    avoid_beyond: bool
    """Whether there is more to be avoided beyond the edge."""
    home: Home | None
    """None where there is none, or it is beyond the edge."""
    suite: tuple[float, float]
    suite_label: Text
    marks: tuple[Mark, ...]
    scale: Scale
    shown: str
    """Numbers in words, "1 to 6 and 9"; empty for none."""
    beyond: str
    """Numbers beyond the edge, in words; empty for none."""
    one_beyond: bool


def frame_round(suite: GridPoint, home: District | None, spots: Sequence[Spot]) -> Frame:
    """What the map has to show: the suite, the best of the options, and the home district if it is near them."""
    best = [spot.at for spot in spots[:_FRAMED]]
    far = _OUTLIER * median(distance_m(suite, at) for at in best) if best else 0.0
    points = [suite, *(at for at in best if distance_m(suite, at) <= max(far, _LEAST_M))]
    reach = max(distance_m(suite, at) for at in points)
    if home is not None and distance_m(suite, home.centre) <= max(_HOME_M, _HOME_TIMES * reach):
        points.append(home.centre)
    west, east = min(at.easting for at in points), max(at.easting for at in points)
    south, north = min(at.northing for at in points), max(at.northing for at in points)
    unit = max((east - west) / (WIDTH - 2 * _MARGIN), (north - south) / (HEIGHT - 2 * _MARGIN), _LEAST_M / WIDTH)
    return Frame((west + east - WIDTH * unit) / 2, (south + north + HEIGHT * unit) / 2, unit)


def draw(
    frame: Frame,
    grounds: Iterable[Ground],
    *,
    suite: GridPoint,
    suite_name: str,
    home: District | None,
    avoid: Areas,
    spots: Sequence[Spot],
) -> SearchMap:
    """The map of one search: the same for the same search, and no two of its labels overlap."""
    areas = _on_map(frame, grounds)
    avoided, avoid_beyond = _avoided(frame, avoid)
    x, y = frame.xy(suite)
    scale = _scale(frame)
    taken = [Box.round_(x, y, 20, 20), scale.box]
    # The numbers choose first: they are what the map is for.
    marks = _marks(frame, spots[:MOST_SHOWN], avoided, taken)
    taken += [mark.box for mark in marks]
    suite_label = map_labels.beside(suite_name, x, y, gap=12, frame=_INSIDE, taken=taken)
    taken.append(suite_label.box)
    ring = _ring(frame, home, taken)
    taken += [ring.label.box] if ring else []
    shown = {cell.number for mark in marks for cell in mark.cells}
    beyond = [spot.number for spot in spots if spot.number not in shown]
    return SearchMap(
        width=WIDTH,
        height=HEIGHT,
        grounds=tuple(path_of(_rings(area)) for _, area in areas),
        names=tuple(map_labels.names_inside(areas, frame=_INSIDE, taken=taken)),
        avoid=path_of(_rings(avoided)),
        avoid_beyond=avoid_beyond,
        home=ring,
        suite=(x, y),
        suite_label=suite_label,
        marks=marks,
        scale=scale,
        shown=in_words(sorted(shown)),
        beyond=in_words(beyond),
        one_beyond=len(beyond) == 1,
    )


def _on_map(frame: Frame, grounds: Iterable[Ground]) -> list[tuple[str, shapely.Geometry]]:
    near = [ground for ground in grounds if _touches(frame, ground.area)]
    areas = frame.drawn([ground.area for ground in near])
    return [(ground.name, area) for ground, area in zip(near, areas, strict=True) if not area.is_empty]


def _touches(frame: Frame, area: shapely.Geometry) -> bool:
    west, south, east, north = area.bounds
    return bool(
        west < frame.west + WIDTH * frame.unit_m
        and east > frame.west
        and south < frame.north
        and north > frame.north - HEIGHT * frame.unit_m
    )


def _avoided(frame: Frame, avoid: Areas) -> tuple[shapely.Geometry, bool]:
    """What is to be avoided, as drawn, and whether one of the areas is beyond the edge altogether."""
    circles = [shapely.Point(c.centre.easting, c.centre.northing).buffer(c.radius_m) for c in avoid.circles]
    areas = [*circles, *avoid.polygons]
    near = [area for area in areas if _touches(frame, area)]
    # Up to ten thousand points: finer than a line is wide cannot be seen.
    drawn = frame.drawn(shapely.simplify(shapely.union_all(near), frame.unit_m / 2))
    shapely.prepare(drawn)
    return drawn, len(near) < len(areas)


def _ring(frame: Frame, home: District | None, taken: list[Box]) -> Home | None:
    if home is None:
        return None
    x, y = frame.xy(home.centre)
    if not Box(x, y, x, y).within(_INSIDE):
        return None
    radius = round(max(home.radius_m / frame.unit_m, 9), 1)
    words = f"{home.name}, home"
    gap = radius + 3 if 2 * radius < map_labels.width_of(words) else 0
    label = map_labels.beside(words, x, y, gap=gap, frame=_INSIDE, taken=taken)
    return Home(x, y, radius, label)


def _marks(frame: Frame, spots: Sequence[Spot], avoided: shapely.Geometry, taken: list[Box]) -> tuple[Mark, ...]:
    together: dict[tuple[float, float], list[Spot]] = {}
    for spot in spots:
        at = frame.xy(spot.at)
        if Box(*at, *at).within(_INSIDE):
            together.setdefault(_clear_of(avoided, at), []).append(spot)
    sizes = [map_labels.size_of([spot.number for spot in group]) for group in together.values()]
    boxes = map_labels.fan_out(
        [(*at, *size) for at, size in zip(together, sizes, strict=True)], frame=_INSIDE, taken=taken, shunned=avoided
    )
    return tuple(
        Mark(_cells(group, box), box, None if Box(*at, *at).within(box) else at)
        for (at, group), box in zip(together.items(), boxes, strict=True)
        if box is not None
    )


_CLEAR = 3.0
"""Units between an option and the edge of an area to avoid."""


def _clear_of(avoided: shapely.Geometry, at: tuple[float, float]) -> tuple[float, float]:
    """The point, or the nearest one outside the areas to avoid.

    No option is inside one, but the middle of its district may be, and would look as if it were.
    """
    here = shapely.Point(at)
    if not shapely.intersects(avoided, here):
        return at
    # Where it was cut off is no edge of it.
    edge = shapely.clip_by_rect(shapely.boundary(shapely.buffer(avoided, _CLEAR)), *_INSIDE)
    if edge.is_empty:
        return at
    near = edge.interpolate(edge.project(here))
    return round(near.x, 1), round(near.y, 1)


def _cells(group: Sequence[Spot], box: Box) -> tuple[Cell, ...]:
    cells, top = list[Cell](), box.top
    for row in map_labels.in_rows([spot.number for spot in group]):
        left = box.left
        for number in row:
            right = left + map_labels.cell_width(number)
            name = next(spot.name for spot in group if spot.number == number)
            cells.append(Cell(number, name, Box(*(round(side, 1) for side in (left, top, right, top + CELL_HEIGHT)))))
            left = right
        top += CELL_HEIGHT
    return tuple(cells)


def _rings(area: shapely.Geometry) -> list[list[tuple[int, int]]]:
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return [[(x, y) for x, y in shapely.get_coordinates(ring).round().astype(int).tolist()] for ring in rings]


_MILES = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
_SCALE_LONGEST = 110


def _scale(frame: Frame) -> Scale:
    unit = METRES_PER_MILE / frame.unit_m
    length = max(miles for miles in _MILES if miles * unit <= _SCALE_LONGEST)
    words, drawn = f"{length:g} mile{'' if length <= 1 else 's'}", round(length * unit, 1)
    return Scale(words, drawn, Box(0, HEIGHT - 26, drawn + 24 + round(map_labels.width_of(words)), HEIGHT))


def in_words(numbers: Sequence[int]) -> str:
    """Ascending numbers as people say them: "7, 9 and 12 to 20"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
