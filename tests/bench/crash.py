"""Fifty kills in a run of a thousand texts, on both databases, with three workers: what arrived, and how often."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import postgres
from ..services import crashing
from .application import migrated

TEXTS, KILLS = 1_000, 50


def measure() -> dict[str, Any]:
    """The figures, by database."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, postgres.server() as url:
        for name, address in (("postgresql", url), ("sqlite", f"sqlite:///{folder}/bench.sqlite")):
            instance = Path(folder) / name
            settings = migrated(address, instance)
            outcome = crashing.run(settings, texts=TEXTS, kills=KILLS, seed=2026, answer_delay=0.1, receipts_after=20)
            figures[name] = found = asdict(outcome)
            print(f"{name:10}  " + "  ".join(f"{key} {value}" for key, value in found.items()), flush=True)
    return figures
