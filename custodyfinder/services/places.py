"""The places with what the rules read, for the command line and for programs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ..db import reading
from ..domain.needs import Need
from ..domain.suitability import needs_in, sexes_in
from ..domain.wording import utc
from ..models import Authority, Place


def everything() -> list[dict[str, Any]]:
    """Every place, by id, as the command line's JSON has it. Hours are London's; times are UTC."""
    return [_as_json(row) for row in _rows()]


def for_force() -> list[dict[str, Any]]:
    """Every place, by id, as a force may see it before a child is accepted there: what it takes, how many, which town.

    Not where it is: children hide there from people who look for them.
    """
    return [_only(_SEEN, _as_json(row)) | {"town": row["town"]} for row in _rows()]


def for_authority(code: str) -> list[dict[str, Any]]:
    """The places of one authority, by id, with everything that is known of them."""
    return [
        _only(_SEEN + _OWN, _as_json(row))
        | {"town": row["town"], "address": row["address"]}
        | {"out_of_service_until": row["out_of_service_until"] and utc(row["out_of_service_until"])}
        for row in _rows(code)
    ]


_SEEN = (
    *("id", "code", "name", "authority", "authority_code", "kind", "secure", "age_min", "age_max", "sexes", "needs"),
    *("admits_from", "admits_until", "out_of_service", "beds_free", "confirmed_at"),
)


_OWN = ("postcode", "easting", "northing", "beds_total", "beds_held", "record")


def _only(names: tuple[str, ...], place: dict[str, Any]) -> dict[str, Any]:
    return {name: place[name] for name in names}


def _rows(authority_code: str | None = None) -> list[dict[str, Any]]:
    wanted = (
        select(*Place.__table__.columns, Authority.name.label("authority"))
        .join(Authority, Authority.code == Place.authority_code)
        .order_by(Place.id)
    )
    if authority_code is not None:
        wanted = wanted.where(Place.authority_code == authority_code)
    with reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    same = (
        "id",
        "code",
        "name",
        "authority",
        "authority_code",
        "kind",
        "secure",
        "postcode",
        "easting",
        "northing",
    )
    more = ("age_min", "age_max", "out_of_service", "beds_total", "beds_free", "beds_held")
    record = ("ended", "refused", "answer_minutes")
    needs = {need.value: _answer(row, need) for need in Need}
    return {
        **{name: row[name] for name in same + more},
        "sexes": [sex.value for sex in sexes_in(row["sexes"])],
        "step_free": needs[Need.STEP_FREE.value],
        "needs": needs,
        "admits_from": _clock(row["admits_from"]),
        "admits_until": _clock(row["admits_until"]),
        "confirmed_at": row["confirmed_at"] and utc(row["confirmed_at"]),
        "record": {name: row[name] for name in record},
    }


def _answer(row: dict[str, Any], need: Need) -> str:
    if need in needs_in(row["needs_met"]):
        return "yes"
    return "no" if need in needs_in(row["needs_not_met"]) else "not known"


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"
