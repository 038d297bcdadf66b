"""The stand-in, served over HTTP, and the application that it calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from .ends import Finder, nobody_delivers, served, standin_at, until


@pytest.fixture
def finder() -> Iterator[Finder]:
    finder = Finder()
    with served(finder.app) as finder.url:
        yield finder
        # No receipt outlives its test: it would be taken to whoever has the port next.
        until(nobody_delivers)


@pytest.fixture
def standin(tmp_path: Path, finder: Finder) -> Flask:
    return standin_at(tmp_path, message_url=f"{finder.url}/message")


@pytest.fixture
def base(standin: Flask) -> Iterator[str]:
    """The stand-in's address, under a prefix as in the demonstration."""
    with served(DispatcherMiddleware(Flask("nothing"), {"/handset": standin})) as origin:
        yield f"{origin}/handset"


@pytest.fixture
def phone(standin: Flask) -> FlaskClient:
    return standin.test_client()
