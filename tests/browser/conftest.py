"""The whole program as `make run` starts it, and a real Chromium."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from custodyfinder.config import PROJECT

from .. import postgres

VISITED: list[str] = []
"""Every address that a page of these tests has asked for."""


class Site(str):
    """The address of a running demonstration, and the folder where it keeps its log and its texts."""

    instance: Path


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postcode_index: Path
) -> Iterator[Site]:
    """The address of a running demonstration: web, delivery and stand-in, on each kind of database."""
    more = {}
    if request.param == "postgresql":
        more = {
            "DEMO_DATABASE_URL": postgres.empty(request.getfixturevalue("migrated_postgres")),
            "SECRET_KEY": "b" * 40,
        }
    instance = tmp_path_factory.mktemp("site")
    with demonstration(instance, postcode_index, **more) as address:
        site = Site(address)
        site.instance = instance
        yield site


@contextmanager
def demonstration(instance: Path, postcode_index: Path, **more: str) -> Iterator[str]:
    """`make run` on a free port, with these settings besides; gives its address."""
    (instance / "postcodes.sqlite").symlink_to(postcode_index)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "DATABASE", "SECRET"))}
    env |= {"PORT": str(port), "INSTANCE_PATH": str(instance)} | more
    with (instance / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "custodyfinder.demo"], env=env, cwd=PROJECT, stdout=log, stderr=log
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", process, instance / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urlopen(address, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the demonstration did not start:\n{log.read_text()}")


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    """The shared terminal at the booking desk."""
    yield from _page(chromium, 1280, 900)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """The duty officer's phone: another browser session, 360 px wide."""
    yield from _page(chromium, 360, 740)


def _page(chromium: Browser, width: int, height: int) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: VISITED.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    # Answers such as 422 and 404, and a line that a test cuts, are reported as console errors too, and are meant.
    meant = ("the server responded with a status of", "net::ERR_INTERNET_DISCONNECTED")
    assert [problem for problem in problems if not any(words in problem for words in meant)] == []
