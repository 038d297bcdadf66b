"""The ranking over the places in the database: what the pages and the command line call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Integer, Select, String, bindparam, select, union_all
from sqlalchemy.engine import Connection

from ..db import reading
from ..domain.ranking import FARTHEST_M, Ranking, Wanted, rank
from ..domain.suitability import Candidate, Child, Question
from ..models import BAND_M, Authority, Place
from ..wiring import wired

LIMIT = 20
"""How many options, and how many left-out places, unless somebody asks for more."""

_NORTHERNMOST_BAND = 1_300_000 // BAND_M

_columns = [Authority.name if name == "authority_name" else getattr(Place, name) for name in Candidate._fields]
_x, _y = bindparam("x", type_=BigInteger), bindparam("y", type_=BigInteger)
_square = (Place.easting - _x) * (Place.easting - _x) + (Place.northing - _y) * (Place.northing - _y)


def _in_box(box: str) -> Select[*tuple[Any, ...]]:
    # The box is what an index can find; the circle inside it is what was asked for.
    return (
        select(*_columns)
        .join(Authority, Authority.code == Place.authority_code)
        .where(
            Place.band.in_(bindparam(f"{box}_bands", expanding=True, type_=Integer)),
            Place.easting.between(
                bindparam(f"{box}_west", type_=BigInteger), bindparam(f"{box}_east", type_=BigInteger)
            ),
            _square > bindparam("beyond", type_=Float),
            _square <= bindparam(f"{box}_square", type_=Float),
        )
    )


def _able_in_box(box: str) -> Select[*tuple[Any, ...]]:
    # Only what the database tells for certain; `suitability` has the last word.
    return _in_box(box).where(
        Place.secure == bindparam("secure"),
        Place.beds_free > 0,
        Place.out_of_service.is_(None),
        Place.age_min <= bindparam("age", type_=Integer),
        Place.age_max >= bindparam("age", type_=Integer),
        Place.sexes.op("&")(bindparam("sex_bit", type_=Integer)) != 0,
        Place.needs_not_met.op("&")(bindparam("need_bits", type_=Integer)) == 0,
    )


_responsible = bindparam("responsible", type_=String)
_EVERYONE = _in_box("far")
_ABLE = union_all(
    _able_in_box("far").where(Place.authority_code == _responsible),
    _able_in_box("near").where(Place.authority_code != _responsible),
)

# How far the last search from a point had to look. Only a first guess for the next one: a wrong
# guess costs a query, never the answer. It is not kept, and each process has its own.
_first_reach: dict[tuple[float, float], float] = {}
_FIRST_GUESS_M = 5_000.0
_GUESSES_KEPT = 10_000


def find(child: Child, *, at: datetime, limit: int = LIMIT) -> Ranking:
    """The cheapest places for this child and the nearest left-out ones, over all places there are.

    Args:
        child: What may be known of the child.
        at: The instant that hours of admission and the age of counts are judged at.
        limit: Caps both lists.
    """
    question = Question.about(child, at=at, weights=wired().weights)
    here = (child.origin.easting, child.origin.northing)
    with reading() as connection:
        ranking = rank(
            question,
            lambda wanted: _fetch(connection, question, wanted),
            limit=limit,
            first_reach_m=_first_reach.get(here, _FIRST_GUESS_M),
        )
    if len(_first_reach) >= _GUESSES_KEPT:
        _first_reach.clear()
    _first_reach[here] = (
        1.02 * ranking.first_reach_m
    )  # a little more, for places that are confirmed or filled meanwhile
    return ranking


def _fetch(connection: Connection, question: Question, wanted: Wanted) -> Iterable[Candidate]:
    x, y = round(question.child.origin.easting), round(question.child.origin.northing)
    values: dict[str, object] = {"x": x, "y": y, "beyond": _squared(wanted.beyond_m)}
    values |= _box("far", x, y, wanted.within_m)
    if not wanted.able_only:
        return map(Candidate._make, connection.execute(_EVERYONE, values))
    values |= _box("near", x, y, wanted.within_m_elsewhere)
    values |= {
        "responsible": question.child.responsible,
        "secure": question.child.secure,
        "age": question.child.age,
        "sex_bit": question.sex_bit,
        "need_bits": question.need_bits,
    }
    return map(Candidate._make, connection.execute(_ABLE, values))


def _squared(metres: float) -> float:
    return -1.0 if metres < 0 else metres * metres


def _box(name: str, x: int, y: int, reach: float) -> dict[str, object]:
    reach = min(reach, FARTHEST_M)
    south = max(0, int((y - reach) // BAND_M))
    north = min(_NORTHERNMOST_BAND, int((y + reach) // BAND_M))
    return {
        f"{name}_bands": range(south, north + 1),
        f"{name}_west": int(x - reach) - 1,
        f"{name}_east": int(x + reach) + 1,
        f"{name}_square": _squared(reach),
    }


def as_json(ranking: Ranking) -> dict[str, Any]:
    """The answer as the command line and the API give it; distances in kilometres."""
    return {
        "options": [
            {
                "rank": number,
                "place": option.place.id,
                "name": option.place.name,
                "authority": option.place.authority_name,
                "distance_km": round(option.distance_m / 1000, 3),
                "travel_minutes": option.travel_minutes,
                "cost_minutes": option.cost_minutes,
                "beds_free": option.place.beds_free,
                "confirmed_at": option.place.confirmed_at
                and option.place.confirmed_at.isoformat().replace("+00:00", "Z"),
                "reasons": [cost._asdict() for cost in option.reasons],
            }
            for number, option in enumerate(ranking.options, 1)
        ],
        "ruled_out": [
            {
                "place": out.place.id,
                "name": out.place.name,
                "distance_km": round(out.distance_m / 1000, 3),
                "reasons": [reason._asdict() for reason in out.reasons],
            }
            for out in ranking.ruled_out
        ],
        "considered": ranking.considered,
        "travel_minutes_are": "an estimate from the straight line",
    }
