"""organisations and roles, sessions, tries, second factors, kept forms, records given to inspectors"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
INSTANT = sa.DateTime(timezone=True)

ROLES = (
    "role IN ('custody_officer', 'custody_inspector', 'force_admin', 'duty_officer', 'manager', "
    "'authority_admin', 'inspector', 'operator')"
)
ROLES_BEFORE = "role IN ('custody_officer', 'duty_officer', 'manager', 'inspector')"


def upgrade() -> None:
    """Who was an inspector of a suite's force is a custody inspector of that force."""
    with op.batch_alter_table("person") as batch_op:
        for name in ("role_listed", "suite_by_role", "authority_by_role"):
            batch_op.drop_constraint(op.f(f"ck_person_{name}"), type_="check")
        batch_op.add_column(sa.Column("force", sa.String(80), nullable=True))
        batch_op.add_column(sa.Column("setup_hash", sa.String(64), nullable=True))
        batch_op.add_column(sa.Column("setup_until", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("totp_confirmed_at", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.Integer(), nullable=True))
        batch_op.alter_column("password_hash", existing_type=sa.String(200), nullable=True)
    op.execute(
        "UPDATE person SET force = (SELECT force FROM suite WHERE suite.id = person.suite_id) WHERE role = 'inspector'"
    )
    op.execute("UPDATE person SET role = 'custody_inspector', suite_id = NULL WHERE role = 'inspector'")
    with op.batch_alter_table("person") as batch_op:
        batch_op.create_check_constraint("role_listed", ROLES)
        batch_op.create_check_constraint("suite_id_by_role", "(role IN ('custody_officer')) = (suite_id IS NOT NULL)")
        batch_op.create_check_constraint(
            "force_by_role", "(role IN ('custody_inspector', 'force_admin')) = (force IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            "authority_code_by_role",
            "(role IN ('duty_officer', 'manager', 'authority_admin')) = (authority_code IS NOT NULL)",
        )
    _new_tables()


def _new_tables() -> None:
    def person(*, index: bool = False, primary_key: bool = False) -> sa.Column[int]:
        return sa.Column(
            "person_id", KEY, sa.ForeignKey("person.id"), nullable=False, index=index, primary_key=primary_key
        )

    op.create_table(
        "sign_in_session",
        sa.Column("id", KEY, sa.Identity(), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        person(index=True),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("origin", sa.String(45), nullable=False),
    )
    op.create_table(
        "sign_in_try",
        sa.Column("id", KEY, sa.Identity(), primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(45), nullable=False),
    )
    op.create_index("ix_sign_in_try_who", "sign_in_try", ["who", "at"])
    op.create_index("ix_sign_in_try_origin", "sign_in_try", ["origin", "at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", KEY, sa.Identity(), primary_key=True),
        person(index=True),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
    )
    op.create_table(
        "kept_form",
        person(primary_key=True),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "record_grant",
        sa.Column("id", KEY, sa.Identity(), primary_key=True),
        sa.Column("detention_id", KEY, sa.ForeignKey("detention.id"), nullable=False, index=True),
        person(index=True),
        sa.Column("given_by", sa.String(60), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    """Accounts of kinds that were not there before are removed; whoever has no password gets one that nobody knows."""
    for table in ("record_grant", "kept_form", "recovery_code", "sign_in_try", "sign_in_session"):
        op.drop_table(table)
    with op.batch_alter_table("person") as batch_op:
        for name in ("role_listed", "suite_id_by_role", "force_by_role", "authority_code_by_role"):
            batch_op.drop_constraint(op.f(f"ck_person_{name}"), type_="check")
    op.execute("DELETE FROM person WHERE role IN ('force_admin', 'authority_admin', 'inspector', 'operator')")
    op.execute(
        "UPDATE person SET role = 'inspector', suite_id = "
        "(SELECT min(suite.id) FROM suite WHERE suite.force = person.force) WHERE role = 'custody_inspector'"
    )
    op.execute("DELETE FROM person WHERE role = 'inspector' AND suite_id IS NULL")  # of a force without a suite
    op.execute("UPDATE person SET password_hash = '!' WHERE password_hash IS NULL")
    with op.batch_alter_table("person") as batch_op:
        batch_op.alter_column("password_hash", existing_type=sa.String(200), nullable=False)
        for column in ("totp_step", "totp_confirmed_at", "totp_secret", "setup_until", "setup_hash", "force"):
            batch_op.drop_column(column)
        batch_op.create_check_constraint("role_listed", ROLES_BEFORE)
        batch_op.create_check_constraint(
            "suite_by_role", "(role IN ('custody_officer', 'inspector')) = (suite_id IS NOT NULL)"
        )
        batch_op.create_check_constraint(
            "authority_by_role", "(role IN ('duty_officer', 'manager')) = (authority_code IS NOT NULL)"
        )
