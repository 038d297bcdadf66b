"""The committed seed files are what they say."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from custodyfinder.domain.geo import distance_m
from custodyfinder.domain.needs import Need
from custodyfinder.domain.roles import Role
from custodyfinder.gateways.postcodes import PostcodeDirectory

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
MOBILE = re.compile(r"\+447700900\d{3}")
LONDON_LANDLINE = re.compile(r"\+442079460\d{3}")
OTHER_LANDLINE = re.compile(r"\+441632960\d{3}")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes() -> set[str]:
    return {row["code"] for row in rows("authorities.csv")}


@pytest.fixture(scope="module")
def script() -> Any:
    """`make_places.py`, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("make_places", SEEDS / "make_places.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def live_postcodes(script: Any, postcode_index: Path) -> Any:
    """The live postcodes of each authority that has any: two seconds to read."""
    return script.postcodes_by_authority(postcode_index)


# --- Authorities and districts ---


def test_every_authority_with_childrens_services_duties_is_there() -> None:
    authorities = rows("authorities.csv")

    assert Counter(row["nation"] for row in authorities) == {"England": 153, "Wales": 22}
    assert {row["code"][0]: row["nation"] for row in authorities} == {"E": "England", "W": "Wales"}
    assert Counter(row["code"][:3] for row in authorities) == {"E06": 63, "E08": 36, "E09": 33, "E10": 21, "W06": 22}
    assert len(codes()) == len({row["name"] for row in authorities}) == 175
    assert {"E06000063", "E06000064", "E06000065", "E06000066"} <= codes()


def test_every_district_of_a_two_tier_county_maps_to_a_county() -> None:
    districts = rows("districts.csv")

    assert len({row["district_code"] for row in districts}) == len(districts) == 164
    assert all(row["district_code"].startswith("E07") for row in districts)
    assert {row["authority_code"] for row in districts} == {code for code in codes() if code.startswith("E10")}


def test_the_postcode_directory_and_the_seeds_know_the_same_authorities(live_postcodes: dict[str, list[str]]) -> None:
    # The index refuses a district that `districts.csv` does not resolve.
    assert {code for code in live_postcodes if not code.startswith("S")} == codes()


# --- Suites, contacts, people ---


def test_every_code_in_a_seed_file_is_an_authoritys() -> None:
    for name in ("suites.csv", "contacts.csv", "places.csv"):
        assert {row["authority_code"] for row in rows(name)} <= codes(), name


def test_every_number_is_from_ofcoms_ranges_for_drama() -> None:
    contacts = rows("contacts.csv")

    assert all(MOBILE.fullmatch(row["mobile"]) for row in contacts)
    assert all(
        (LONDON_LANDLINE if row["authority_code"].startswith("E09") else OTHER_LANDLINE).fullmatch(row["landline"])
        for row in contacts
    )
    assert all(LONDON_LANDLINE.fullmatch(row["phone"]) for row in rows("suites.csv"))
    assert all(MOBILE.fullmatch(row["mobile"]) for row in rows("suites.csv"))


def test_no_two_contacts_or_suites_share_a_number() -> None:
    contacts = rows("contacts.csv")
    numbers = [row[field] for row in contacts for field in ("mobile", "landline")]
    numbers += [row[field] for row in rows("suites.csv") for field in ("phone", "mobile")]

    assert len(set(numbers)) == len(numbers)


def test_every_authority_has_a_duty_officer_a_fallback_and_a_manager_and_no_name_is_invented() -> None:
    names = {row["code"]: row["name"] for row in rows("authorities.csv")}

    found = sorted((row["authority_code"], row["name"], row["stands"]) for row in rows("contacts.csv"))
    assert found == sorted(
        (code, f"{who}, {name}", stands)
        for code, name in names.items()
        for who, stands in (("Duty officer", ""), ("Duty desk", "fallback"), ("Service manager", "manager"))
    )


def test_every_authority_has_a_rota_of_its_own_contacts() -> None:
    contacts = {(row["authority_code"], row["name"]) for row in rows("contacts.csv")}

    assert {(row["authority_code"], row["contact"]) for row in rows("rota.csv")} <= contacts
    assert {row["authority_code"] for row in rows("rota.csv")} == codes()


def test_every_suite_and_every_authority_has_somebody_to_sign_in() -> None:
    people = rows("people.csv")
    officers = [row for row in people if row["role"] == "custody_officer"]
    duty = [row for row in people if row["role"] == "duty_officer"]

    managers = [row for row in people if row["role"] == "manager"]
    forces = {row["force"] for row in rows("suites.csv")}

    for role in ("custody_inspector", "force_admin"):
        assert sorted(row["force"] for row in people if row["role"] == role) == sorted(forces)
    assert {row["role"] for row in people} == {role.value for role in Role}
    assert len(people) == len({row["username"] for row in people})
    assert sorted(row["authority_code"] for row in managers) == sorted(codes())
    assert sorted(row["suite_slug"] for row in officers) == sorted(row["slug"] for row in rows("suites.csv"))
    assert sorted(row["authority_code"] for row in duty) == sorted(codes())
    assert not any(row["authority_code"] for row in officers)
    assert not any(row["suite_slug"] for row in duty)
    assert {"officer.wood-green", "duty.haringey"} <= {row["username"] for row in people}


# --- Places ---


def test_there_are_enough_places_everywhere_and_fourteen_are_secure() -> None:
    places = rows("places.csv")
    per_authority = Counter(row["authority_code"] for row in places)

    assert len(places) >= 600
    for code in codes():
        assert per_authority[code] >= (5 if code.startswith("E09") else 2), code
    assert Counter(row["kind"] for row in places)["secure"] == 14
    assert {row["kind"] for row in places} == {"residential", "foster", "emergency", "secure"}


def test_nobody_can_take_a_place_for_a_real_one() -> None:
    places = rows("places.csv")

    assert all(row["name"].startswith("Example House ") for row in places)
    assert all(re.fullmatch(r"\d+ Fictional Row", row["address"]) for row in places)
    assert all(re.fullmatch(r"[A-Z]{3}\d+", row["code"]) for row in places)
    assert len({row["code"] for row in places}) == len({row["name"] for row in places}) == len(places)


def test_the_letters_of_a_code_belong_to_one_authority() -> None:
    owners = {(row["code"][:3], row["authority_code"]) for row in rows("places.csv")}

    assert len(owners) == len({letters for letters, _ in owners}) == 175


def test_every_place_takes_children_of_ten_to_seventeen_at_hours_that_exist() -> None:
    for row in rows("places.csv"):
        assert 10 <= int(row["age_min"]) <= int(row["age_max"]) <= 17, row["code"]
        assert row["sexes"] in {"female", "male", "female;male"}, row["code"]
        hours = (row["admits_from"], row["admits_until"])
        assert hours == ("", "") or all(HOUR.fullmatch(hour) for hour in hours), row["code"]


def test_beds_and_needs_are_within_bounds() -> None:
    for row in rows("places.csv"):
        most = 24 if row["kind"] == "secure" else 8
        assert 0 <= int(row["beds_free"]) <= int(row["beds_total"]) <= most, row["code"]
        assert int(row["beds_total"]) >= 1, row["code"]
        assert row["confirmed_hours_ago"] == "" or float(row["confirmed_hours_ago"]) > 0, row["code"]
        assert {row[need.value] for need in Need} <= {"yes", "no", ""}, row["code"]


def test_beds_are_as_scarce_and_as_surely_known_as_the_readme_says() -> None:
    places = rows("places.csv")
    hours = [float(row["confirmed_hours_ago"] or "inf") for row in places]

    def share(found: int) -> float:
        return found / len(places)

    assert share(sum(row["beds_free"] != "0" for row in places)) == pytest.approx(0.45, abs=0.03)
    assert share(sum(hour < 2 for hour in hours)) == pytest.approx(0.45, abs=0.05)
    assert share(hours.count(float("inf"))) == pytest.approx(0.05, abs=0.03)
    assert share(sum(row["out_of_service"] != "" for row in places)) == pytest.approx(0.05, abs=0.03)


def test_every_place_stands_at_a_live_postcode_of_its_authority(postcode_index: Path) -> None:
    directory = PostcodeDirectory(postcode_index)

    for row in rows("places.csv"):
        found = directory.find(row["postcode"])
        # A note would say that the postcode may no longer be in use.
        assert (found.authority_code, found.note) == (row["authority_code"], None), row["code"]


@pytest.mark.parametrize("sex", ["female", "male"])
def test_a_child_of_15_has_several_places_within_10_km_of_every_suite_at_two_in_the_morning(
    postcode_index: Path, sex: str
) -> None:
    directory = PostcodeDirectory(postcode_index)
    options = [directory.find(row["postcode"]).point for row in rows("places.csv") if _open_at_two(row, sex)]

    for suite in rows("suites.csv"):
        at = directory.find(suite["postcode"]).point
        assert sum(distance_m(at, option) <= 10_000 for option in options) >= 3, suite["slug"]


def test_the_committed_places_are_byte_for_byte_those_that_the_script_makes(
    script: Any, live_postcodes: dict[str, list[str]]
) -> None:
    made = script.rows(rows("authorities.csv"), live_postcodes)

    assert script.as_csv(made) == (SEEDS / "places.csv").read_bytes()


def _open_at_two(row: dict[str, str], sex: str) -> bool:
    begins, ends = row["admits_from"], row["admits_until"]
    # Times of this form compare as text; a window that ends before it begins crosses midnight.
    by_two, past_two = begins <= "02:00", ends > "02:00"
    admits = not begins or (by_two and past_two if begins < ends else by_two or past_two)
    return (
        row["kind"] != "secure"
        and int(row["age_min"]) <= 15 <= int(row["age_max"])
        and sex in row["sexes"].split(";")
        and row["beds_free"] != "0"
        and not row["out_of_service"]
        and admits
    )
