"""What the application was built with, for the services to reach."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from .config import Settings
from .domain.retention import Retention
from .domain.weights import Weights
from .gateways.identity import IdentityProvider
from .gateways.postcodes import PostcodeDirectory
from .gateways.sms import Sender


@dataclass(frozen=True)
class Wiring:
    """The settings and the gateways of one application."""

    settings: Settings
    weights: Weights
    retention: Retention
    postcodes: PostcodeDirectory
    sender: Sender | None
    """None where no Twilio is set up: texts then wait in the outbox, and every page says so."""
    identity_provider: IdentityProvider | None = None
    """None where everybody signs in with a password and a second factor."""


def wired() -> Wiring:
    """The wiring of the current application."""
    wiring = current_app.extensions["custodyfinder"]
    assert isinstance(wiring, Wiring)  # noqa: S101 - tells mypy; create_app put it there
    return wiring
