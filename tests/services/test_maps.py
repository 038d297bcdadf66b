"""What the map of a search is given to show."""

from __future__ import annotations

from custodyfinder.domain.geo import GridPoint
from custodyfinder.domain.search_map import Spot, frame_round
from custodyfinder.services import enquiries, maps, search
from custodyfinder.wiring import wired

from ..world import World


def test_a_place_whose_postcode_district_is_one_building_is_shown_in_the_middle_of_its_square(world: World) -> None:
    """NW1W is a hall of letter boxes: the middle of the district would be the address."""
    building = wired().postcodes.district("NW1W")
    at = building.centre
    world.place(postcode="NW1W 8AA", easting=round(at.easting), northing=round(at.northing))
    child = enquiries.child_in(world.detention_id(world.detention()), now=world.now)

    found = maps.of_search(child, search.find(child, at=world.now), suite_name="Wood Green", home_district=None)

    square = GridPoint(at.easting // 2_000 * 2_000 + 1_000, at.northing // 2_000 * 2_000 + 1_000)
    x, y = frame_round(child.origin, None, [Spot(1, "", square)]).xy(square)
    (box,) = (mark.box for mark in found.marks)
    assert building.radius_m < 100
    assert abs((box.left + box.right) / 2 - x) < 0.2
    assert abs((box.top + box.bottom) / 2 - y) < 0.2
