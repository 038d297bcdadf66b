"""Reference and demonstration data from the CSV files under `seeds/`.

Each file is checked whole before a row of it is written. What is in the database already stays as
it is, so that loading twice changes nothing and a restart never undoes what people did.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import Base, transaction
from ..domain.needs import Need, Sex
from ..domain.roles import Organisation, Role
from ..domain.suitability import OLDEST, YOUNGEST, need_bits, sex_bits
from ..errors import BadInput
from ..gateways.postcodes import PostcodeDirectory
from ..models import BAND_M, Authority, Kind, Person, Place, Suite
from . import seeding_rota, signing_in
from .seed_files import Row, read

DEMO_PASSWORD = "custody-demo-2026"  # noqa: S105 - made up, printed on the start page of the demonstration
MOST_BEDS = 99


# --- the files ------------------------------------------------------------------------------


def reference(folder: Path, *, postcodes: PostcodeDirectory) -> dict[str, int]:
    """Load authorities and custody suites. Return how many of each are new.

    Raises:
        BadSeed: names file, line and field; nothing of that file is loaded.
    """
    return {
        "authorities": _load(folder / "authorities.csv", ("code", "name", "nation"), _authority, key="code"),
        "suites": _load(
            folder / "suites.csv",
            ("slug", "name", "force", "postcode", "authority_code", "authority", "phone", "mobile"),
            lambda session: _suite(session, postcodes),
            key="slug",
        ),
    }


def demo(folder: Path, *, postcodes: PostcodeDirectory, now: datetime) -> dict[str, int]:
    """Load the reference data and the demonstration's places, contacts and people. Return how many are new.

    Counts of beds were "confirmed" so many hours before `now`, as the file has it.

    Raises:
        BadSeed: names file, line and field; nothing of that file is loaded.
    """
    loaded = reference(folder, postcodes=postcodes)
    loaded["places"] = _load(
        folder / "places.csv", PLACE_COLUMNS, lambda session: _place(session, postcodes, now), key="code"
    )
    loaded["contacts"] = seeding_rota.contacts(folder / "contacts.csv", now=now)
    loaded["shifts"] = seeding_rota.shifts(folder / "rota.csv")
    loaded["people"] = _load(
        folder / "people.csv",
        ("username", "name", "role", "suite_slug", "force", "authority_code"),
        _person,
        key="username",
    )
    return loaded


Make = Callable[[Row], Base]


def _load(path: Path, columns: tuple[str, ...], maker: Callable[[Session], Make], *, key: str) -> int:
    """One file, one transaction. Rows whose key is in the database already are checked and left alone."""
    rows = read(path, columns)
    seen: dict[str, int] = {}
    for row in rows:
        name = row.text(key)
        if name in seen:
            raise row.wrong(key, f"{name!r} stands on line {seen[name]} already")
        seen[name] = row.line
    with transaction() as session:
        make = maker(session)
        made = [make(row) for row in rows]
        table = type(made[0]) if made else None
        there = set(session.scalars(select(getattr(table, key)))) if table else set()
        new = [each for each in made if getattr(each, key) not in there]
        session.add_all(new)
        return len(new)


def _authority(session: Session) -> Make:
    def make(row: Row) -> Authority:
        code = row.text("code")
        if re.fullmatch(r"[EW]\d{8}", code) is None:
            raise row.wrong("code", "must be an ONS code such as E09000014")
        nation = row.one_of("nation", ["England", "Wales"])
        return Authority(code=code, name=row.text("name", most=80), nation=nation)

    return make


def _located(row: Row, postcodes: PostcodeDirectory) -> dict[str, Any]:
    try:
        found = postcodes.find(row.text("postcode"))
    except BadInput as error:
        raise row.wrong("postcode", error.public) from None
    if found.authority_code != row.fields["authority_code"].strip():
        raise row.wrong("postcode", f"lies in {found.authority_code}, not in the row's authority")
    return {
        "postcode": found.postcode,
        "easting": round(found.point.easting),
        "northing": round(found.point.northing),
    }


def _suite(session: Session, postcodes: PostcodeDirectory) -> Make:
    authorities = set(session.scalars(select(Authority.code)))

    def make(row: Row) -> Suite:
        return Suite(
            slug=row.text("slug", most=40),
            name=row.text("name", most=80),
            force=row.text("force", most=80),
            authority_code=row.known("authority_code", authorities, "authority"),
            phone=row.phone("phone"),
            mobile=row.phone("mobile") if row.fields["mobile"].strip() else None,
            **_located(row, postcodes),
        )

    return make


PLACE_COLUMNS = (
    *("code", "name", "authority_code", "kind", "town", "address", "postcode"),
    *("age_min", "age_max", "sexes", "admits_from", "admits_until"),
    *("beds_total", "beds_free", "confirmed_hours_ago", "out_of_service"),
    *(need.value for need in Need),
)


def _place(session: Session, postcodes: PostcodeDirectory, now: datetime) -> Make:
    authorities = set(session.scalars(select(Authority.code)))

    def make(row: Row) -> Place:
        kind = row.one_of("kind", list(Kind))
        located = _located(row, postcodes)
        age_min = row.number("age_min", YOUNGEST, OLDEST)
        beds_total = row.number("beds_total", 1, MOST_BEDS)
        admits_from, admits_until = row.clock("admits_from"), row.clock("admits_until")
        if (admits_from is None) != (admits_until is None):
            raise row.wrong("admits_until", "give both times of admission, or neither")
        answers = {need: row.one_of(need.value, ["yes", "no", ""]) for need in Need}
        return Place(
            code=row.text("code", most=8),
            name=row.text("name"),
            authority_code=row.known("authority_code", authorities, "authority"),
            kind=kind,
            secure=kind == Kind.SECURE,
            town=row.text("town", most=80),
            address=row.text("address"),
            **located,
            band=located["northing"] // BAND_M,
            age_min=age_min,
            age_max=row.number("age_max", age_min, OLDEST),
            sexes=_sexes(row),
            needs_met=need_bits(need for need, answer in answers.items() if answer == "yes"),
            needs_not_met=need_bits(need for need, answer in answers.items() if answer == "no"),
            admits_from=admits_from,
            admits_until=admits_until,
            out_of_service=row.text("out_of_service") if row.fields["out_of_service"].strip() else None,
            beds_total=beds_total,
            beds_free=row.number("beds_free", 0, beds_total),
            confirmed_at=_confirmed(row, now),
        )

    return make


def _sexes(row: Row) -> int:
    names = row.text("sexes").split(";")
    if not set(names) <= set(Sex) or len(set(names)) != len(names):
        raise row.wrong("sexes", "must be female, male or female;male")
    return sex_bits(Sex(name) for name in names)


def _confirmed(row: Row, now: datetime) -> datetime | None:
    value = row.fields["confirmed_hours_ago"].strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,3})?", value) is None:
        raise row.wrong("confirmed_hours_ago", f"must be a number of hours, or empty for never, not {value!r}")
    return now - timedelta(hours=float(value))


def _person(session: Session) -> Make:
    suites = {suite.slug: suite.id for suite in session.execute(select(Suite.slug, Suite.id))}
    forces = set(session.scalars(select(Suite.force)))
    authorities = set(session.scalars(select(Authority.code)))
    # One hash for all the made-up people: two hundred would take a minute, and their password is no secret.
    password_hash = signing_in.hasher.hash(DEMO_PASSWORD)

    def make(row: Row) -> Person:
        role = Role(row.one_of("role", list(Role)))
        person = Person(
            username=row.text("username", most=60),
            name=row.text("name", most=80),
            role=role.value,
            password_hash=password_hash,
        )
        if role is Role.CUSTODY_OFFICER:
            person.suite_id = suites[row.known("suite_slug", set(suites), "suite")]
        elif role.of is Organisation.FORCE:
            person.force = row.known("force", forces, "force")
        elif role.of is Organisation.AUTHORITY:
            person.authority_code = row.known("authority_code", authorities, "authority")
        return person

    return make
