"""Records are reduced to figures once their time is over.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = sa.text("reduced_at IS NULL")


def upgrade() -> None:
    """No record has been reduced so far."""
    op.add_column("detention", sa.Column("reduced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_detention_kept", "detention", ["court_at"], sqlite_where=KEPT, postgresql_where=KEPT)
    # Each search that is removed is looked for among those that were the same as it.
    op.create_index(op.f("ix_search_kept_same_as_id"), "search_kept", ["same_as_id"])


def downgrade() -> None:
    """What was reduced stays so: nobody has the rest any more."""
    op.drop_index(op.f("ix_search_kept_same_as_id"), "search_kept")
    op.drop_index("ix_detention_kept", "detention")
    op.drop_column("detention", "reduced_at")
