"""`flask audit verify`: whether the audit trail is as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from custodyfinder.models import AuditEvent

from .services import tampering
from .test_cli import run
from .world import World


def test_a_whole_trail_is_counted_and_its_head_said(app: Flask, world: World) -> None:
    tampering.write(3)
    last = world.rows(AuditEvent)[-1]

    done = run(app, "audit", "verify")

    assert (done.exit_code, done.stdout, done.stderr) == (0, f"3 lines, none changed. Head: 3 {last.digest}\n", "")


def test_a_trail_without_a_line_is_whole(app: Flask) -> None:
    done = run(app, "audit", "verify")

    assert (done.exit_code, done.stdout) == (0, f"0 lines, none changed. Head: 0 {'0' * 64}\n")


def test_the_first_broken_line_is_named_in_one_line_with_status_2(app: Flask, world: World) -> None:
    tampering.write(5)
    tampering.run("UPDATE audit_event SET actor = 'x' WHERE id > 2")

    done = run(app, "audit", "verify")

    assert (done.exit_code, done.stdout) == (2, "Line 3 was changed: what it says does not fit its digest.\n")


def test_other_programs_are_told_the_same(app: Flask, world: World) -> None:
    tampering.write(5)
    whole = json.loads(run(app, "audit", "verify", "--json").stdout)
    tampering.run("DELETE FROM audit_event WHERE id = 2")

    done = run(app, "audit", "verify", "--json")

    last = world.rows(AuditEvent)[-1]
    assert whole == {"lines": 5, "head": {"id": 5, "digest": last.digest}, "fault": None}
    assert done.exit_code == 2
    assert json.loads(done.stdout)["fault"] == {
        "id": 2,
        "how": "removed",
        "sentence": "Line 2 was removed: the number is missing.",
    }


def test_an_anchor_is_held_against_the_trail(app: Flask, world: World) -> None:
    tampering.write(3)
    second = world.rows(AuditEvent)[1]

    good = run(app, "audit", "verify", "--anchor", f"2 {second.digest}")
    wrong = run(app, "audit", "verify", "--anchor", f"2 {'0' * 64}")
    later = run(app, "audit", "verify", "--anchor", f"9 {second.digest}")

    assert (good.exit_code, wrong.exit_code, later.exit_code) == (0, 2, 2)
    assert wrong.stdout.startswith("Line 2 is not the one that was anchored")
    assert later.stdout.startswith("Line 9 is not the one that was anchored")


@pytest.mark.parametrize("anchor", ["", "2", "none"])
def test_an_anchor_that_is_none_is_one_line_and_status_2(app: Flask, anchor: str) -> None:
    done = run(app, "audit", "verify", "--anchor", anchor)

    assert done.exit_code == 2
    assert done.stderr == "Error: An anchor is the number of a line and its digest of 64 hex digits.\n"


# --- the two questions about one child ------------------------------------------------------

NUMBER = "01YE/4711/26"
OF = (NUMBER, "--suite", "wood-green")


def test_what_is_held_and_who_looked_are_said_as_csv(app: Flask, world: World) -> None:
    world.detention(custody_record=NUMBER)

    held, looked = run(app, "records", "held", *OF), run(app, "records", "looked", *OF, "--why", "asked by the court")

    assert (held.exit_code, looked.exit_code) == (0, 0)
    assert held.stdout.splitlines()[0] == "part,number,what,value"
    assert f"Record,1,custody record,{NUMBER}" in held.stdout.splitlines()
    assert looked.stdout.splitlines()[0] == "line,when,who,name and role,from where,what,of what,why"
    assert world.rows(AuditEvent)[-1].why == "asked by the court"


@pytest.mark.parametrize("question", ["held", "looked"])
def test_both_are_written_to_files_that_only_their_owner_reads(
    app: Flask, world: World, question: str, tmp_path: Path
) -> None:
    world.detention(custody_record=NUMBER)
    csv_file, pdf_file = tmp_path / "one.csv", tmp_path / "one.pdf"

    done = run(app, "records", question, *OF, "--csv", str(csv_file), "--pdf", str(pdf_file))

    assert (done.exit_code, done.stdout) == (0, "")
    assert NUMBER in csv_file.read_text() or question == "looked"
    assert pdf_file.read_bytes().startswith(b"%PDF")
    assert {file.stat().st_mode & 0o777 for file in (csv_file, pdf_file)} == {0o600}


def test_a_record_that_is_not_there_and_a_file_that_cannot_be_written_are_one_line_and_status_2(
    app: Flask, world: World, tmp_path: Path
) -> None:
    world.detention(custody_record=NUMBER)

    unknown = run(app, "records", "held", "01YE/2/26", "--suite", "wood-green")
    nowhere = run(app, "records", "looked", *OF, "--pdf", str(tmp_path / "none" / "one.pdf"))

    assert (unknown.exit_code, nowhere.exit_code) == (2, 2)
    assert unknown.stderr == "Error: Wood Green has no record with this custody record number.\n"
    assert nowhere.stderr.endswith("one.pdf could not be written: No such file or directory\n")
