"""A bad row names its file, line and field, and nothing of the file is loaded."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from custodyfinder.config import PROJECT
from custodyfinder.db import transaction
from custodyfinder.errors import BadSeed
from custodyfinder.models import Authority, Contact, Person, Place, Suite, WeeklyShift
from custodyfinder.services import contacts, on_duty, rota, seeding
from custodyfinder.wiring import wired

from ..conftest import NIGHT
from ..world import HARINGEY, HARINGEY_PHONE, World


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the seeds to spoil."""
    copied = tmp_path / "seeds"
    shutil.copytree(PROJECT / "seeds", copied)
    return copied


def spoil(path: Path, line: int, field: str, value: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[line - 2][field] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def load(seeds: Path) -> None:
    seeding.demo(seeds, postcodes=wired().postcodes, now=NIGHT)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("age_min", "9", "a whole number from 10 to 17"),
        ("age_min", "ten", "a whole number from 10 to 17"),
        ("age_max", "9", "a whole number from"),
        ("beds_total", "0", "a whole number from 1 to 99"),
        ("beds_free", "-1", "a whole number from 0 to"),
        ("beds_free", "4000", "a whole number from 0 to"),
        ("kind", "castle", "must be one of"),
        ("sexes", "any", "female, male or female;male"),
        ("postcode", "BT1 5GS", "Northern Ireland"),
        ("postcode", "SW1A 2AA", "not in the row's authority"),
        ("admits_from", "25:00", "a time such as 18:00"),
        ("admits_from", "18:00", "both times"),
        ("confirmed_hours_ago", "yesterday", "a number of hours"),
        ("step_free", "maybe", "must be one of"),
        ("name", "", "is empty"),
        ("name", "x" * 121, "more than 120 characters"),
        ("code", "HAR2", "stands on line 3 already"),
    ],
)
def test_a_bad_place_is_named_by_file_line_and_field(app: Flask, seeds: Path, field: str, value: str, why: str) -> None:
    spoil(seeds / "places.csv", 6, "admits_until", "")
    spoil(seeds / "places.csv", 6, "admits_from", "")
    spoil(seeds / "places.csv", 6, field, value)

    with pytest.raises(BadSeed) as refusal:
        load(seeds)

    assert refusal.value.public.startswith(f"places.csv, line 6, {'admits_until' if why == 'both times' else field}: ")
    assert why in refusal.value.public
    assert refusal.value.public.endswith("Nothing of this file was loaded.")
    assert World(NIGHT, 0, 0).count(Place) == (0,)


@pytest.mark.parametrize(
    ("file", "line", "field", "value"),
    [
        ("contacts.csv", 4, "mobile", "12"),
        ("contacts.csv", 4, "authority_code", "E99999999"),
        ("people.csv", 5, "role", "king"),
        ("people.csv", 5, "suite_slug", "nowhere"),
        ("suites.csv", 3, "phone", "none"),
        ("authorities.csv", 3, "code", "X1"),
        ("authorities.csv", 3, "nation", "Scotland"),
    ],
)
def test_a_bad_row_of_any_file_is_named(app: Flask, seeds: Path, file: str, line: int, field: str, value: str) -> None:
    spoil(seeds / file, line, field, value)

    with pytest.raises(BadSeed) as refusal:
        load(seeds)

    assert refusal.value.public.startswith(f"{file}, line {line}, {field}: ")

    table = {"contacts": Contact, "people": Person, "suites": Suite, "authorities": Authority}[file.split(".")[0]]
    assert World(NIGHT, 0, 0).count(table) == (0,)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"code,name\n", "line 1, header: must be"),
        (b"code,name,nation\nE06000001,Hartlepool\n", "line 2, row: has too few or too many values"),
        (b"code,name,nation\n\xff\n", "file: is not UTF-8"),
        (b'code,name,nation\n"E06000001,x,y\n', "row: "),
    ],
)
def test_a_file_that_is_no_such_csv_is_named(app: Flask, seeds: Path, content: bytes, why: str) -> None:
    (seeds / "authorities.csv").write_bytes(content)

    with pytest.raises(BadSeed) as refusal:
        load(seeds)

    assert "authorities.csv" in refusal.value.public
    assert why in refusal.value.public


