"""The ranking over the places in the database: what the pages and the command line call."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, Float, Integer, Select, String, bindparam, select, text, union_all
from sqlalchemy.engine import Connection

from ..db import Integers, is_one_of, reading
from ..domain import wording
from ..domain.ranking import Guess, Option, Ranking, Ring, RuledOut, Wanted, judge, rank
from ..domain.suitability import Candidate, Child, Question
from ..errors import BadInput
from ..models import ABLE_NOW, BAND_M, Authority, Place
from ..wiring import wired

LIMIT = 20
"""How many options, and how many left-out places, unless somebody asks for more."""

_NORTHERNMOST_BAND = 1_300_000 // BAND_M

# Looked up row by row, not joined: with one table to plan for, SQLite cannot take the wrong one first.
_authority_name = select(Authority.name).where(Authority.code == Place.authority_code).scalar_subquery()
_columns = [_authority_name if name == "authority_name" else getattr(Place, name) for name in Candidate._fields]
EVERY_PLACE = select(*_columns)
"""What the rules read of all places there are; each row in the order of `Candidate`."""

_x, _y = bindparam("x", type_=BigInteger), bindparam("y", type_=BigInteger)
_square = (Place.easting - _x) * (Place.easting - _x) + (Place.northing - _y) * (Place.northing - _y)


def _in_ring(ring: str) -> Select[*tuple[Any, ...]]:
    # The box is what an index can find; the ring inside it is what was asked for.
    return EVERY_PLACE.where(
        is_one_of(Place.__table__.c.band, bindparam(f"{ring}_bands", type_=Integers)),
        Place.easting.between(bindparam(f"{ring}_west", type_=BigInteger), bindparam(f"{ring}_east", type_=BigInteger)),
        _square > bindparam(f"{ring}_beyond", type_=Float),
        _square <= bindparam(f"{ring}_within", type_=Float),
    )


def _able_in_ring(ring: str) -> Select[*tuple[Any, ...]]:
    # Only what the database tells for certain; `suitability` has the last word.
    return _in_ring(ring).where(
        Place.secure == bindparam("secure"),
        text(ABLE_NOW),  # to the letter what the partial index says: a prepared plan cannot use it otherwise
        Place.age_min <= bindparam("age", type_=Integer),
        Place.age_max >= bindparam("age", type_=Integer),
        Place.sexes.op("&")(bindparam("sex_bit", type_=Integer)) != 0,
        Place.needs_not_met.op("&")(bindparam("need_bits", type_=Integer)) == 0,
    )


_code = bindparam("responsible", type_=String)
_PARTS = {
    "everyone": _in_ring("everyone"),
    "responsible": _able_in_ring("responsible").where(Place.authority_code == _code),
    "elsewhere": _able_in_ring("elsewhere").where(Place.authority_code != _code),
}


@cache
def _statement(rings: tuple[str, ...]) -> CompoundSelect[*tuple[Any, ...]]:
    return union_all(*(_PARTS[ring] for ring in rings))


# How far the last search from a point had to look, and a little more for what changes meanwhile. Only
# where the next one begins: a wrong guess costs a query, never the answer. Each process has its own.
_guesses: dict[tuple[float, float, bool], Guess] = {}
_MORE = 1.05
_GUESSES_KEPT = 10_000


def find(child: Child, *, at: datetime, limit: int = LIMIT) -> Ranking:
    """The cheapest places for this child and the nearest left-out ones, over all places there are.

    Args:
        child: What may be known of the child.
        at: The instant that hours of admission and the age of counts are judged at.
        limit: Caps both lists.
    """
    question = Question.about(child, at=at, weights=wired().weights)
    start = (child.origin.easting, child.origin.northing, child.secure)
    with reading() as connection:
        ranking = rank(
            question,
            lambda wanted: fetch(connection, question, wanted),
            limit=limit,
            guess=_guesses.get(start, Guess()),
        )
    if len(_guesses) >= _GUESSES_KEPT:
        _guesses.clear()
    _guesses[start] = Guess(_MORE * ranking.guess.reach_m, _MORE * ranking.guess.cost)
    return ranking


def option_of(place_id: int, child: Child, *, at: datetime) -> Option | None:
    """A place as it stands among the first options for this child; None where it does not."""
    return next((option for option in find(child, at=at).options if option.place.id == place_id), None)


COMPARED = range(2, 4)
"""How many places are compared side by side."""


def compare(place_ids: Collection[int], child: Child, *, at: datetime) -> list[Option]:
    """These places for this child, whatever their rank, in the order of the ranking.

    Raises:
        BadInput: fewer than two or more than three, one that is not known, or one that does not suit now.
    """
    if len(set(place_ids)) not in COMPARED:
        raise BadInput("compare", public="Choose two or three places to compare.")
    question = Question.about(child, at=at, weights=wired().weights)
    with reading() as connection:
        rows = connection.execute(EVERY_PLACE.where(Place.id.in_(place_ids)).order_by(Place.id)).all()
    found = [judge(question, Candidate._make(row)) for row in rows]
    if len(found) < len(set(place_ids)):
        raise BadInput("compare", public="A place that you chose is not in the list any more. Choose again.")
    options = []
    for judged in found:
        if isinstance(judged, RuledOut):
            why = judged.reasons[0].text
            raise BadInput("compare", public=f"{judged.place.name} does not suit any more. {why} Choose another.")
        options.append(judged)
    return sorted(options, key=lambda option: (option.cost_minutes, option.place.id))


def fetch(connection: Connection, question: Question, wanted: Wanted) -> Iterable[Candidate]:
    """The places of these rings; of the second and third, all that suit and perhaps others. In the caller's read."""
    child = question.child
    x, y = round(child.origin.easting), round(child.origin.northing)
    rings = {name: ring for name, ring in wanted._asdict().items() if not ring.is_empty}
    if not rings:
        return ()
    values: dict[str, object] = {
        "x": x,
        "y": y,
        "responsible": child.responsible,
        "secure": child.secure,
        "age": child.age,
        "sex_bit": question.sex_bit,
        "need_bits": question.need_bits,
    }
    for name, ring in rings.items():
        values |= _box(name, x, y, ring)
    return map(Candidate._make, connection.execute(_statement(tuple(rings)), values).all())


def _box(name: str, x: int, y: int, ring: Ring) -> dict[str, object]:
    reach = ring.within_m
    south = max(0, int((y - reach) // BAND_M))
    north = min(_NORTHERNMOST_BAND, int((y + reach) // BAND_M))
    return {
        f"{name}_bands": range(south, north + 1),
        f"{name}_west": int(x - reach) - 1,
        f"{name}_east": int(x + reach) + 1,
        f"{name}_beyond": -1.0 if ring.beyond_m < 0 else ring.beyond_m**2,
        f"{name}_within": reach**2,
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
                "confirmed_at": option.place.confirmed_at and wording.utc(option.place.confirmed_at),
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
