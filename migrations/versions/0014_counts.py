"""What is counted city by city, stored: of how many commitments which status, day and author are.

How each stands is stored with what it is counted by. Both are derived, and filled at the end of the upgrade.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

EXECUTION = (
    "not_reviewed", "no_evidence_found", "not_started", "planned", "in_progress", "partly_completed", "completed",
    "completed_reduced", "stalled", "blocked", "abandoned", "reversed", "not_assessable",
)  # fmt: skip
KIND = (
    "second_half_plan", "pro_business_measure", "investment_promotion_measure", "investment_priority",
    "practice_already_run", "foreign_capital_response", "other",
)  # fmt: skip
STATE = ("draft", "published", "withdrawn")

#: What waits on a work list, and along which columns it is walked.
DONE = "'completed', 'completed_reduced'"
WAITING = {
    "returned": ("returned", ("recorded_at",)),
    "returned_to": ("returned", ("returned_to", "recorded_at")),
    "awaiting": ("assessment_id IS NOT NULL AND verdict IS NULL", ("recorded_at",)),
    "due": (f"deadline_kind = 'completion' AND execution NOT IN ({DONE})", ("window_end",)),
    "look_again": ("next_check IS NOT NULL", ("next_check",)),
    "disputed": ("disputed", ("effective_on",)),
    "stale": (f"execution NOT IN ('not_reviewed', {DONE})", ("reviewed_up_to",)),
    "horizon": (f"deadline_kind = 'horizon' AND execution NOT IN ({DONE})", ("window_end",)),
    "calendar": ("deadline_kind IN ('completion', 'horizon')", ("deadline_kind", "window_end")),
    "never": ("execution = 'not_reviewed' AND is_followable", ("checkability", "deadline_kind", "window_end")),
}


def _coded(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    _drop_standing()
    _make_standing(
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("publication_state", _coded("publication_state", *STATE), nullable=False),
        sa.Column("kind", _coded("kind", *KIND), nullable=False),
        sa.Column("checkability", _coded("checkability", "high", "medium", "low"), nullable=False),
        sa.Column("is_followable", sa.Boolean(), nullable=False),
        sa.Column("next_check", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress_share", sa.Double(), nullable=True),
        sa.Column("analyst_id", sa.Integer(), nullable=True),
        sa.Column("returned_to", sa.Integer(), nullable=True),
        _key("current_standing", "jurisdiction_id", "jurisdiction"),
        _key("current_standing", "analyst_id", "user"),
        _key("current_standing", "returned_to", "user"),
    )
    for name, (which, along) in WAITING.items():
        where = sa.text(f"NOT approved_only AND {which}")
        columns = [*along, "document_id", "position", "jurisdiction_id"]
        op.create_index(
            f"ix_current_standing_{name}", "current_standing", columns, sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        "standing_count",
        sa.Column("approved_only", sa.Boolean(), nullable=False),
        sa.Column("publication_state", _coded("publication_state", *STATE), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("execution", _coded("execution", *EXECUTION), nullable=False),
        sa.Column("kind", _coded("kind", *KIND), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("commitments", "followable", "checkable", "approved", "awaiting", "returned", "disputed")
        ),
        _key("standing_count", "jurisdiction_id", "jurisdiction"),
        sa.PrimaryKeyConstraint(
            "approved_only", "publication_state", "jurisdiction_id", "execution", "kind",
            name=op.f("pk_standing_count"),
        ),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "day_count",
        sa.Column("approved_only", sa.Boolean(), nullable=False),
        sa.Column("publication_state", _coded("publication_state", *STATE), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("commitments", sa.Integer(), nullable=False),
        sa.Column("followable", sa.Integer(), nullable=False),
        _key("day_count", "jurisdiction_id", "jurisdiction"),
        sa.PrimaryKeyConstraint(
            "approved_only", "publication_state", "what", "jurisdiction_id", "day", name=op.f("pk_day_count")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "author_count",
        sa.Column("publication_state", _coded("publication_state", *STATE), nullable=False),
        sa.Column("analyst_id", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("awaiting", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        _key("author_count", "analyst_id", "user"),
        _key("author_count", "jurisdiction_id", "jurisdiction"),
        sa.PrimaryKeyConstraint("publication_state", "analyst_id", "jurisdiction_id", name=op.f("pk_author_count")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("author_count", "day_count", "standing_count"):
        op.drop_table(table)
    for name in WAITING:
        op.drop_index(f"ix_current_standing_{name}", table_name="current_standing")
    _drop_standing()
    _make_standing()


def _drop_standing() -> None:
    """Everything in it is derived: made anew it is filled again, and SQLite rebuilds no table."""
    for columns in ("approved_only_execution_document_id_position", "approved_only_document_id_position"):
        op.drop_index(op.f(f"ix_current_standing_{columns}"), table_name="current_standing")
    op.drop_table("current_standing")


def _make_standing(*more: sa.Column[object] | sa.ForeignKeyConstraint) -> None:
    table = "current_standing"
    op.create_table(
        table,
        sa.Column("approved_only", sa.Boolean(), nullable=False),
        sa.Column("commitment_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("execution", _coded("execution", *EXECUTION), nullable=False),
        sa.Column("verdict", _coded("verdict", "approve", "return"), nullable=True),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("reviewed_up_to", sa.Date(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column(
            "deadline_kind", _coded("deadline_kind", "completion", "horizon", "event_date", "none"), nullable=False
        ),
        sa.Column("window_start", sa.Date(), nullable=True),
        sa.Column("window_end", sa.Date(), nullable=True),
        *more,
        _key(table, "assessment_id", "status_assessment"),
        sa.ForeignKeyConstraint(
            ["commitment_id"],
            ["commitment.id"],
            name=op.f("fk_current_standing_commitment_id_commitment"),
            ondelete="CASCADE",
        ),
        _key(table, "revision_id", "deadline_revision"),
        sa.PrimaryKeyConstraint("approved_only", "commitment_id", name=op.f("pk_current_standing")),
        sqlite_with_rowid=False,
    )
    for columns in (["approved_only", "document_id", "position"],
                    ["approved_only", "execution", "document_id", "position"]):  # fmt: skip
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns, unique=False)
