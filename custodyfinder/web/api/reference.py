"""What every program may read: suites, authorities, places."""

from __future__ import annotations

from ...services import boards, reference
from ...services import places as places_service
from ...services.tokens import Client
from .calls import Answer


def suites(client: Client) -> Answer:
    """A force sees its own suites; an authority may be asked by any."""
    found = reference.suites(force=client.force)
    names = ("slug", "name", "force", "authority_code")
    return Answer({"suites": [{name: getattr(suite, name) for name in names} for suite in found]})


def authorities(client: Client) -> Answer:
    """Everybody who can be asked."""
    return Answer({"authorities": [{"code": code, "name": name} for code, name in boards.authorities()]})


def places(client: Client) -> Answer:
    """A force sees what every place takes, and not where it is; an authority sees its own places, wholly."""
    if client.authority_code is None:
        return Answer({"places": places_service.for_force()})
    return Answer({"places": places_service.for_authority(client.authority_code)})
