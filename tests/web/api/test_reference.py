"""What programs may read of suites, authorities and places."""

from __future__ import annotations

from ...world import CAMDEN, HARINGEY, World
from .conftest import Program

WHERE = {"address", "postcode", "easting", "northing"}


def test_a_force_sees_what_every_place_takes_and_not_where_it_is(police: Program, world: World) -> None:
    ours, theirs = world.place(town="Tottenham", beds_free=3), world.place(authority_code=CAMDEN)

    places = police.get("/places")["places"]

    assert [place["id"] for place in places] == [ours, theirs]
    assert (places[0]["town"], places[0]["beds_free"]) == ("Tottenham", 3)
    assert places[0]["confirmed_at"] == "2026-11-24T02:10:00Z"
    for place in places:
        assert not WHERE & set(place)
        assert "N22 6XH" not in str(place)
        assert "Fictional Row" not in str(place)


def test_an_authority_sees_its_own_places_wholly_and_nobody_elses(
    haringey: Program, camden: Program, world: World
) -> None:
    ours, theirs = world.place(), world.place(authority_code=CAMDEN)

    (place,) = haringey.get("/places")["places"]

    assert place["id"] == ours
    assert place["postcode"] == "N22 6XH"
    assert set(place) > WHERE
    assert [each["id"] for each in camden.get("/places")["places"]] == [theirs]


def test_a_force_sees_its_suites_and_an_authority_all_that_may_ask_it(
    police: Program, other_force: Program, haringey: Program
) -> None:
    assert [suite["slug"] for suite in police.get("/suites")["suites"]] == ["wood-green"]
    assert [suite["slug"] for suite in haringey.get("/suites")["suites"]] == ["kentish-town", "wood-green"]
    assert haringey.get("/suites")["suites"][1] == {
        "slug": "wood-green",
        "name": "Wood Green",
        "force": "Metropolitan Police",
        "authority_code": HARINGEY,
    }


def test_everybody_sees_who_can_be_asked(police: Program, haringey: Program) -> None:
    expected = {"authorities": [{"code": CAMDEN, "name": "Camden"}, {"code": HARINGEY, "name": "Haringey"}]}

    assert police.get("/authorities") == haringey.get("/authorities") == expected
