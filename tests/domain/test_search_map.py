"""The map of a search: every number once, legible, and in the order of the list."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain.geo import Areas, Circle, GridPoint
from custodyfinder.domain.map_labels import Box, names_inside
from custodyfinder.domain.search_map import (
    HEIGHT,
    WIDTH,
    District,
    Ground,
    SearchMap,
    Spot,
    draw,
    frame_round,
    in_words,
)

from .making import SUITE

N17 = District("N17", GridPoint(534_000, 190_500), 1_200.0)
HALVES = (
    Ground("Westshire", shapely.box(0, 0, 531_000, 700_000)),
    Ground("Eastshire", shapely.box(531_000, 0, 700_000, 700_000)),
)


def spots(*points: tuple[float, float]) -> list[Spot]:
    """Options at so many metres east and north of the suite, best first."""
    return [
        Spot(number, f"Example House {number}", GridPoint(SUITE.easting + east, SUITE.northing + north))
        for number, (east, north) in enumerate(points, 1)
    ]


def drawn(shown: list[Spot], *, home: District | None = None, avoid: Areas | None = None) -> SearchMap:
    return draw(
        frame_round(SUITE, home, shown),
        HALVES,
        suite=SUITE,
        suite_name="Wood Green",
        home=home,
        avoid=avoid or Areas(),
        spots=shown,
    )


def numbers(found: SearchMap) -> list[int]:
    return [cell.number for mark in found.marks for cell in mark.cells]


near_or_far = st.one_of(st.integers(-3_000, 3_000), st.integers(-150_000, 150_000))
some_points = st.lists(st.tuples(near_or_far, near_or_far), max_size=40)
some_areas = st.lists(st.tuples(near_or_far, near_or_far, st.integers(200, 30_000)), max_size=3).map(
    lambda said: Areas(tuple(Circle(GridPoint(SUITE.easting + x, SUITE.northing + y), r) for x, y, r in said))
)


@settings(max_examples=60, deadline=None)
@given(some_points, st.sampled_from([None, N17]), some_areas)
def test_every_option_is_on_the_map_once_or_named_as_beyond_it_and_no_two_labels_overlap(
    points: list[tuple[int, int]], home: District | None, avoid: Areas
) -> None:
    shown = spots(*points)
    found = drawn(shown, home=home, avoid=avoid)
    frame = frame_round(SUITE, home, shown)
    on_map = [
        spot.number
        for spot in shown
        if 3 <= frame.xy(spot.at)[0] <= WIDTH - 3 and 3 <= frame.xy(spot.at)[1] <= HEIGHT - 3
    ]

    assert sorted(numbers(found)) == on_map
    assert found.shown == in_words(on_map)
    assert found.beyond == in_words([spot.number for spot in shown if spot.number not in on_map])
    boxes = [mark.box for mark in found.marks] + [name.box for name in found.names] + [found.suite_label.box]
    boxes += [found.home.label.box] if found.home else []
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    for mark in found.marks:
        assert all(cell.box.within(mark.box) for cell in mark.cells)
        assert not any(one.box.overlaps(other.box) for one, other in combinations(mark.cells, 2))
        assert 0 <= mark.box.left < mark.box.right <= WIDTH
        assert 0 <= mark.box.top < mark.box.bottom <= HEIGHT


def test_the_links_come_in_the_order_of_the_list_as_far_as_numbers_stand_apart() -> None:
    found = drawn(spots((3_000, 0), (-3_000, 500), (0, 3_000), (100, -2_500)))

    assert numbers(found) == [1, 2, 3, 4]


def test_numbers_of_one_district_stand_together() -> None:
    found = drawn(spots((2_000, 0), (-2_000, 0), (2_000, 0)))

    assert [[cell.number for cell in mark.cells] for mark in found.marks] == [[1, 3], [2]]


def test_a_number_that_had_to_move_keeps_a_line_to_its_point() -> None:
    first, second = drawn(spots((2_000, 0), (2_050, 0))).marks

    assert first.anchor is None
    assert second.anchor == frame_round(SUITE, None, spots((2_000, 0), (2_050, 0))).xy(spots((2_050, 0))[0].at)


def test_with_no_option_there_is_a_map_of_the_suite_alone() -> None:
    found = drawn([])

    assert found.marks == ()
    assert (found.shown, found.beyond) == ("", "")
    assert found.suite == (WIDTH / 2, HEIGHT / 2)


def test_an_option_at_the_suites_own_spot_leaves_the_suite_to_be_seen() -> None:
    (mark,) = drawn(spots((0, 0))).marks

    assert not shapely.box(*mark.box).buffer(-1).intersects(shapely.Point(WIDTH / 2, HEIGHT / 2))


def test_forty_options_at_one_spot_can_all_be_read() -> None:
    assert len(numbers(drawn(spots(*[(500, 500)] * 40)))) == 40


def test_the_map_shows_the_first_ten_and_leaves_out_what_would_make_it_useless() -> None:
    found = drawn(spots(*[(1_000 * at, 0) for at in range(1, 10)], (90_000, 0), (95_000, 0)))

    assert found.shown == "1 to 9"
    assert found.beyond == "10 and 11"
    assert not found.one_beyond


def test_the_home_district_is_on_the_map_if_it_is_near_the_options() -> None:
    newport = District("NP20", GridPoint(331_000, 188_000), 2_000.0)

    barnet = District("EN5", GridPoint(SUITE.easting - 9_000, SUITE.northing + 8_000), 2_000.0)

    assert drawn(spots((1_000, 0)), home=N17).home is not None
    assert drawn(spots((1_000, 0)), home=barnet).home is not None
    assert drawn(spots((1_000, 0)), home=newport).home is None


def test_no_number_stands_in_an_area_to_avoid_though_the_middle_of_its_district_does() -> None:
    """No option is inside one: the address was looked at. On the map it must not look as if it were."""
    frame = frame_round(SUITE, None, spots((3_000, 0), (-3_000, 0)))
    found = drawn(
        spots((3_000, 0), (-3_000, 0)),
        avoid=Areas((Circle(GridPoint(SUITE.easting + 3_200, SUITE.northing), 1_000),)),
    )
    x, y = frame.xy(GridPoint(SUITE.easting + 3_200, SUITE.northing))
    avoided = shapely.Point(x, y).buffer(1_000 / frame.unit_m)

    assert not any(avoided.intersects(shapely.box(*mark.box)) for mark in found.marks)
    assert not any(avoided.intersects(shapely.Point(mark.anchor)) for mark in found.marks if mark.anchor)
    assert found.avoid


def test_circles_and_polygons_to_avoid_are_drawn_and_those_beyond_the_edge_are_said() -> None:
    square = shapely.box(SUITE.easting, SUITE.northing, SUITE.easting + 900, SUITE.northing + 900)
    near, far = Circle(SUITE, 500), Circle(GridPoint(400_000, 400_000), 500)

    both = drawn([], avoid=Areas((near,), (square,)))
    outside = drawn([], avoid=Areas((near, far)))

    assert both.avoid.count("M") == 1  # one area: they overlap
    assert not both.avoid_beyond
    assert outside.avoid_beyond
    assert drawn([], avoid=Areas((far,))).avoid == ""


def test_a_polygon_of_ten_thousand_points_is_drawn_with_as_many_as_can_be_seen() -> None:
    round_ = shapely.Point(SUITE.easting, SUITE.northing).buffer(2_000, quad_segs=2_500)

    assert len(drawn([], avoid=Areas(polygons=(round_,))).avoid) < 1_000


def test_a_mile_on_the_scale_is_a_mile_on_the_map() -> None:
    shown = spots((0, 20_000))
    found = drawn(shown)
    distance = found.suite[1] - frame_round(SUITE, None, shown).xy(shown[0].at)[1]

    assert found.scale.miles == "5 miles"
    assert found.scale.length / distance == pytest.approx(5 * 1609.344 / 20_000, rel=0.01)


def test_north_is_up_and_east_is_right() -> None:
    frame = frame_round(SUITE, None, spots((2_000, 3_000)))

    (x, y), (east, north) = frame.xy(SUITE), frame.xy(spots((2_000, 3_000))[0].at)
    assert east > x
    assert north < y


def test_authorities_are_named_inside_their_own_outline() -> None:
    found = drawn(spots((2_000, 0), (-2_000, 0)))
    (border,) = set(re.findall(r"M(\d+)", found.grounds[1]))

    west, east = found.names
    assert (west.lines, east.lines) == (("Westshire",), ("Eastshire",))
    assert west.box.right <= int(border) <= east.box.left


def test_a_long_name_stands_on_two_lines_where_it_fits_on_no_one_and_not_at_all_where_it_fits_nowhere() -> None:
    areas = [("North Somerset", shapely.box(10, 10, 80, 60)), ("Bath", shapely.box(100, 10, 110, 60))]

    (name,) = names_inside(areas, frame=Box(0, 0, WIDTH, HEIGHT), taken=[])
    assert name.lines == ("North", "Somerset")
    assert name.box.within(Box(10, 10, 80, 60))


def test_a_district_as_small_as_an_address_is_shown_as_a_square_of_two_kilometres() -> None:
    assert N17.coarse() == N17
    assert District("TR23", GridPoint(87_730, 15_210), 40.0).coarse() == District(
        "TR23", GridPoint(87_000, 15_000), 1_000.0
    )


def test_the_same_search_gives_the_same_map() -> None:
    shown = spots((2_000, 0), (2_100, 300), (-900, 0))

    assert drawn(shown, home=N17) == drawn(shown, home=N17)


@pytest.mark.parametrize(
    ("given_numbers", "said"),
    [
        ([], ""),
        ([7], "7"),
        ([7, 8], "7 and 8"),
        ([7, 8, 9], "7 to 9"),
        ([2, *range(7, 21)], "2 and 7 to 20"),
        ([1, 2, 5, 7, 8, 9], "1, 2, 5 and 7 to 9"),
    ],
)
def test_numbers_are_said_as_people_say_them(given_numbers: list[int], said: str) -> None:
    assert in_words(given_numbers) == said
