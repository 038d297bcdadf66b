"""What several of the tests of the services begin with."""

from __future__ import annotations

import pytest

from ..world import World
from .ending import refuse


@pytest.fixture
def refused(world: World) -> str:
    """A record for which one authority was asked, and refused."""
    reference = world.detention()
    refuse(world.ask(world.place(), detention=reference))
    return reference
