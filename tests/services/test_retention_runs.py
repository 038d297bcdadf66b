"""Runs of the schedule: by batches, several at once, broken off, daily; and every table has its place in it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.db import db, reading, transaction
from custodyfinder.domain.retention import SCHEDULE
from custodyfinder.models import (
    AuditEvent,
    BedReport,
    Contact,
    Heartbeat,
    Once,
    RotaOverride,
    StepTaken,
    TextMessage,
    Told,
)
from custodyfinder.services import (
    health,
    retention,
)
from custodyfinder.services.forgetting import WORKS

from .. import figuring
from ..conftest import NIGHT
from ..processes import processes
from ..world import HARINGEY, HARINGEY_PHONE, World
from .expired import DAY, expire, promise
from .racers import race


def test_who_was_taken_off_the_list_loses_name_and_numbers_and_whoever_is_on_it_does_not(world: World) -> None:
    gone = world.contact(HARINGEY_PHONE)
    world.change(Contact, gone, removed_at=NIGHT)

    assert "rota" not in expire(395)
    assert expire(397)["rota"] == {"contacts": 1}
    contacts = {each.id: each for each in world.rows(Contact)}
    assert (contacts[gone].name, contacts[gone].mobile, contacts[gone].landline) == ("", "", "")
    assert all(each.name and each.mobile for each in contacts.values() if each.id != gone)


def test_a_report_that_took_another_back_goes_with_it(world: World) -> None:
    place = world.place()
    with transaction() as session:
        session.execute(
            insert(BedReport),
            [
                {
                    "place_id": place,
                    "beds_free": 1,
                    "occurred_at": NIGHT,
                    "recorded_at": NIGHT + later,
                    "reported_by": "duty",
                    "channel": "text",
                    "undoes_id": undoes,
                }
                for later, undoes in ((timedelta(0), None), (DAY, 1))
            ],
        )

    assert expire(396.5)["bed_reports"] == {"reports": 1}
    assert expire(397.5)["bed_reports"] == {"reports": 1}


def test_changes_of_a_rota_notes_and_old_processes_go_and_the_last_process_is_still_known(world: World) -> None:
    with transaction() as session:
        contact = world.contact(HARINGEY_PHONE)
        session.add(
            RotaOverride(
                authority_code=HARINGEY,
                contact_id=contact,
                made_by="manager",
                made_at=NIGHT,
                starts_at=NIGHT,
                ends_at=NIGHT + DAY,
            )
        )
        session.add(Once(key="gaps:20261124", at=NIGHT))
    health.beat("old", now=NIGHT)
    health.beat("last", now=NIGHT + DAY)

    assert expire(32) == {"bookkeeping": {"notes": 1, "processes": 1}}
    assert [each.worker for each in world.rows(Heartbeat)] == ["last"]
    assert expire(398)["rota"] == {"changes": 1}


def test_the_daily_run_is_done_once_a_day_and_not_in_the_night(world: World) -> None:
    promise(1)
    world.change(TextMessage, 1, state="delivered")
    morning = (NIGHT + 40 * DAY).replace(hour=10)

    runs = [retention.expire_daily(now=at) for at in (morning.replace(hour=9), morning, morning)]
    assert runs == [False, True, False]
    assert world.texts()[0].to_number == ""
    assert retention.expire_daily(now=morning + DAY)


# --- many, several at once, killed ------------------------------------------------------------


MANY = "+447700900001"


def many_texts(number: int) -> None:
    """So many texts of the night, delivered."""
    with transaction() as session:
        row = {"kind": "notice", "state": "delivered", "attempts": 1, "looks": 0, "body": "hello"}
        times = {"promised_at": NIGHT, "due_at": NIGHT, "use_until": NIGHT}
        session.execute(insert(TextMessage), [{**row, **times, "to_number": MANY} for _ in range(number)])


def test_a_run_goes_by_batches_and_one_that_broke_off_is_taken_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_texts(retention.BATCH * 2 + 1)
    broken = [0]

    def breaks(session: Any, ids: Any, now: Any) -> int:
        broken[0] += 1
        if broken[0] == 2:
            raise RuntimeError("killed")
        return work.do(session, ids, now)

    work = WORKS[0]
    with monkeypatch.context() as patch:
        patch.setattr(retention, "WORKS", (replace(work, do=breaks), *WORKS[1:]))
        with pytest.raises(RuntimeError, match="killed"):
            expire(31)

    assert sum(text.to_number == "" for text in world.texts()) == retention.BATCH
    assert world.rows(AuditEvent)[-1].details == {"texts_sent": retention.BATCH}
    assert expire(31)["texts"] == {"texts sent": retention.BATCH + 1}


def test_a_run_ends_though_rows_that_another_has_in_hand_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    many_texts(retention.BATCH + 1)
    monkeypatch.setattr(retention, "WORKS", (replace(WORKS[0], do=lambda session, ids, now: 0),))

    assert expire(31) == {}


def test_a_text_on_which_a_step_still_hangs_is_left_to_whoever_reduces_its_record(world: World) -> None:
    world.ask(world.place())
    work = next(each for each in WORKS if (each.kind, each.what) == ("detail", "texts sent"))

    with transaction() as session:
        assert work.do(session, [text.id for text in world.texts()], NIGHT) == 0

    assert len(world.texts()) == 1


def run_until_killed(settings: Settings) -> None:
    """A run in a process that somebody kills."""
    app = create_app(settings)
    with app.app_context():
        retention.expire(by="command line", now=NIGHT + 31 * DAY)


def test_a_run_that_was_killed_has_emptied_whole_texts_only_and_the_next_one_does_the_rest(
    world: World, settings: Settings
) -> None:
    many_texts(30_000)
    process = processes.Process(target=run_until_killed, args=(settings,))
    process.start()
    while not (met := emptied()):
        time.sleep(0.002)
    process.kill()
    process.join()

    texts = world.texts()
    gone = sum(text.to_number == "" for text in texts)
    assert 0 < met <= gone < 30_000, "the kill met no run on its way: the test has shown nothing"
    assert {(text.to_number == "", text.body == "") for text in texts} == {(True, True), (False, False)}
    assert gone % retention.BATCH == 0
    assert expire(31)["texts"] == {"texts sent": 30_000 - gone}


def emptied() -> int:
    """How many texts are emptied so far."""
    with reading() as connection:
        return connection.scalar(select(func.count()).where(TextMessage.to_number == "")) or 0


def run_in_a_process(now: datetime) -> dict[str, int]:
    """A run beside others."""
    done = {each.kind: each.counts for each in retention.expire(by="command line", now=now)}
    return {"texts": done["texts"]["texts sent"], "records": done["detail"]["records"]}


def test_several_runs_at_once_share_the_work_and_do_nothing_twice(world: World, settings: Settings) -> None:
    many_texts(3000)
    for _ in range(10):
        reference = world.detention(telling=True)
        figuring.refused(world, reference, world.place(), at=NIGHT)
    for text in world.texts():
        world.change(TextMessage, text.id, state="delivered")
    texts = world.count(TextMessage)[0]
    db.engine.dispose()

    done = race(settings, [(run_in_a_process, NIGHT + 500 * DAY)] * 3)

    assert [each for each in done if isinstance(each, str)] == []
    assert (sum(each["texts"] for each in done), sum(each["records"] for each in done)) == (texts, 10)
    retention.expire(by="command line", now=NIGHT + 500 * DAY)
    assert world.count(TextMessage, StepTaken, Told) == (0, 0, 0)


def test_every_table_has_its_place_in_the_schedule() -> None:
    """Whoever adds a table says how long its rows are kept."""
    named = {table for kind in SCHEDULE.values() for table in kind.tables}

    assert named == set(db.metadata.tables)


def test_every_kind_that_has_an_end_has_work_to_do() -> None:
    assert {work.kind for work in WORKS} == {name for name, kind in SCHEDULE.items() if kind.days}


def test_sqlite_overwrites_what_is_forgotten(world: World, tmp_path: Path) -> None:
    many_texts(50)
    expire(31)
    retention.expire(by="command line", now=NIGHT + 500 * DAY)
    if db.engine.dialect.name == "sqlite":  # PostgreSQL's own vacuum does that for its files
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        with closing(sqlite3.connect(tmp_path / "test.sqlite")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert MANY.encode() not in (tmp_path / "test.sqlite").read_bytes()
    assert world.count(TextMessage) == (0,)
