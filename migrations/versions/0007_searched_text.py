"""The words that a search looks through, stored, and an index of them. Filled at the end of the upgrade.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "searched_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("stated_figure_id", sa.Integer(), nullable=True),
        sa.Column("own", sa.Text(), nullable=False),
        sa.Column("passage_id", sa.Integer(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("focus", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"],
            ["commitment.id"],
            name=op.f("fk_searched_text_commitment_id_commitment"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["passage_id"], ["passage.id"], name=op.f("fk_searched_text_passage_id_passage")),
        sa.ForeignKeyConstraint(
            ["stated_figure_id"],
            ["stated_figure.id"],
            name=op.f("fk_searched_text_stated_figure_id_stated_figure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_searched_text")),
        sa.UniqueConstraint("stated_figure_id", name=op.f("uq_searched_text_stated_figure_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_searched_text_commitment_id"), "searched_text", ["commitment_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE word_index USING fts5(pairs, content='', detail=none)")
    else:
        op.execute(
            "CREATE INDEX word_index ON searched_text USING gin (string_to_array(lower(own || ' ' || quote), NULL))"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE word_index")
    op.drop_index(op.f("ix_searched_text_commitment_id"), table_name="searched_text")
    op.drop_table("searched_text")
