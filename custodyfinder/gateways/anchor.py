"""Noting the end of the audit trail outside: whoever writes the trail anew cannot write that anew."""

from __future__ import annotations

import logging

import requests

from ..domain.audit_chain import Head

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 5.0


def post(url: str, head: Head) -> bool:
    """Send the head as JSON, once. Return whether it was taken; the log never has the address, which is a secret."""
    noted = {"id": head.last_id, "digest": head.digest}
    try:
        response = requests.post(url, json=noted, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        log.warning("the head of the audit trail could not be noted outside (%s)", type(error).__name__)
        return False
    # A redirect was followed by nobody: the head has not arrived.
    taken = 200 <= response.status_code < 300
    if not taken:
        log.warning("the head of the audit trail was not taken outside: %s", response.status_code)
    return taken
