"""What a program of somebody else's may do here: the closed list of scopes, and whose program may hold each."""

from __future__ import annotations

from enum import StrEnum


class Organisation(StrEnum):
    """Whose program it is."""

    FORCE = "force"
    AUTHORITY = "authority"


class Scope(StrEnum):
    """What a token is good for. `web.api.calls` says which call needs which."""

    REFERENCE_READ = "reference:read"
    BEDS_WRITE = "beds:write"
    SEARCHES_WRITE = "searches:write"
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    REQUESTS_READ = "requests:read"
    REQUESTS_ANSWER = "requests:answer"

    @property
    def label(self) -> str:
        """What it lets a program do, for the list of commands and the description of the API."""
        return _SCOPES[self][0]

    @property
    def held_by(self) -> frozenset[Organisation]:
        """Whose programs it is of use to; nobody else's may hold it."""
        return _SCOPES[self][1]


_BOTH = frozenset(Organisation)
_FORCE = frozenset({Organisation.FORCE})
_AUTHORITY = frozenset({Organisation.AUTHORITY})

_SCOPES = {
    Scope.REFERENCE_READ: ("Read suites, authorities and places", _BOTH),
    Scope.BEDS_WRITE: ("Report how many beds are free", _AUTHORITY),
    Scope.SEARCHES_WRITE: ("Search for places", _FORCE),
    Scope.RECORDS_READ: ("Read the records of children", _FORCE),
    Scope.RECORDS_WRITE: ("Open records, ask for beds, take a request back", _FORCE),
    Scope.REQUESTS_READ: ("Follow requests", _BOTH),
    Scope.REQUESTS_ANSWER: ("Accept and refuse requests", _AUTHORITY),
}
