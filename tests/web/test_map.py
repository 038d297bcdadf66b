"""The map beside the list of options."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from custodyfinder.models import Place, Suite

from ..world import CAMDEN, World
from .reading import words
from .test_every_page import check

KENTISH_TOWN = {"postcode": "NW5 3AE", "easting": 529000, "northing": 185500, "authority_code": CAMDEN}
PENRITH, ABERYSTWYTH = (351500, 530500), (258500, 281500)


def page_of(officer: FlaskClient, reference: str) -> str:
    page = officer.get(f"/desk/detentions/{reference}").get_data(as_text=True)
    check(page)
    return page


def drawing(page: str) -> str:
    (found,) = re.findall(r'<svg class="cf-searchmap__map".*?</svg>', page, re.DOTALL)
    return str(found)


def test_each_number_of_the_map_leads_to_its_row_of_the_list_in_the_same_order(
    world: World, officer: FlaskClient
) -> None:
    world.place(name="Example House Near")
    world.place(name="Example House Far", **KENTISH_TOWN)

    page = page_of(officer, world.detention())

    assert re.findall(r'<a href="#(option-\d)"[^>]*><title>(.*?)</title>', drawing(page)) == [
        ("option-1", "1: Example House Near"),
        ("option-2", "2: Example House Far"),
    ]
    for number, name in ((1, "Near"), (2, "Far")):
        row = page.split(f'id="option-{number}"')[1].split("</h3>")[0]
        assert f"Example House {name}" in row


def test_where_in_its_district_a_place_is_cannot_be_read_from_the_map(world: World, officer: FlaskClient) -> None:
    place, reference = world.place(**KENTISH_TOWN), world.detention()
    before = page_of(officer, reference)

    world.change(Place, place, postcode="NW5 2AA", easting=529900, northing=184700, band=184700 // 10_000)
    after = page_of(officer, reference)

    assert drawing(before) == drawing(after)
    assert re.findall(r"[\d.]+ miles", before.split("cf-options")[1]) != re.findall(
        r"[\d.]+ miles", after.split("cf-options")[1]
    )


def test_of_the_childs_home_the_map_has_the_district_and_the_same_for_every_home_in_it(
    world: World, officer: FlaskClient
) -> None:
    world.place()
    one, other = (world.detention(home_postcode=postcode) for postcode in ("N17 0AD", "N17 9JF"))

    assert drawing(page_of(officer, one)) == drawing(page_of(officer, other))
    assert "N17, home" in drawing(page_of(officer, one))
    assert "N17, home: only the district is kept" in words(officer.get(f"/desk/detentions/{one}"))


def test_areas_to_avoid_are_hatched_and_said(world: World, officer: FlaskClient) -> None:
    world.place()
    reference = world.detention(avoid=(("N17 0AD", 1.6), ("NE1 4ST", 2.0)))

    page = page_of(officer, reference)

    assert drawing(page).count('fill="url(#map-avoid)"') == 1
    assert "to be avoided; there is more beyond the edge: no place in the list is inside" in " ".join(page.split())


def test_what_lies_beyond_the_map_is_said_in_one_line(world: World, officer: FlaskClient) -> None:
    for _ in range(10):
        world.place()
    for _ in range(3):
        world.place(postcode="NE1 4ST", easting=424500, northing=564500)

    page = page_of(officer, world.detention(home_postcode="EH1 1YZ"))

    assert "<strong>11 to 13</strong> are farther than the map shows: see the list." in page
    assert "The home district, EH1, is farther than the map shows." in page
    assert drawing(page).count("<a ") == 10


def test_without_any_option_the_map_shows_the_suite(world: World, officer: FlaskClient) -> None:
    page = page_of(officer, world.detention())

    assert "Wood Green" in drawing(page)
    assert "<a " not in drawing(page)
    assert "Skip the map" not in page


@pytest.mark.parametrize("at", [None, PENRITH, ABERYSTWYTH])
def test_the_map_is_light_and_asks_nobody_for_anything(
    world: World, officer: FlaskClient, at: tuple[int, int] | None
) -> None:
    if at:
        world.change(Suite, world.suite_id, easting=at[0], northing=at[1])
    for postcode, east, north in (
        ("CA1 1AA", 340000, 556000),
        ("LD1 5AA", 306000, 261000),
        ("N17 0AD", 533900, 191200),
    ):
        world.place(postcode=postcode, easting=east, northing=north)

    svg = drawing(page_of(officer, world.detention()))

    assert len(svg.encode()) < 40_000
    assert not re.search(r'style=|<script|<image|<use|https?://|(?<!a )href="(?!#)', svg)


def test_the_map_has_a_title_and_says_that_the_list_says_the_same(world: World, officer: FlaskClient) -> None:
    world.place()
    svg = drawing(page_of(officer, world.detention()))

    assert '<title id="map-title">Map of the places by their number in the list</title>' in svg
    assert '<desc id="map-desc">North is up. The list says the same in the same order.</desc>' in svg
    assert 'role="group" aria-labelledby="map-title" aria-describedby="map-desc"' in svg
