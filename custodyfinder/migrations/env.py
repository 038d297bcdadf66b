"""How Alembic reaches the application's database."""

from typing import Any, Literal

from alembic import context
from flask import current_app

from custodyfinder.db import UtcDateTime


def plain_types(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """A migration names no class of the program, which may change after it."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


db = current_app.extensions["migrate"].db

with db.engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A change of a table there is a copy under another name: the old one goes while others refer to it.
        connection.connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        connection.connection.execute("PRAGMA foreign_keys=ON")  # the connection goes back to the pool
