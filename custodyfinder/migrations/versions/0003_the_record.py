"""the detention record, what was told, searches kept, outcomes, certificates, inspectors"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
INSTANT = sa.DateTime(timezone=True)

ANSWER = "IN ('yes', 'no', 'not_known')"
RISKS = ("appropriate_adult", "looked_after", "child_protection", "missing_before", "exploitation")
LISTED = {
    "bail_ground": "IN ('name_or_address', 'fail_to_appear', 'prevent_offence', 'prevent_injury_or_damage', "
    "'interfere_with_justice', 'own_protection', 'sample', 'own_interests', 'murder', 'not_recorded')",
    "ethnicity": "IN ('asian', 'black', 'mixed', 'white', 'other', 'not_stated')",
    **dict.fromkeys(RISKS, ANSWER),
}
RULES = {
    "secure_at_twelve": "NOT secure OR age >= 12",
    "secure_with_reasons": "NOT secure OR secure_reasons IS NOT NULL",
    "charged_before_bail_refused": "charged_at <= bail_refused_at",
    "court_after_charge": "court_at > charged_at",
}
ADDED = (
    "custody_record",
    "officer",
    "arrived_at",
    "charged_at",
    "bail_refused_at",
    "court_at",
    "bail_ground",
    "ethnicity",
    *RISKS,
    "secure_reasons",
    "other_would_do",
    "needs_no",
)


def upgrade() -> None:
    """Records that are there keep what was asked of them; what was not asked is said to be not recorded or not known.

    Their charge and refusal of bail are put at the opening, and the court a day later: the program then
    asked for neither.
    """
    _detentions()
    _new_tables()
    _calls()
    _placements()
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(op.f("ck_person_role_listed"), type_="check")
        batch_op.drop_constraint(op.f("ck_person_suite_by_role"), type_="check")
        batch_op.create_check_constraint(
            "role_listed", "role IN ('custody_officer', 'duty_officer', 'manager', 'inspector')"
        )
        batch_op.create_check_constraint(
            "suite_by_role", "(role IN ('custody_officer', 'inspector')) = (suite_id IS NOT NULL)"
        )


def _detentions() -> None:
    with op.batch_alter_table("detention") as batch_op:
        batch_op.add_column(sa.Column("custody_record", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("officer", sa.String(length=60), nullable=True))
        for column in ("arrived_at", "charged_at", "bail_refused_at", "court_at"):
            batch_op.add_column(sa.Column(column, INSTANT, nullable=True))
        batch_op.add_column(
            sa.Column("bail_ground", sa.String(length=24), nullable=False, server_default="not_recorded")
        )
        for column in RISKS:
            batch_op.add_column(sa.Column(column, sa.String(length=9), nullable=False, server_default="not_known"))
        batch_op.add_column(sa.Column("ethnicity", sa.String(length=12), nullable=True))
        batch_op.add_column(sa.Column("secure_reasons", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("other_would_do", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("needs_no", sa.Integer(), nullable=False, server_default="0"))
    day_later = (
        "opened_at + interval '1 day'"
        if op.get_bind().dialect.name == "postgresql"
        else "strftime('%Y-%m-%d %H:%M:%f', opened_at, '+1 day')"
    )
    op.execute("UPDATE detention SET custody_record = reference, officer = opened_by")
    op.execute("UPDATE detention SET charged_at = opened_at, bail_refused_at = opened_at")
    op.execute(f"UPDATE detention SET court_at = {day_later}")  # noqa: S608 - our own words
    op.execute("UPDATE detention SET secure_reasons = 'Not recorded' WHERE secure")
    op.execute("UPDATE detention SET secure = (1 = 0), secure_reasons = NULL WHERE age < 12")
    with op.batch_alter_table("detention") as batch_op:
        batch_op.alter_column("custody_record", existing_type=sa.String(length=20), nullable=False)
        batch_op.alter_column("officer", existing_type=sa.String(length=60), nullable=False)
        for column in ("charged_at", "bail_refused_at", "court_at"):
            batch_op.alter_column(column, existing_type=INSTANT, nullable=False)
        for column in ("bail_ground", "needs_no", *RISKS):
            batch_op.alter_column(column, server_default=None)
        for name, rule in RULES.items():
            batch_op.create_check_constraint(name, rule)
        for column, values in LISTED.items():
            batch_op.create_check_constraint(f"{column}_listed", f"{column} {values}")
        batch_op.create_unique_constraint("uq_detention_custody_record", ["suite_id", "custody_record"])
        batch_op.create_index("ix_detention_suite_opened", ["suite_id", "opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_detention_responsible_code"), ["responsible_code"], unique=False)


def _new_tables() -> None:
    op.create_table(
        "told",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("detention_id", KEY, nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("text_id", KEY, nullable=True),
        sa.Column("why_not", sa.String(length=80), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("(text_id IS NULL) = (why_not IS NOT NULL)", name=op.f("ck_told_texted_or_why_not")),
        sa.ForeignKeyConstraint(["authority_code"], ["authority.code"], name=op.f("fk_told_authority_code_authority")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_told_contact_id_contact")),
        sa.ForeignKeyConstraint(["detention_id"], ["detention.id"], name=op.f("fk_told_detention_id_detention")),
        sa.ForeignKeyConstraint(["text_id"], ["text_message.id"], name=op.f("fk_told_text_id_text_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told")),
    )
    op.create_index(op.f("ix_told_detention_id"), "told", ["detention_id"])
    op.create_index(op.f("ix_told_text_id"), "told", ["text_id"])
    op.create_table(
        "search_kept",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("detention_id", KEY, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.Column("same_as_id", KEY, nullable=True),
        sa.CheckConstraint("(answer IS NULL) = (same_as_id IS NOT NULL)", name=op.f("ck_search_kept_answer_or_same")),
        sa.ForeignKeyConstraint(["detention_id"], ["detention.id"], name=op.f("fk_search_kept_detention_id_detention")),
        sa.ForeignKeyConstraint(["same_as_id"], ["search_kept.id"], name=op.f("fk_search_kept_same_as_id_search_kept")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_kept")),
    )
    op.create_index(op.f("ix_search_kept_detention_id"), "search_kept", ["detention_id"])
    op.create_table(
        "outcome",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("detention_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=True),
        sa.Column("request_id", KEY, nullable=True),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.Column("arrived_at", INSTANT, nullable=True),
        sa.Column("transport", sa.String(length=12), nullable=True),
        sa.Column("ground", sa.String(length=16), nullable=True),
        sa.Column("impracticable", sa.String(length=20), nullable=True),
        sa.Column("circumstances", sa.String(length=500), nullable=True),
        sa.Column("inspector", sa.String(length=60), nullable=True),
        sa.Column("inspector_rank", sa.String(length=24), nullable=True),
        sa.Column("contradictions", JSON, nullable=False),
        sa.Column("overridden_by", sa.String(length=60), nullable=True),
        sa.Column("override_words", sa.String(length=500), nullable=True),
        *(
            sa.CheckConstraint(f"{column} {values}", name=op.f(f"ck_outcome_{column}_listed"))
            for column, values in {
                "kind": "IN ('transferred', 'bailed', 'court_first', 'not_transferred', 'reopened')",
                "ground": "IN ('impracticable', 'no_secure')",
                "impracticable": "IN ('no_transport', 'roads', 'too_far_for_court', 'no_accommodation')",
                "transport": "IN ('police', 'authority', 'contractor', 'family', 'other')",
                "inspector_rank": "IN ('inspector', 'chief_inspector', 'superintendent', 'chief_superintendent')",
            }.items()
        ),
        sa.CheckConstraint(
            "(kind = 'not_transferred') = (ground IS NOT NULL)", name=op.f("ck_outcome_ground_where_not_moved")
        ),
        sa.CheckConstraint(
            "(kind = 'transferred') = (authority_code IS NOT NULL)", name=op.f("ck_outcome_authority_where_moved")
        ),
        sa.CheckConstraint(
            "request_id IS NULL OR kind = 'transferred'", name=op.f("ck_outcome_place_only_where_moved")
        ),
        sa.CheckConstraint(
            "(ground IS NOT NULL AND ground = 'impracticable') = (impracticable IS NOT NULL)",
            name=op.f("ck_outcome_circumstance_where_impracticable"),
        ),
        sa.CheckConstraint(
            "ground IS NULL OR circumstances IS NOT NULL", name=op.f("ck_outcome_ground_with_circumstances")
        ),
        sa.CheckConstraint(
            "arrived_at IS NULL OR arrived_at >= left_at", name=op.f("ck_outcome_arrived_after_leaving")
        ),
        sa.ForeignKeyConstraint(["detention_id"], ["detention.id"], name=op.f("fk_outcome_detention_id_detention")),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_outcome_authority_code_authority")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["bed_request.id"], name=op.f("fk_outcome_request_id_bed_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index(op.f("ix_outcome_detention_id"), "outcome", ["detention_id"])
    op.create_index(op.f("ix_outcome_request_id"), "outcome", ["request_id"])
    op.create_index("ix_outcome_recorded", "outcome", ["recorded_at"])
    op.create_table(
        "certificate",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("detention_id", KEY, nullable=False),
        sa.Column("outcome_id", KEY, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_by", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["detention_id"], ["detention.id"], name=op.f("fk_certificate_detention_id_detention")),
        sa.ForeignKeyConstraint(["outcome_id"], ["outcome.id"], name=op.f("fk_certificate_outcome_id_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("digest", name=op.f("uq_certificate_digest")),
        sa.UniqueConstraint("outcome_id", name=op.f("uq_certificate_outcome_id")),
    )
    op.create_index(op.f("ix_certificate_detention_id"), "certificate", ["detention_id"])


def _calls() -> None:
    with op.batch_alter_table("call") as batch_op:
        batch_op.add_column(sa.Column("detention_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("authority_code", sa.String(length=9), nullable=True))
        batch_op.add_column(sa.Column("secure", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=24), nullable=True))
    op.execute(
        "UPDATE call SET detention_id = (SELECT detention_id FROM bed_request WHERE bed_request.id = call.request_id),"
        " authority_code = (SELECT place.authority_code FROM bed_request JOIN place ON place.id = bed_request.place_id"
        " WHERE bed_request.id = call.request_id),"
        " secure = (SELECT place.secure FROM bed_request JOIN place ON place.id = bed_request.place_id"
        " WHERE bed_request.id = call.request_id)"
    )
    with op.batch_alter_table("call") as batch_op:
        batch_op.alter_column("detention_id", existing_type=KEY, nullable=False)
        batch_op.alter_column("authority_code", existing_type=sa.String(length=9), nullable=False)
        batch_op.alter_column("secure", existing_type=sa.Boolean(), nullable=False)
        batch_op.alter_column("request_id", existing_type=KEY, nullable=True)
        batch_op.create_foreign_key(op.f("fk_call_detention_id_detention"), "detention", ["detention_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_call_authority_code_authority"), "authority", ["authority_code"], ["code"])
        batch_op.create_index(batch_op.f("ix_call_detention_id"), ["detention_id"], unique=False)


def _placements() -> None:
    with op.batch_alter_table("placement") as batch_op:
        batch_op.drop_constraint(op.f("uq_placement_detention_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_placement_detention_id"), ["detention_id"], unique=False)
    going_on = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_placement_going_on",
        "placement",
        ["detention_id"],
        unique=True,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )


def downgrade() -> None:
    """Back to the search alone; records of outcomes and certificates are lost."""
    op.drop_index("uq_placement_going_on", "placement")
    op.execute("DELETE FROM placement WHERE id NOT IN (SELECT max(id) FROM placement AS one GROUP BY one.detention_id)")
    with op.batch_alter_table("placement") as batch_op:
        batch_op.drop_index(op.f("ix_placement_detention_id"))
        batch_op.create_unique_constraint(op.f("uq_placement_detention_id"), ["detention_id"])
    op.execute("DELETE FROM person WHERE role = 'inspector'")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(op.f("ck_person_role_listed"), type_="check")
        batch_op.drop_constraint(op.f("ck_person_suite_by_role"), type_="check")
        batch_op.create_check_constraint("role_listed", "role IN ('custody_officer', 'duty_officer', 'manager')")
        batch_op.create_check_constraint("suite_by_role", "(role = 'custody_officer') = (suite_id IS NOT NULL)")
    for table in ("certificate", "outcome", "search_kept", "told"):
        op.drop_table(table)
    op.execute("DELETE FROM call WHERE request_id IS NULL")
    with op.batch_alter_table("call") as batch_op:
        batch_op.drop_constraint(op.f("fk_call_detention_id_detention"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_call_authority_code_authority"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_call_detention_id"))
        batch_op.alter_column("request_id", existing_type=KEY, nullable=False)
        for column in ("detention_id", "authority_code", "secure", "reason"):
            batch_op.drop_column(column)
    with op.batch_alter_table("detention") as batch_op:
        batch_op.drop_index("ix_detention_suite_opened")
        batch_op.drop_index(op.f("ix_detention_responsible_code"))
        batch_op.drop_constraint("uq_detention_custody_record", type_="unique")
        for name in (*RULES, *(f"{column}_listed" for column in LISTED)):
            batch_op.drop_constraint(op.f(f"ck_detention_{name}"), type_="check")
        for column in ADDED:
            batch_op.drop_column(column)
