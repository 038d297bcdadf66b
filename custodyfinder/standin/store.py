"""The texts that the stand-in has taken and brought, in one SQLite file that several processes may share."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS text (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL UNIQUE,
    phone TEXT NOT NULL,
    service TEXT NOT NULL,
    body TEXT NOT NULL,
    direction TEXT NOT NULL,
    status TEXT NOT NULL,
    error_code INTEGER,
    callback TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS text_by_phone ON text (phone, seq);
"""


@dataclass(frozen=True, slots=True)
class Text:
    """One text, either way. `direction` and `status` are in Twilio's words."""

    seq: int
    """Grows with every text: the order in which they came."""
    sid: str
    phone: str
    """The person's number, whichever way the text went."""
    service: str
    """The application's number."""
    body: str
    direction: str
    status: str
    error_code: int | None
    callback: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def inbound(self) -> bool:
        """Whether the person wrote it."""
        return self.direction == "inbound"


class Store:
    """Reads and writes the file; every call is a transaction of its own, safe from any thread.

    Times are aware; they are kept in UTC.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_SCHEMA)

    def add(
        self,
        *,
        phone: str,
        service: str,
        body: str,
        direction: str,
        status: str,
        now: datetime,
        callback: str | None = None,
    ) -> Text:
        """Keep a new text under a new sid."""
        with self._connection() as connection:
            row = connection.execute(
                "INSERT INTO text"
                " (sid, phone, service, body, direction, status, callback, created_at, updated_at)"
                " VALUES (:sid, :phone, :service, :body, :direction, :status, :callback, :now, :now)"
                " RETURNING *",
                {
                    "sid": f"SM{secrets.token_hex(16)}",
                    "phone": phone,
                    "service": service,
                    "body": body,
                    "direction": direction,
                    "status": status,
                    "callback": callback,
                    "now": _kept(now),
                },
            ).fetchone()
            return _text(row)

    def move(self, sid: str, *, was: str, to: str, error_code: int | None, now: datetime) -> bool:
        """Change a text's status. Return False, and change nothing, if it is no longer what it `was`."""
        with self._connection() as connection:
            moved = connection.execute(
                "UPDATE text SET status = :to, error_code = :error_code, updated_at = :now"
                " WHERE sid = :sid AND status = :was RETURNING sid",
                {"sid": sid, "was": was, "to": to, "error_code": error_code, "now": _kept(now)},
            ).fetchall()
            return bool(moved)

    def find(self, sid: str) -> Text | None:
        """The text with this sid."""
        with self._connection() as connection:
            row = connection.execute("SELECT * FROM text WHERE sid = ?", (sid,)).fetchone()
            return None if row is None else _text(row)

    def page(
        self,
        *,
        to: str | None,
        sender: str | None,
        since: datetime | None,
        until: datetime | None,
        before_seq: int | None,
        size: int,
    ) -> list[Text]:
        """Up to `size` texts, newest first, of those that match; None does not filter."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT * FROM text"
                " WHERE (:to IS NULL OR :to = iif(direction = 'inbound', service, phone))"
                " AND (:sender IS NULL OR :sender = iif(direction = 'inbound', phone, service))"
                " AND (:since IS NULL OR created_at >= :since) AND (:until IS NULL OR created_at <= :until)"
                " AND (:before IS NULL OR seq < :before) ORDER BY seq DESC LIMIT :size",
                {
                    "to": to,
                    "sender": sender,
                    "since": since and _kept(since),
                    "until": until and _kept(until),
                    "before": before_seq,
                    "size": size,
                },
            ).fetchall()
            return [_text(row) for row in rows]

    def conversation(self, phone: str, *, after_seq: int = 0) -> list[Text]:
        """Everything one phone has sent and been sent, oldest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT * FROM text WHERE phone = ? AND seq > ? ORDER BY seq", (phone, after_seq)
            ).fetchall()
            return [_text(row) for row in rows]

    def latest_by_phone(self) -> list[Text]:
        """The last text of every phone that has any, the newest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT * FROM text WHERE seq IN (SELECT max(seq) FROM text GROUP BY phone) ORDER BY seq DESC"
            ).fetchall()
            return [_text(row) for row in rows]

    def on_their_way(self) -> list[Text]:
        """Texts whose fate has not been settled yet, oldest first."""
        with self._connection() as connection:
            rows = connection.execute("SELECT * FROM text WHERE status IN ('queued', 'sent') ORDER BY seq").fetchall()
            return [_text(row) for row in rows]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=15, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            yield connection
        finally:
            connection.close()


def _kept(instant: datetime) -> str:
    # Always as many digits, so that the order of the words is the order of time.
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _text(row: sqlite3.Row) -> Text:
    return Text(
        **{
            **dict(row),
            "created_at": datetime.fromisoformat(row["created_at"]),
            "updated_at": datetime.fromisoformat(row["updated_at"]),
        }
    )
