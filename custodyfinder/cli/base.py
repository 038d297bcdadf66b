"""What every command shares: a refusal is one line on stderr and exit status 2."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import click

from ..errors import CustodyfinderError

P = ParamSpec("P")


class Refusal(click.ClickException):
    """One line on stderr, and exit status 2."""

    exit_code = 2


def says_why(command: Callable[P, None]) -> Callable[P, None]:
    """Turn our own errors into one line on stderr and exit status 2."""

    @wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except CustodyfinderError as error:
            raise Refusal(error.public) from None

    return wrapper


class OneLine(click.Command):
    """A command whose refusals of bad options are one line too, without click's three lines of usage."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """As click does it, with a plainer error."""
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise Refusal(f"{error.format_message()} (--help shows examples)") from None
