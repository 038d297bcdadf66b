"""How long the ranking takes against the least that a database could do.

In one run, on the same rows: the service call with its database reads; on PostgreSQL the nearest
20 rows by the built-in `point` and a GiST index, the same columns, over the same engine; and at
5,000 rows a loop of `geopy.distance.geodesic` over all of them. The rows are spread like postcodes.
Each figure is the median over the same 27 suites, warm.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from geopy.distance import geodesic
from sqlalchemy import Float, bindparam, delete, literal_column, select, text

from custodyfinder import create_app
from custodyfinder.config import PROJECT, Settings
from custodyfinder.db import db, reading, transaction
from custodyfinder.domain.geo import GridPoint, to_lat_lon
from custodyfinder.domain.needs import Sex
from custodyfinder.domain.suitability import Candidate, Child
from custodyfinder.models import BAND_M, Authority, Place, Suite
from custodyfinder.services import search, seeding
from custodyfinder.wiring import wired

from .. import postgres

SIZES = (5_000, 100_000, 1_000_000)
ROUNDS = 5
LIMIT = 20
NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


def measure() -> dict[str, Any]:
    """The figures, in milliseconds, and the ratios that are promised."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, postgres.server() as url:
        for name, address in (("postgresql", url), ("sqlite", f"sqlite:///{folder}/bench.sqlite")):
            with _application(address, Path(folder)):
                for size in SIZES:
                    found = _at_size(size, name)
                    figures[f"{name} {size}"] = found
                    print(
                        f"{name:10} {size:>9,}  " + "  ".join(f"{k} {v:.2f}" for k, v in found.items()),
                        flush=True,
                    )
            figures[f"{name} step"] = step = (
                figures[f"{name} {SIZES[-1]}"]["service_ms"] / figures[f"{name} {SIZES[0]}"]["service_ms"]
            )
            print(f"{name:10} from {SIZES[0]:,} to {SIZES[-1]:,}: {step:.2f} x", flush=True)
    return figures


@contextmanager
def _application(url: str, instance: Path) -> Iterator[Flask]:
    index = instance / "postcodes.sqlite"
    if not index.exists():
        index.symlink_to(PROJECT / "instance" / "postcodes.sqlite")
    app = create_app(
        Settings(database_url=url, secret_key="b" * 40, public_url="http://127.0.0.1:5000", instance=instance)
    )
    with app.app_context():
        upgrade()
        wired().postcodes.prepare(progress=print)
        seeding.reference(PROJECT / "seeds", postcodes=wired().postcodes)
        yield app
        db.engine.dispose()


def _at_size(size: int, name: str) -> dict[str, float]:
    _fill(size, name)
    children = _children()
    for child in children:  # warm: the guess of the first reach, and the caches of the database
        search.find(child, at=NOW, limit=LIMIT)
    calls: dict[str, Callable[[Child], object]] = {"service_ms": lambda c: search.find(c, at=NOW, limit=LIMIT)}
    if name == "postgresql":
        calls["nearest_20_ms"] = _nearest_20
    found = _medians(calls, children)
    if name == "postgresql":
        found["ratio"] = found["service_ms"] / found["nearest_20_ms"]
    if size == SIZES[0]:
        found["geodesic_ms"] = _geodesic_ms(children[0])
        found["times_faster"] = found["geodesic_ms"] / found["service_ms"]
    return found


def _medians(calls: dict[str, Callable[[Child], object]], children: list[Child]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for child in children:
            for name, call in calls.items():  # by turns, so that a noisy moment hits both
                start = time.perf_counter()
                call(child)
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(each) for name, each in times.items()}


_NEAREST = (
    select(*(Authority.name if name == "authority_name" else getattr(Place, name) for name in Candidate._fields))
    .join(Authority, Authority.code == Place.authority_code)
    .order_by(
        literal_column("point(place.easting, place.northing)").op("<->")(
            text("point(:x, :y)").bindparams(bindparam("x", type_=Float), bindparam("y", type_=Float))
        )
    )
    .limit(LIMIT)
)


def _nearest_20(child: Child) -> object:
    with reading() as connection:
        return connection.execute(_NEAREST, {"x": child.origin.easting, "y": child.origin.northing}).all()


