"""A real PostgreSQL for the tests: one given by address, Debian's own, or the one from PyPI."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine

from custodyfinder.db import db
from custodyfinder.domain.audit_chain import FIRST

HOW = (
    "No PostgreSQL was found. Install one with `apt-get install postgresql`, "
    "or give the address of an empty database in TEST_POSTGRES_URL (postgresql+psycopg://…)."
)


class NoPostgres(RuntimeError):
    """There is no PostgreSQL on this machine; the message says what to install."""


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives the address of an empty database on it.

    Raises:
        NoPostgres: there is none to be had.
    """
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        raise NoPostgres(HOW)
    folder = Path(tempfile.mkdtemp(prefix="custodyfinder-pg-"))
    try:
        with _started(binaries, folder) as port:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder)


def _binaries() -> Path | None:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def _started(binaries: Path, folder: Path) -> Iterator[int]:
    # initdb and postgres refuse to run as root.
    prefix = []
    if os.geteuid() == 0:
        prefix = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")

    def run(*command: str) -> None:
        # To a file: the server inherits the handle, and a pipe would never end.
        with (folder / "log").open("ab") as log:
            subprocess.run([*prefix, *command], check=True, stdout=log, stderr=log, cwd="/")

    (folder / "log").touch()
    (folder / "log").chmod(0o666)
    run(
        str(binaries / "initdb"),
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
    run(str(binaries / "pg_ctl"), "-D", data, "-w", "-o", options, "start")
    try:
        yield port
    finally:
        run(str(binaries / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")


def empty(url: str) -> str:
    """Take every row out of a migrated database, and start its numbers at 1 again. Gives the address.

    Deleted, not truncated: for tables with a few rows that is twenty times as fast.
    """
    tables = db.metadata.sorted_tables
    statements = ["SET LOCAL session_replication_role = replica"]  # no triggers: those of the audit trail refuse it
    statements += [f"DELETE FROM {table.name}" for table in reversed(tables)]  # noqa: S608 - names of our own
    statements += [
        f"SELECT setval('{table.name}_id_seq', 1, false)"
        for table in tables
        if "id" in table.c and table.c.id.identity is not None
    ]
    statements.append(f"INSERT INTO audit_head VALUES (1, 0, '{FIRST}')")  # noqa: S608 - a constant
    with engine(url).begin() as connection:
        connection.exec_driver_sql(";".join(statements))
    return url


@cache
def engine(url: str) -> Engine:
    """One that is kept: to connect takes longer than to empty."""
    return create_engine(url, pool_pre_ping=True)
