"""The sites, the visitor, and what was found on each page: once for all rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser

from custodyfinder import clock
from custodyfinder.services import signing_in
from custodyfinder.standin import handset

from ..conftest import NIGHT
from .sites import Site, all_sites
from .states import State
from .visiting import Visit, Visitor

Found = Callable[[State], Visit]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, postcode_index: Path) -> Iterator[Mapping[str, Site]]:
    """Every site, at ten past two at night."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NIGHT)
        patch.setattr(signing_in, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        # A page that loads itself anew while it is looked at cannot be judged.
        patch.setattr(handset, "LOOK_AGAIN_SECONDS", 600)
        with all_sites(tmp_path_factory.mktemp("pages"), postcode_index) as found:
            yield found


@pytest.fixture(scope="module")
def visit(chromium: Browser, sites: Mapping[str, Site]) -> Iterator[Found]:
    """Gives what was found on a page, which is visited once."""
    visitor = Visitor(chromium, sites)
    kept: dict[str, Visit] = {}

    def found(state: State) -> Visit:
        if state.name not in kept:
            kept[state.name] = visitor.visit(state)
        return kept[state.name]

    yield found
    visitor.close()
