"""`flask backups make` and `restore`: everything comes back as it was, and nothing is lost by mistake."""

# Long because both databases go through every way that a file can be wrong.
from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import stat
import tarfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.db import db, reading
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.gateways import postgres
from custodyfinder.models import AuditEvent, BedRequest, Detention, Place, Placement, RequestState
from custodyfinder.services import asking, backups, beds, requests

from .conftest import NIGHT, settings_for
from .services.racers import race
from .test_cli import run
from .world import HARINGEY, World


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row, but for the audit: a backup writes a line there."""
    with reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in db.metadata.sorted_tables
            if table.name not in ("audit_event", "audit_head")
        }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the backup goes."""
    return tmp_path / "backup.tar.gz"


def test_everything_comes_back_as_it_was(app: Flask, world: World, file: Path) -> None:
    place = world.place()
    world.ask(place)
    before = everything()
    made = run(app, "backups", "make", str(file))
    world.ask(world.place())
    world.change(Place, place, name="Another name")
    assert everything() != before

    back = run(app, "backups", "restore", str(file), "--replace")

    assert (made.exit_code, back.exit_code) == (0, 0), made.output + back.output
    assert everything() == before
    assert f"migration {backups._scripts().get_current_head()}." in made.stdout
    assert "         1 bed_request\n" in back.stdout
    assert [line.action for line in world.rows(AuditEvent)][-1] == "backup restored"
    # The next row has a number of its own.
    assert world.ask(place, detention=world.detention()) == 2


def test_only_the_owner_can_read_it_and_any_machine_can_open_it(world: World, file: Path) -> None:
    world.place()

    made = backups.make(file, by="command line", now=NIGHT)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.glob(".custodyfinder*")] == []
    with tarfile.open(file) as archive:
        manifest, database = archive.getmembers()
        said = json.load(archive.extractfile(manifest))  # type: ignore[arg-type]
    assert said == dataclasses.asdict(made)
    assert (said["made_at"], said["rows"]["place"]) == ("2026-11-24T02:10:00Z", 1)
    assert (database.mode & 0o077, database.size > 0) == (0, True)


def test_a_file_that_is_there_is_never_written_over_and_a_folder_that_is_not_is_said(
    app: Flask, world: World, file: Path
) -> None:
    file.write_text("something dear")

    there = run(app, "backups", "make", str(file))
    nowhere = run(app, "backups", "make", str(file.parent / "nowhere" / "file"))

    assert (there.exit_code, nowhere.exit_code) == (2, 2)
    assert "choose another name" in there.stderr
    assert "cannot be written: No such file or directory." in nowhere.stderr
    assert file.read_text() == "something dear"


def test_a_database_that_is_not_empty_is_replaced_only_when_that_is_said(app: Flask, world: World, file: Path) -> None:
    backups.make(file, by="command line", now=NIGHT)
    world.place()
    before = everything()

    refused = run(app, "backups", "restore", str(file))

    assert refused.exit_code == 2
    assert "The database is not empty, and nothing was changed. Give --replace" in refused.stderr
    assert everything() == before


def test_it_comes_back_into_a_database_that_is_migrated_and_empty(app: Flask, world: World, file: Path) -> None:
    world.place()
    before = everything()
    backups.make(file, by="command line", now=NIGHT)
    db.engine.dispose()
    downgrade(revision="base")
    upgrade()

    back = run(app, "backups", "restore", str(file))

    assert back.exit_code == 0, back.output
    assert everything() == before


def test_it_comes_back_into_a_database_without_any_table(app: Flask, world: World, file: Path) -> None:
    before = everything()
    backups.make(file, by="command line", now=NIGHT)
    db.engine.dispose()
    downgrade(revision="base")
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))

    assert run(app, "backups", "restore", str(file)).exit_code == 0
    assert everything() == before


