"""Everything that can go wrong and that somebody should be told about.

Two voices: `str(error)` names ids, for the log; `.public` says what happened and
what to do next, for the page, the text or the command line. Neither ever carries
a phone number, a postcode or anything else about a child.
"""

from __future__ import annotations


class CustodyfinderError(Exception):
    """The root. Pages show `.public` with `.status`; commands print it and exit 2."""

    status = 500
    public = "Something went wrong. Nothing was changed. Try again."

    def __init__(self, log: str = "", *, public: str | None = None) -> None:
        super().__init__(log or type(self).__name__)
        if public is not None:
            self.public = public


class BadInput(CustodyfinderError):
    """What was typed cannot be used. `.field` names the input it came from, if known."""

    status = 422
    public = "Check what you entered."

    def __init__(self, log: str = "", *, public: str | None = None, field: str | None = None) -> None:
        super().__init__(log, public=public)
        self.field = field


class NotFound(CustodyfinderError):
    """There is no such thing, or not for this person: the two look the same on purpose."""

    status = 404
    public = "There is nothing here. Check the address, or start again from the first page."


class NotAllowed(CustodyfinderError):
    """The person is known, and this is not theirs to do."""

    status = 403
    public = "Your account may not do this."


class Conflict(CustodyfinderError):
    """The world moved between reading and acting."""

    status = 409
    public = "Somebody else was quicker. Look again before you go on."


class BadSetting(CustodyfinderError):
    """A setting is missing or wrong; the program refuses to start."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"setting {name}: {why}", public=f"Setting {name}: {why}")
        self.name = name


class BadSeed(CustodyfinderError):
    """A row of a seed file is wrong; nothing of that file was loaded."""

    def __init__(self, file: str, line: int, field: str, why: str) -> None:
        message = f"{file}, line {line}, {field}: {why}"
        super().__init__(message, public=message + ". Nothing of this file was loaded.")
