"""Small worlds behind real servers: a usual night, an empty one, a rough one, and an installation without Twilio."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from custodyfinder import create_app
from custodyfinder.db import db, transaction
from custodyfinder.domain.needs import Need, RefusalReason
from custodyfinder.domain.record import OutcomeKind
from custodyfinder.models import Authority, BedRequest, Person, StandingSearch
from custodyfinder.services import breaker, delivery, grants, outcomes, requests, standing
from custodyfinder.services.outcomes import Ended
from custodyfinder.wiring import wired

from ..conftest import NIGHT, settings_for
from ..services.ending import not_moved
from ..services.senders import FakeSender
from ..web.conftest import enrolled
from ..world import CAMDEN, HARINGEY, World

LONG = "Example House of the Very Long Name by the Reservoir Terrace"
"""Sixty characters, as many as a place's name may have."""


@dataclass
class Site:
    """A running program, and the addresses of what is in it."""

    app: Flask
    address: str
    things: dict[str, object] = field(default_factory=dict)

    def path(self, pattern: str) -> str:
        """As in "/desk/requests/{open}", with what the world has there."""
        return pattern.format(**self.things)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Not a line for each picture of each page."""


Fill = Callable[[Site, World], None]


@contextmanager
def served(folder: Path, postcode_index: Path, fill: Fill, **more: object) -> Iterator[Site]:
    """A program on a new SQLite database in this folder, filled, behind a server on a free port."""
    folder.mkdir()
    (folder / "postcodes.sqlite").symlink_to(postcode_index)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    usual = {"public_url": address, "twilio_api_base": f"{address}/handset"}
    app = create_app(settings_for(f"sqlite:///{folder / 'pages.sqlite'}", folder, **usual | more))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    site = Site(app, address)
    try:
        with app.app_context():
            upgrade()
            fill(site, World.made(now=NIGHT))
            db.session.remove()
        yield site
    finally:
        server.shutdown()
        thread.join()
        with app.app_context():
            db.engine.dispose()


def usual(site: Site, world: World) -> None:
    """Every state of a record and of a request, in two authorities."""
    near = world.place()
    far = world.place(authority_code=CAMDEN, easting=529500, northing=184800, beds_total=20, beds_free=12)
    world.place(kind="foster", authority_code=CAMDEN, easting=528000, northing=187000, beds_free=1)
    world.place(beds_free=0)
    world.place(age_min=10, age_max=12, confirmed_at=None)
    world.place(out_of_service="The boiler is broken")
    world.place(kind="secure", authority_code=CAMDEN)
    site.things |= {"place": near, "other": far, "third": 3}
    child: dict[str, Any] = {
        "home_postcode": "N17 0AD",
        "needs": frozenset({Need.INTERPRETER}),
        "avoid": (("EC1A 1BB", 1.5),),
    }
    site.things["new"] = world.detention(**child)
    for name in ("open", "delivered", "ring", "refused", "accepted", "arrived", "expired", "withdrawn"):
        site.things[f"of_{name}"] = reference = world.detention(**child)
        site.things[name] = world.ask(near if name == "open" else far, detention=reference)
    _deliver()
    camden: dict[str, Any] = {"authority_code": CAMDEN, "by": "duty.camden", "channel": "page", "now": NIGHT}
    numbers = {name: int(str(site.things[name])) for name in ("accepted", "arrived", "refused", "withdrawn")}
    requests.accept(numbers["accepted"], **camden)
    requests.accept(numbers["arrived"], **camden)
    requests.refuse(numbers["refused"], reason=RefusalReason.NO_BED, words="The last bed has gone.", **camden)
    requests.withdraw(numbers["withdrawn"], suite_id=world.suite_id, by="officer.wood-green", now=NIGHT)
    world.change(BedRequest, site.things["ring"], ring_asked_at=NIGHT)
    world.change(BedRequest, site.things["expired"], state="expired", ended_at=NIGHT)
    site.things["searching"] = world.detention(**child)
    _search(world, str(site.things["searching"]))
    site.things["exhausted"] = world.detention(age=11, **child)
    world.change(StandingSearch, _search(world, str(site.things["exhausted"])), exhausted_at=NIGHT)
    enrolled("manager.camden")
    site.things["certified"] = _certified(world, near)
    ended = world.detention()
    _end(world, ended, Ended(kind=OutcomeKind.BAILED, occurred_at=NIGHT))
    site.things["ended"] = ended
    grants.give(
        str(site.things["certified"]),
        "inspectorate",
        days=3,
        why="Inspection of custody",
        suites=[world.suite_id],
        by="inspector.met",
        now=NIGHT,
    )


def rough(site: Site, world: World) -> None:
    """Long names, forty places, old counts, and Twilio out."""
    with transaction() as session:
        for authority in session.scalars(select(Authority)):
            authority.name = f"{authority.name} and the Surrounding Districts Children's Trust"[:60]
        for person in session.scalars(select(Person)):
            person.name = f"{person.name} of the Very Long Department Name at Night"[:60]
    for number in range(40):
        world.place(
            name=f"{LONG[:57]} {number}",
            authority_code=HARINGEY if number % 3 else CAMDEN,
            easting=531150 + 700 * (number % 8),
            northing=190350 - 900 * (number // 8),
            confirmed_at=None if number % 5 == 0 else NIGHT - timedelta(hours=number),
            beds_free=3,
        )
    for number in range(15):
        world.place(name=f"{LONG[:57]} {40 + number}", beds_free=0)
    needs = frozenset(Need)
    site.things["new"] = world.detention(home_postcode="N17 0AD", needs=frozenset({Need.INTERPRETER}))
    site.things["needy"] = world.detention(needs=needs, avoid=(("N22 6XH", 2.0),))
    site.things["of_open"] = world.detention(age=16, needs=needs)
    site.things["open"] = world.ask(1, detention=str(site.things["of_open"]))
    for place in (2, 3, 5):
        world.ask(place)
    for number in range(5):
        breaker.failed(f"+44770090000{number}", "connection", now=NIGHT)


def empty(site: Site, world: World) -> None:
    """Nothing but people: a first evening."""
    site.things["new"] = world.detention(home_postcode="N17 0AD", suite_id=world.other_suite_id)


def without_twilio(site: Site, world: World) -> None:
    """As an installation begins."""
    site.things["of_open"] = world.detention()
    site.things["open"] = world.ask(world.place(), detention=str(site.things["of_open"]))


def _search(world: World, reference: str) -> int:
    until = NIGHT + timedelta(hours=7)
    return standing.start(
        reference, suite_id=world.suite_id, at_once=1, until=until, by="officer.wood-green", now=NIGHT
    )


def _certified(world: World, place: int) -> str:
    reference = world.detention()
    no: dict[str, Any] = {"authority_code": HARINGEY, "by": "duty.haringey", "channel": "page", "now": NIGHT}
    requests.refuse(world.ask(place, detention=reference), reason=RefusalReason.NO_BED, words="", **no)
    _end(world, reference, not_moved(occurred_at=NIGHT))
    return reference


def _end(world: World, reference: str, ended: Ended) -> None:
    outcomes.record(reference, ended, suites=[world.suite_id], by="officer.wood-green", may_override=False, now=NIGHT)


def _deliver() -> None:
    """What waits goes out: in the demonstration to the handset, over the wire."""
    settings, sender = wired().settings, wired().sender
    assert sender is not None
    for text in delivery.claim(50, now=NIGHT):
        status_base = f"{settings.public_url}/hooks/twilio/status"
        delivery.deliver(text, sender if settings.demo else FakeSender(), status_base=status_base, now=NIGHT)


SITES: dict[str, tuple[Fill, dict[str, object]]] = {
    "usual": (usual, {}),
    "rough": (rough, {}),
    "empty": (empty, {}),
    "demonstration": (usual, {"demo": True}),
    "without-twilio": (
        without_twilio,
        {"twilio_account_sid": None, "twilio_auth_token": None, "twilio_from": None, "twilio_api_base": None},
    ),
}
"""By name: what is in it, and its settings."""


@contextmanager
def all_sites(folder: Path, postcode_index: Path) -> Iterator[dict[str, Site]]:
    """Every site, running."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(served(folder / name, postcode_index, fill, **more))
            for name, (fill, more) in SITES.items()
        }
