"""`flask --app wsgi <noun> <verb>`: the help text is the manual; a refusal is one line and exit status 2."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec

import click
from flask import Flask
from flask.cli import AppGroup

from . import clock
from .config import PROJECT
from .domain.geo import METRES_PER_MILE
from .domain.needs import Need, Sex
from .domain.ranking import Ranking
from .errors import BadInput, CustodyfinderError
from .services import accounts, beds, detentions, outbox, places, requests, search, seeding
from .services.reference import Origin, authority_code, origin_of
from .wiring import wired

P = ParamSpec("P")

SEEDS = PROJECT / "seeds"
IDLE_SECONDS = 0.2
"""Pause between looks at an empty outbox: a text starts well within half a second of its promise."""

BEAT_EVERY = timedelta(seconds=5)
RECONCILE_EVERY = timedelta(minutes=5)


class Refusal(click.ClickException):
    """One line on stderr, and exit status 2."""

    exit_code = 2


def says_why(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our own errors into one line on stderr and exit status 2."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CustodyfinderError as error:
            raise Refusal(error.public) from None

    return wrapper


class OneLine(click.Command):
    """A command whose refusals of bad options are one line too, without click's three lines of usage."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """As click does it, with a plainer error."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise Refusal(f"{error.format_message()} (--help shows examples)") from None


# --- seed -----------------------------------------------------------------------------------

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
@says_why
def seed_demo(folder: Path) -> None:
    """Load the reference data and made-up places, contacts and people.

    Example: flask --app wsgi seed demo
    """
    if not (wired().settings.demo or wired().settings.database_url.startswith("sqlite")):
        raise BadInput(
            "seed demo",
            public="Demonstration data is made up, and its password is known to everybody: it is only loaded into "
            "SQLite, or with DEMO=1. For a real database use `seed reference`.",
        )
    wired().postcodes.prepare(progress=click.echo)
    _say(seeding.demo(folder, postcodes=wired().postcodes, now=clock.now()))


# --- places ---------------------------------------------------------------------------------

places_group = AppGroup("places", help="The places, and the ranking of them for one child.")


@places_group.command("list", cls=OneLine)
@click.option("--json", "as_json", is_flag=True, help="JSON, with everything that the rules read.")
@says_why
def places_list(as_json: bool) -> None:
    """Every place.

    Example: flask --app wsgi places list --json
    """
    everything = places.everything()
    if as_json:
        click.echo(json.dumps(everything, ensure_ascii=False, indent=1))
        return
    for place in everything:
        state = (
            f"out of service: {place['out_of_service']}" if place["out_of_service"] else f"{place['beds_free']} free"
        )
        click.echo(f"{place['code']:8} {place['name']} ({place['authority']}, {place['kind']}): {state}")


class Area(click.ParamType[tuple[str, float]]):
    """ "PC:KM": a circle round a postcode."""

    name = "PC:KM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Split at the last colon."""
        postcode, _, kilometres = str(value).rpartition(":")
        try:
            return postcode, float(kilometres)
        except ValueError:
            self.fail(f'{value!r} is not of the form "N22 6XH:2.5" (postcode, colon, kilometres)', param, ctx)


@places_group.command("find", cls=OneLine)
@click.option("--suite", "suite_slug", metavar="SLUG", help="The custody suite that the child is in.")
@click.option("--postcode", metavar="PC", help="Or any postcode to start from.")
@click.option("--age", type=int, required=True, help="10 to 17.")
@click.option("--sex", type=click.Choice([sex.value for sex in Sex]), required=True)
@click.option("--secure", is_flag=True, help="Secure accommodation. Non-secure otherwise.")
@click.option("--approved-under-13", is_flag=True, help="The Secretary of State has approved secure under 13.")
@click.option("--home-postcode", metavar="PC", help="Gives the responsible authority; stays on this machine.")
@click.option("--looked-after-by", metavar="CODE", help="ONS code of the authority that looks after the child.")
@click.option("--avoid", type=Area(), multiple=True, help='Area to keep out of: "N22 6XH:2.5". May be repeated.')
@click.option("--avoid-geojson", type=click.File("rb"), help="Areas to keep out of, WGS84 polygons.")
@click.option(
    "--need",
    "needs",
    type=click.Choice([need.value for need in Need]),
    multiple=True,
    help="May be repeated.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=search.LIMIT,
    show_default=True,
    help="Caps both lists.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON: distances in kilometres, times in UTC.")
@says_why
def places_find(
    suite_slug: str | None, postcode: str | None, limit: int, as_json: bool, avoid_geojson: Any, **said: Any
) -> None:
    """The places for one child, cheapest first, and the nearest that were left out.

    Nothing is kept: no postcode given here is stored or logged.

    \b
    Examples:
      flask --app wsgi places find --suite wood-green --age 15 --sex male
      flask --app wsgi places find --postcode "N22 6XH" --age 12 --sex female --secure \\
            --need step_free --avoid "N17 0AD:3" --limit 5 --json
    """
    now = clock.now()
    origin = origin_of(suite_slug, postcode)
    enquiry = detentions.Enquiry(
        age=said["age"],
        sex=Sex(said["sex"]),
        secure=said["secure"],
        approved_under_13=said["approved_under_13"],
        needs=frozenset(Need(need) for need in said["needs"]),
        home_postcode=said["home_postcode"],
        looked_after_by=authority_code(said["looked_after_by"]),
        avoid=said["avoid"],
        avoid_geojson=_text_of(avoid_geojson),
    )
    child = detentions.child_of(
        enquiry, origin=origin.point, suite_authority=origin.authority_code, postcodes=wired().postcodes
    )
    ranking = search.find(child, at=now, limit=limit)
    if as_json:
        click.echo(json.dumps({"origin": origin.as_json()} | search.as_json(ranking), ensure_ascii=False, indent=1))
    else:
        _print(ranking, origin)


