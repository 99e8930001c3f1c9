"""Forms that were sent, so that none does twice what it asks.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("table_name", sa.String(length=500), nullable=False),
        sa.Column("row_key", sa.String(length=500), nullable=False),
        sa.CheckConstraint("length(mark) = 64", name=op.f("ck_sent_form_is_a_digest")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_sent_form")),
    )
    op.create_index(op.f("ix_sent_form_at"), "sent_form", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sent_form_at"), table_name="sent_form")
    op.drop_table("sent_form")
