"""`make run` again starts within seconds and keeps the data."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from custodyfinder.config import PROJECT


def start(instance: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start the demonstration. Gives its process, and the seconds until it answered."""
    env = os.environ | {"INSTANCE_PATH": str(instance), "PORT": str(port)}
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "custodyfinder.demo"], env=env, cwd=PROJECT)
    while time.monotonic() - began < 60:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return process, time.monotonic() - began
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the demonstration did not start")


def rows(instance: Path) -> dict[str, int]:
    """How much of what the first start loads is in the database. Texts and the trail grow while it runs."""
    tables = ("suite", "place", "contact", "person", "detention", "outcome", "placement")
    with closing(sqlite3.connect(instance / "custodyfinder.sqlite")) as connection:
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608


@pytest.mark.alone
def test_the_second_start_takes_under_five_seconds_and_keeps_the_data(tmp_path: Path, postcode_index: Path) -> None:
    (tmp_path / "postcodes.sqlite").symlink_to(postcode_index)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first, _ = start(tmp_path, port)
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=20)
    loaded = rows(tmp_path)

    second, seconds = start(tmp_path, port)
    second.send_signal(signal.SIGTERM)
    second.wait(timeout=20)

    assert seconds < 5
    assert rows(tmp_path) == loaded
    assert all(loaded.values())
