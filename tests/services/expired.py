"""What the tests of retention share: a night with something of everything, and runs so many days later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from custodyfinder.db import db, reading, transaction
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import Ethnicity
from custodyfinder.domain.retention import Retention
from custodyfinder.models import (
    BedRequest,
    CallOutcome,
    TextKind,
)
from custodyfinder.services import (
    calls,
    enquiries,
    outbox,
    retention,
    search,
    searches,
)
from custodyfinder.wiring import Wiring

from ..conftest import NIGHT
from ..world import HARINGEY_PHONE, World
from . import ending
from .night import Night

DAY = timedelta(days=1)
WORDS = "the carer fell ill at nine"
RECORD_NUMBER = "01YE/777/26"


def expire(days: float) -> dict[str, dict[str, int]]:
    """A run so many days after the night. Gives what was done, without what was not."""
    done = retention.expire(by="command line", now=NIGHT + days * DAY)
    return {each.kind: some for each in done if (some := {what: n for what, n in each.counts.items() if n})}


def a_whole_night(world: World) -> str:
    """A record with something of everything: texts both ways, a call, a refusal, a search, a certificate."""
    night = Night(world)
    reference = world.detention(
        telling=True,
        secure=True,
        custody_record=RECORD_NUMBER,
        secure_reasons=WORDS,
        home_postcode="N22 6XH",
        avoid=[("N22 6XH", 1.0)],
        ethnicity=Ethnicity.BLACK,
    )
    place, key = world.place(kind="secure"), world.detention_id(reference)
    for _ in range(2):
        ranking = search.find(enquiries.child_in(key, now=NIGHT), at=NIGHT)
        searches.keep(key, ranking, by="officer.wood-green", now=NIGHT)
    request = world.ask(place, detention=reference)
    night.turn()
    for text in world.texts():
        night.receipt(text, "delivered")
    held = world.get(BedRequest, request).reference
    night.text_in(f"{held} REFUSE {WORDS}", sender=HARINGEY_PHONE)
    night.text_in("BEDS TST1 1", sender=HARINGEY_PHONE)
    calls.record(
        request,
        said=CallOutcome.NO_ANSWER,
        words=WORDS,
        reason=RefusalReason.NOT_GIVEN,
        suite_id=world.suite_id,
        by="officer.wood-green",
        now=NIGHT,
    )
    ending.record(world, reference, ending.not_moved(circumstances=WORDS))
    for text in world.texts():
        night.receipt(text, "delivered")
    return reference


def everything(*but: str) -> str:
    """All that the database holds, as text, but for some tables."""
    with reading() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in db.metadata.sorted_tables
            if table.name not in but
        }
    return repr(rows)


IN_USE = ("person", "contact", "suite", "place", "authority", "carrier_state")


def promise(texts: int) -> None:
    """So many texts, promised in the night."""
    for number in range(texts):
        with transaction() as session:
            to = f"+447700900{number % 1000:03d}"
            outbox.promise(session, kind=TextKind.NOTICE, to=to, body="hello", request_id=None, now=NIGHT)


def keep(app: Flask, **days: int) -> None:
    """Other periods than the usual."""
    wiring: Wiring = app.extensions["custodyfinder"]
    app.extensions["custodyfinder"] = replace(wiring, retention=Retention({**wiring.retention.days, **days}))
