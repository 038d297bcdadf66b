"""tokens of the API, keys of what was asked once, searches without a record"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("force", sa.String(length=80), nullable=True),
        sa.Column("authority_code", sa.String(length=9), nullable=True),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(force IS NULL) = (authority_code IS NOT NULL)", name=op.f("ck_api_token_of_one_organisation")
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_api_token_expires_after_created")),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_api_token_authority_code_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("token_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_idempotency_key_token_id_api_token")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["bed_request.id"],
            name=op.f("fk_idempotency_key_request_id_bed_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_request_id"), "idempotency_key", ["request_id"])
    with op.batch_alter_table("search_kept") as batch_op:
        batch_op.alter_column("detention_id", existing_type=KEY, nullable=True)
        batch_op.add_column(sa.Column("question", JSON, nullable=True))
        batch_op.create_check_constraint("question_where_no_record", "(detention_id IS NULL) = (question IS NOT NULL)")


def downgrade() -> None:
    """Searches without a record go: the tables of before have no room for them."""
    op.execute("DELETE FROM search_kept WHERE detention_id IS NULL")
    with op.batch_alter_table("search_kept") as batch_op:
        batch_op.drop_constraint(op.f("ck_search_kept_question_where_no_record"), type_="check")
        batch_op.drop_column("question")
        batch_op.alter_column("detention_id", existing_type=KEY, nullable=False)
    op.drop_index(op.f("ix_idempotency_key_request_id"), table_name="idempotency_key")
    op.drop_table("idempotency_key")
    op.drop_table("api_token")
