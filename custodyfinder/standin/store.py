"""What the stand-in keeps: texts, who has sent STOP, and whether it plays dead, in one SQLite file.

Several processes may share the file.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_TO = "iif(direction = 'inbound', service, phone)"
_FROM = "iif(direction = 'inbound', phone, service)"

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS text (
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
    )""",
    "CREATE INDEX IF NOT EXISTS text_by_phone ON text (phone, seq)",
    f"CREATE INDEX IF NOT EXISTS text_by_to ON text ({_TO}, seq)",
    "CREATE TABLE IF NOT EXISTS opted_out (phone TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS outage (began_at TEXT NOT NULL)",
)


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
    messaging_service: str | None
    """The sid of the messaging service that was asked to send it, if one was."""
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

    Times are aware; they are kept in UTC. Connections stay open for the next call, so that a process
    that has used a store must not fork.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        # SQLite lets writers in by chance, each after a sleep; a lock lets this process's in one by one.
        self._writing = threading.Lock()
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")  # two processes may start at once
            for statement in _SCHEMA:
                connection.execute(statement)
            columns = {row["name"] for row in connection.execute("PRAGMA table_info(text)")}
            if "messaging_service" not in columns:  # a file of an earlier version
                connection.execute("ALTER TABLE text ADD COLUMN messaging_service TEXT")
            connection.execute("COMMIT")
        weakref.finalize(self, _close, self._idle)

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
        messaging_service: str | None = None,
    ) -> Text:
        """Keep a new text under a new sid."""
        with self._writing, self._connection() as connection:
            [row] = connection.execute(
                "INSERT INTO text (sid, phone, service, messaging_service, body, direction, status, callback,"
                " created_at, updated_at) VALUES (:sid, :phone, :service, :messaging_service, :body, :direction,"
                " :status, :callback, :now, :now) RETURNING *",
                {
                    "sid": f"SM{secrets.token_hex(16)}",
                    "phone": phone,
                    "service": service,
                    "messaging_service": messaging_service,
                    "body": body,
                    "direction": direction,
                    "status": status,
                    "callback": callback,
                    "now": _kept(now),
                },
            ).fetchall()
            return _text(row)

    def move(self, sid: str, *, was: str, to: str, error_code: int | None, now: datetime) -> bool:
        """Change a text's status. Return False, and change nothing, if it is no longer what it `was`."""
        with self._writing, self._connection() as connection:
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
        wanted = {
            f"{_TO} = ?": to,
            f"{_FROM} = ?": sender,
            "created_at >= ?": since and _kept(since),
            "created_at <= ?": until and _kept(until),
            "seq < ?": before_seq,
        }
        asked = {condition: value for condition, value in wanted.items() if value is not None}
        # Only what is asked for is written out: SQLite finds no index through "? IS NULL OR ...".
        where = " AND ".join(asked) or "true"
        with self._connection() as connection:
            rows = connection.execute(
                f"SELECT * FROM text WHERE {where} ORDER BY seq DESC LIMIT ?",  # noqa: S608 - our own words, above
                (*asked.values(), size),
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

    def opt_out(self, phone: str) -> None:
        """Note that a phone wants no more texts."""
        self._write("INSERT OR IGNORE INTO opted_out VALUES (?)", phone)

    def opt_in(self, phone: str) -> None:
        """Note that a phone wants texts again."""
        self._write("DELETE FROM opted_out WHERE phone = ?", phone)

    def has_opted_out(self, phone: str) -> bool:
        """Whether the phone wants no texts."""
        return self._any("SELECT 1 FROM opted_out WHERE phone = ?", phone)

    def begin_outage(self, *, now: datetime) -> None:
        """Let every process that shares the file play dead."""
        self._write("INSERT INTO outage VALUES (?)", _kept(now))

    def end_outage(self) -> None:
        """Let them answer again."""
        self._write("DELETE FROM outage")

    def is_down(self) -> bool:
        """Whether there is an outage now."""
        return self._any("SELECT 1 FROM outage")

    def _write(self, statement: str, *values: str) -> None:
        with self._writing, self._connection() as connection:
            connection.execute(statement, values)

    def _any(self, question: str, *values: str) -> bool:
        with self._connection() as connection:
            return bool(connection.execute(question, values).fetchall())

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=15, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=NORMAL")  # a power cut may cost the last texts of a demonstration
        return connection


def _close(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


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
