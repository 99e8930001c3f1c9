"""Commitments of other texts than interviews, files on their way in, and how tables were read before.

A task table or an action plan names no speaker, answers no question, states its dates, and may be a country's.

SQLite alters no check of a table, so its declaration is respelled in place, by the procedure that SQLite gives for
checks and NOT NULL (https://sqlite.org/lang_altertable.html, section 7): no row is written over, nothing is lost.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_KINDS = "'second_half_plan', 'pro_business_measure', 'investment_promotion_measure', 'investment_priority', 'practice_already_run', 'foreign_capital_response'"
_RULES = "'second-half', 'calendar-year', 'annual-target', 'on-schedule-poverty', 'day-without-year'"
_LEVELS = "'province', 'prefecture', 'county'"
_OTHER_FIELDS = "(field = 'tense' AND @ IN ('planned', 'ongoing', 'claimed_done')) OR (field = 'checkability' AND @ IN ('high', 'medium', 'low')) OR (field = 'execution' AND @ IN ('no_evidence_found', 'not_started', 'planned', 'in_progress', 'partly_completed', 'completed', 'completed_reduced', 'stalled', 'blocked', 'abandoned', 'reversed', 'not_assessable'))"


def _of_its_field(table: str, column: str) -> tuple[str, str, str, str]:
    before, after = (f"(field = 'kind' AND {column} IN ({codes})) OR " for codes in (_KINDS, f"{_KINDS}, 'other'"))
    rest, name = _OTHER_FIELDS.replace("@", column), f"ck_{table}_{column}_is_of_its_field"
    return table, name, before + rest, after + rest


#: Table, name of the check, what it said, what it says.
_CHECKS = (
    ("commitment", "ck_commitment_kind", f"kind IN ({_KINDS})", f"kind IN ({_KINDS}, 'other')"),
    (
        "commitment",
        "ck_commitment_secondary_kind",
        f"secondary_kind IN ({_KINDS})",
        f"secondary_kind IN ({_KINDS}, 'other')",
    ),
    (
        "commitment",
        "ck_commitment_deadline_rule",
        f"deadline_rule IN ({_RULES})",
        f"deadline_rule IN ({_RULES}, 'stated-date')",
    ),
    ("jurisdiction", "ck_jurisdiction_level", f"level IN ({_LEVELS})", f"level IN ('country', {_LEVELS})"),
    _of_its_field("coding_item", "first_value"),
    _of_its_field("coding_reading", "value"),
    _of_its_field("adjudication", "value"),
)

#: Columns of a commitment that may now be empty.
_OPEN = ("speaker_id", "post_id")

#: The check of a jurisdiction's code: name and condition before, and now.
_CODE = (
    ("ck_jurisdiction_code_has_six_digits", "length(code) = 6"),
    ("ck_jurisdiction_code_is_short", "length(code) BETWEEN 2 AND 6"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _respell([(table, _check(name, old), _check(name, new)) for table, name, old, new in _CHECKS])
        _respell([("jurisdiction", _check(*_CODE[0]), _check(*_CODE[1]))])
        _respell([("commitment", f"{name} INTEGER NOT NULL", f"{name} INTEGER") for name in _OPEN])
    else:
        for table, name, _, new in _CHECKS:
            op.drop_constraint(op.f(name), table, type_="check")
            op.create_check_constraint(op.f(name), table, new)
        op.drop_constraint(op.f(_CODE[0][0]), "jurisdiction", type_="check")
        op.create_check_constraint(op.f(_CODE[1][0]), "jurisdiction", _CODE[1][1])
        for name in _OPEN:
            op.alter_column("commitment", name, nullable=True)
    op.create_table(
        "column_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("headings_sha256", sa.String(500), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(headings_sha256) = 64", name=op.f("ck_column_mapping_headings_sha256_is_hex")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["user.id"], name=op.f("fk_column_mapping_saved_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
        sa.UniqueConstraint("headings_sha256", name=op.f("uq_column_mapping_headings_sha256")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("encoding", sa.String(500), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_upload_content_is_there")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_upload_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_owner_id"), "upload", ["owner_id"], unique=False)
    op.create_index(op.f("ix_upload_made_at"), "upload", ["made_at"], unique=False)


def downgrade() -> None:
    _refuse_what_it_cannot_hold()
    op.drop_table("upload")
    op.drop_table("column_mapping")
    if op.get_bind().dialect.name == "sqlite":
        _respell([(table, _check(name, new), _check(name, old)) for table, name, old, new in _CHECKS])
        _respell([("jurisdiction", _check(*_CODE[1]), _check(*_CODE[0]))])
        _respell([("commitment", f"{name} INTEGER,", f"{name} INTEGER NOT NULL,") for name in _OPEN])
        return
    for table, name, old, _ in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, old)
    op.drop_constraint(op.f(_CODE[1][0]), "jurisdiction", type_="check")
    op.create_check_constraint(op.f(_CODE[0][0]), "jurisdiction", _CODE[0][1])
    for name in _OPEN:
        op.alter_column("commitment", name, nullable=False)


def _check(name: str, condition: str) -> str:
    return f"CONSTRAINT {name} CHECK ({condition})"


def _respell(changes: list[tuple[str, str, str]]) -> None:
    """Change the declaration of tables in place: of each, the words that stand there and those that shall."""
    bind = op.get_bind()
    bind.exec_driver_sql("PRAGMA writable_schema=ON")
    for table, old, new in changes:
        declared = bind.scalar(
            sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}
        )
        if declared.count(old) != 1:
            raise RuntimeError(f"the table {table} is not as the migrations made it ({old}); nothing was changed")
        changed = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name")
        bind.execute(changed, {"sql": declared.replace(old, new), "name": table})
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema=RESET")


def _refuse_what_it_cannot_hold() -> None:
    held = op.get_bind().scalar(
        sa.text(
            "SELECT count(*) FROM commitment WHERE speaker_id IS NULL OR post_id IS NULL OR kind = 'other'"
            " OR secondary_kind = 'other' OR deadline_rule = 'stated-date'"
        )
    )
    places = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM jurisdiction WHERE level = 'country' OR length(code) <> 6")
    )
    if held or places:
        raise RuntimeError(
            f"revision 0011 cannot hold {held} commitments and {places} places of this ledger; nothing was changed"
        )
