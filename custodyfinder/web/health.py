"""For whoever watches the machines."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from .. import clock
from ..services import health

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is up."""
    return "ok\n", {"Content-Type": "text/plain"}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database is reachable and migrated, and a delivery process is alive; 503 with the reason else."""
    problems = health.problems(now=clock.now())
    return "\n".join(problems or ["ready"]) + "\n", 503 if problems else 200, {"Content-Type": "text/plain"}
