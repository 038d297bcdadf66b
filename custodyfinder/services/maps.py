"""The map of one search: what may be shown of where the options are."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import select

from ..db import reading
from ..domain import search_map
from ..domain.ranking import Ranking
from ..domain.search_map import District, SearchMap, Spot
from ..domain.suitability import Child
from ..gateways.postcodes import PostcodeDirectory
from ..models import Place
from ..wiring import wired
from .outlines import grounds


def of_search(child: Child, ranking: Ranking, *, suite_name: str, home_district: str | None) -> SearchMap:
    """The suite, the options in their order, the areas to avoid and the home district.

    Of a place, only its postcode district leaves this function: officers learn an address when a place has
    accepted. (A square kilometre of a moor may hold one house; a district has some thousands everywhere.)
    """
    with reading() as connection:
        ids = [option.place.id for option in ranking.options]
        found = connection.execute(select(Place.id, Place.postcode).where(Place.id.in_(ids))).all()
    postcodes = {row.id: row.postcode for row in found}
    spots = [
        Spot(number, option.place.name, _district(wired().postcodes, postcodes[option.place.id].split()[0]).centre)
        for number, option in enumerate(ranking.options, 1)
    ]
    home = None if home_district is None else _district(wired().postcodes, home_district)
    frame = search_map.frame_round(child.origin, home, spots)
    return search_map.draw(
        frame,
        grounds(frame.unit_m),
        suite=child.origin,
        suite_name=suite_name,
        home=home,
        avoid=child.avoid,
        spots=spots,
    )


@lru_cache(maxsize=3_000)  # there are fewer; a search asks for some twenty, at nearly a millisecond each
def _district(postcodes: PostcodeDirectory, name: str) -> District:
    found = postcodes.district(name)
    return District(found.district, found.centre, found.radius_m).coarse()
