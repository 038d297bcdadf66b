"""`flask records check`: whether certificates are as they were issued."""

from __future__ import annotations

import json

from flask import Flask

from custodyfinder.models import Certificate

from .services.ending import not_moved, record, refuse
from .test_cli import run
from .world import World


def issued(world: World) -> Certificate:
    reference = world.detention()
    refuse(world.ask(world.place(), detention=reference))
    record(world, reference, not_moved())
    return world.rows(Certificate)[-1]


def test_certificates_that_are_as_they_were_issued_are_counted(app: Flask, world: World) -> None:
    issued(world), issued(world)

    done = run(app, "records", "check")

    assert (done.exit_code, done.stdout) == (0, "2 certificates checked, 0 not as issued.\n")


def test_one_character_changed_afterwards_is_found_and_named(app: Flask, world: World) -> None:
    kept = issued(world)
    world.change(Certificate, kept.id, body=kept.body.replace("refused", "refusex", 1))

    done = run(app, "records", "check")
    as_json = run(app, "records", "check", "--json")

    assert (done.exit_code, as_json.exit_code) == (2, 2)
    assert "NOT as it was issued" in done.stdout
    assert [each["intact"] for each in json.loads(as_json.stdout)] == [False]


def test_the_words_of_another_record_under_a_digest_of_their_own_are_found(app: Flask, world: World) -> None:
    first, second = issued(world), issued(world)
    world.change(Certificate, second.id, body="{}", digest="0" * 64)
    world.change(Certificate, second.id, body=first.body)

    assert run(app, "records", "check").exit_code == 2


def test_the_digest_on_the_paper_leads_to_its_record(app: Flask, world: World) -> None:
    kept = issued(world)

    done = run(app, "records", "check", f"{kept.digest[:8]} {kept.digest[8:16].upper()}")

    assert done.exit_code == 0
    assert "issued 24 November 2026 at 05:10 by officer.wood-green: as it was issued." in done.stdout


def test_a_digest_that_is_not_there_or_too_short_is_one_line_and_status_2(app: Flask, world: World) -> None:
    issued(world)

    unknown, short = run(app, "records", "check", "0123456789"), run(app, "records", "check", "12")

    assert (unknown.exit_code, short.exit_code) == (2, 2)
    assert "No certificate here has this digest" in unknown.stderr
    assert "at least the first 8 characters" in short.stderr
    assert "Traceback" not in unknown.stderr + short.stderr


def test_a_paper_leads_to_its_record_even_where_the_kept_digest_was_changed(app: Flask, world: World) -> None:
    kept = issued(world)
    world.change(Certificate, kept.id, digest="0" * 64)

    done = run(app, "records", "check", kept.digest[:16])

    assert done.exit_code == 2
    assert "NOT as it was issued" in done.stdout
