"""The ledger: places, documents, commitments, assessments, accounts and the audit.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=500), nullable=False),
        sa.Column(
            "action",
            sa.Enum("insert", "update", "delete", name="action", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("table_name", sa.String(length=500), nullable=False),
        sa.Column("row_key", sa.String(length=500), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_table_name_row_key"), "audit_event", ["table_name", "row_key"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=True),
        sa.Column("publisher", sa.String(length=500), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("retrieved_on", sa.Date(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=500), nullable=True),
        sa.Column("file", sa.String(length=500), nullable=True),
        sa.Column(
            "origin",
            sa.Enum(
                "official",
                "independent",
                "company",
                name="origin",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "reports",
            sa.Enum(
                "announcement",
                "approval",
                "funding",
                "start",
                "delivery",
                "statistics",
                name="reports",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "substr(url, 1, 7) = 'http://' OR substr(url, 1, 8) = 'https://'",
            name=op.f("ck_evidence_url_is_web_address"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_url"), "evidence", ["url"], unique=False)
    op.create_table(
        "jurisdiction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("iso_code", sa.String(length=500), nullable=True),
        sa.Column("slug", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "province", "prefecture", "county", name="level", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(code) = 6", name=op.f("ck_jurisdiction_code_has_six_digits")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["jurisdiction.id"], name=op.f("fk_jurisdiction_parent_id_jurisdiction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jurisdiction")),
        sa.UniqueConstraint("code", name=op.f("uq_jurisdiction_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_jurisdiction_slug")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("code", name=op.f("uq_person_code")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("email", sa.String(length=500), nullable=True),
        sa.Column("password", sa.String(length=500), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "reader",
                "analyst",
                "reviewer",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("fs_uniquifier", sa.String(length=500), nullable=False),
        sa.CheckConstraint("lower(name) NOT IN ('seed', 'sign-in')", name=op.f("ck_user_is_no_name_of_the_program")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_user_has_a_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_fs_uniquifier")),
        sa.UniqueConstraint("name", name=op.f("uq_user_name")),
    )
    op.create_table(
        "vocabulary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vocabulary")),
        sa.UniqueConstraint("code", name=op.f("uq_vocabulary_code")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "government",
                "department",
                "leadership",
                "legislature",
                "enterprise",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_organisation_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_code")),
    )
    op.create_table(
        "source_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "interview",
                "work_report",
                "task_table",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=500), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=True),
        sa.Column("publisher", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=500), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("kicker", sa.String(length=500), nullable=True),
        sa.Column("headline", sa.String(length=500), nullable=True),
        sa.Column("byline", sa.String(length=500), nullable=True),
        sa.Column("date", sa.String(length=500), nullable=False),
        sa.Column("date_note_zh", sa.Text(), nullable=True),
        sa.Column("date_note_en", sa.Text(), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("archived_url", sa.String(length=500), nullable=True),
        sa.Column(
            "source_tier",
            sa.Enum(
                "official",
                "press",
                "secondary",
                name="source_tier",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "licence_mode",
            sa.Enum(
                "full_text",
                "quote_only",
                "metadata_only",
                name="licence_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=500), nullable=False),
        sa.Column("raw_sha256", sa.String(length=500), nullable=True),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_source_document_sha256_is_hex")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_source_document_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["source_document.id"], name=op.f("fk_source_document_supersedes_id_source_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_document")),
        sa.UniqueConstraint("key", name=op.f("uq_source_document_key")),
    )
    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vocabulary_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["vocabulary_id"], ["vocabulary.id"], name=op.f("fk_term_vocabulary_id_vocabulary")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("vocabulary_id", "code", name=op.f("uq_term_vocabulary_id_code")),
    )
    op.create_table(
        "passage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.CheckConstraint('0 <= start AND start < "end"', name=op.f("ck_passage_has_length")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["source_document.id"], name=op.f("fk_passage_document_id_source_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage")),
        sa.UniqueConstraint("document_id", "start", "end", name=op.f("uq_passage_document_id_start_end")),
        sa.UniqueConstraint("id", "document_id", name=op.f("uq_passage_id_document_id")),
    )
    op.create_table(
        "policy_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("number", sa.String(length=500), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("responsible_person", sa.String(length=500), nullable=True),
        sa.Column("contact", sa.String(length=500), nullable=True),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_policy_document_validity_runs_forward")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_policy_document_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_policy_document_unit_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_document")),
        sa.UniqueConstraint("jurisdiction_id", "title", name=op.f("uq_policy_document_jurisdiction_id_title")),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_post_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_post_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("code", name=op.f("uq_post_code")),
    )
    op.create_table(
        "turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question_start", sa.Integer(), nullable=True),
        sa.Column("question_end", sa.Integer(), nullable=True),
        sa.Column("answer_start", sa.Integer(), nullable=False),
        sa.Column("answer_end", sa.Integer(), nullable=False),
        sa.Column("question_head_missing", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(question_start IS NULL) = (question_end IS NULL)", name=op.f("ck_turn_question_is_whole")),
        sa.CheckConstraint("0 <= answer_start AND answer_start < answer_end", name=op.f("ck_turn_answer_has_length")),
        sa.CheckConstraint(
            "question_end IS NULL OR question_end <= answer_start", name=op.f("ck_turn_answer_follows_question")
        ),
        sa.CheckConstraint(
            "question_start IS NULL OR (0 <= question_start AND question_start < question_end)",
            name=op.f("ck_turn_question_has_length"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["source_document.id"], name=op.f("fk_turn_document_id_source_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turn")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_turn_document_id_position")),
        sa.UniqueConstraint("id", "document_id", name=op.f("uq_turn_id_document_id")),
    )
    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("speaker_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("focus_id", sa.Integer(), nullable=True),
        sa.Column("title_zh", sa.String(length=500), nullable=False),
        sa.Column("title_en", sa.String(length=500), nullable=False),
        sa.Column("stands_alone", sa.Boolean(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "second_half_plan",
                "pro_business_measure",
                "investment_promotion_measure",
                "investment_priority",
                "practice_already_run",
                "foreign_capital_response",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "secondary_kind",
            sa.Enum(
                "second_half_plan",
                "pro_business_measure",
                "investment_promotion_measure",
                "investment_priority",
                "practice_already_run",
                "foreign_capital_response",
                name="secondary_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "tense",
            sa.Enum(
                "planned", "ongoing", "claimed_done", name="tense", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "tense_confidence",
            sa.Enum(
                "high", "medium", "low", name="tense_confidence", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("tense_words", sa.String(length=500), nullable=False),
        sa.Column("tense_note_zh", sa.Text(), nullable=True),
        sa.Column("tense_note_en", sa.Text(), nullable=True),
        sa.Column("deadline_text", sa.String(length=500), nullable=True),
        sa.Column(
            "deadline_kind",
            sa.Enum(
                "completion",
                "horizon",
                "event_date",
                "none",
                name="deadline_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "deadline_rule",
            sa.Enum(
                "second-half",
                "calendar-year",
                "annual-target",
                "on-schedule-poverty",
                "day-without-year",
                name="deadline_rule",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("window_start", sa.Date(), nullable=True),
        sa.Column("window_end", sa.Date(), nullable=True),
        sa.Column(
            "checkability",
            sa.Enum("high", "medium", "low", name="checkability", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("completion_zh", sa.Text(), nullable=False),
        sa.Column("completion_en", sa.Text(), nullable=False),
        sa.Column("beneficiaries_zh", sa.String(length=500), nullable=True),
        sa.Column("beneficiaries_en", sa.String(length=500), nullable=True),
        sa.Column("note_zh", sa.Text(), nullable=True),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.Column(
            "publication_state",
            sa.Enum(
                "draft",
                "published",
                "withdrawn",
                name="publication_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("next_check", sa.Date(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(deadline_kind = 'none') = (deadline_rule IS NULL) AND (deadline_rule IS NULL) = (window_end IS NULL) AND (window_start IS NULL) = (window_end IS NULL) AND (deadline_rule IS NULL) = (deadline_text IS NULL)",
            name=op.f("ck_commitment_deadline_is_whole"),
        ),
        sa.CheckConstraint(
            "tense_confidence <> 'low' OR tense_note_zh IS NOT NULL", name=op.f("ck_commitment_a_low_reading_says_why")
        ),
        sa.CheckConstraint(
            "parent_id IS NULL OR NOT stands_alone", name=op.f("ck_commitment_only_a_head_stands_alone")
        ),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_commitment_is_not_its_own_part")),
        sa.CheckConstraint("window_start <= window_end", name=op.f("ck_commitment_window_runs_forward")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["source_document.id"], name=op.f("fk_commitment_document_id_source_document")
        ),
        sa.ForeignKeyConstraint(
            ["focus_id", "document_id"],
            ["passage.id", "passage.document_id"],
            name=op.f("fk_commitment_focus_id_document_id_passage"),
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_commitment_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id", "document_id"],
            ["commitment.id", "commitment.document_id"],
            name=op.f("fk_commitment_parent_id_document_id_commitment"),
        ),
        sa.ForeignKeyConstraint(
            ["passage_id", "document_id"],
            ["passage.id", "passage.document_id"],
            name=op.f("fk_commitment_passage_id_document_id_passage"),
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_commitment_post_id_post")),
        sa.ForeignKeyConstraint(["speaker_id"], ["person.id"], name=op.f("fk_commitment_speaker_id_person")),
        sa.ForeignKeyConstraint(
            ["turn_id", "document_id"],
            ["turn.id", "turn.document_id"],
            name=op.f("fk_commitment_turn_id_document_id_turn"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("code", name=op.f("uq_commitment_code")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_commitment_document_id_position")),
        sa.UniqueConstraint("id", "document_id", name=op.f("uq_commitment_id_document_id")),
    )
    op.create_index(
        op.f("ix_commitment_jurisdiction_id_position"), "commitment", ["jurisdiction_id", "position"], unique=False
    )
    op.create_index(op.f("ix_commitment_next_check"), "commitment", ["next_check"], unique=False)
    op.create_index(op.f("ix_commitment_parent_id"), "commitment", ["parent_id"], unique=False)
    op.create_index(op.f("ix_commitment_turn_id"), "commitment", ["turn_id"], unique=False)
    op.create_index(op.f("ix_commitment_window_end"), "commitment", ["window_end"], unique=False)
    op.create_table(
        "passage_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "background",
                "opinion",
                "national_statement",
                "statistic",
                "lead_in",
                "name",
                "date",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note_zh", sa.String(length=500), nullable=True),
        sa.Column("note_en", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["source_document.id"], name=op.f("fk_passage_mark_document_id_source_document")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id", "document_id"],
            ["passage.id", "passage.document_id"],
            name=op.f("fk_passage_mark_passage_id_document_id_passage"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passage_mark")),
        sa.UniqueConstraint("passage_id", "reason", name=op.f("uq_passage_mark_passage_id_reason")),
    )
    op.create_table(
        "post_holding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.String(length=500), nullable=False),
        sa.Column("end", sa.String(length=500), nullable=False),
        sa.Column("note_zh", sa.String(length=500), nullable=True),
        sa.Column("note_en", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_post_holding_person_id_person")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_holding_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holding")),
        sa.UniqueConstraint("person_id", "post_id", "start", name=op.f("uq_post_holding_person_id_post_id_start")),
    )
    op.create_table(
        "commitment_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("a_id", sa.Integer(), nullable=False),
        sa.Column("b_id", sa.Integer(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "repeats",
                "possibly_same_as",
                "related",
                "similar_elsewhere",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note_zh", sa.String(length=500), nullable=True),
        sa.Column("note_en", sa.String(length=500), nullable=True),
        sa.CheckConstraint("a_id < b_id", name=op.f("ck_commitment_link_is_stored_once")),
        sa.ForeignKeyConstraint(["a_id"], ["commitment.id"], name=op.f("fk_commitment_link_a_id_commitment")),
        sa.ForeignKeyConstraint(["b_id"], ["commitment.id"], name=op.f("fk_commitment_link_b_id_commitment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_link")),
        sa.UniqueConstraint("a_id", "b_id", "relation", name=op.f("uq_commitment_link_a_id_b_id_relation")),
    )
    op.create_index(op.f("ix_commitment_link_b_id"), "commitment_link", ["b_id"], unique=False)
    op.create_table(
        "commitment_term",
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "explicit", "umbrella", "inferred", name="basis", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_term_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_commitment_term_term_id_term")),
        sa.PrimaryKeyConstraint("commitment_id", "term_id", name=op.f("pk_commitment_term")),
    )
    op.create_index(op.f("ix_commitment_term_term_id"), "commitment_term", ["term_id"], unique=False)
    op.create_table(
        "commitment_unit",
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead",
                "responsible",
                "support",
                "supervising",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "stated", "task_table", "assigned", name="basis", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_unit_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_commitment_unit_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("commitment_id", "organisation_id", "role", name=op.f("pk_commitment_unit")),
    )
    op.create_index(op.f("ix_commitment_unit_organisation_id"), "commitment_unit", ["organisation_id"], unique=False)
    op.create_table(
        "policy_document_commitment",
        sa.Column("policy_document_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_policy_document_commitment_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(
            ["policy_document_id"], ["policy_document.id"], name="fk_policy_document_commitment_policy_document"
        ),
        sa.PrimaryKeyConstraint("policy_document_id", "commitment_id", name=op.f("pk_policy_document_commitment")),
    )
    op.create_index(
        op.f("ix_policy_document_commitment_commitment_id"),
        "policy_document_commitment",
        ["commitment_id"],
        unique=False,
    )
    op.create_table(
        "search_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("searched_in", sa.String(length=500), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("searched_on", sa.Date(), nullable=False),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("results_read", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_search_log_analyst_id_user")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_search_log_commitment_id_commitment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_log")),
    )
    op.create_index(
        op.f("ix_search_log_commitment_id_searched_on"), "search_log", ["commitment_id", "searched_on"], unique=False
    )
    op.create_table(
        "stated_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=True),
        sa.Column("passage_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(
            "comparator",
            sa.Enum(
                "eq",
                "about",
                "at_least",
                "more_than",
                "at_most",
                name="comparator",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("what_zh", sa.String(length=500), nullable=False),
        sa.Column("what_en", sa.String(length=500), nullable=False),
        sa.Column("period", sa.String(length=500), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "target",
                "claim",
                "baseline",
                "context",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note_zh", sa.String(length=500), nullable=True),
        sa.Column("note_en", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["commitment_id", "document_id"],
            ["commitment.id", "commitment.document_id"],
            name=op.f("fk_stated_figure_commitment_id_document_id_commitment"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["source_document.id"], name=op.f("fk_stated_figure_document_id_source_document")
        ),
        sa.ForeignKeyConstraint(
            ["passage_id", "document_id"],
            ["passage.id", "passage.document_id"],
            name=op.f("fk_stated_figure_passage_id_document_id_passage"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["term.id"], name=op.f("fk_stated_figure_unit_id_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stated_figure")),
        sa.UniqueConstraint("passage_id", "what_zh", name=op.f("uq_stated_figure_passage_id_what_zh")),
    )
    op.create_index(op.f("ix_stated_figure_commitment_id"), "stated_figure", ["commitment_id"], unique=False)
    op.create_table(
        "status_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column(
            "execution",
            sa.Enum(
                "not_reviewed",
                "no_evidence_found",
                "not_started",
                "planned",
                "in_progress",
                "partly_completed",
                "completed",
                "completed_reduced",
                "stalled",
                "blocked",
                "abandoned",
                "reversed",
                "not_assessable",
                name="execution",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "not_measurable_yet",
                "achieved",
                "partly_achieved",
                "not_achieved",
                "unknown",
                "not_applicable",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "official_claim",
            sa.Enum(
                "not_reviewed",
                "no_evidence_found",
                "not_started",
                "planned",
                "in_progress",
                "partly_completed",
                "completed",
                "completed_reduced",
                "stalled",
                "blocked",
                "abandoned",
                "reversed",
                "not_assessable",
                name="official_claim",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("official_claim_source_id", sa.Integer(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_up_to", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=True),
        sa.Column("problems", sa.Text(), nullable=True),
        sa.Column("next_steps", sa.Text(), nullable=True),
        sa.Column("progress_share", sa.Double(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "money",
                "land",
                "approval",
                "market",
                "higher_level",
                "epidemic_or_disaster",
                "priority_change",
                "enterprise_withdrew",
                "merged",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "attribution",
            sa.Enum(
                "city",
                "higher_level",
                "enterprise",
                "external",
                "unknown",
                name="attribution",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "confidence",
            sa.Enum("high", "medium", "low", name="confidence", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("codebook_version", sa.String(length=500), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "execution NOT IN ('stalled', 'blocked', 'abandoned', 'reversed') OR (reason IS NOT NULL AND attribution IS NOT NULL)",
            name=op.f("ck_status_assessment_a_halt_has_a_reason"),
        ),
        sa.CheckConstraint(
            "(official_claim IS NULL) = (official_claim_source_id IS NULL)",
            name=op.f("ck_status_assessment_a_claim_has_a_source"),
        ),
        sa.CheckConstraint("corrects_id < id", name=op.f("ck_status_assessment_corrects_an_earlier_one")),
        sa.CheckConstraint(
            "effective_on <= reviewed_up_to", name=op.f("ck_status_assessment_effective_by_the_cut_off")
        ),
        sa.CheckConstraint("length(summary) > 0", name=op.f("ck_status_assessment_summary_says_something")),
        sa.CheckConstraint("progress_share BETWEEN 0 AND 1", name=op.f("ck_status_assessment_progress_is_a_share")),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_status_assessment_analyst_id_user")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_status_assessment_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id", "commitment_id"],
            ["status_assessment.id", "status_assessment.commitment_id"],
            name="fk_status_assessment_corrects",
        ),
        sa.ForeignKeyConstraint(
            ["official_claim_source_id"],
            ["evidence.id"],
            name=op.f("fk_status_assessment_official_claim_source_id_evidence"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_assessment")),
        sa.UniqueConstraint("id", "commitment_id", name=op.f("uq_status_assessment_id_commitment_id")),
    )
    op.create_index(
        op.f("ix_status_assessment_commitment_id_effective_on_recorded_at"),
        "status_assessment",
        ["commitment_id", "effective_on", "recorded_at"],
        unique=False,
    )
    op.create_index(op.f("ix_status_assessment_corrects_id"), "status_assessment", ["corrects_id"], unique=False)
    op.create_table(
        "assessment_evidence",
        sa.Column("assessment_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "supports",
                "contradicts",
                "context",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["status_assessment.id"],
            name=op.f("fk_assessment_evidence_assessment_id_status_assessment"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_assessment_evidence_evidence_id_evidence")
        ),
        sa.PrimaryKeyConstraint("assessment_id", "evidence_id", name=op.f("pk_assessment_evidence")),
    )
    op.create_index(op.f("ix_assessment_evidence_evidence_id"), "assessment_evidence", ["evidence_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_assessment_evidence_evidence_id"), table_name="assessment_evidence")
    op.drop_table("assessment_evidence")
    op.drop_index(op.f("ix_status_assessment_corrects_id"), table_name="status_assessment")
    op.drop_index(op.f("ix_status_assessment_commitment_id_effective_on_recorded_at"), table_name="status_assessment")
    op.drop_table("status_assessment")
    op.drop_index(op.f("ix_stated_figure_commitment_id"), table_name="stated_figure")
    op.drop_table("stated_figure")
    op.drop_index(op.f("ix_search_log_commitment_id_searched_on"), table_name="search_log")
    op.drop_table("search_log")
    op.drop_index(op.f("ix_policy_document_commitment_commitment_id"), table_name="policy_document_commitment")
    op.drop_table("policy_document_commitment")
    op.drop_index(op.f("ix_commitment_unit_organisation_id"), table_name="commitment_unit")
    op.drop_table("commitment_unit")
    op.drop_index(op.f("ix_commitment_term_term_id"), table_name="commitment_term")
    op.drop_table("commitment_term")
    op.drop_index(op.f("ix_commitment_link_b_id"), table_name="commitment_link")
    op.drop_table("commitment_link")
    op.drop_table("post_holding")
    op.drop_table("passage_mark")
    op.drop_index(op.f("ix_commitment_window_end"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_turn_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_parent_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_next_check"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_jurisdiction_id_position"), table_name="commitment")
    op.drop_table("commitment")
    op.drop_table("turn")
    op.drop_table("post")
    op.drop_table("policy_document")
    op.drop_table("passage")
    op.drop_table("term")
    op.drop_table("source_document")
    op.drop_table("organisation")
    op.drop_table("vocabulary")
    op.drop_table("user")
    op.drop_table("person")
    op.drop_table("jurisdiction")
    op.drop_index(op.f("ix_evidence_url"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index(op.f("ix_audit_event_table_name_row_key"), table_name="audit_event")
    op.drop_table("audit_event")
