"""A whole database in one file, and back.

The file is a gzipped tar that any machine can open: `manifest.json` says what it is, beside it lies the
database as its own tools copy it, as of one moment, while others go on writing. Whoever has the file has
everything that is in the database.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import Connection, inspect

from ..db import db, reading, transaction
from ..errors import BadInput, Conflict
from ..gateways import postgres
from . import audit

FORMAT = 1
_MANIFEST = "manifest.json"
_DATABASE = {"sqlite": "database.sqlite", "postgresql": "database.sql"}
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    made_at: str
    """ISO 8601, UTC."""
    database: str
    """ "sqlite" or "postgresql"."""
    revision: str
    """Of the migrations."""
    digest: str
    """SHA-256 of the database in the file, hexadecimal."""
    rows: dict[str, int]
    """How many each table had at that moment."""


class NotEmpty(Conflict):
    """The database holds something that a restore would replace."""

    public = (
        "The database is not empty, and nothing was changed. Give --replace to put the backup in the place of "
        "everything in it."
    )


def make(file: Path, *, by: str, now: datetime) -> Manifest:
    """Back the database up into a new file that only its owner can read.

    Raises:
        BadInput: the file is there already or cannot be written, or the database is not migrated.
        PostgresFailed: PostgreSQL's own program is missing or failed.
    """
    if file.exists():
        raise BadInput("backup", public=f"There is a file {file} already: choose another name.")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".custodyfinder-backup-") as folder:  # 0700
            data, draft = Path(folder, "database"), Path(folder, "backup")
            revision, rows = _COPY[_kind()](data)
            manifest = Manifest(
                format=FORMAT,
                made_at=now.isoformat().replace("+00:00", "Z"),
                database=_kind(),
                revision=revision,
                digest=_digest(data),
                rows=rows,
            )
            _pack(draft, manifest, data)
            draft.rename(file)  # whole, or not at all
    except OSError as error:
        raise BadInput("backup", public=f"The backup {file} cannot be written: {error.strerror}.") from None
    if revision == _scripts().get_current_head():  # before a migration the audit may not be as the program knows it
        with transaction() as session:
            audit.record(session, by, "backup made", "database", at=now, made_at=manifest.made_at)
    return manifest


def restore(file: Path, *, replace: bool, by: str, now: datetime) -> Manifest:
    """Put a backup in the place of everything in the database, then migrate it. Return what came back.

    Raises:
        BadInput: the file is no backup of ours, is damaged, is of another kind of database or of a newer program.
        NotEmpty: the database holds something, and `replace` was not given.
        PostgresFailed: PostgreSQL's own program is missing or failed; nothing was changed.
    """
    with tempfile.TemporaryDirectory(prefix="custodyfinder-restore-") as folder:
        data = Path(folder, "database")
        manifest = _unpack(file, data)
        _check_fits(manifest)
        if not replace and _holds_anything():
            raise NotEmpty("the database is not empty")
        _put_back(data)
    with reading() as connection:
        manifest = dataclasses.replace(manifest, rows=_rows(connection))
    if manifest.revision != _scripts().get_current_head():
        upgrade()
    with transaction() as session:
        audit.record(session, by, "backup restored", "database", at=now, made_at=manifest.made_at)
    return manifest


# --- out ------------------------------------------------------------------------------------


def _kind() -> str:
    return db.engine.dialect.name


def _sqlite_file() -> str:
    return db.engine.url.database or ""


def _copy_sqlite(to: Path) -> tuple[str, dict[str, int]]:
    with reading() as connection:
        _revision(connection)  # refuses before anything is copied
    with closing(sqlite3.connect(_sqlite_file(), timeout=30)) as ours, closing(sqlite3.connect(to)) as copy:
        ours.backup(copy)  # in one step, so that it is as of one moment
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        rows = {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - our own tables
            for (name,) in sorted(names.fetchall())
        }
        (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return revision, rows


def _copy_postgres(to: Path) -> tuple[str, dict[str, int]]:
    # This transaction stays open while pg_dump runs: what it counts and what pg_dump copies are as of one moment.
    with db.engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as connection:
        revision, rows = _revision(connection), _rows(connection)
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        postgres.dump(db.engine.url, to, snapshot=snapshot)
    return revision, rows


_COPY = {"sqlite": _copy_sqlite, "postgresql": _copy_postgres}


def _revision(connection: Connection) -> str:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        raise BadInput("backup", public="The database is not migrated: there is nothing to back up.")
    return revision


def _rows(connection: Connection) -> dict[str, int]:
    return {
        name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()  # noqa: S608 - our own tables
        for name in sorted(inspect(connection).get_table_names())
    }


def _pack(to: Path, manifest: Manifest, data: Path) -> None:
    words = json.dumps(asdict(manifest), indent=1).encode()
    data.chmod(0o600)  # also when somebody unpacks it
    to.touch(mode=0o600)
    with tarfile.open(to, "w:gz") as archive:
        info = tarfile.TarInfo(_MANIFEST)
        info.size, info.mode = len(words), 0o600
        archive.addfile(info, io.BytesIO(words))
        archive.add(data, arcname=_DATABASE[manifest.database])


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# --- and back -------------------------------------------------------------------------------


def _unpack(file: Path, to: Path) -> Manifest:
    try:
        with tarfile.open(file, "r:gz") as archive:
            manifest = _read_manifest(_inside(archive, _MANIFEST).read())
            with _inside(archive, _DATABASE[manifest.database]) as content, to.open("xb") as out:
                shutil.copyfileobj(content, out)
    except FileNotFoundError:
        raise BadInput("backup", public=f"There is no file {file}.") from None
    except (tarfile.TarError, OSError, EOFError, zlib.error, LookupError, TypeError, ValueError):
        raise _not_ours(file) from None
    if _digest(to) != manifest.digest:
        raise _not_ours(file)
    return manifest


def _read_manifest(words: bytes) -> Manifest:
    said = json.loads(words)
    if said["format"] > FORMAT:  # it may say things that this version has no place for
        raise _too_new(f"format {said['format']}")
    return Manifest(**said)


def _inside(archive: tarfile.TarFile, name: str) -> Any:
    content = archive.extractfile(name)
    if content is None:
        raise LookupError(name)
    return content


def _not_ours(file: Path) -> BadInput:
    why = "is not a backup that `backups make` made, or it was cut off or changed since. Nothing was changed."
    return BadInput("backup", public=f"{file} {why}")


def _too_new(what: str) -> BadInput:
    return BadInput(
        "backup",
        public=f"The backup is of a newer version of the program ({what}). Install that version first. "
        "Nothing was changed.",
    )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(current_app.extensions["migrate"].directory)


def _check_fits(manifest: Manifest) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if manifest.revision not in known:
        raise _too_new(f"migration {manifest.revision}")
    if manifest.database != _kind():
        theirs, ours = _NAMES[manifest.database], _NAMES[_kind()]
        raise BadInput(
            "backup", public=f"This is a backup of {theirs}, and the database is {ours}. Nothing was changed."
        )


_NEVER_EMPTY = ("alembic_version", "audit_head")


def _holds_anything() -> bool:
    with reading() as connection:
        return any(number for name, number in _rows(connection).items() if name not in _NEVER_EMPTY)


def _put_back(data: Path) -> None:
    if _kind() == "sqlite":
        db.engine.dispose()  # no connection of ours remembers what was there
        try:
            with closing(sqlite3.connect(data)) as theirs, closing(sqlite3.connect(_sqlite_file(), timeout=30)) as ours:
                theirs.backup(ours)  # one transaction
        except sqlite3.Error as error:
            public = f"SQLite did not take the backup, and nothing was changed: {error}."
            raise BadInput("backup", public=public) from None
        return
    with reading() as connection:
        tables = inspect(connection).get_table_names()
    db.engine.dispose()
    quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in tables)
    drops = [f"DROP TABLE {quoted} CASCADE"] if tables else []
    # Of the triggers on the audit: it stays when its tables go.
    postgres.load(db.engine.url, data, drops=[*drops, "DROP FUNCTION IF EXISTS refuse_audit_change() CASCADE"])
