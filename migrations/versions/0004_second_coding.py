"""Second coding: rounds, their items, what other coders read, and what was decided.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_CODES = {
    "kind": "'second_half_plan', 'pro_business_measure', 'investment_promotion_measure', 'investment_priority', 'practice_already_run', 'foreign_capital_response'",
    "tense": "'planned', 'ongoing', 'claimed_done'",
    "checkability": "'high', 'medium', 'low'",
    "execution": "'no_evidence_found', 'not_started', 'planned', 'in_progress', 'partly_completed', 'completed', 'completed_reduced', 'stalled', 'blocked', 'abandoned', 'reversed', 'not_assessable'",
}


def _field() -> sa.Column[str]:
    codes = sa.Enum(*_CODES, name="field", native_enum=False, create_constraint=True, length=32)
    return sa.Column("field", codes, nullable=False)


def _of_its_field(table: str, column: str) -> sa.CheckConstraint:
    rules = [f"(field = '{field}' AND {column} IN ({codes}))" for field, codes in _CODES.items()]
    return sa.CheckConstraint(" OR ".join(rules), name=op.f(f"ck_{table}_{column}_is_of_its_field"))


def upgrade() -> None:
    op.create_table(
        "coding_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("codebook_version", sa.String(length=500), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_coding_round_has_a_name")),
        sa.CheckConstraint("seed BETWEEN 0 AND 2147483647", name=op.f("ck_coding_round_seed_is_a_whole_number")),
        sa.CheckConstraint("population > 0", name=op.f("ck_coding_round_is_drawn_from_something")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdiction.id"], name=op.f("fk_coding_round_jurisdiction_id_jurisdiction")
        ),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["user.id"], name=op.f("fk_coding_round_drawn_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_round")),
        sa.UniqueConstraint("name", name=op.f("uq_coding_round_name")),
    )
    op.create_table(
        "coding_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        _field(),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("first_value", sa.String(length=32), nullable=False),
        sa.Column("first_coder_id", sa.Integer(), nullable=True),
        _of_its_field("coding_item", "first_value"),
        sa.ForeignKeyConstraint(["round_id"], ["coding_round.id"], name=op.f("fk_coding_item_round_id_coding_round")),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_coding_item_commitment_id_commitment")
        ),
        sa.ForeignKeyConstraint(["first_coder_id"], ["user.id"], name=op.f("fk_coding_item_first_coder_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_item")),
        sa.UniqueConstraint(
            "round_id", "commitment_id", "field", name=op.f("uq_coding_item_round_id_commitment_id_field")
        ),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_coding_item_round_id_position")),
        sa.UniqueConstraint("id", "field", name=op.f("uq_coding_item_id_field")),
    )
    op.create_table(
        "coding_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        _field(),
        sa.Column("coder_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _of_its_field("coding_reading", "value"),
        sa.ForeignKeyConstraint(
            ["item_id", "field"],
            ["coding_item.id", "coding_item.field"],
            name=op.f("fk_coding_reading_item_id_field_coding_item"),
        ),
        sa.ForeignKeyConstraint(["coder_id"], ["user.id"], name=op.f("fk_coding_reading_coder_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_reading")),
        sa.UniqueConstraint("item_id", "coder_id", name=op.f("uq_coding_reading_item_id_coder_id")),
    )
    op.create_table(
        "adjudication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        _field(),
        sa.Column("value", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("adjudicator_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(note) > 0", name=op.f("ck_adjudication_says_why")),
        _of_its_field("adjudication", "value"),
        sa.ForeignKeyConstraint(
            ["item_id", "field"],
            ["coding_item.id", "coding_item.field"],
            name=op.f("fk_adjudication_item_id_field_coding_item"),
        ),
        sa.ForeignKeyConstraint(["adjudicator_id"], ["user.id"], name=op.f("fk_adjudication_adjudicator_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudication")),
    )
    op.create_index(op.f("ix_adjudication_item_id"), "adjudication", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_adjudication_item_id"), table_name="adjudication")
    op.drop_table("adjudication")
    op.drop_table("coding_reading")
    op.drop_table("coding_item")
    op.drop_table("coding_round")
