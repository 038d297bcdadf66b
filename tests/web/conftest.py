"""Signed-in clients. CSRF tokens are off here but for the tests that are about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP, random_base32
from sqlalchemy import select
from werkzeug.test import TestResponse

from custodyfinder import clock, create_app
from custodyfinder.config import Settings
from custodyfinder.db import db, transaction
from custodyfinder.models import Person
from custodyfinder.services import signing_in
from custodyfinder.services.secrets_kept import encrypt

from ..conftest import NIGHT
from ..world import PASSWORD, World

SignIn = Callable[[str], FlaskClient]
Beside = Callable[..., Flask]

HERE = "127.0.0.1"
OFFICER = "officer.wood-green"


@pytest.fixture
def sign_in(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Gives a client with the session of this person. It is ten past two at night."""
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(clock, "now", _night)

    def as_person(username: str) -> FlaskClient:
        return signed_in(app, username)

    return as_person


@pytest.fixture
def beside(settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beside]:
    """Makes a second application on the same database, with other settings."""
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    made = []

    def make(**other: Any) -> Flask:
        app = create_app(dataclasses.replace(settings, **other))
        app.config["WTF_CSRF_ENABLED"] = False
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


def signed_in(app: Flask, username: str) -> FlaskClient:
    """A client in which this person is signed in since now."""
    client = app.test_client()
    with app.app_context():
        token = signing_in.enter_demo(username, origin=HERE, now=clock.now())
    with client.session_transaction() as session:
        session["token"] = token
    return client


def by_password(app: Flask, username: str, *, at: str = "/sign-in") -> TestResponse:
    """Sign in as a person does, second factor and all. Gives the last answer."""
    client = app.test_client()
    with app.app_context():
        secret = enrolled(username)
    first = client.post(at, data={"username": username, "password": PASSWORD})
    assert first.status_code == 303, first.get_data(as_text=True)
    return client.post(first.location, data={"code": TOTP(secret).at(clock.now())})


def enrolled(username: str) -> str:
    """Give this person a second factor. Returns its secret."""
    secret = random_base32()
    with transaction() as session:
        person = session.scalars(select(Person).where(Person.username == username)).one()
        person.totp_secret, person.totp_confirmed_at, person.totp_step = encrypt(secret), NIGHT, None
    return secret


def _night() -> datetime:
    return NIGHT


@pytest.fixture
def officer(sign_in: SignIn) -> FlaskClient:
    """The custody officer of Wood Green."""
    return sign_in("officer.wood-green")


@pytest.fixture
def duty(sign_in: SignIn) -> FlaskClient:
    """The duty officer of Haringey."""
    return sign_in("duty.haringey")


@pytest.fixture
def inspector(sign_in: SignIn) -> FlaskClient:
    """An inspector of the force that Wood Green is of."""
    return sign_in("inspector.met")


@pytest.fixture
def manager(sign_in: SignIn) -> FlaskClient:
    """The manager of Haringey."""
    return sign_in("manager.haringey")


class Time:
    """The clock of a test, which can be moved on."""

    def __init__(self) -> None:
        self.now = NIGHT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> Time:
    """Ten past two at night, until the test moves it on."""
    moved = Time()
    monkeypatch.setattr(clock, "now", moved)
    return moved


@pytest.fixture
def stranger(app: Flask, time: Time) -> FlaskClient:
    """Somebody who is not signed in."""
    return app.test_client()


def password(client: FlaskClient, username: str = OFFICER, typed: str = PASSWORD, *, origin: str = "10.0.0.1") -> int:
    """Send a username and a password. Gives the status: 303 where both are right."""
    said = {"username": username, "password": typed}
    return client.post("/sign-in", data=said, environ_overrides={"REMOTE_ADDR": origin}).status_code