def test_a_file_that_is_missing_is_named(app: Flask, seeds: Path) -> None:
    (seeds / "places.csv").unlink()

    with pytest.raises(BadSeed, match=r"places\.csv, line 0, file: is not there"):
        load(seeds)


def test_loading_again_leaves_what_people_did(app: Flask, seeds: Path) -> None:
    load(seeds)
    world = World(NIGHT, 0, 0)
    with transaction() as session:
        session.get_one(Place, 1).beds_free = 0
        session.get_one(Place, 1).name = "Renamed"

    load(seeds)

    assert (world.get(Place, 1).beds_free, world.get(Place, 1).name) == (0, "Renamed")


def test_a_database_of_the_version_before_keeps_its_fallbacks_and_gets_the_rest(app: Flask, seeds: Path) -> None:
    seeding.reference(seeds, postcodes=wired().postcodes)
    with transaction() as session:
        session.add(
            Contact(
                authority_code=HARINGEY,
                name="Duty officer, Haringey",
                role="Emergency Duty Team",
                mobile=HARINGEY_PHONE,
                is_fallback=True,
            )
        )

    load(seeds)

    theirs = [each for each in World(NIGHT, 0, 0).rows(Contact) if each.authority_code == HARINGEY]
    assert [(each.name, each.is_fallback, each.is_manager) for each in theirs] == [
        ("Duty officer, Haringey", True, False),
        ("Duty desk, Haringey", False, False),
        ("Service manager, Haringey", False, True),
    ]
    assert len(rota.shifts_of(HARINGEY)) == 13


def test_every_authority_but_two_has_somebody_at_every_hour_from_the_start(app: Flask, seeds: Path) -> None:
    load(seeds)

    wrong = {line.authority for line in on_duty.overview(now=NIGHT) if line.problems.any}

    assert wrong == {"Barnet", "Ealing"}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("contact", "Nobody", "is not a contact of"),
        ("days", "someday", "is not a day"),
        ("starts", "25:00", "a time such as"),
        ("ends", "", "is empty"),
    ],
)
def test_a_bad_shift_is_named_by_file_line_and_field(app: Flask, seeds: Path, field: str, value: str, why: str) -> None:
    spoil(seeds / "rota.csv", 5, field, value)

    with pytest.raises(BadSeed) as refusal:
        load(seeds)

    assert refusal.value.public.startswith(f"rota.csv, line 5, {field}: ")
    assert why in refusal.value.public
    assert World(NIGHT, 0, 0).count(WeeklyShift) == (0,)


WHO: dict[str, Any] = {"authority_code": HARINGEY, "by": "manager.haringey", "now": NIGHT}


@pytest.mark.parametrize("clear", [True, False])
def test_whom_a_manager_renamed_or_took_off_the_list_does_not_come_back_with_a_restart(
    app: Flask, seeds: Path, clear: bool
) -> None:
    load(seeds)
    world = World(NIGHT, 0, 0)
    of_haringey = {each.name: each.id for each in contacts.of_authority(HARINGEY)}
    for shift in rota.shifts_of(HARINGEY):
        if clear or shift.contact == "Duty desk, Haringey":
            rota.remove_shift(shift.id, **WHO)
    renamed = of_haringey["Duty officer, Haringey"]
    contacts.make_fallback(renamed, **WHO)
    contacts.remove(of_haringey["Duty desk, Haringey"], **WHO)
    contacts.change(renamed, contacts.Given(name="Night team", role="EDT", mobile="07700 900113", landline=""), **WHO)
    before = world.count(Contact, WeeklyShift)

    load(seeds)

    assert world.count(Contact, WeeklyShift) == before
    assert [each.name for each in contacts.of_authority(HARINGEY)] == ["Night team", "Service manager, Haringey"]
