"""Follow-up: reviews, measurements, moved deadlines, milestones, archived copies, and other schemes of status.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ORIGINS = {
    "0001": "'official', 'independent', 'company'",
    "0002": "'official', 'party_media', 'independent', 'company'",
}
_COLUMNS = {
    "0001": "sha256 VARCHAR(500), file VARCHAR(500)",
    "0002": "fact_date VARCHAR(500), shows_zh TEXT, shows_en TEXT, caveat_zh TEXT, caveat_en TEXT",
}
_KEPT = "id, url, title, publisher, published_on, retrieved_on, excerpt, origin, reports"


def upgrade() -> None:
    op.create_table(
        "scheme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("source_title", sa.String(length=500), nullable=False),
        sa.Column("source_publisher", sa.String(length=500), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("retrieved_on", sa.Date(), nullable=False),
        sa.Column("source_note_zh", sa.Text(), nullable=True),
        sa.Column("source_note_en", sa.Text(), nullable=True),
        sa.Column("note_zh", sa.Text(), nullable=True),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme")),
        sa.UniqueConstraint("code", name=op.f("uq_scheme_code")),
    )
    op.create_table(
        "archived_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=500), nullable=False),
        sa.Column("media_type", sa.String(length=500), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("retrieved_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_archived_copy_content_is_there")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_archived_copy_sha256_is_hex")),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_archived_copy_analyst_id_user")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_archived_copy_evidence_id_evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_copy")),
        sa.UniqueConstraint("evidence_id", "sha256", name=op.f("uq_archived_copy_evidence_id_sha256")),
    )
    op.create_table(
        "scheme_term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("name_zh", sa.String(length=500), nullable=False),
        sa.Column("name_en", sa.String(length=500), nullable=False),
        sa.Column("definition_zh", sa.Text(), nullable=False),
        sa.Column("definition_en", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_scheme_term_scheme_id_scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheme_term")),
        sa.UniqueConstraint("id", "scheme_id", name=op.f("uq_scheme_term_id_scheme_id")),
        sa.UniqueConstraint("scheme_id", "code", name=op.f("uq_scheme_term_scheme_id_code")),
    )
    op.create_table(
        "status_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
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
        sa.Column("term_id", sa.Integer(), nullable=True),
        sa.Column(
            "quality",
            sa.Enum(
                "exact", "broad", "narrow", "none", name="quality", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("note_zh", sa.Text(), nullable=True),
        sa.Column("note_en", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(term_id IS NULL) = (quality = 'none')", name=op.f("ck_status_mapping_no_term_only_where_none_fits")
        ),
        sa.ForeignKeyConstraint(["scheme_id"], ["scheme.id"], name=op.f("fk_status_mapping_scheme_id_scheme")),
        sa.ForeignKeyConstraint(
            ["term_id", "scheme_id"],
            ["scheme_term.id", "scheme_term.scheme_id"],
            name=op.f("fk_status_mapping_term_id_scheme_id_scheme_term"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_mapping")),
        sa.UniqueConstraint("scheme_id", "execution", name=op.f("uq_status_mapping_scheme_id_execution")),
    )
    op.create_table(
        "deadline_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
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
        sa.Column("deadline_text", sa.String(length=500), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
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
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("deadline_kind IN ('completion', 'horizon')", name=op.f("ck_deadline_revision_sets_a_date")),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_deadline_revision_analyst_id_user")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_deadline_revision_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_deadline_revision_evidence_id_evidence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_revision")),
    )
    op.create_index(
        op.f("ix_deadline_revision_commitment_id_announced_on"),
        "deadline_revision",
        ["commitment_id", "announced_on"],
        unique=False,
    )
    op.create_index(op.f("ix_deadline_revision_evidence_id"), "deadline_revision", ["evidence_id"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.String(length=500), nullable=False),
        sa.Column("title_en", sa.String(length=500), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_milestone_analyst_id_user")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_milestone_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_milestone_evidence_id_evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    op.create_index(
        op.f("ix_milestone_commitment_id_planned_on"), "milestone", ["commitment_id", "planned_on"], unique=False
    )
    op.create_index(op.f("ix_milestone_evidence_id"), "milestone", ["evidence_id"], unique=False)
    op.create_table(
        "measurement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("figure_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_measurement_analyst_id_user")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_measurement_evidence_id_evidence")),
        sa.ForeignKeyConstraint(
            ["figure_id"], ["stated_figure.id"], name=op.f("fk_measurement_figure_id_stated_figure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
    )
    op.create_index(op.f("ix_measurement_evidence_id"), "measurement", ["evidence_id"], unique=False)
    op.create_index(op.f("ix_measurement_figure_id_as_of"), "measurement", ["figure_id", "as_of"], unique=False)
    op.create_table(
        "milestone_reached",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["analyst_id"], ["user.id"], name=op.f("fk_milestone_reached_analyst_id_user")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_milestone_reached_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_reached_milestone_id_milestone")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_reached")),
    )
    op.create_index(op.f("ix_milestone_reached_evidence_id"), "milestone_reached", ["evidence_id"], unique=False)
    op.create_index(op.f("ix_milestone_reached_milestone_id"), "milestone_reached", ["milestone_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("approve", "return", name="verdict", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict <> 'return' OR length(note) > 0", name=op.f("ck_review_a_return_says_why")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["status_assessment.id"], name=op.f("fk_review_assessment_id_status_assessment")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name=op.f("fk_review_reviewer_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_assessment_id"), "review", ["assessment_id"], unique=False)
    _remake_evidence("0001", "0002")
    op.execute(
        "ALTER TABLE status_assessment ADD COLUMN effective_precision VARCHAR(32)"
        " CONSTRAINT ck_status_assessment_effective_precision CHECK (effective_precision IN ('month', 'year'))"
    )
    op.add_column("status_assessment", sa.Column("summary_en", sa.Text(), nullable=True))


def _remake_evidence(old: str, new: str) -> None:
    """Give the table the columns and the list of origins of another revision."""
    if op.get_context().dialect.name == "postgresql":
        for column in _COLUMNS[old].split(", "):
            op.execute(f"ALTER TABLE evidence DROP COLUMN {column.split()[0]}")
        for column in _COLUMNS[new].split(", "):
            op.execute(f"ALTER TABLE evidence ADD COLUMN {column}")
        op.execute("ALTER TABLE evidence DROP CONSTRAINT ck_evidence_origin")
        op.execute(f"ALTER TABLE evidence ADD CONSTRAINT ck_evidence_origin CHECK (origin IN ({_ORIGINS[new]}))")
        return
    # SQLite changes no check in place. The rows go into a table of the same name, so that the keys that
    # point to them, deferred meanwhile, are met again before the commit.
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE evidence_kept AS SELECT {_KEPT} FROM evidence")
    for trigger in op.get_bind().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
        op.execute(f"DROP TRIGGER {trigger[0]}")  # made anew when the migrations are through
    op.execute("DROP TABLE evidence")
    op.execute(
        "CREATE TABLE evidence (id INTEGER NOT NULL, url TEXT NOT NULL, title VARCHAR(500), publisher VARCHAR(500),"
        f" published_on DATE, retrieved_on DATE, excerpt TEXT, {_COLUMNS[new]}, origin VARCHAR(32), reports VARCHAR(32),"
        " CONSTRAINT pk_evidence PRIMARY KEY (id),"
        " CONSTRAINT ck_evidence_url_is_web_address"
        " CHECK (substr(url, 1, 7) = 'http://' OR substr(url, 1, 8) = 'https://'),"
        f" CONSTRAINT ck_evidence_origin CHECK (origin IN ({_ORIGINS[new]})),"
        " CONSTRAINT ck_evidence_reports CHECK (reports IN"
        " ('announcement', 'approval', 'funding', 'start', 'delivery', 'statistics')))"
    )
    op.execute(f"INSERT INTO evidence ({_KEPT}) SELECT {_KEPT} FROM evidence_kept")
    op.execute("DROP TABLE evidence_kept")
    op.execute("CREATE INDEX ix_evidence_url ON evidence (url)")


def downgrade() -> None:
    op.drop_column("status_assessment", "summary_en")
    op.drop_column("status_assessment", "effective_precision")
    op.drop_index(op.f("ix_review_assessment_id"), table_name="review")
    op.drop_table("review")
    op.drop_index(op.f("ix_milestone_reached_milestone_id"), table_name="milestone_reached")
    op.drop_index(op.f("ix_milestone_reached_evidence_id"), table_name="milestone_reached")
    op.drop_table("milestone_reached")
    op.drop_index(op.f("ix_measurement_figure_id_as_of"), table_name="measurement")
    op.drop_index(op.f("ix_measurement_evidence_id"), table_name="measurement")
    op.drop_table("measurement")
    op.drop_index(op.f("ix_milestone_evidence_id"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_commitment_id_planned_on"), table_name="milestone")
    op.drop_table("milestone")
    op.drop_index(op.f("ix_deadline_revision_evidence_id"), table_name="deadline_revision")
    op.drop_index(op.f("ix_deadline_revision_commitment_id_announced_on"), table_name="deadline_revision")
    op.drop_table("deadline_revision")
    op.drop_table("status_mapping")
    op.drop_table("scheme_term")
    op.drop_table("archived_copy")
    op.drop_table("scheme")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER guard_evidence_row ON evidence")
    else:
        op.execute("DROP TRIGGER guard_evidence_update")
    # Revision 0001 has no word for them.
    op.execute("UPDATE evidence SET origin = NULL WHERE origin = 'party_media'")
    _remake_evidence("0002", "0001")
