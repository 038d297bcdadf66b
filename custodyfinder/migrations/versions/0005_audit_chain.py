"""the chain of audit lines, its end, and triggers that refuse to change it"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
FIRST = "0" * 64
BATCH = 5000
DIGEST = sa.String(length=64)

EVENT = sa.table(
    "audit_event",
    sa.column("id", KEY),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("details", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")),
    sa.column("previous", DIGEST),
    sa.column("digest", DIGEST),
)

# Whoever copies one of these tables to change it (a batch on SQLite) drops its triggers and has to make them again.
TRIGGERS = {
    "postgresql": (
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is never changed'; END $$",
        "CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_head_kept BEFORE DELETE OR TRUNCATE ON audit_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ),
    "sqlite": tuple(
        f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END"
        for table, act in (("audit_event", "UPDATE"), ("audit_event", "DELETE"), ("audit_head", "DELETE"))
    ),
}
UNTRIGGERED = {
    "postgresql": (
        "DROP TRIGGER IF EXISTS audit_event_kept ON audit_event",
        "DROP TRIGGER IF EXISTS audit_head_kept ON audit_head",
        "DROP FUNCTION refuse_audit_change()",
    ),
    "sqlite": tuple(
        f"DROP TRIGGER IF EXISTS {name}" for name in ("audit_event_update", "audit_event_delete", "audit_head_delete")
    ),
}


def upgrade() -> None:
    """Lines that are there are numbered without a gap in their order, and chained as they are now."""
    with op.batch_alter_table("audit_event") as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(length=45), nullable=True))
        batch_op.add_column(sa.Column("why", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("previous", DIGEST, nullable=True))
        batch_op.add_column(sa.Column("digest", DIGEST, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_event ALTER COLUMN id DROP IDENTITY")
    last, digest = _chain()
    with op.batch_alter_table("audit_event") as batch_op:
        batch_op.alter_column("previous", existing_type=DIGEST, nullable=False)
        batch_op.alter_column("digest", existing_type=DIGEST, nullable=False)
    head = op.create_table(
        "audit_head",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("last_id", KEY, nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "last_id": last, "digest": digest}])
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def _chain() -> tuple[int, str]:
    """Number and chain every line; the number and digest of the last."""
    number, previous = 0, FIRST
    write = (
        sa.update(EVENT)
        .where(EVENT.c.id == sa.bindparam("old"))
        .values(id=sa.bindparam("number"), previous=sa.bindparam("before"), digest=sa.bindparam("own"))
    )
    for rows in _batches():
        written = []
        for row in rows:
            number += 1
            own = _digest(previous, number, row)
            # A new number is never above the old one: taken in order, it is always free.
            written.append({"old": row.id, "number": number, "before": previous, "own": own})
            previous = own
        op.get_bind().execute(write, written)
    return number, previous


def _batches() -> Iterator[list[Any]]:
    """Lines in order; those that have been given a digest are done."""
    last = 0
    columns = (EVENT.c.id, EVENT.c.at, EVENT.c.actor, EVENT.c.action, EVENT.c.subject, EVENT.c.details)
    while True:
        found = sa.select(*columns).where(EVENT.c.id > last, EVENT.c.digest.is_(None)).order_by(EVENT.c.id)
        rows = list(op.get_bind().execute(found.limit(BATCH)))
        if not rows:
            return
        last = rows[-1].id
        yield rows


def _digest(previous: str, number: int, row: Any) -> str:
    # A copy of domain.audit_chain as it was here: what a migration does must not change after it.
    at = row.at.replace(tzinfo=UTC) if row.at.tzinfo is None else row.at.astimezone(UTC)
    moment = at.isoformat(timespec="microseconds")
    said = [previous, number, moment, row.actor, row.action, row.subject, None, None, row.details]
    words = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def downgrade() -> None:
    """Back to lines without a chain; the lines stay, where from and why are lost."""
    dialect = op.get_bind().dialect.name
    for statement in UNTRIGGERED[dialect]:
        op.execute(statement)
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_event") as batch_op:
        for column in ("digest", "previous", "why", "origin"):
            batch_op.drop_column(column)
    if dialect == "postgresql":
        op.execute("ALTER TABLE audit_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY")
        op.execute(
            "SELECT setval(pg_get_serial_sequence('audit_event', 'id'), "
            "(SELECT coalesce(max(id), 0) + 1 FROM audit_event), false)"
        )
