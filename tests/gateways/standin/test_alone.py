"""The stand-in alone, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from custodyfinder.standin import magic

from .ends import ACCOUNT, ASKED, DESK, DUTY, TOKEN, client_at


def test_it_runs_alone_and_keeps_its_texts_over_a_restart(tmp_path: Path) -> None:
    with alone(tmp_path, "--delivery-delay", "0") as base:
        sid = client_at(base).messages.create(to=DUTY, from_=DESK, body=ASKED).sid
    with alone(tmp_path) as base:
        assert client_at(base).messages(sid).fetch().body == ASKED


def test_it_can_be_told_to_answer_slowly(tmp_path: Path) -> None:
    with alone(tmp_path, "--delay", "0.4") as base:
        started = time.monotonic()
        client_at(base).messages.list()

        assert time.monotonic() - started >= 0.4


def test_its_help_has_an_example_and_names_every_number_and_word_that_is_special() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "custodyfinder.standin", "--help"], capture_output=True, text=True, check=True
    )

    numbers = {*magic.REFUSED, *magic.UNDELIVERED, magic.BUSY, magic.BROKEN, magic.SILENT, magic.TAKEN_IN_SILENCE}
    missing = [word for word in numbers | magic.STOP_WORDS | magic.START_WORDS if word not in shown.stdout]
    assert not missing
    assert "example:\n  python -m custodyfinder.standin --port" in shown.stdout
    assert "takes Twilio down" in shown.stdout


def test_it_does_not_start_without_an_account(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")}
    told = ["--port", "0", "--store", str(tmp_path / "s"), "--message-url", "http://127.0.0.1:9/"]
    refused = subprocess.run(
        [sys.executable, "-m", "custodyfinder.standin", *told],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )

    assert refused.returncode == 2
    assert "TWILIO_ACCOUNT_SID must be set" in refused.stderr


@contextmanager
def alone(folder: Path, *options: str) -> Iterator[str]:
    told = ["--port", "0", "--store", str(folder / "alone.sqlite"), "--message-url", "http://127.0.0.1:9/"]
    process = subprocess.Popen(
        [sys.executable, "-m", "custodyfinder.standin", *told, *options],
        env={**os.environ, "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.terminate()
