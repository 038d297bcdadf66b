"""The committed seed files are what they say."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DRAMA = re.compile(r"\+44(7700900\d{3}|20794600\d{2}|2079460\d{3}|1632960\d{3})")


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_authority_with_childrens_services_duties_is_there() -> None:
    authorities = rows("authorities.csv")

    assert Counter(row["nation"] for row in authorities) == {"England": 153, "Wales": 22}
    assert len({row["code"] for row in authorities}) == len({row["name"] for row in authorities}) == 175
    assert {"E06000063", "E06000064", "E06000065", "E06000066"} <= {row["code"] for row in authorities}


def test_every_district_of_a_two_tier_county_maps_to_a_county() -> None:
    codes = {row["code"] for row in rows("authorities.csv")}
    districts = rows("districts.csv")

    assert len(districts) == 164
    assert all(row["district_code"].startswith("E07") for row in districts)
    assert {row["authority_code"] for row in districts} == {code for code in codes if code.startswith("E10")}


def test_there_are_enough_places_everywhere_and_fourteen_are_secure() -> None:
    places = rows("places.csv")
    per_authority = Counter(row["authority_code"] for row in places)

    assert len(places) >= 600
    for row in rows("authorities.csv"):
        assert per_authority[row["code"]] >= (5 if row["code"].startswith("E09") else 2), row["name"]
    assert Counter(row["kind"] for row in places)["secure"] == 14
    assert {"residential", "foster", "emergency"} <= {row["kind"] for row in places}


def test_nobody_can_take_a_place_for_a_real_one() -> None:
    places = rows("places.csv")

    assert all(row["name"].startswith("Example House ") for row in places)
    assert all(re.fullmatch(r"\d+ Fictional Row", row["address"]) for row in places)
    assert len({row["code"] for row in places}) == len({row["name"] for row in places}) == len(places)


def test_every_number_is_from_ofcoms_ranges_for_drama() -> None:
    numbers = [row[field] for row in rows("contacts.csv") for field in ("mobile", "landline")]
    numbers += [row["phone"] for row in rows("suites.csv")]

    assert all(DRAMA.fullmatch(number) for number in numbers)
    assert len({row["mobile"] for row in rows("contacts.csv")}) == 175


def test_every_suite_and_every_authority_has_somebody_to_sign_in() -> None:
    people = rows("people.csv")

    assert {row["suite_slug"] for row in people} - {""} == {row["slug"] for row in rows("suites.csv")}
    assert {row["authority_code"] for row in people} - {""} == {row["code"] for row in rows("authorities.csv")}


def test_the_committed_places_are_those_that_the_script_makes(postcode_index: Path) -> None:
    script: Any = _script()

    made = script.rows(rows("authorities.csv"), script.postcodes_by_authority(postcode_index))

    assert [{name: str(value) for name, value in row.items()} for row in made] == rows("places.csv")


def _script() -> object:
    spec = importlib.util.spec_from_file_location("make_places", SEEDS / "make_places.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
