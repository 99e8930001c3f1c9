"""The chain over every event of the audit, and a key by which no event is committed without its entry.

SQLite adds no foreign key to a table that is there, so the log is written over into one that has it; nothing points to
its rows. Events that are there are chained in the order of their numbers.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tracker import chain

revision = "0008"
down_revision = "0007"

_COLUMNS = "id, at, actor, action, table_name, row_key, changes"
_KEY = "fk_audit_event_id_chain_entry"


def upgrade() -> None:
    op.create_table(
        "chain_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("instance", sa.String(500), nullable=True),
        sa.Column("hash", sa.String(500), nullable=False),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_chain_entry_hash_is_hex")),
        sa.CheckConstraint("(seq = 0) = (event_id IS NULL)", name=op.f("ck_chain_entry_is_of_an_event")),
        sa.CheckConstraint("(seq = 0) = (instance IS NOT NULL)", name=op.f("ck_chain_entry_begins_with_a_name")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_chain_entry")),
        sa.UniqueConstraint("event_id", name=op.f("uq_chain_entry_event_id")),
    )
    chain.begin(op.get_bind())
    if op.get_bind().dialect.name == "sqlite":
        _written_over(
            sa.ForeignKeyConstraint(["id"], ["chain_entry.event_id"], _KEY, deferrable=True, initially="DEFERRED")
        )
    else:
        op.create_foreign_key(
            _KEY, "audit_event", "chain_entry", ["id"], ["event_id"], deferrable=True, initially="DEFERRED"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _written_over()
    else:
        op.drop_constraint(_KEY, "audit_event", type_="foreignkey")
    op.drop_table("chain_entry")


def _written_over(*keys: sa.ForeignKeyConstraint) -> None:
    """The log in a table of the same columns, checks and indexes, with these foreign keys and no others."""
    # The guards of both tables name each other; all guards are made anew at the end of the upgrade.
    for name in (
        op.get_bind()
        .scalars(
            sa.text(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit_event', 'chain_entry')"
            )
        )
        .all()
    ):
        op.execute(f"DROP TRIGGER {name}")
    op.execute("ALTER TABLE audit_event RENAME TO audit_event_before")
    for index in ("ix_audit_event_table_name_row_key", "ix_audit_event_actor_id", "ix_audit_event_at"):
        op.execute(f"DROP INDEX {index}")
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(500), nullable=False),
        sa.Column(
            "action",
            sa.Enum("insert", "update", "delete", name="action", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("table_name", sa.String(500), nullable=False),
        sa.Column("row_key", sa.String(500), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        *keys,
    )
    op.create_index(op.f("ix_audit_event_table_name_row_key"), "audit_event", ["table_name", "row_key"], unique=False)
    op.create_index(op.f("ix_audit_event_actor_id"), "audit_event", ["actor", "id"], unique=False)
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"], unique=False)
    op.execute(f"INSERT INTO audit_event ({_COLUMNS}) SELECT {_COLUMNS} FROM audit_event_before")
    op.execute("DROP TABLE audit_event_before")
