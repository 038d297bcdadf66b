"""accounts may be bound to a subject of an identity provider"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is bound so far."""
    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("oidc_issuer", sa.String(200), nullable=True))
        batch_op.add_column(sa.Column("oidc_subject", sa.String(255), nullable=True))
        batch_op.create_unique_constraint("uq_person_identity", ["oidc_issuer", "oidc_subject"])


def downgrade() -> None:
    """Those without a password are set up anew by their administrator."""
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint("uq_person_identity", type_="unique")
        batch_op.drop_column("oidc_subject")
        batch_op.drop_column("oidc_issuer")
