"""`flask --app wsgi backups …`"""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from .. import clock
from ..services import backups
from .base import OneLine, says_why

backups_group = AppGroup("backups", help="The whole database in one file, and back.")

_FILE = click.Path(dir_okay=False, path_type=Path)


@backups_group.command("make", cls=OneLine)
@click.argument("file", type=_FILE)
@says_why
def backups_make(file: Path) -> None:
    """Back the database up into a new FILE, while the program goes on.

    Only its owner can read the file; whoever has it has everything that is in the database. Keep it no longer
    than the texts in it may be kept.

    Example: flask --app wsgi backups make /srv/backups/2026-11-24.tar.gz
    """
    made = backups.make(file, by="command line", now=clock.now())
    click.echo(f"Made {file}: {_counts(made)}, as of {made.made_at}, migration {made.revision}.")


@backups_group.command("restore", cls=OneLine)
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Put it in the place of everything that is in the database.")
@says_why
def backups_restore(file: Path, replace: bool) -> None:
    """Put the backup in FILE into the database, and migrate it.

    Stop the pages and the delivery processes first. A database that is not empty is left as it is, unless
    --replace is given: then everything in it is lost. Run `records expire` afterwards: what had been forgotten
    since the backup has come back.

    \b
    Examples:
      flask --app wsgi backups restore /srv/backups/2026-11-24.tar.gz
      flask --app wsgi backups restore /srv/backups/2026-11-24.tar.gz --replace
    """
    back = backups.restore(file, replace=replace, by="command line", now=clock.now())
    click.echo(f"Came back as of {back.made_at}: {_counts(back)}.")
    for table, number in back.rows.items():
        if number:
            click.echo(f"{number:10} {table}")


def _counts(manifest: backups.Manifest) -> str:
    filled = [number for number in manifest.rows.values() if number]
    return f"{sum(filled)} rows in {len(filled)} tables"
