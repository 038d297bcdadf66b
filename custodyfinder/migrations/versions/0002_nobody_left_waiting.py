"""rotas, escalation, standing searches, crash-proof delivery, beds by text"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# Long because it is the tables of one release: once it has run somewhere, it is never split or changed.
revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
NO_STEPS = '{"gives_up": 1800, "steps": [], "version": 0}'


def upgrade() -> None:
    _new_tables()
    _people_and_places()
    _requests()
    _texts()
    _carry_over()


def _new_tables() -> None:
    op.create_table(
        "carrier_state",
        sa.Column("id", KEY, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.String(length=16), nullable=True),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_state")),
    )
    op.create_table(
        "once",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_once")),
    )
    op.create_table(
        "escalation_policy",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", JSON, nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_escalation_policy_authority_code_authority")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_policy")),
        sa.UniqueConstraint("authority_code", "version", name=op.f("uq_escalation_policy_authority_code")),
    )
    op.create_table(
        "rota_override",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_rota_override_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_rota_override_authority_code_authority")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_rota_override_contact_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_override")),
    )
    with op.batch_alter_table("rota_override") as batch_op:
        batch_op.create_index("ix_rota_override_authority_end", ["authority_code", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_rota_override_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "weekly_shift",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("authority_code", sa.String(length=9), nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.CheckConstraint("day BETWEEN 0 AND 7", name=op.f("ck_weekly_shift_day_listed")),
        sa.CheckConstraint(
            "starts BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439", name=op.f("ck_weekly_shift_in_the_day")
        ),
        sa.ForeignKeyConstraint(
            ["authority_code"], ["authority.code"], name=op.f("fk_weekly_shift_authority_code_authority")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_weekly_shift_contact_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_shift")),
        sa.UniqueConstraint(
            "authority_code", "contact_id", "day", "starts", name=op.f("uq_weekly_shift_authority_code")
        ),
    )
    with op.batch_alter_table("weekly_shift") as batch_op:
        batch_op.create_index(batch_op.f("ix_weekly_shift_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "standing_search",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("detention_id", KEY, nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=60), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exhausted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_why", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "ended_why IN ('accepted', 'stopped', 'court')", name=op.f("ck_standing_search_ended_why_listed")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_standing_search_end_has_reason")),
        sa.CheckConstraint("at_once IN (1, 3)", name=op.f("ck_standing_search_at_once_listed")),
        sa.ForeignKeyConstraint(
            ["detention_id"], ["detention.id"], name=op.f("fk_standing_search_detention_id_detention")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_search")),
    )
    with op.batch_alter_table("standing_search") as batch_op:
        batch_op.create_index(
            "ix_standing_search_look",
            ["look_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_standing_search_going_on",
            ["detention_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "call",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("said", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.CheckConstraint(
            "said IN ('accepted', 'refused', 'ring_back', 'no_answer')", name=op.f("ck_call_said_listed")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["bed_request.id"], name=op.f("fk_call_request_id_bed_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    with op.batch_alter_table("call") as batch_op:
        batch_op.create_index(batch_op.f("ix_call_request_id"), ["request_id"], unique=False)

    op.create_table(
        "step_taken",
        sa.Column("id", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=20), nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("text_id", KEY, nullable=True),
        sa.Column("skipped", sa.String(length=80), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(number IS NULL) = (skipped IS NOT NULL)", name=op.f("ck_step_taken_texted_or_skipped")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_step_taken_contact_id_contact")),
        sa.ForeignKeyConstraint(["request_id"], ["bed_request.id"], name=op.f("fk_step_taken_request_id_bed_request")),
        sa.ForeignKeyConstraint(["text_id"], ["text_message.id"], name=op.f("fk_step_taken_text_id_text_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_taken")),
    )
    with op.batch_alter_table("step_taken") as batch_op:
        batch_op.create_index("ix_step_taken_number", ["number", "request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_step_taken_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_step_taken_text_id"), ["text_id"], unique=False)


def _people_and_places() -> None:
    with op.batch_alter_table("authority") as batch_op:
        batch_op.add_column(sa.Column("texted", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("counts_wanted_at", sa.Integer(), nullable=True, server_default="1080"))
        batch_op.create_check_constraint("counts_wanted_in_the_day", "counts_wanted_at BETWEEN 0 AND 1439")
    with op.batch_alter_table("suite") as batch_op:
        batch_op.add_column(sa.Column("mobile", sa.String(length=16), nullable=True))
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(op.f("ck_person_role_listed"), type_="check")
        batch_op.drop_constraint(op.f("ck_person_authority_by_role"), type_="check")
        batch_op.create_check_constraint("role_listed", "role IN ('custody_officer', 'duty_officer', 'manager')")
        batch_op.create_check_constraint(
            "authority_by_role", "(role IN ('duty_officer', 'manager')) = (authority_code IS NOT NULL)"
        )
    with op.batch_alter_table("contact") as batch_op:
        # Until now an authority had one contact, which was texted: it is the one that is always there.
        batch_op.add_column(sa.Column("is_fallback", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("is_manager", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("check_code", sa.String(length=6), nullable=True))
        for name in ("check_sent_at", "verified_at", "opted_out_at", "removed_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("mobile", existing_type=sa.String(length=16), nullable=True)
        batch_op.alter_column("landline", existing_type=sa.String(length=16), nullable=True)
        batch_op.drop_constraint(op.f("uq_contact_authority_code"), type_="unique")
        batch_op.create_check_constraint("some_number", "mobile IS NOT NULL OR landline IS NOT NULL")
    _partial("uq_contact_fallback", "contact", ["authority_code"], "is_fallback AND removed_at IS NULL", unique=True)
    _partial("uq_contact_manager", "contact", ["authority_code"], "is_manager AND removed_at IS NULL", unique=True)
    _partial("uq_contact_name", "contact", ["authority_code", "name"], "removed_at IS NULL", unique=True)
    with op.batch_alter_table("place") as batch_op:
        batch_op.add_column(sa.Column("out_of_service_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            "until_with_reason", "out_of_service_until IS NULL OR out_of_service IS NOT NULL"
        )
    with op.batch_alter_table("bed_report") as batch_op:
        batch_op.add_column(sa.Column("free_before", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_before", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("incoming_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("undoes_id", KEY, nullable=True))
        batch_op.create_index(op.f("ix_bed_report_incoming_id"), ["incoming_id"])
        batch_op.create_unique_constraint(op.f("uq_bed_report_undoes_id"), ["undoes_id"])
        batch_op.create_foreign_key(
            op.f("fk_bed_report_incoming_id_incoming_text"), "incoming_text", ["incoming_id"], ["id"]
        )
        batch_op.create_foreign_key(op.f("fk_bed_report_undoes_id_bed_report"), "bed_report", ["undoes_id"], ["id"])


def _requests() -> None:
    with op.batch_alter_table("bed_request") as batch_op:
        batch_op.add_column(sa.Column("search_id", KEY, nullable=True))
        batch_op.add_column(sa.Column("by_text", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("policy", JSON, nullable=False, server_default=NO_STEPS))
        batch_op.add_column(sa.Column("next_step", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(op.f("ix_bed_request_search_id"), ["search_id"])
        batch_op.create_foreign_key(
            op.f("fk_bed_request_search_id_standing_search"), "standing_search", ["search_id"], ["id"]
        )
    _partial("ix_bed_request_next_step", "bed_request", ["next_step_at"], "state = 'open'")
    with op.batch_alter_table("placement") as batch_op:
        batch_op.add_column(sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("arrived_by", sa.String(length=60), nullable=True))


def _texts() -> None:
    op.drop_index("ix_text_message_due", "text_message")
    with op.batch_alter_table("text_message") as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=10), nullable=False, server_default="notice"))
        batch_op.add_column(sa.Column("use_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("looks", sa.Integer(), nullable=False, server_default="0"))
        for name in ("perhaps_sent_since", "look_at", "followed_up_at"):
            batch_op.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(op.f("ck_text_message_state_listed"), type_="check")
        batch_op.create_check_constraint(
            "state_listed", "state IN ('waiting', 'sending', 'sent', 'delivered', 'undelivered', 'failed')"
        )
        batch_op.create_check_constraint("kind_listed", "kind IN ('ask', 'notice', 'reply', 'help')")
    with op.batch_alter_table("incoming_text") as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("meaning", existing_type=sa.String(length=10), type_=sa.String(length=12), nullable=True)
    with op.batch_alter_table("receipt") as batch_op:
        batch_op.add_column(sa.Column("asked_for", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("provider_id", sa.String(length=34), nullable=True))
        batch_op.create_index(op.f("ix_receipt_provider_id"), ["provider_id"])
        batch_op.add_column(sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(op.f("fk_receipt_text_id_text_message"), type_="foreignkey")


def _carry_over() -> None:
    """Give what is there the meaning that it had, and then require it."""
    op.execute("UPDATE contact SET verified_at = CURRENT_TIMESTAMP")
    # One text asked for each request: the first, to the number that the reference was good for.
    op.execute(
        "UPDATE text_message SET kind = 'ask' WHERE id IN (SELECT min(id) FROM text_message GROUP BY request_id)"
        " AND request_id IS NOT NULL"
    )
    op.execute(
        "INSERT INTO step_taken (request_id, step, target, contact_id, number, text_id, at)"
        " SELECT id, 0, 'on_duty', contact_id, sent_to,"
        " (SELECT min(text_message.id) FROM text_message WHERE request_id = bed_request.id), asked_at FROM bed_request"
    )
    op.execute("UPDATE text_message SET use_until = promised_at, followed_up_at = settled_at")
    _waiting_texts_keep_half_an_hour()
    op.execute("UPDATE incoming_text SET due_at = received_at, worked_at = received_at")
    op.execute("UPDATE receipt SET worked_at = received_at")
    with op.batch_alter_table("bed_request") as batch_op:
        batch_op.drop_column("sent_to")
    with op.batch_alter_table("text_message") as batch_op:
        batch_op.alter_column("use_until", existing_type=sa.DateTime(timezone=True), nullable=False)
    with op.batch_alter_table("incoming_text") as batch_op:
        batch_op.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    _partial("ix_text_message_due", "text_message", ["due_at"], "state IN ('waiting', 'sending')")
    _partial("uq_text_message_sending", "text_message", ["to_number"], "state = 'sending'", unique=True)
    _partial("ix_text_message_look", "text_message", ["look_at"], "look_at IS NOT NULL")
    _partial(
        "ix_text_message_follow_up",
        "text_message",
        ["request_id"],
        "kind = 'ask' AND state IN ('undelivered', 'failed') AND followed_up_at IS NULL",
    )
    op.create_index("ix_text_message_number", "text_message", ["to_number", "promised_at"])
    _partial("ix_incoming_text_unworked", "incoming_text", ["due_at"], "worked_at IS NULL")
    _partial("ix_receipt_unworked", "receipt", ["id"], "worked_at IS NULL")


def _waiting_texts_keep_half_an_hour() -> None:
    text = sa.table(
        "text_message",
        sa.column("id"),
        sa.column("state"),
        sa.column("promised_at", sa.DateTime(timezone=True)),
        sa.column("use_until", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(text.c.id, text.c.promised_at).where(text.c.state == "waiting")).all():
        until = row.promised_at + timedelta(minutes=30)
        connection.execute(sa.update(text).where(text.c.id == row.id).values(use_until=until))


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """Back to one contact per authority and one text per request; what is beyond that is lost."""
    _texts_as_before()
    _requests_as_before()
    _people_as_before()
    for table in ("step_taken", "call", "standing_search", "weekly_shift", "rota_override", "escalation_policy"):
        op.drop_table(table)
    op.drop_table("once")
    op.drop_table("carrier_state")


def _texts_as_before() -> None:
    for index in ("due", "look", "follow_up", "number"):
        op.drop_index(f"ix_text_message_{index}", "text_message")
    op.drop_index("uq_text_message_sending", "text_message")
    op.drop_index("ix_incoming_text_unworked", "incoming_text")
    op.drop_index("ix_receipt_unworked", "receipt")
    op.execute("UPDATE text_message SET state = 'waiting' WHERE state = 'sending'")
    with op.batch_alter_table("text_message") as batch_op:
        batch_op.drop_constraint(op.f("ck_text_message_kind_listed"), type_="check")
        batch_op.drop_constraint(op.f("ck_text_message_state_listed"), type_="check")
        batch_op.create_check_constraint(
            "state_listed", "state IN ('waiting', 'sent', 'delivered', 'undelivered', 'failed')"
        )
        for column in ("kind", "use_until", "looks", "perhaps_sent_since", "look_at", "followed_up_at"):
            batch_op.drop_column(column)
    _partial("ix_text_message_due", "text_message", ["due_at"], "state = 'waiting'")
    op.execute("UPDATE incoming_text SET meaning = 'unclear' WHERE meaning IS NULL OR length(meaning) > 10")
    with op.batch_alter_table("incoming_text") as batch_op:
        for column in ("due_at", "attempts", "worked_at"):
            batch_op.drop_column(column)
        batch_op.alter_column("meaning", existing_type=sa.String(length=12), type_=sa.String(length=10), nullable=False)
    op.execute("DELETE FROM receipt WHERE text_id NOT IN (SELECT id FROM text_message)")
    with op.batch_alter_table("receipt") as batch_op:
        batch_op.drop_index(op.f("ix_receipt_provider_id"))
        for column in ("asked_for", "worked_at", "provider_id"):
            batch_op.drop_column(column)
        batch_op.create_foreign_key(op.f("fk_receipt_text_id_text_message"), "text_message", ["text_id"], ["id"])


def _requests_as_before() -> None:
    op.drop_index("ix_bed_request_next_step", "bed_request")
    with op.batch_alter_table("placement") as batch_op:
        batch_op.drop_column("arrived_at")
        batch_op.drop_column("arrived_by")
    with op.batch_alter_table("bed_request") as batch_op:
        batch_op.add_column(sa.Column("sent_to", sa.String(length=16), nullable=True))
        batch_op.drop_constraint(op.f("fk_bed_request_search_id_standing_search"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_bed_request_search_id"))
        for column in ("search_id", "by_text", "policy", "next_step", "next_step_at"):
            batch_op.drop_column(column)
    op.execute(
        "UPDATE bed_request SET sent_to = coalesce((SELECT min(number) FROM step_taken"
        " WHERE step_taken.request_id = bed_request.id AND step = 0), '')"
    )
    with op.batch_alter_table("bed_request") as batch_op:
        batch_op.alter_column("sent_to", existing_type=sa.String(length=16), nullable=False)


def _people_as_before() -> None:
    op.execute("DELETE FROM person WHERE role = 'manager'")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(op.f("ck_person_role_listed"), type_="check")
        batch_op.drop_constraint(op.f("ck_person_authority_by_role"), type_="check")
        batch_op.create_check_constraint("role_listed", "role IN ('custody_officer', 'duty_officer')")
        batch_op.create_check_constraint("authority_by_role", "(role = 'duty_officer') = (authority_code IS NOT NULL)")
    for index in ("fallback", "manager", "name"):
        op.drop_index(f"uq_contact_{index}", "contact")
    first = "(SELECT min(id) FROM contact AS one WHERE one.authority_code = contact.authority_code)"
    op.execute(
        "UPDATE bed_request SET contact_id = (SELECT min(one.id) FROM contact AS one JOIN contact AS its"
        " ON its.authority_code = one.authority_code WHERE its.id = bed_request.contact_id)"
    )
    for table in ("step_taken", "weekly_shift", "rota_override"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608 - dropped next
    op.execute(f"DELETE FROM contact WHERE id <> {first}")  # noqa: S608 - no value in it
    op.execute("UPDATE contact SET mobile = coalesce(mobile, ''), landline = coalesce(landline, '')")
    with op.batch_alter_table("contact") as batch_op:
        batch_op.drop_constraint(op.f("ck_contact_some_number"), type_="check")
        for column in ("is_fallback", "is_manager", "check_code", "check_sent_at"):
            batch_op.drop_column(column)
        for column in ("verified_at", "opted_out_at", "removed_at"):
            batch_op.drop_column(column)
        batch_op.alter_column("mobile", existing_type=sa.String(length=16), nullable=False)
        batch_op.alter_column("landline", existing_type=sa.String(length=16), nullable=False)
        batch_op.create_unique_constraint(op.f("uq_contact_authority_code"), ["authority_code"])
    with op.batch_alter_table("bed_report") as batch_op:
        batch_op.drop_constraint(op.f("fk_bed_report_incoming_id_incoming_text"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_bed_report_undoes_id_bed_report"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_bed_report_undoes_id"), type_="unique")
        batch_op.drop_index(op.f("ix_bed_report_incoming_id"))
        for column in ("free_before", "confirmed_before", "incoming_id", "undoes_id"):
            batch_op.drop_column(column)
    with op.batch_alter_table("place") as batch_op:
        batch_op.drop_constraint(op.f("ck_place_until_with_reason"), type_="check")
        batch_op.drop_column("out_of_service_until")
    with op.batch_alter_table("suite") as batch_op:
        batch_op.drop_column("mobile")
    with op.batch_alter_table("authority") as batch_op:
        batch_op.drop_constraint(op.f("ck_authority_counts_wanted_in_the_day"), type_="check")
        batch_op.drop_column("texted")
        batch_op.drop_column("counts_wanted_at")
