"""One line of the log is one thing that happened, whatever was typed.

A name or an address with a line end in it would write a line of its own, and one with an escape sequence would
colour, move or hide what a terminal shows. Both are put in the log as the escapes that one would type for them.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

OURS = "custodyfinder"


class OneLine(logging.LogRecord):
    """A record of ours whose message is one line, and whose traceback is set in from the margin."""

    def __init__(self, *said: Any, **more: Any) -> None:
        super().__init__(*said, **more)
        if self._is_ours() and self.exc_info and self.exc_info[0] is not None:
            lines = "".join(traceback.format_exception(*self.exc_info)).rstrip("\n").split("\n")
            # An error's own words may hold line ends too: no line of them begins where a line of the log does.
            self.exc_text = "\n".join(f"  {escaped(line)}" for line in lines)

    def getMessage(self) -> str:  # noqa: N802 - the name that logging gives it
        """What was said, on one line."""
        said = super().getMessage()
        return escaped(said) if self._is_ours() else said

    def _is_ours(self) -> bool:
        return self.name.partition(".")[0] == OURS


def escaped(text: str) -> str:
    """The text with everything that cannot be printed as `\\x1b`, `\\n`, `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def keep_to_one_line() -> None:
    """Let every record of this process be made so."""
    logging.setLogRecordFactory(OneLine)
