"""Signed-in clients. CSRF tokens are off here but for the tests that are about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder import clock

from ..conftest import NIGHT
from ..world import PASSWORD, World

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def sign_in(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Gives a client with the session of this person. It is ten past two at night."""
    app.config["WTF_CSRF_ENABLED"] = False
    monkeypatch.setattr(clock, "now", _night)

    def as_person(username: str) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303
        return client

    return as_person


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
