"""The geometry of the charts and of the map, for the templates to write as SVG.

No colour stands alone: each part of a bar and each class of the map has a pattern of its own, each bar
its number, and each drawing a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# --- bars -----------------------------------------------------------------------------------

CHART_WIDTH, BAR_HEIGHT, BAR_STEP = 320, 16, 24
STRIP_HEIGHT = 12
LABEL_WIDTH, NUMBER_WIDTH = 76, 44
"""The units are pixels at 320 wide, so that the words can be read on a phone."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of a bar."""

    series: int
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One line of a chart: its label, its parts, and what is written at its end."""

    label: str
    y: int
    parts: tuple[Part, ...]
    end: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars below each other, each in parts."""

    width: int
    height: int
    bar_height: int
    label_width: int
    series: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Line:
    """What a bar is drawn from."""

    label: str
    total: int | None
    """None where it is kept back."""
    numbers: tuple[int, ...] | None
    """For each of the series; None where they are kept back, though the total may not be."""


def chart(series: Sequence[str], lines: Sequence[Line], *, hidden: str) -> Chart:
    """Bars to one scale, as long as the longest line allows.

    Args:
        series: The last is for a bar whose parts are kept back; it is named only where there is one.
        hidden: What is written where the total is kept back too.
    """
    *parts_of, undivided = series
    most = max((line.total or 0 for line in lines), default=0) or 1
    unit = (CHART_WIDTH - LABEL_WIDTH - NUMBER_WIDTH) / most
    bars = [_bar(at, line, unit, hidden=hidden) for at, line in enumerate(lines)]
    any_undivided = any(part.series == len(parts_of) for bar in bars for part in bar.parts)
    return Chart(
        width=CHART_WIDTH,
        height=max(len(lines), 1) * BAR_STEP,
        bar_height=BAR_HEIGHT,
        label_width=LABEL_WIDTH,
        series=(*parts_of, undivided) if any_undivided else tuple(parts_of),
        bars=tuple(bars),
    )


def _bar(at: int, line: Line, unit: float, *, hidden: str) -> Bar:
    numbers = line.numbers or (0, 0, line.total or 0)
    parts, end = _parts(numbers if line.total else (), unit, start=float(LABEL_WIDTH))
    text = hidden if line.total is None else str(line.total)
    return Bar(label=line.label, y=at * BAR_STEP, parts=parts, end=round(end + 5, 1), text=text)


def _parts(numbers: Sequence[float], unit: float, *, start: float) -> tuple[tuple[Part, ...], float]:
    """One after the other from `start`, nothing for 0; and where the last ends."""
    x, parts = start, []
    for which, number in enumerate(numbers):
        if number:
            parts.append(Part(series=which, x=round(x, 1), width=round(number * unit, 1)))
        x += number * unit
    return tuple(parts), x


@dataclass(frozen=True, kw_only=True)
class Strips:
    """Bars that stand each by itself, without words, all to one scale."""

    width: int
    height: int
    series: tuple[int, ...]
    """Those of which any bar has a part."""
    bars: tuple[tuple[Part, ...], ...]


def strips(lines: Sequence[Sequence[float]]) -> Strips:
    """A bar for each line of numbers, one number for each series; the longest is as long as there is room."""
    most = max((sum(numbers) for numbers in lines), default=0) or 1
    bars = tuple(_parts(numbers, (CHART_WIDTH - 2) / most, start=1.0)[0] for numbers in lines)
    return Strips(
        width=CHART_WIDTH,
        height=STRIP_HEIGHT,
        series=tuple(sorted({part.series for bar in bars for part in bar})),
        bars=bars,
    )


# --- the map --------------------------------------------------------------------------------

MIDDLE = math.cos(math.radians(52.8))
"""A degree of longitude against one of latitude, in the middle of England and Wales."""

UNITS = 1000
"""Of the drawing, to a degree of latitude."""

Classes = tuple[tuple[int, str], ...]
"""Of the numbers of a map: the least of each class and its name, the highest class first."""


