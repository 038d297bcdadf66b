"""What the processes of the race tests run: each has an application of its own, and starts at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import update

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.db import db, transaction
from custodyfinder.domain.audit_chain import Head
from custodyfinder.domain.needs import RefusalReason, Sex
from custodyfinder.domain.record import BailGround
from custodyfinder.errors import CustodyfinderError
from custodyfinder.gateways.sms import Fate, Sent
from custodyfinder.models import Heartbeat
from custodyfinder.services import (
    accounts,
    arrivals,
    asking,
    audit,
    audit_trail,
    beds,
    charges,
    delivery,
    detentions,
    enquiries,
    escalating,
    inbox,
    outcomes,
    receipts,
    requests,
    standing,
)

from ..processes import processes
from ..world import HARINGEY
from .ending import not_moved

Racer = Callable[[Any], Any]


def race(settings: Settings, racers: list[tuple[Racer, Any]]) -> list[Any]:
    """Run each racer in a process of its own, all at once. Gives what each returned, or the name of its refusal."""
    start = processes.Barrier(len(racers))
    results = processes.Queue()
    running = [
        processes.Process(target=_run, args=(settings, start, results, number, racer, argument))
        for number, (racer, argument) in enumerate(racers)
    ]
    for process in running:
        process.start()
    found = dict(results.get(timeout=60) for _ in running)
    for process in running:
        process.join()
    return [found[number] for number in range(len(racers))]


def _run(settings: Settings, start: Barrier, results: Any, number: int, racer: Racer, argument: Any) -> None:
    app = create_app(settings)
    with app.app_context():
        with db.engine.connect():
            pass  # the first connection is made before the start
        start.wait(timeout=60)
        try:
            result = racer(argument)
        except CustodyfinderError as error:
            result = type(error).__name__
        except Exception as error:  # the test must see it, whatever it is
            result = f"{type(error).__name__}: {error}"
    results.put((number, result))


def ask(argument: tuple[str, int, int, datetime]) -> str:
    """Ask for a bed."""
    detention, place, suite, now = argument
    asking.ask(detention, place, suite_id=suite, by="officer", shown=None, now=now)
    return "asked"


def ask_twenty_times(argument: tuple[list[str], int, int, datetime]) -> list[str]:
    """Ask for a bed for one child after the other."""
    detentions, place, suite, now = argument
    results = []
    for detention in detentions:
        try:
            results.append(ask((detention, place, suite, now)))
        except beds.NoBedLeft:
            results.append("NoBedLeft")
    return results


def accept(argument: tuple[int, datetime]) -> str:
    """The authority accepts."""
    requests.accept(argument[0], authority_code=HARINGEY, by="duty", channel="page", now=argument[1])
    return "accepted"


def refuse(argument: tuple[int, datetime]) -> str:
    """The authority refuses."""
    requests.refuse(
        argument[0],
        reason=RefusalReason.NO_BED,
        words="",
        authority_code=HARINGEY,
        by="duty",
        channel="text",
        now=argument[1],
    )
    return "refused"


def withdraw(argument: tuple[int, int, datetime]) -> str:
    """The police take it back."""
    requests.withdraw(argument[0], suite_id=argument[1], by="officer", now=argument[2])
    return "withdrawn"


def expire(now: datetime) -> int:
    """The hold runs out."""
    return requests.expire_due(now=now)


class Recorder:
    """A sender that keeps the bodies it was given."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send(self, *, to: str, body: str, status_url: str, valid_for: timedelta) -> str:
        self.bodies.append(body)
        return f"SM{int(body):032x}"

    def sent_to(self, to: str, *, since: datetime) -> list[Sent]:
        return []

    def fate(self, provider_id: str) -> Fate:
        return Fate("queued", None)


def deliver_everything(now: datetime) -> list[str]:
    """Send texts until none is due."""
    sender = Recorder()
    later = now + timedelta(seconds=1)
    while claimed := delivery.claim(1, now=later):
        delivery.deliver(claimed[0], sender, status_base="https://example.org", now=later)
    return sender.bodies


def take_receipt(argument: tuple[int, str, datetime]) -> str:
    """Twilio says something of a text."""
    text_id, status, now = argument
    receipts.take(text_id, status=status, error_code=None, now=now)
    receipts.work(now=now)
    return status


def keep_searching(now: datetime) -> int:
    """A delivery process sees to the standing searches."""
    return standing.work(now=now)


def take_steps(now: datetime) -> int:
    """A delivery process takes the steps that are due."""
    return escalating.take_due(now=now)


def work_incoming(now: datetime) -> int:
    """A delivery process works the texts that came in."""
    worked = 0
    while inbox.work_next(now=now):
        worked += 1
    return worked


def remind(now: datetime) -> int:
    """A delivery process sees who has not arrived."""
    return arrivals.remind_due(now=now)


def stay(argument: tuple[str, int, datetime]) -> str:
    """An inspector signs that the child stays."""
    reference, suite, now = argument
    ended = not_moved(occurred_at=now, override_words="I have rung the manager of every authority.")
    outcomes.record(reference, ended, suites=[suite], by="inspector.met", may_override=True, now=now)
    return "stays"


def open_record(argument: tuple[str, int, datetime]) -> str:
    """Open a record with this custody record number."""
    number, suite, now = argument
    charge = charges.Charge(
        custody_record=number,
        charged_at=now - timedelta(hours=1),
        bail_refused_at=now - timedelta(minutes=30),
        court_at=now + timedelta(hours=8),
        bail_ground=BailGround.FAIL_TO_APPEAR,
    )
    detentions.open_detention(enquiries.Enquiry(age=15, sex=Sex.MALE), charge, suite_id=suite, by="officer", now=now)
    return "opened"


def note_fifty_times(argument: tuple[int, datetime]) -> int:
    """Fifty transactions that write lines before or after they change a row that all want; every second one, both.

    The odd ones write first and change then: that would be a deadlock, if writing locked anything.
    """
    number, now = argument
    change = update(Heartbeat).where(Heartbeat.worker == "all")
    for turn in range(50):
        with transaction() as session:
            if number % 2 or turn % 2:
                audit.record(session, f"racer {number}", "noted", f"turn:{turn}", at=now, number=number)
            if turn % 5:  # a row that all change would keep them apart by itself
                session.execute(change.values(cycled_at=now + timedelta(seconds=turn)))
            if turn % 2 or number % 2 == 0:
                audit.record(session, f"racer {number}", "noted again", f"turn:{turn}", at=now)
    return 50


def look(argument: tuple[accounts.SignedIn, datetime]) -> bool:
    """One person opens one record."""
    return audit.looked(argument[0], "detention:1", why="review", now=argument[1])


def note_head(now: datetime) -> Head | None:
    """A delivery process notes the end of the audit trail."""
    return audit_trail.anchor_due(now=now)
