"""PostgreSQL's own programs, for copying a whole database out and in: `pg_dump` and `psql`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from ..errors import CustodyfinderError

LOCK_WAIT = "30s"
"""How long a table's other users are waited for."""


class PostgresFailed(CustodyfinderError):
    """One of the programs is missing, or did not do its work. The database is as it was."""


def dump(url: URL, to: Path, *, snapshot: str) -> None:
    """Write everything in the database to a file, as SQL, as of a snapshot that some transaction has exported.

    Raises:
        PostgresFailed: says in one line what to do.
    """
    words = ["--format=plain", "--encoding=UTF8", "--no-owner", "--no-privileges"]
    done = _run("pg_dump", url, [*words, f"--snapshot={snapshot}", f"--file={to}"])
    if done.returncode != 0:
        why = (done.stderr.splitlines() or ["no reason given"])[0]
        raise PostgresFailed("pg_dump failed", public=f"PostgreSQL's pg_dump did not make the backup: {why}")


def load(url: URL, script: Path, *, drops: Sequence[str]) -> None:
    """Drop what was there with these statements and put in what `dump` wrote: in one transaction, or nothing.

    Raises:
        PostgresFailed: says in one line what to do.
    """
    words = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    for drop in drops:
        words.append(f"--command=SET lock_timeout = '{LOCK_WAIT}'; {drop}")
    done = _run("psql", url, [*words, f"--file={script}"])
    if done.returncode != 0:
        # What psql says may quote a row.
        raise PostgresFailed(
            f"psql ended with {done.returncode}",
            public="PostgreSQL did not take the backup, and nothing was changed: its own log says why. "
            "Stop the pages and the delivery processes first.",
        )


def _run(program: str, url: URL, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    path = shutil.which(program)
    if path is None:
        raise PostgresFailed(
            f"{program} is missing",
            public=f"PostgreSQL's {program} is missing on this machine: apt-get install postgresql-client",
        )
    where = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
    password = where.pop("password", None)
    # Everybody on the machine can read the words of a command; the environment only its owner.
    env = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    address = make_conninfo(**{name: str(value) for name, value in where.items()})
    command = [path, f"--dbname={address}", "--no-password", *words]
    return subprocess.run(  # noqa: S603 - a program of PostgreSQL, no shell, and no word that a stranger typed
        command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
