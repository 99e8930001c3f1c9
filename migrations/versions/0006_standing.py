"""How every commitment stands now, stored: lists and counts need not derive it. Filled at the end of the upgrade.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "current_standing",
        sa.Column("approved_only", sa.Boolean(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
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
            "verdict",
            sa.Enum("approve", "return", name="verdict", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("reviewed_up_to", sa.Date(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
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
        sa.Column("window_start", sa.Date(), nullable=True),
        sa.Column("window_end", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["status_assessment.id"],
            name=op.f("fk_current_standing_assessment_id_status_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"],
            ["commitment.id"],
            name=op.f("fk_current_standing_commitment_id_commitment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["deadline_revision.id"], name=op.f("fk_current_standing_revision_id_deadline_revision")
        ),
        sa.PrimaryKeyConstraint("approved_only", "commitment_id", name=op.f("pk_current_standing")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_current_standing_approved_only_document_id_position"),
        "current_standing",
        ["approved_only", "document_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_current_standing_approved_only_execution_document_id_position"),
        "current_standing",
        ["approved_only", "execution", "document_id", "position"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_current_standing_approved_only_execution_document_id_position"), table_name="current_standing"
    )
    op.drop_index(op.f("ix_current_standing_approved_only_document_id_position"), table_name="current_standing")
    op.drop_table("current_standing")
