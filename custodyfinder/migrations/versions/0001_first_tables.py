"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# Long because it is the tables of one release: once it has run somewhere, it is never split or changed.
revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column(
            "details",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_subject"), ["subject"], unique=False)

    op.create_table(
        "authority",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("nation", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_authority")),
        sa.UniqueConstraint("name", name=op.f("uq_authority_name")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.String(length=60), nullable=False),
        sa.Column("cycled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "contact",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("mobile", sa.String(length=16), nullable=False),
        sa.Column("landline", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_contact_authority_code_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("authority_code", name=op.f("uq_contact_authority_code")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_mobile"), ["mobile"], unique=False)

    op.create_table(
        "place",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("secure", sa.Boolean(), nullable=False),
        sa.Column("town", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("easting", sa.BigInteger(), nullable=False),
        sa.Column("northing", sa.BigInteger(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("age_min", sa.Integer(), nullable=False),
        sa.Column("age_max", sa.Integer(), nullable=False),
        sa.Column("sexes", sa.Integer(), nullable=False),
        sa.Column("needs_met", sa.Integer(), nullable=False),
        sa.Column("needs_not_met", sa.Integer(), nullable=False),
        sa.Column("admits_from", sa.Integer(), nullable=True),
        sa.Column("admits_until", sa.Integer(), nullable=True),
        sa.Column("out_of_service", sa.String(length=120), nullable=True),
        sa.Column("beds_total", sa.Integer(), nullable=False),
        sa.Column("beds_free", sa.Integer(), nullable=False),
        sa.Column("beds_held", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("answer_minutes", sa.Double(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('residential', 'foster', 'emergency', 'secure')", name=op.f("ck_place_kind_listed")
        ),
        sa.CheckConstraint("secure = (kind = 'secure')", name=op.f("ck_place_secure_by_kind")),
        sa.CheckConstraint("(admits_from IS NULL) = (admits_until IS NULL)", name=op.f("ck_place_hours_both")),
        sa.CheckConstraint("age_min >= 10 AND age_max <= 17 AND age_min <= age_max", name=op.f("ck_place_ages")),
        sa.CheckConstraint(
            "beds_free >= 0 AND beds_held >= 0 AND beds_free + beds_held <= beds_total",
            name=op.f("ck_place_beds"),
        ),
        sa.CheckConstraint("beds_total BETWEEN 1 AND 99", name=op.f("ck_place_beds_total_range")),
        sa.CheckConstraint("needs_met & needs_not_met = 0", name=op.f("ck_place_needs_either")),
        sa.CheckConstraint("sexes BETWEEN 1 AND 3", name=op.f("ck_place_sexes_taken")),
        sa.ForeignKeyConstraint(["authority_code"], ["authority.code"], name=op.f("fk_place_authority_code_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(
            "ix_place_able_box",
            ["secure", "band", "easting"],
            unique=False,
            sqlite_where=sa.text("beds_free > 0 AND out_of_service IS NULL"),
            postgresql_where=sa.text("beds_free > 0 AND out_of_service IS NULL"),
        )
        batch_op.create_index(
            "ix_place_able_authority_box",
            ["authority_code", "secure", "band", "easting"],
            unique=False,
            sqlite_where=sa.text("beds_free > 0 AND out_of_service IS NULL"),
            postgresql_where=sa.text("beds_free > 0 AND out_of_service IS NULL"),
        )
        batch_op.create_index("ix_place_authority", ["authority_code"], unique=False)
        batch_op.create_index("ix_place_box", ["band", "easting"], unique=False)

    op.create_table(
        "suite",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("force", sa.String(length=80), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("easting", sa.Integer(), nullable=False),
        sa.Column("northing", sa.Integer(), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["authority_code"], ["authority.code"], name=op.f("fk_suite_authority_code_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suite")),
        sa.UniqueConstraint("slug", name=op.f("uq_suite_slug")),
    )
    op.create_table(
        "bed_report",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("place_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("beds_free", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_bed_report_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bed_report")),
    )
    with op.batch_alter_table("bed_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bed_report_place_id"), ["place_id"], unique=False)

    op.create_table(
        "detention",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("suite_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=60), nullable=False),
        sa.Column("age", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(length=6), nullable=False),
        sa.Column("secure", sa.Boolean(), nullable=False),
        sa.Column("approved_under_13", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("home_district", sa.String(length=4), nullable=True),
        sa.Column("home_easting", sa.Integer(), nullable=True),
        sa.Column("home_northing", sa.Integer(), nullable=True),
        sa.Column("responsible_code", sa.String(length=9), nullable=False),
        sa.Column(
            "avoid_circles",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("avoid_geojson", sa.Text(), nullable=True),
        sa.Column(
            "keep_apart",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.CheckConstraint("age BETWEEN 10 AND 17", name=op.f("ck_detention_age_of_a_child")),
        sa.ForeignKeyConstraint(
            ["responsible_code"], ["authority.code"], name=op.f("fk_detention_responsible_code_authority")
        ),
        sa.ForeignKeyConstraint(["suite_id"], ["suite.id"], name=op.f("fk_detention_suite_id_suite")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_detention")),
        sa.UniqueConstraint("reference", name=op.f("uq_detention_reference")),
    )
    with op.batch_alter_table("detention", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_detention_suite_id"), ["suite_id"], unique=False)

    op.create_table(
        "person",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("suite_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=True),
        sa.Column("authority_code", sa.String(length=9), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(role = 'custody_officer') = (suite_id IS NOT NULL)", name=op.f("ck_person_suite_by_role")),
        sa.CheckConstraint(
            "(role = 'duty_officer') = (authority_code IS NOT NULL)", name=op.f("ck_person_authority_by_role")
        ),
        sa.CheckConstraint("role IN ('custody_officer', 'duty_officer')", name=op.f("ck_person_role_listed")),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_person_authority_code_authority")
        ),
        sa.ForeignKeyConstraint(["suite_id"], ["suite.id"], name=op.f("fk_person_suite_id_suite")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("username", name=op.f("uq_person_username")),
    )
    op.create_table(
        "bed_request",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("detention_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("place_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("contact_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("sent_to", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("hold_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "shown",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("ring_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("channel", sa.String(length=12), nullable=True),
        sa.Column("refusal_reason", sa.String(length=24), nullable=True),
        sa.Column("refusal_words", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_bed_request_open_has_no_end")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'withdrawn', 'expired')",
            name=op.f("ck_bed_request_state_listed"),
        ),
        sa.CheckConstraint("hold_expires_at > asked_at", name=op.f("ck_bed_request_expires_after_asked")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_bed_request_contact_id_contact")),
        sa.ForeignKeyConstraint(["detention_id"], ["detention.id"], name=op.f("fk_bed_request_detention_id_detention")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_bed_request_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bed_request")),
    )
    with op.batch_alter_table("bed_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bed_request_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bed_request_detention_id"), ["detention_id"], unique=False)
        batch_op.create_index(
            "ix_bed_request_expiry",
            ["hold_expires_at"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_bed_request_place_ended", ["place_id", "ended_at"], unique=False)
        batch_op.create_index("ix_bed_request_reference", ["reference", "asked_at"], unique=False)
        batch_op.create_index(
            "uq_bed_request_accepted",
            ["detention_id"],
            unique=True,
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        )
        batch_op.create_index(
            "uq_bed_request_open",
            ["detention_id", "place_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "uq_bed_request_open_reference",
            ["reference"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "incoming_text",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("provider_id", sa.String(length=34), nullable=False),
        sa.Column("from_number", sa.String(length=16), nullable=False),
        sa.Column("body", sa.String(length=1600), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("meaning", sa.String(length=10), nullable=False),
        sa.Column("request_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=True),
        sa.Column("reply", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["bed_request.id"], name=op.f("fk_incoming_text_request_id_bed_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_text")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_incoming_text_provider_id")),
    )
    with op.batch_alter_table("incoming_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_text_from_number"), ["from_number"], unique=False)

    op.create_table(
        "placement",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("request_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("place_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("detention_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["detention_id"], ["detention.id"], name=op.f("fk_placement_detention_id_detention")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_placement_place_id_place")),
        sa.ForeignKeyConstraint(["request_id"], ["bed_request.id"], name=op.f("fk_placement_request_id_bed_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("detention_id", name=op.f("uq_placement_detention_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_placement_request_id")),
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_place_id"), ["place_id"], unique=False)

    op.create_table(
        "text_message",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("request_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=True),
        sa.Column("to_number", sa.String(length=16), nullable=False),
        sa.Column("body", sa.String(length=160), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(length=34), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'delivered', 'undelivered', 'failed')",
            name=op.f("ck_text_message_state_listed"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["bed_request.id"], name=op.f("fk_text_message_request_id_bed_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_message")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_text_message_provider_id")),
    )
    with op.batch_alter_table("text_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_text_message_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(batch_op.f("ix_text_message_request_id"), ["request_id"], unique=False)

    op.create_table(
        "receipt",
        sa.Column(
            "id",
            sa.Integer().with_variant(sa.BigInteger(), "postgresql"),
            sa.Identity(always=False),
            nullable=False,
        ),
        sa.Column("text_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=10), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["text_message.id"], name=op.f("fk_receipt_text_id_text_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_text_id"), ["text_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_text_id"))

    op.drop_table("receipt")
    with op.batch_alter_table("text_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_text_message_request_id"))
        batch_op.drop_index(
            "ix_text_message_due",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.drop_table("text_message")
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_placement_place_id"))

    op.drop_table("placement")
    with op.batch_alter_table("incoming_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incoming_text_from_number"))

    op.drop_table("incoming_text")
    with op.batch_alter_table("bed_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_bed_request_open_reference",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "uq_bed_request_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(
            "uq_bed_request_accepted",
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        )
        batch_op.drop_index("ix_bed_request_reference")
        batch_op.drop_index("ix_bed_request_place_ended")
        batch_op.drop_index(
            "ix_bed_request_expiry",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_bed_request_detention_id"))
        batch_op.drop_index(batch_op.f("ix_bed_request_contact_id"))

    op.drop_table("bed_request")
    op.drop_table("person")
    with op.batch_alter_table("detention", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_detention_suite_id"))

    op.drop_table("detention")
    with op.batch_alter_table("bed_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bed_report_place_id"))

    op.drop_table("bed_report")
    op.drop_table("suite")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index("ix_place_box")
        batch_op.drop_index("ix_place_authority")
        batch_op.drop_index("ix_place_able_authority_box")
        batch_op.drop_index(
            "ix_place_able_box",
            sqlite_where=sa.text("beds_free > 0 AND out_of_service IS NULL"),
            postgresql_where=sa.text("beds_free > 0 AND out_of_service IS NULL"),
        )

    op.drop_table("place")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_mobile"))

    op.drop_table("contact")
    op.drop_table("heartbeat")
    op.drop_table("authority")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject"))

    op.drop_table("audit_event")
