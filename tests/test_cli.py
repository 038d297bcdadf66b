"""The command line: what others hold on to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from custodyfinder.config import PROJECT
from custodyfinder.models import Authority, Contact, Person, Place, Suite
from custodyfinder.services import seeding
from custodyfinder.wiring import wired

from .conftest import NIGHT
from .world import World


@pytest.fixture
def seeded(app: Flask) -> Flask:
    """The demonstration's data."""
    seeding.demo(PROJECT / "seeds", postcodes=wired().postcodes, now=NIGHT)
    return app


def run(app: Flask, *words: str, **more: Any) -> Result:
    return app.test_cli_runner().invoke(args=words, **more)


FIND = ("places", "find", "--suite", "wood-green", "--age", "15", "--sex", "male")


def test_places_list_has_what_the_rules_read(seeded: Flask) -> None:
    places = json.loads(run(seeded, "places", "list", "--json").stdout)

    assert len(places) >= 600
    wanted = "id name authority kind secure postcode easting northing age_min age_max sexes step_free admits_from "
    wanted += "admits_until out_of_service beds_free confirmed_at"
    for name in wanted.split():
        assert all(name in place for place in places), name
    assert {place["step_free"] for place in places} == {"yes", "no", "not known"}


def test_places_find_gives_the_ranking_as_json(seeded: Flask) -> None:
    answer = json.loads(run(seeded, *FIND, "--limit", "5", "--json").stdout)

    assert answer["origin"]["suite"] == "wood-green"
    assert [option["rank"] for option in answer["options"]] == [1, 2, 3, 4, 5]
    assert len(answer["ruled_out"]) == 5
    for option in answer["options"]:
        assert {
            "rank",
            "place",
            "name",
            "authority",
            "distance_km",
            "travel_minutes",
            "cost_minutes",
            "reasons",
        } <= set(option)
        assert all({"code", "minutes", "text"} == set(reason) for reason in option["reasons"])
    for out in answer["ruled_out"]:
        assert out["reasons"]
        assert all({"code", "text"} == set(reason) for reason in out["reasons"])
    assert answer["considered"] >= 10
    costs = [option["cost_minutes"] for option in answer["options"]]
    assert costs == sorted(costs)


def test_a_large_limit_gives_every_place_once(seeded: Flask, app: Flask) -> None:
    answer = json.loads(run(seeded, *FIND, "--limit", "10000", "--json").stdout)
    places = json.loads(run(seeded, "places", "list", "--json").stdout)

    found = [row["place"] for row in answer["options"] + answer["ruled_out"]]
    assert sorted(found) == [place["id"] for place in places]


def test_secure_home_area_and_need_are_taken(seeded: Flask) -> None:
    answer = json.loads(
        run(
            seeded,
            *("places", "find", "--postcode", "N22 6XH", "--age", "16", "--sex", "female", "--secure"),
            *("--home-postcode", "LS1 1UR", "--need", "step_free", "--avoid", "N17 0AD:3", "--json", "--limit", "700"),
        ).stdout
    )

    codes = {reason["code"] for out in answer["ruled_out"] for reason in out["reasons"]}
    assert {"not_secure", "need_not_met", "area_to_avoid"} <= codes
    assert len(answer["options"]) <= 14


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--age", "9"), "Age must be 10 or over"),
        (("--age", "18"), "Age must be 17 or under"),
        (("--age", "old"), "not a valid integer"),
        (("--sex", "other"), "'other' is not one of"),
        (("--suite", "nowhere"), "There is no suite nowhere."),
        (("--postcode", "N22 6XH"), "Give either --suite or --postcode"),
        (("--home-postcode", "BT1 5GS"), "Northern Ireland"),
        (("--home-postcode", "rubbish"), "full postcode"),
        (("--avoid", "N22 6XH"), "postcode, colon, kilometres"),
        (("--avoid", "N22 6XH:-1"), "above 0"),
        (("--avoid", "N22 6XH:nan"), "above 0"),
        (("--need", "wings"), "'wings' is not one of"),
        (("--limit", "0"), "0 is not in the range"),
        (("--looked-after-by", "E00000000"), "no authority E00000000"),
    ],
)
def test_a_refusal_is_one_line_on_stderr_and_exit_status_2(
    app: Flask, world: World, words: tuple[str, ...], why: str
) -> None:
    done = run(app, *FIND, *words)

    assert done.exit_code == 2
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_every_command_has_help_with_an_example(app: Flask) -> None:
    for group in ("seed", "places", "records", "sms", "users"):
        for name in app.cli.commands[group].commands:  # type: ignore[attr-defined]
            assert "flask --app wsgi" in run(app, group, name, "--help").stdout, f"{group} {name}"


def test_seeding_twice_changes_nothing(seeded: Flask) -> None:
    if not seeded.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        refused = run(seeded, "seed", "demo")
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
        return
    first, again = run(seeded, "seed", "demo"), run(seeded, "seed", "demo")
    without = run(seeded, "seed", "demo", "--no-history")

    nothing = "New: 0 authorities, 0 suites, 0 places, 0 contacts, 0 shifts, 0 people"
    assert (first.exit_code, again.exit_code, without.exit_code) == (0, 0, 0)
    assert f"{nothing}, 0 children of a made-up year." not in first.stdout
    assert f"{nothing}, 0 children of a made-up year." in again.stdout
    assert f"{nothing}." in without.stdout


def test_sms_run_once_stops_and_leaves_a_heartbeat(app: Flask, world: World) -> None:
    assert run(app, "sms", "run", "--once").exit_code == 0

    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_readyz_says_what_is_missing_and_healthz_does_not_care(app: Flask) -> None:
    client = app.test_client()

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "No delivery process has ever run" in answer.text
    assert client.get("/healthz").status_code == 200


def test_people_are_added_listed_and_disabled(app: Flask, world: World) -> None:
    added = run(
        app, "users", "add", "r.khan", "--name", "R. Khan", "--suite", "wood-green", input="a long password\n" * 2
    )
    listed = json.loads(run(app, "users", "list", "--json").stdout)
    disabled = run(app, "users", "disable", "r.khan")

    assert (added.exit_code, disabled.exit_code) == (0, 0)
    assert {"username": "r.khan", "role": "custody_officer", "suite": "Wood Green"}.items() <= {
        key: value for person in listed if person["username"] == "r.khan" for key, value in person.items()
    }.items()
    assert "r.khan" not in run(app, "users", "list").stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("r.khan", "--name", "R", "--suite", "nowhere"), "There is no suite nowhere"),
        (("r.khan", "--name", "R"), "Give a suite, a force or an authority"),
        (("duty.haringey", "--name", "R", "--suite", "wood-green"), "There is a person duty.haringey already"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_in_one_line(
    app: Flask, world: World, words: tuple[str, ...], why: str
) -> None:
    before = world.count(Person)

    done = run(app, "users", "add", *words, input="a long password\n" * 2)

    assert done.exit_code == 2
    assert why in done.stderr
    assert world.count(Person) == before


def test_a_seed_loads_every_kind_of_row(seeded: Flask) -> None:
    counts = World(NIGHT, 0, 0).count(Authority, Suite, Contact, Person)

    assert counts == (175, 27, 525, 385)
    assert World(NIGHT, 0, 0).count(Place)[0] >= 600