def _geodesic_ms(child: Child) -> float:
    with reading() as connection:
        rows = connection.execute(select(Place.id, Place.easting, Place.northing)).all()
    # Not timed: a program that loops would keep latitude and longitude.
    points = {row.id: to_lat_lon(GridPoint(row.easting, row.northing)) for row in rows}
    home = to_lat_lon(child.origin)
    start = time.perf_counter()
    with reading() as connection:
        ids = connection.scalars(select(Place.id)).all()
    sorted((geodesic(home, points[place_id]).km, place_id) for place_id in ids)
    return 1000 * (time.perf_counter() - start)


def _children() -> list[Child]:
    with reading() as connection:
        suites = connection.execute(select(Suite.easting, Suite.northing, Suite.authority_code)).all()
    return [
        Child(
            origin=GridPoint(suite.easting, suite.northing),
            age=15,
            sex=Sex.MALE,
            responsible=suite.authority_code,
        )
        for suite in suites
    ]


# One live postcode in ten, the same ones every time.
SAMPLE = "SELECT easting, northing, authority FROM postcode WHERE live AND (7 * easting + northing) % 10 = 0"


def _fill(size: int, name: str) -> None:
    with transaction() as session:
        session.execute(delete(Place))
    dice = random.Random(size)  # noqa: S311 - made-up places
    with reading() as connection:
        known = set(connection.scalars(select(Authority.code)))
    with sqlite3.connect(PROJECT / "instance" / "postcodes.sqlite") as index:
        points = index.execute(SAMPLE).fetchall()
    points = [point for point in points if point[2] in known]
    rows = (_row(number, dice.choice(points), dice) for number in range(size))
    columns = list(_row(0, points[0], random.Random(0)))  # noqa: S311
    raw = db.engine.raw_connection()
    try:
        (_copy if name == "postgresql" else _insert)(raw.cursor(), columns, rows)
        raw.commit()
    finally:
        raw.close()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if name == "postgresql":
            connection.execute(
                text("CREATE INDEX IF NOT EXISTS bench_nearest ON place USING gist (point(easting, northing))")
            )
            connection.execute(text("VACUUM ANALYZE place"))
        else:
            connection.execute(text("ANALYZE"))


def _copy(cursor: Any, columns: list[str], rows: Iterable[dict[str, Any]]) -> None:
    with cursor.copy(f"COPY place ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))


def _insert(cursor: Any, columns: list[str], rows: Iterable[dict[str, Any]]) -> None:
    cursor.execute("BEGIN")
    values = ", ".join("?" * len(columns))
    statement = f"INSERT INTO place ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 - our own names
    cursor.executemany(statement, (tuple(_for_sqlite(value) for value in row.values()) for row in rows))


def _for_sqlite(value: Any) -> Any:
    # As SQLAlchemy stores it.
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def _row(number: int, at: tuple[int, int, str], dice: random.Random) -> dict[str, Any]:
    # A postcode's point and up to 300 m more, so that a million places are not on 200,000 points.
    easting, northing = at[0] + dice.randint(-300, 300), at[1] + dice.randint(-300, 300)
    kind = dice.choice(["residential"] * 20 + ["foster"] * 20 + ["emergency"] * 9 + ["secure"])
    met = dice.randrange(64)
    age_min = dice.choice([10, 10, 12, 14])
    hours = dice.choice([(None, None)] * 7 + [(18 * 60, 6 * 60)] * 2 + [(8 * 60, 20 * 60)])
    return {
        "code": f"B{number}",
        "name": f"Example House {number}",
        "authority_code": at[2],
        "kind": kind,
        "secure": kind == "secure",
        "town": "Somewhere",
        "address": "1 Fictional Row",
        "postcode": "N22 6XH",
        "easting": max(0, easting),
        "northing": max(0, northing),
        "band": max(0, northing) // BAND_M,
        "age_min": age_min,
        "age_max": dice.choice([15, 17, 17, 17]),
        "sexes": dice.choice([1, 2, 3, 3]),
        "needs_met": met,
        "needs_not_met": dice.randrange(64) & ~met,
        "admits_from": hours[0],
        "admits_until": hours[1],
        "out_of_service": "boiler" if dice.random() < 0.05 else None,
        "beds_total": 4,
        "beds_free": dice.choice([0, 0, 0, 1, 1, 2]),
        "beds_held": 0,
        "confirmed_at": None if dice.random() < 0.05 else NOW - timedelta(hours=dice.expovariate(0.25)),
        "ended": dice.choice([0, 0, 12]),
        "refused": dice.randint(0, 9),
        "answer_minutes": dice.random() * 30,
    }
