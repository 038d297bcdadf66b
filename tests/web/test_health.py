"""What whoever watches the machines is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from custodyfinder import clock
from custodyfinder.services import health

from ..conftest import NIGHT


@pytest.fixture(autouse=True)
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ten past two."""
    monkeypatch.setattr(clock, "now", lambda: NIGHT)


def test_the_process_says_that_it_is_up(app: Flask) -> None:
    answer = app.test_client().get("/healthz")

    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")


def test_it_is_ready_while_texts_are_delivered(app: Flask) -> None:
    health.beat("one", now=NIGHT - timedelta(seconds=50))

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_it_is_not_ready_when_no_delivery_process_has_run_lately_and_says_why(app: Flask) -> None:
    never = app.test_client().get("/readyz")
    health.beat("one", now=NIGHT - timedelta(seconds=70))
    late = app.test_client().get("/readyz")

    assert (never.status_code, late.status_code) == (503, 503)
    assert "No delivery process has ever run" in never.text
    assert "No delivery process has completed a cycle since" in late.text
