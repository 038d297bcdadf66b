"""Make `places.csv`: fictional places at real postcodes, the same ones every time.

    python seeds/make_places.py

Every place is made up. Names begin with "Example House", addresses are in "Fictional Row"; the
postcodes are live ones, drawn from the postcode index so that each lies in its authority.
"""

from __future__ import annotations

import csv
import io
import random
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from custodyfinder.domain.needs import Need  # noqa: E402 - the project is not installed
from custodyfinder.gateways.postcodes import PostcodeDirectory  # noqa: E402

SEED = 1984
LONDON, ELSEWHERE = (6, 8), (2, 5)
"""How many places an authority has, from and to."""

FULL = 0.57
"""The share of places without a free bed, before London's ready ones: about 45 in 100 are left with one or more."""

SECURE_IN = (
    # Where a secure place stands; chosen for the spread over the map, not after any real home.
    *("E09000014", "E09000008", "E10000012", "E10000016", "E06000042", "E10000014", "E06000023"),
    *("E08000025", "E08000003", "E08000035", "E08000021", "E10000017", "E06000015", "W06000015"),
)

BIRDS = (
    *("Avocet", "Bittern", "Bunting", "Chough", "Curlew", "Dipper", "Dotterel", "Dunlin", "Fieldfare", "Firecrest"),
    *("Gannet", "Godwit", "Goldcrest", "Grebe", "Harrier", "Heron", "Hobby", "Kestrel", "Kingfisher", "Kittiwake"),
    *("Lapwing", "Linnet", "Martin", "Merlin", "Nightjar", "Nuthatch", "Osprey", "Ouzel", "Petrel", "Pipit"),
    *("Plover", "Pochard", "Puffin", "Redstart", "Redwing", "Ruff", "Sanderling", "Shearwater", "Siskin", "Skylark"),
    *("Snipe", "Stonechat", "Swift", "Teal", "Tern", "Treecreeper", "Turnstone", "Wagtail", "Wheatear", "Whimbrel"),
    *("Wigeon", "Wryneck", "Yellowhammer"),
)
OUT_OF_SERVICE = ("heating repair", "fire alarm test", "deep cleaning", "carer on leave", "staff training")
COLUMNS = (
    *("code", "name", "authority_code", "kind", "town", "address", "postcode"),
    *("age_min", "age_max", "sexes", "admits_from", "admits_until"),
    *("beds_total", "beds_free", "confirmed_hours_ago", "out_of_service"),
    *(need.value for need in Need),
)
Row = dict[str, object]
ALWAYS_READY: Row = {
    "age_min": 10,
    "age_max": 17,
    "sexes": "female;male",
    "admits_from": "",
    "admits_until": "",
    "beds_total": 2,
    "beds_free": 1,
    "confirmed_hours_ago": 0.4,
    "out_of_service": "",
}


def rows(authorities: list[dict[str, str]], postcodes: dict[str, list[str]]) -> Iterator[Row]:
    """Every place, authority by authority."""
    dice = random.Random(SEED)  # noqa: S311 - made-up places
    letters = _letters([authority["name"] for authority in authorities])
    for authority in authorities:
        code = authority["code"]
        few, many = LONDON if code.startswith("E09") else ELSEWHERE
        kinds = [dice.choice(("residential", "foster", "foster", "emergency")) for _ in range(dice.randint(few, many))]
        kinds += ["secure"] * (code in SECURE_IN)
        birds = dice.sample(BIRDS, len(kinds))
        places = dice.sample(postcodes[code], len(kinds))
        for number, (kind, bird, postcode) in enumerate(zip(kinds, birds, places, strict=True), 1):
            yield {
                "code": f"{letters[authority['name']]}{number}",
                "name": f"Example House {bird}, {authority['name']}",
                "authority_code": code,
                "kind": kind,
                "town": authority["name"],
                "address": f"{dice.randint(1, 99)} Fictional Row",
                "postcode": f"{postcode[:-3]} {postcode[-3:]}",
                **_takes(kind, dice),
                **_beds(kind, dice),
                # Whatever the dice say, each borough of London has one bed that most children can have now.
                **(ALWAYS_READY if code.startswith("E09") and number == 1 else {}),
                **{need.value: dice.choices(("yes", "no", ""), weights=(5, 2, 3))[0] for need in Need},
            }


def _takes(kind: str, dice: random.Random) -> Row:
    if kind == "secure":
        age_min, age_max = dice.choice((10, 12, 12)), 17
    else:
        age_min, age_max = dice.choice((10, 10, 11, 12, 13, 14)), dice.choice((15, 16, 17, 17, 17, 17))
    hours = dice.choices(
        (("", ""), ("17:00", "09:00"), ("18:00", "02:00"), ("08:00", "20:00")), weights=(60, 20, 10, 10)
    )
    return {
        "age_min": age_min,
        "age_max": age_max,
        "sexes": dice.choices(("female;male", "male", "female"), weights=(60, 22, 18))[0],
        "admits_from": hours[0][0],
        "admits_until": hours[0][1],
    }


def _beds(kind: str, dice: random.Random) -> Row:
    most = {"residential": 6, "foster": 2, "emergency": 3, "secure": 24}[kind]
    total = dice.randint(8 if kind == "secure" else 1, most)
    free = 0 if dice.random() < FULL else dice.randint(1, min(total, 3))
    # Confirmed within 2 hours, 2 to 8, 8 to 24, up to 3 days ago; or never.
    spans = ((0.1, 2), (2, 8), (8, 24), (24, 72), None)
    span = dice.choices(spans, weights=(45, 25, 15, 10, 5))[0]
    return {
        "beds_total": total,
        "beds_free": free,
        "confirmed_hours_ago": "" if span is None else round(dice.uniform(*span), 1),
        "out_of_service": dice.choice(OUT_OF_SERVICE) if dice.random() < 0.05 else "",
    }


def _letters(names: list[str]) -> dict[str, str]:
    """Three letters for each authority, readable aloud; no two the same."""
    taken: dict[str, str] = {}
    for name in names:
        plain = [letter for letter in name.upper() if letter.isalpha() and letter.isascii()]
        tries = (plain[0] + second + third for i, second in enumerate(plain[1:], 1) for third in plain[i + 1 :])
        taken[next(letters for letters in tries if letters not in taken)] = name
    return {name: letters for letters, name in taken.items()}


def postcodes_by_authority(index: Path) -> dict[str, list[str]]:
    """Live postcodes of every authority, thinned to one in nine where there are many."""
    found: dict[str, list[str]] = {}
    with sqlite3.connect(index) as connection:
        for authority, postcode in connection.execute("SELECT authority, postcode FROM postcode WHERE live"):
            found.setdefault(authority, []).append(postcode.replace(" ", ""))
    for some in found.values():
        some.sort()
    return {code: some[::9] if len(some) > 500 else some for code, some in found.items()}


def as_csv(made: Iterable[Row]) -> bytes:
    """The places as `places.csv` holds them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return text.getvalue().encode("utf-8")


def main() -> None:
    """Write `places.csv` beside this file."""
    index = HERE.parent / "instance" / "postcodes.sqlite"
    PostcodeDirectory(index).prepare(progress=print)
    with (HERE / "authorities.csv").open(encoding="utf-8", newline="") as file:
        authorities = list(csv.DictReader(file))
    made = list(rows(authorities, postcodes_by_authority(index)))
    (HERE / "places.csv").write_bytes(as_csv(made))
    print(f"{len(made)} places written.")


if __name__ == "__main__":
    main()
