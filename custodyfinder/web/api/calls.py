"""What one call of the API is; `table` has them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...domain.scopes import Organisation, Scope
from .bodies import Shape
from .schemas import Schema

CHANNEL = "api"
"""How reports and answers that came this way are marked."""


class Answer(NamedTuple):
    """What a call gives back."""

    body: dict[str, Any]
    location: str | None = None
    """Of what it made."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One row: which address, what it needs, what it takes and gives."""

    method: str
    path: str
    """As Flask writes it, below /api/v1."""
    view: Callable[..., Answer]
    does: str
    answer: Schema
    scope: Scope | None
    """None: anybody may. A scope also says for which kinds of organisation it is."""
    only_for: Organisation | None = None
    """Where a scope of both kinds is not enough."""
    body: Shape | None = None
    status: int = 200
    refusals: tuple[int, ...] = ()
    """Besides those that any call may meet: 401 and 403, and 400, 413, 415 and 422 with a body."""
    repeatable: bool = False
    """Whether an Idempotency-Key header is looked at."""

    @property
    def organisations(self) -> frozenset[Organisation]:
        """Whose programs may call."""
        held_by = frozenset(Organisation) if self.scope is None else self.scope.held_by
        return held_by if self.only_for is None else held_by & {self.only_for}

    @property
    def name(self) -> str:
        """Its endpoint, without the blueprint."""
        return self.view.__name__