def _text_of(file: BinaryIO | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read().decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput("geojson", public="The file of --avoid-geojson is not UTF-8 text.") from None


def _print(ranking: Ranking, origin: Origin) -> None:
    click.echo(f"From {origin.name}. Minutes are an estimate from the straight line.")
    if origin.note:
        click.echo(origin.note)
    for number, option in enumerate(ranking.options, 1):
        place = option.place
        click.echo(
            f"{number:3}. {place.name} ({place.authority_name}): {option.distance_m / METRES_PER_MILE:.1f} miles, "
            f"about {option.travel_minutes:.0f} minutes; {place.beds_free} free; cost {option.cost_minutes:.0f}"
        )
        for reason in option.reasons:
            click.echo(f"       +{reason.minutes:.0f}  {reason.text}")
    if not ranking.options:
        click.echo("No place suits. The nearest, and why not:")
    elif ranking.ruled_out:
        click.echo("Left out, nearest first:")
    for out in ranking.ruled_out:
        reasons = " ".join(reason.text for reason in out.reasons)
        click.echo(f"     {out.place.name}, {out.distance_m / METRES_PER_MILE:.1f} miles: {reasons}")


# --- sms ------------------------------------------------------------------------------------

sms = AppGroup("sms", help="Delivery of texts.")


@sms.command("run", cls=OneLine)
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@says_why
def sms_run(once: bool) -> None:
    """Deliver waiting texts and expire holds, until stopped.

    Safe to run many at once on PostgreSQL.

    \b
    Examples:
      flask --app wsgi sms run
      flask --app wsgi sms run --once
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if wired().sender is None:
        click.echo("Twilio is not set up: texts stay in the outbox; holds are expired.", err=True)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    reconciled = beaten = None
    while not stopped.is_set():
        now = clock.now()
        if reconciled is None or now - reconciled > RECONCILE_EVERY:
            reconciled = now
            beds.reconcile(now=now)
        sent = cycle()
        if beaten is None or now - beaten > BEAT_EVERY:
            beaten = now
            outbox.beat(worker, now=now)
        if once and not sent:
            return
        if not sent:
            stopped.wait(IDLE_SECONDS)


def cycle() -> bool:
    """One turn of a delivery process: expire holds, send one text. Return whether there was one."""
    requests.expire_due(now=clock.now())
    wiring = wired()
    return wiring.sender is not None and outbox.deliver_next(
        wiring.sender, status_base=f"{wiring.settings.public_url}/hooks/twilio/status", now=clock.now()
    )


# --- users ----------------------------------------------------------------------------------

users = AppGroup("users", help="Who may sign in.")


@users.command("add", cls=OneLine)
@click.argument("username")
@click.option("--name", required=True, help="As others see it: a role or a person.")
@click.option("--suite", "suite_slug", metavar="SLUG", help="Makes a custody officer of this suite.")
@click.option("--authority", "authority_code", metavar="CODE", help="Makes a duty officer of this authority.")
@click.password_option(help="Asked for; never give it as an argument.", prompt_required=True)
@says_why
def users_add(username: str, name: str, suite_slug: str | None, authority_code: str | None, password: str) -> None:
    """Add somebody.

    Example: flask --app wsgi users add r.khan --name "R. Khan" --suite wood-green
    """
    accounts.add(
        username.strip().lower(),
        name,
        password,
        suite_slug=suite_slug,
        authority_code=authority_code,
        now=clock.now(),
    )
    click.echo(f"Added {username}.")


@users.command("list", cls=OneLine)
@click.option("--json", "as_json", is_flag=True)
@says_why
def users_list(as_json: bool) -> None:
    """Everybody who may sign in.

    Example: flask --app wsgi users list
    """
    everybody = [
        {
            "username": person.username,
            "name": person.name,
            "role": person.role.value,
            "suite": person.suite_name,
            "authority": person.authority_name,
        }
        for person in accounts.everybody()
    ]
    if as_json:
        click.echo(json.dumps(everybody, ensure_ascii=False, indent=1))
        return
    for person in everybody:
        click.echo(f"{person['username']:40} {person['role']:16} {person['suite'] or person['authority']}")


@users.command("disable", cls=OneLine)
@click.argument("username")
@says_why
def users_disable(username: str) -> None:
    """Close somebody's account.

    Example: flask --app wsgi users disable r.khan
    """
    accounts.disable(username, now=clock.now())
    click.echo(f"Disabled {username}.")


def init_app(app: Flask) -> None:
    """Register every command group."""
    for group in (seed, places_group, sms, users):
        app.cli.add_command(group)
