"""Telling somebody outside that a delivery process is alive: it is missed when the telling stops."""

from __future__ import annotations

import logging

import requests

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0


def ping(url: str) -> bool:
    """Call the address once. Return whether it took that; the log never has the address, which is a secret."""
    try:
        response = requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("the outside heartbeat could not be reached (%s)", type(error).__name__)
        return False
    if not response.ok:
        log.warning("the outside heartbeat answered %s", response.status_code)
    return response.ok