def test_a_backup_of_before_a_migration_comes_back_and_is_migrated(app: Flask, world: World, file: Path) -> None:
    reference = world.detention()
    db.engine.dispose()
    downgrade(revision="0003")
    assert backups.make(file, by="command line", now=NIGHT).revision == "0003"
    upgrade()

    back = run(app, "backups", "restore", str(file), "--replace")

    assert back.exit_code == 0, back.output
    assert [each.reference for each in world.rows(Detention)] == [reference]


# --- what is refused ------------------------------------------------------------------------


def rewritten(file: Path, *, name: str = "", content: bytes = b"", **said: Any) -> None:
    """The same backup with another manifest, or another database in it."""
    with tarfile.open(file) as archive:
        (_, manifest), database = [
            (each.name, archive.extractfile(each).read())  # type: ignore[union-attr]
            for each in archive
        ]
    parts = [("manifest.json", json.dumps(json.loads(manifest) | said).encode())]
    parts.append((name or database[0], content or database[1]))
    with tarfile.open(file, "w:gz") as archive:
        for each, words in parts:
            info = tarfile.TarInfo(each)
            info.size = len(words)
            archive.addfile(info, io.BytesIO(words))


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"revision": "9999"}, "of a newer version of the program (migration 9999)"),
        ({"format": 2, "more": "news"}, "of a newer version of the program (format 2)"),
        ({"digest": "0" * 64}, "is not a backup that `backups make` made, or it was cut off or changed"),
        ({"database": "oracle"}, "is not a backup that"),
        ({"format": "one"}, "is not a backup that"),
        ({"unknown": 1}, "is not a backup that"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused_and_nothing_is_changed(
    app: Flask, world: World, file: Path, how: dict[str, Any], why: str
) -> None:
    backups.make(file, by="command line", now=NIGHT)
    rewritten(file, **how)
    before = everything()

    refused = run(app, "backups", "restore", str(file), "--replace")

    assert refused.exit_code == 2
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr
    assert everything() == before


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"\x1f\x8b\x08\x00"])
def test_a_file_that_is_no_backup_or_was_cut_off_is_refused(
    app: Flask, world: World, file: Path, content: bytes
) -> None:
    whole = file.with_name("whole")
    backups.make(whole, by="command line", now=NIGHT)
    for given in (content, whole.read_bytes()[:-200], whole.read_bytes()[:3000]):
        file.write_bytes(given)

        refused = run(app, "backups", "restore", str(file), "--replace")

        assert refused.exit_code == 2
        assert "is not a backup that `backups make` made, or it was cut off" in refused.stderr


def test_a_file_that_is_not_there_is_said(app: Flask, world: World, file: Path) -> None:
    refused = run(app, "backups", "restore", str(file), "--replace")

    assert (refused.exit_code, f"There is no file {file}." in refused.stderr) == (2, True)


def test_a_backup_of_the_other_kind_of_database_is_refused(app: Flask, world: World, file: Path) -> None:
    backups.make(file, by="command line", now=NIGHT)
    kind, name = {"sqlite": ("postgresql", "database.sql"), "postgresql": ("sqlite", "database.sqlite")}[
        db.engine.dialect.name
    ]
    rewritten(file, name=name, database=kind)

    refused = run(app, "backups", "restore", str(file), "--replace")

    assert refused.exit_code == 2
    assert "This is a backup of" in refused.stderr


def test_a_backup_that_the_database_does_not_take_to_its_end_changes_nothing(
    app: Flask, world: World, file: Path
) -> None:
    backups.make(file, by="command line", now=NIGHT)
    name = {"sqlite": "database.sqlite", "postgresql": "database.sql"}[db.engine.dialect.name]
    with tarfile.open(file) as archive:
        content = archive.extractfile(name).read()  # type: ignore[union-attr]
    spoilt = content + b"\nnonsense;\n" if name.endswith("sql") else b"nonsense" * 1000
    rewritten(file, content=spoilt, digest=hashlib.sha256(spoilt).hexdigest())
    world.place()  # not in the backup
    before = everything()

    refused = run(app, "backups", "restore", str(file), "--replace")

    assert refused.exit_code == 2
    assert "did not take the backup, and nothing was changed: " in refused.stderr
    assert everything() == before