def classes_up_to(most: int) -> Classes:
    """Five classes in round numbers, so wide that the highest number of the map is at most twice the least of its own.

    Else a year of a large force would be one dark patch, and a month of a small one a white sheet.
    """
    steps = (factor * 10**power for power in range(9) for factor in (1, 2, 5))
    step = next(each for each in steps if 40 * each >= most)
    first, second, third = 5 * step, 10 * step, 20 * step
    return (
        (third, f"{third} or more"),
        (second, f"{second} to {third - 1}"),
        (first, f"{first} to {second - 1}"),
        (1, f"1 to {first - 1}"),
        (0, "none"),
    )


"""The least number of each class of the map, and its words; the first is drawn darkest."""


@dataclass(frozen=True)
class Outline:
    """An authority on the map: its path, and the box it lies in as (left, top, right, bottom)."""

    code: str
    name: str
    path: str
    box: tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """An outline with the class of its number, and the words that a reader of the screen hears."""

    path: str
    shade: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Map:
    """What the template draws."""

    view_box: str
    unit: float
    """Units of the drawing to a pixel at 320 wide: patterns and lines are drawn by it."""
    shapes: tuple[Shape, ...]


Ring = Sequence[Sequence[float]]


def outline(code: str, name: str, polygons: Sequence[Sequence[Ring]]) -> Outline:
    """From the coordinates of a GeoJSON MultiPolygon: longitude and latitude in degrees."""
    rings = [[_drawn(*point) for point in ring] for polygon in polygons for ring in polygon]
    path = path_of(rings)
    points = [point for ring in rings for point in ring]
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return Outline(code, name, path, (left, top, max(x for x, _ in points), max(y for _, y in points)))


def _drawn(lon: float, lat: float) -> tuple[int, int]:
    return round((lon + 8) * MIDDLE * UNITS), round((60 - lat) * UNITS)


def path_of(rings: Sequence[Sequence[tuple[int, int]]]) -> str:
    """The path of closed rings for an SVG; a ring that has shrunk to less than three points is left out."""
    return "".join(_path(ring) for ring in rings if len(set(ring)) > 2)


def _path(ring: Sequence[tuple[int, int]]) -> str:
    # Each point from the one before it: half as long to send.
    steps = [f"{x - was_x} {y - was_y}" for (was_x, was_y), (x, y) in pairwise(ring[:-1]) if (was_x, was_y) != (x, y)]
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z"


def most_of(numbers: Mapping[str, int | None]) -> list[str]:
    """Those that hold nine tenths of all that is counted, the largest first: what the map has to show."""
    ordered = sorted(((number, code) for code, number in numbers.items() if number), reverse=True)
    wanted, kept = 0.9 * sum(number for number, _ in ordered), list[str]()
    for number, code in ordered:
        if wanted > 0:
            kept.append(code)
        wanted -= number
    return kept


def draw_map(
    outlines: Sequence[Outline],
    numbers: Mapping[str, int | None],
    *,
    about: Collection[str],
    classes: Classes,
    others: str,
    unit_of: str,
    hidden: str,
) -> Map:
    """The map of the authorities round those that it is about, shaded by their numbers.

    Args:
        numbers: By code; None where it is kept back.
        about: Codes that have to be on the map.
        others: What is said of an authority without a number.
        unit_of: What is counted, of one: "night".
    """
    boxes = [each.box for each in outlines if each.code in about] or [each.box for each in outlines]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    margin = max(right - left, bottom - top) // 12
    left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
    shapes = []
    for each in outlines:
        if each.box[0] > right or each.box[2] < left or each.box[1] > bottom or each.box[3] < top:
            continue
        if each.code not in numbers:
            shapes.append(Shape(path=each.path, shade="other", title=f"{each.name}: {others}"))
            continue
        number = numbers[each.code]
        said = hidden if number is None else f"{number} {unit_of}{'' if number == 1 else 's'}"
        shapes.append(Shape(path=each.path, shade=_shade(number, classes), title=f"{each.name}: {said}"))
    return Map(
        view_box=f"{left} {top} {right - left} {bottom - top}",
        unit=round((right - left) / 320, 3),
        shapes=tuple(shapes),
    )


def _shade(number: int | None, classes: Classes) -> str:
    """ "4" for the most to "0" for none; "hidden" where it is kept back."""
    if number is None:
        return "hidden"
    return str(next(len(classes) - 1 - at for at, (least, _) in enumerate(classes) if number >= least))
