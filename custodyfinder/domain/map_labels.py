"""Where labels go on a map so that each can be read: numbers are fanned out, names go where they fit.

Everything is in units of the drawing, x to the right and y down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple

import shapely


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether they share more than an edge."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        """Whether no part of it is outside the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )

    @classmethod
    def round_(cls, x: float, y: float, width: float, height: float) -> Box:
        """With its middle at a point, to the tenth of a unit."""
        left, top = round(x - width / 2, 1), round(y - height / 2, 1)
        return cls(left, top, round(left + width, 1), round(top + height, 1))


@dataclass(frozen=True)
class Text:
    """Words on the map, one below the other; x is their middle, y the first one's base line."""

    lines: tuple[str, ...]
    x: float
    y: float
    box: Box


CELL_HEIGHT = 24
IN_A_ROW = 4
TEXT_HEIGHT = 14
_WIDE, _NARROW = frozenset("mwMW"), frozenset("fijlrtI ',.-")

_STEP, _FARTHEST = 6, 420
_OFFSETS = sorted(
    product(range(-_FARTHEST, _FARTHEST + 1, _STEP), repeat=2), key=lambda at: (at[0] ** 2 + at[1] ** 2, at)
)
_LOOKED_AT = (1, 15, 140)
"""How many free positions are looked at, at a time, for one that is clear of what is shunned: 70 units around."""


def width_of(words: str) -> float:
    """How wide words are at most in a bold face without serifs, 12 units high: no browser is asked."""
    return 3 + sum(
        11 if sign in _WIDE else 4.7 if sign in _NARROW else 8.9 if sign.isupper() else 7.5 for sign in words
    )


def cell_width(number: int) -> int:
    """How wide a number is with its frame."""
    return 16 + 8 * len(str(number))


def size_of(numbers: Sequence[int]) -> tuple[int, int]:
    """How wide and high some numbers are that stand in rows together."""
    rows = list(in_rows(numbers))
    return max(sum(map(cell_width, row)) for row in rows), CELL_HEIGHT * len(rows)


def in_rows(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many numbers side by side as are still read at one glance."""
    for start in range(0, len(numbers), IN_A_ROW):
        yield numbers[start : start + IN_A_ROW]


def fan_out(
    anchors: Sequence[tuple[float, float, float, float]],
    *,
    frame: Box,
    taken: Iterable[Box],
    shunned: shapely.Geometry | None = None,
) -> list[Box | None]:
    """A box for each (x, y, width, height), as near to its point as may be, none over another or over what is taken.

    Earlier ones choose first.

    Args:
        shunned: Kept clear of too, as long as there is room elsewhere near the point.

    Returns:
        The boxes in the order of the anchors; None where the frame has no room left.
    """
    used, found = list(taken), list[Box | None]()
    for x, y, width, height in anchors:
        box = _first_free(x, y, width, height, frame=frame, used=used, shunned=shunned)
        found.append(box)
        if box is not None:
            used.append(box)
    return found


def _first_free(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    frame: Box,
    used: Collection[Box],
    shunned: shapely.Geometry | None,
) -> Box | None:
    around = (Box.round_(x + right, y + down, width, height) for right, down in _OFFSETS)
    free = (box for box in around if box.within(frame) and not any(box.overlaps(other) for other in used))
    if shunned is None or shunned.is_empty:
        return next(free, None)
    nearest = None
    for count in _LOOKED_AT:
        boxes = list(islice(free, count))
        nearest = nearest or next(iter(boxes), None)
        clear = ~shapely.intersects(shunned, shapely.box(*zip(*boxes, strict=True))) if boxes else ()
        if any(clear):
            return boxes[list(clear).index(True)]
    return nearest


def beside(words: str, x: float, y: float, *, gap: float, frame: Box, taken: Collection[Box]) -> Text:
    """A label right, left, above or below of a mark, where it is free first; else as near as may be.

    Args:
        gap: From the middle of the mark. None of the four sides is tried at 0: the label is put over the mark.
    """
    width = width_of(words)
    across, up = gap + width / 2, gap + TEXT_HEIGHT / 2
    sides = [(x + across, y), (x - across, y), (x, y - up), (x, y + up)] if gap else [(x, y)]
    boxes = (Box.round_(*side, width, TEXT_HEIGHT) for side in sides)
    free = (box for box in boxes if box.within(frame) and not any(box.overlaps(other) for other in taken))
    found = next(free, None) or fan_out([(x, y, width, TEXT_HEIGHT)], frame=frame, taken=taken)[0]
    return _text((words,), found or Box.round_(x, y, width, TEXT_HEIGHT))


def names_inside(areas: Iterable[tuple[str, shapely.Geometry]], *, frame: Box, taken: Iterable[Box]) -> Iterator[Text]:
    """The name of each area where it fits into it, on one line or on several, and over nothing else.

    Left out where it fits nowhere.
    """
    used = list(taken)
    for name, area in areas:
        found = _name_inside(name, area, frame=frame, used=used)
        if found is not None:
            used.append(found.box)
            yield found


_TRIED = 5
"""Positions across and down that are tried for a name."""


def _name_inside(name: str, area: shapely.Geometry, *, frame: Box, used: Collection[Box]) -> Text | None:
    left, top, right, bottom = area.bounds
    for lines in _broken(name):
        width, height = max(map(width_of, lines)), TEXT_HEIGHT * len(lines)
        across, down = right - left - width, bottom - top - height
        if across < 0 or down < 0:
            continue
        boxes = [
            Box(x, y, x + width, y + height)
            for x, y in ((left + across * i / (_TRIED - 1), top + down * j / (_TRIED - 1)) for i, j in _FROM_THE_MIDDLE)
        ]
        free = [box for box in boxes if box.within(frame) and not any(box.overlaps(other) for other in used)]
        fits = shapely.contains(area, shapely.box(*zip(*free, strict=True))) if free else ()
        for box, fit in zip(free, fits, strict=True):
            if fit:
                return _text(lines, box)
    return None


_FROM_THE_MIDDLE = sorted(
    product(range(_TRIED), repeat=2), key=lambda at: ((2 * at[0] - _TRIED + 1) ** 2 + (2 * at[1] - _TRIED + 1) ** 2, at)
)


def _broken(name: str) -> Iterator[tuple[str, ...]]:
    """On one line, then on two, about as long as each other, then a line for each word or two."""
    words = name.split()
    yield (name,)
    if len(words) > 1:
        cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        yield min(cuts, key=lambda cut: max(map(len, cut)))
    if len(words) > 2:
        yield (words[0], " ".join(words[1:-1]), words[-1])


def _text(lines: tuple[str, ...], box: Box) -> Text:
    return Text(lines, round((box.left + box.right) / 2, 1), round(box.top + TEXT_HEIGHT - 3, 1), box)