# --- while others write -----------------------------------------------------------------------


def ask_and_answer(argument: tuple[list[str], int, int, datetime]) -> int:
    """Ask for each child, and accept, refuse or leave it open in turn."""
    children, place, suite, now = argument
    for number, child in enumerate(children):
        request = asking.ask(child, place, suite_id=suite, by="officer", shown=None, now=now)
        about: dict[str, Any] = {"authority_code": HARINGEY, "by": "duty", "channel": "page", "now": now}
        if number % 3 == 0:
            requests.accept(request, **about)
        elif number % 3 == 1:
            requests.refuse(request, reason=RefusalReason.NO_BED, words="", **about)
        time.sleep(0.02)  # twenty of these are over before the first backup is made, otherwise
    return len(children)


def back_up_often(argument: tuple[str, datetime]) -> list[int]:
    """Several backups, one after the other. Gives how many requests each has."""
    folder, now = argument
    return [
        backups.make(Path(folder) / f"{number}.tar.gz", by="command line", now=now).rows["bed_request"]
        for number in range(4)
    ]


def test_a_backup_made_while_two_processes_write_is_as_of_one_moment(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    place = world.place(beds_total=99, beds_free=99)
    first, second = ([world.detention() for _ in range(20)] for _ in range(2))
    db.engine.dispose()

    *_, kept = race(
        settings,
        [
            *((ask_and_answer, (children, place, world.suite_id, NIGHT)) for children in (first, second)),
            (back_up_often, (str(tmp_path), NIGHT)),
        ],
    )

    amid = [number for number, asked in enumerate(kept) if 0 < asked < 40]
    assert amid, f"no backup met the writers: {kept}; the test has shown nothing"
    for number in amid:
        backups.restore(tmp_path / f"{number}.tar.gz", replace=True, by="command line", now=NIGHT)
        free, held = world.beds(place)
        states = [each.state for each in world.rows(BedRequest)]
        assert len(states) == kept[number]
        assert held == states.count(RequestState.OPEN)
        assert free + held + world.count(Placement)[0] == 99
        assert beds.reconcile(now=NIGHT) == []


# --- each database's own ------------------------------------------------------------------------


def test_where_postgresql_s_programs_are_missing_one_line_says_what_to_install(
    app: Flask, world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups.make(file, by="command line", now=NIGHT)
    monkeypatch.setenv("PATH", str(file.parent))

    made = run(app, "backups", "make", f"{file}.2")
    back = run(app, "backups", "restore", str(file), "--replace")

    if db.engine.dialect.name == "sqlite":
        assert (made.exit_code, back.exit_code) == (0, 0)
    else:
        assert (made.exit_code, back.exit_code) == (2, 2)
        assert made.stderr == (
            "Error: PostgreSQL's pg_dump is missing on this machine: apt-get install postgresql-client\n"
        )
        assert "psql is missing on this machine: apt-get install postgresql-client" in back.stderr


def test_the_password_is_no_word_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody on the machine can read those."""
    seen = tmp_path / "seen"
    for name in ("pg_dump", "psql"):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\necho "$PGPASSWORD: $*" >> {seen}\n')
        program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    app = create_app(
        settings_for("postgresql+psycopg://user:s3cret@db.example.org:5433/beds?sslmode=require", tmp_path)
    )

    with app.app_context():
        postgres.dump(db.engine.url, tmp_path / "out", snapshot="1")
        postgres.load(db.engine.url, tmp_path / "out", drops=["DROP TABLE place CASCADE"])

    for line in seen.read_text().splitlines():
        password, _, words = line.partition(": ")
        assert password == "s3cret"
        assert "s3cret" not in words
        assert "sslmode=require" in words
        assert "host=db.example.org" in words
