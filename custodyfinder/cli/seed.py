"""`flask --app wsgi seed …`"""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from .. import clock
from ..config import PROJECT
from ..errors import BadInput
from ..services import seeding, seeding_history
from ..wiring import wired
from .base import OneLine, says_why

SEEDS = PROJECT / "seeds"

seed = AppGroup("seed", help="Load reference and demonstration data. Safe to repeat.")
_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=SEEDS,
    help="Where the CSV files are.",
)


def _say(loaded: dict[str, int]) -> None:
    click.echo("New: " + ", ".join(f"{number} {what}" for what, number in loaded.items()) + ".")


@seed.command("reference", cls=OneLine)
@_folder
@says_why
def seed_reference(folder: Path) -> None:
    """Load authorities and suites, and build the postcode index.

    Example: flask --app wsgi seed reference
    """
    wired().postcodes.prepare(progress=click.echo)
    _say(seeding.reference(folder, postcodes=wired().postcodes))


@seed.command("demo", cls=OneLine)
@_folder
@click.option("--history/--no-history", default=True, show_default=True, help="A made-up year of records as well.")
@says_why
def seed_demo(folder: Path, history: bool) -> None:
    """Load the reference data, made-up places, contacts and people, and a made-up year of records.

    Example: flask --app wsgi seed demo
    """
    if not (wired().settings.demo or wired().settings.database_url.startswith("sqlite")):
        raise BadInput(
            "seed demo",
            public="Demonstration data is made up, and its password is known to everybody: it is only loaded into "
            "SQLite, or with DEMO=1. For a real database use `seed reference`.",
        )
    wired().postcodes.prepare(progress=click.echo)
    loaded = seeding.demo(folder, postcodes=wired().postcodes, now=clock.now())
    if history:
        loaded["children of a made-up year"] = seeding_history.load(now=clock.now())
    _say(loaded)
