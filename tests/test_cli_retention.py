"""`flask records expire`: the schedule of retention from the command line, at start, and once a day."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from custodyfinder import clock
from custodyfinder.config import PROJECT
from custodyfinder.models import Detention, TextMessage
from custodyfinder.services import retention
from custodyfinder.worker import Worker

from .test_cli import run
from .world import World


def an_old_record(world: World) -> None:
    """Of a night four hundred days ago, by the clock of the machine."""
    world.detention(at=clock.now() - timedelta(days=400), telling=True)
    world.change(TextMessage, 1, state="delivered")


def test_a_dry_run_says_what_would_be_done_and_does_nothing(app: Flask, world: World) -> None:
    an_old_record(world)

    done = run(app, "records", "expire", "--dry-run")

    assert done.exit_code == 0
    assert "Nothing was changed. A run now would do this:\n" in done.stdout
    assert "detail: reduced to figures: 1 records, " in done.stdout
    assert world.rows(Detention)[0].reduced_at is None


def test_a_run_says_what_it_did_of_each_kind(app: Flask, world: World) -> None:
    an_old_record(world)

    first, second = (json.loads(run(app, "records", "expire", "--json").stdout) for _ in range(2))

    counts = {each["kind"]: each["counts"] for each in first["kinds"]}
    assert first["dry_run"] is False
    assert (counts["texts"]["texts sent"], counts["detail"]["records"], counts["detail"]["texts sent"]) == (1, 1, 1)
    assert {number for each in second["kinds"] for number in each["counts"].values()} == {0}
    assert world.rows(Detention)[0].reduced_at is not None


def test_the_program_does_not_start_on_a_schedule_that_cannot_be_and_says_why(tmp_path: Path) -> None:
    schedule = tmp_path / "retention.toml"
    schedule.write_text("words = 1000\n", encoding="utf-8")
    env = os.environ | {"INSTANCE_PATH": str(tmp_path), "RETENTION_FILE": str(schedule)}

    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "records", "expire"],
        cwd=PROJECT,
        env=env,
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "Setting RETENTION_FILE: In the retention file, words (1000 days) must not be kept" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_delivery_process_carries_the_schedule_out(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    an_old_record(world)
    monkeypatch.setattr(retention, "DAILY_FROM", 0)  # whatever the hour is now

    thread = threading.Thread(target=Worker(app).run, args=(threading.Event(),), kwargs={"once": True})
    thread.start()
    thread.join(timeout=60)

    assert world.rows(Detention)[0].reduced_at is not None
