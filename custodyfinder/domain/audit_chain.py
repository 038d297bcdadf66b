"""The chain of audit lines: none can be changed, taken out, put in or moved without it being seen.

Each row carries the digest of the row before it, and a digest of its own over that and everything it
says. Whoever changes one row has to write all that follow anew; a head that was noted elsewhere
meanwhile (an anchor) shows that too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from ..errors import BadInput

FIRST = "0" * 64
"""What the first row follows."""

_NEVER_STORED = re.compile("[\0\ud800-\udfff]")
_ANCHOR = re.compile(r"([0-9]{1,18})[\s,]+([0-9a-f]{64})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Line:
    """Who did what to what, when; from where and why, where somebody looked."""

    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)
    origin: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Head:
    """The end of a chain: the number of its last row, and that row's digest."""

    last_id: int
    digest: str

    @classmethod
    def read(cls, written: str) -> Head:
        """The head that an anchor has noted, as in "1204 9f86d081…".

        Raises:
            BadInput: it is no number and digest.
        """
        found = _ANCHOR.fullmatch(written.strip())
        if found is None or int(found[1]) < 1:
            raise BadInput("anchor", public="An anchor is the number of a line and its digest of 64 hex digits.")
        return cls(int(found[1]), found[2].lower())


NOTHING = Head(0, FIRST)
"""The head of a chain without a row."""


@dataclass(frozen=True)
class Link:
    """A row of the chain, as it is kept. `line` is None where what is kept cannot even be read."""

    id: int
    line: Line | None
    previous: str
    digest: str

    @property
    def head(self) -> Head:
        """The head of a chain that ends here."""
        return Head(self.id, self.digest)


def check(line: Line) -> None:
    """Refuse what a database would not give back exactly as it was: its digest would not fit for ever.

    Raises:
        ValueError: the time has no zone; the details have a fraction (PostgreSQL writes 1e22 as an integer), a key
            that is no string, a value that JSON does not know, or a character that no column takes.
    """
    if line.at.tzinfo is None:
        raise ValueError("an audit line without a zone in its time")
    _check([line.actor, line.action, line.subject, line.details, line.origin, line.why])


def _check(value: object) -> None:
    if isinstance(value, str):
        if _NEVER_STORED.search(value):
            raise ValueError("an audit line with a character that no column takes")
    elif isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise ValueError(f"an audit line with a key that is a {type(key).__name__}")  # noqa: TRY004 - as for every line that cannot be sealed
            _check(key)
            _check(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _check(each)
    elif value is not None and not isinstance(value, int):
        raise ValueError(f"an audit line with a {type(value).__name__} in it")


def canonical(line: Line, *, number: int, previous: str) -> str:
    """The words that a row's digest is of: a JSON list, keys in order, times in UTC to the microsecond.

    Equal on both databases, and after any number of turns through them.
    """
    at = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = [previous, number, at, line.actor, line.action, line.subject, line.origin, line.why, line.details]
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(line: Line, *, number: int, previous: str) -> str:
    """SHA-256 of `canonical` in UTF-8, hexadecimal."""
    return hashlib.sha256(canonical(line, number=number, previous=previous).encode()).hexdigest()


def chain(lines: Iterable[Line], *, after: Head) -> Iterator[Link]:
    """The rows that these lines become after that head: numbered without a gap, each following the one before."""
    for line in lines:
        number = after.last_id + 1
        made = Link(number, line, after.digest, digest(line, number=number, previous=after.digest))
        yield made
        after = made.head


class Break(StrEnum):
    """How a chain is broken."""

    CHANGED = "changed"
    """What the row says does not fit its own digest."""
    REMOVED = "removed"
    """The number is missing."""
    OUT_OF_ORDER = "out_of_order"
    """The row does not follow the one before: put in, moved, or the one before was written anew."""
    TAIL_REMOVED = "tail_removed"
    """The head knows of rows that are not there."""
    BEYOND_HEAD = "beyond_head"
    """The row is there, and the head does not know of it."""
    HEAD_CHANGED = "head_changed"
    """The head says something else than the last row, or is not there."""
    NOT_AS_ANCHORED = "not_as_anchored"
    """The row is not the one that was noted outside, or is not there any more."""


SENTENCES = {
    Break.CHANGED: "Line {id} was changed: what it says does not fit its digest.",
    Break.REMOVED: "Line {id} was removed: the number is missing.",
    Break.OUT_OF_ORDER: "Line {id} does not follow the line before it: one of the two was put in, moved or replaced.",
    Break.TAIL_REMOVED: "Line {id} was removed, with all that followed: the head knows of it.",
    Break.BEYOND_HEAD: "Line {id} was put in at the end: the head does not know of it.",
    Break.HEAD_CHANGED: "The head does not fit line {id}, the last: the head or the line was changed.",
    Break.NOT_AS_ANCHORED: "Line {id} is not the one that was anchored: the chain was written anew, or cut short.",
}


@dataclass(frozen=True)
class Fault:
    """The first row at which a chain is broken, and how."""

    id: int
    how: Break

    @property
    def sentence(self) -> str:
        """For the person who asked."""
        return SENTENCES[self.how].format(id=self.id)


def first_fault(links: Iterable[Link], *, head: Head | None, anchor: Head | None = None) -> Fault | None:
    """Walk a chain from its first row, in order of number; None where it is whole.

    Args:
        head: What the program keeps as the end of it; None where that is gone.
        anchor: A head that was noted outside, which has to be a part of the chain still.
    """
    last = NOTHING
    for link in links:
        how = _broken(link, after=last)
        if how is not None:
            return Fault(last.last_id + 1 if how is Break.REMOVED else link.id, how)
        if anchor is not None and link.id == anchor.last_id and link.digest != anchor.digest:
            return Fault(link.id, Break.NOT_AS_ANCHORED)
        last = link.head
    if last != head:
        return _end(last, head)
    if anchor is not None and anchor.last_id > last.last_id:
        return Fault(anchor.last_id, Break.NOT_AS_ANCHORED)
    return None


def _broken(link: Link, *, after: Head) -> Break | None:
    if link.id > after.last_id + 1:
        return Break.REMOVED
    if link.id <= after.last_id or link.previous != after.digest:
        return Break.OUT_OF_ORDER
    return None if _fits(link) else Break.CHANGED


def _fits(link: Link) -> bool:
    if link.line is None:
        return False
    try:
        return digest(link.line, number=link.id, previous=link.previous) == link.digest
    except (TypeError, ValueError):  # a value of a kind that is never written: SQLite takes any
        return False


def _end(last: Head, head: Head | None) -> Fault:
    if head is not None and head.last_id > last.last_id:
        return Fault(last.last_id + 1, Break.TAIL_REMOVED)
    if head is not None and head.last_id < last.last_id:
        return Fault(head.last_id + 1, Break.BEYOND_HEAD)
    return Fault(last.last_id, Break.HEAD_CHANGED)
