"""Problem ledgers: obstacles, what they are tied to, and their closings.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "obstacle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_obstacle_says_what_is_difficult")),
        sa.CheckConstraint(
            "due_on BETWEEN raised_on AND '2199-12-31'", name=op.f("ck_obstacle_due_after_it_was_raised")
        ),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_obstacle_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(["category_id"], ["term.id"], name=op.f("fk_obstacle_category_id_term")),
        sa.ForeignKeyConstraint(["unit_id"], ["organisation.id"], name=op.f("fk_obstacle_unit_id_organisation")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["user.id"], name=op.f("fk_obstacle_raised_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle")),
    )
    op.create_index(
        op.f("ix_obstacle_jurisdiction_id_raised_on"), "obstacle", ["jurisdiction_id", "raised_on"], unique=False
    )
    op.create_table(
        "obstacle_commitment",
        sa.Column("obstacle_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["obstacle_id"], ["obstacle.id"], name=op.f("fk_obstacle_commitment_obstacle_id_obstacle")
        ),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_obstacle_commitment_commitment_id_commitment")
        ),
        sa.PrimaryKeyConstraint("obstacle_id", "commitment_id", name=op.f("pk_obstacle_commitment")),
    )
    op.create_index(
        op.f("ix_obstacle_commitment_commitment_id"), "obstacle_commitment", ["commitment_id"], unique=False
    )
    op.create_table(
        "obstacle_closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obstacle_id", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(note) > 0", name=op.f("ck_obstacle_closing_says_how_it_was_settled")),
        sa.ForeignKeyConstraint(
            ["obstacle_id"], ["obstacle.id"], name=op.f("fk_obstacle_closing_obstacle_id_obstacle")
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_obstacle_closing_closed_by_id_user")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_obstacle_closing_evidence_id_evidence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle_closing")),
        sa.UniqueConstraint("obstacle_id", name=op.f("uq_obstacle_closing_obstacle_id")),
    )


def downgrade() -> None:
    op.drop_table("obstacle_closing")
    op.drop_index(op.f("ix_obstacle_commitment_commitment_id"), table_name="obstacle_commitment")
    op.drop_table("obstacle_commitment")
    op.drop_index(op.f("ix_obstacle_jurisdiction_id_raised_on"), table_name="obstacle")
    op.drop_table("obstacle")
