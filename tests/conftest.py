"""What the tests share: both databases, an application on each, and a small world to put in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, expect, sync_playwright

from custodyfinder import create_app
from custodyfinder.config import PROJECT, Settings
from custodyfinder.db import db
from custodyfinder.gateways.postcodes import PostcodeDirectory
from custodyfinder.services import signing_in

from . import postgres
from .world import World

NIGHT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
"""A Tuesday, ten past two in the morning; London is on UTC."""

TWILIO_SID = f"AC{1:032x}"
TWILIO_TOKEN = "t" * 32

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def postcode_index() -> Path:
    """The postcode index, built once and kept under instance/."""
    path = PROJECT / "instance" / "postcodes.sqlite"
    path.parent.mkdir(exist_ok=True)
    PostcodeDirectory(path).prepare(progress=print)
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a real PostgreSQL database."""
    try:
        with postgres.server() as url:
            yield url
    except postgres.NoPostgres as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory, postcode_index: Path) -> Path:
    """A migrated, empty SQLite database to copy."""
    instance = tmp_path_factory.mktemp("template")
    _migrate(settings_for(f"sqlite:///{instance / 'template.sqlite'}", instance))
    return instance / "template.sqlite"


@pytest.fixture(scope="session")
def migrated_postgres(
    tmp_path_factory: pytest.TempPathFactory, postcode_index: Path, postgres_url: str
) -> Iterator[str]:
    """A migrated PostgreSQL database, emptied before each test."""
    _migrate(settings_for(postgres_url, tmp_path_factory.mktemp("postgres")))
    yield postgres_url
    postgres.engine(postgres_url).dispose()


def settings_for(database_url: str, instance: Path, **more: object) -> Settings:
    """Settings for a test application."""
    return Settings(
        **{  # type: ignore[arg-type]
            "database_url": database_url,
            "secret_key": "s" * 40,
            "public_url": "http://127.0.0.1:5000",
            "instance": instance,
            "twilio_account_sid": TWILIO_SID,
            "twilio_auth_token": TWILIO_TOKEN,
            "twilio_from": "+447700900999",
            **more,
        }
    )


def _migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, postcode_index: Path) -> Path:
    """The instance folder of the tests' applications. Without the index in it, each application builds its own."""
    instance = tmp_path_factory.mktemp("instance")
    (instance / "postcodes.sqlite").symlink_to(postcode_index)
    return instance


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, instance: Path) -> str:
    """An empty, migrated database: each test runs once on each kind."""
    if request.param == "sqlite":
        path = instance / "test.sqlite"
        for old in instance.glob("test.sqlite*"):
            old.unlink()
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    return postgres.empty(request.getfixturevalue("migrated_postgres"))


@pytest.fixture
def settings(database_url: str, instance: Path) -> Settings:
    """The settings of the test's application; a test module may override this."""
    return settings_for(database_url, instance)


@pytest.fixture(scope="session")
def applications() -> Iterator[dict[Settings, Flask]]:
    """Applications that were made, by their settings."""
    made: dict[Settings, Flask] = {}
    yield made
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(settings: Settings, applications: dict[Settings, Flask]) -> Iterator[Flask]:
    """An application on an empty database, its context pushed.

    Made once for all tests with these settings: to make one, and to compile its statements and templates anew,
    takes longer than most tests.
    """
    if settings not in applications:
        applications[settings] = create_app(settings)
    app = applications[settings]
    config, wiring = dict(app.config), app.extensions["custodyfinder"]
    with app.app_context():
        yield app
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()  # the next test has another file; PostgreSQL's processes are warm by now, and stay
    app.config.clear()
    app.config.update(config)
    app.extensions["custodyfinder"] = wiring


@pytest.fixture
def world(app: Flask) -> World:
    """Two authorities, a suite, contacts, and makers for everything else."""
    return World.made(now=NIGHT)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 at its real cost takes 50 ms a hash."""
    monkeypatch.setattr(signing_in, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
HOW = "No Chromium was found. Install it with `apt-get install --no-install-recommends chromium fonts-liberation2`."


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    expect.set_options(timeout=10_000)  # others work on this machine too
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
