"""How every commitment stands now (`current_standing`): derived from its history whenever that grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Select,
    delete,
    literal,
    literal_column,
    select,
    union_all,
)

from tracker import stands
from tracker.models import Commitment, CurrentStanding, StatusAssessment
from tracker.standings import Cutoff
from tracker.stored.trigger import Came, trigger

#: What changes how a commitment stands, and which commitment that is. Evidence is cited with its assessment, before it.
_EVENTS = {
    "commitment": ("INSERT", "NEW.id"),
    "commitment_edit": ("UPDATE OF document_id, position, deadline_kind, window_start, window_end", "NEW.id"),
    "status_assessment": ("INSERT", "NEW.commitment_id"),
    "review": ("INSERT", "(SELECT commitment_id FROM status_assessment WHERE id = NEW.assessment_id)"),
    "deadline_revision": ("INSERT", "NEW.commitment_id"),
}

#: Of how many commitments a load derives the rows by one statement.
_AT_ONCE = 2_000

_NAME = CurrentStanding.__tablename__
_COLUMNS = CurrentStanding.__table__.columns.keys()


def derivation(which: ColumnElement[bool] | None = None) -> Any:
    """The rows of the table as the history gives them, in the order of its columns: of all commitments, or of some."""
    return union_all(*(_of(approved_only, which) for approved_only in (False, True)))


def _of(approved_only: bool, which: ColumnElement[bool] | None) -> Select[Any]:  # noqa: FBT001 - a key of the table
    stand = stands.derived(Cutoff(approved_only=approved_only))
    columns: dict[str, Any] = {
        "commitment_id": Commitment.id,
        "approved_only": literal(approved_only),
        "document_id": Commitment.document_id,
        "position": Commitment.position,
        "assessment_id": stand.assessment,
        "revision_id": stand.revision,
    }
    columns |= {name: getattr(stand, name) for name in _COLUMNS if name not in columns}
    rows = select(*(columns[name].label(name) for name in _COLUMNS)).select_from(Commitment)
    for table, condition, optional in stand.joins:
        rows = rows.join(table, condition, isouter=optional)
    return rows if which is None else rows.where(which)


def fill(dialect: Dialect) -> list[str]:
    """The statements that make the table anew."""
    return [f"DELETE FROM {_NAME}", _insert(None, dialect)]


def renew(connection: Connection, came: Came) -> None:
    """Make the rows anew of the commitments that came, or their parts, or some of their history."""
    which = {row["id"] for row in came.get("commitment", ())}
    which.update(row["parent_id"] for row in came.get("commitment", ()) if row.get("parent_id"))
    for table in ("status_assessment", "deadline_revision"):
        which.update(row["commitment_id"] for row in came.get(table, ()))
    judged = {row["id"] for row in came.get("status_assessment", ())}
    reviewed = {row["assessment_id"] for row in came.get("review", ())} - judged
    of = select(StatusAssessment.commitment_id)
    for some in _parts(sorted(reviewed)):
        which.update(connection.scalars(of.where(StatusAssessment.id.in_(some))))
    for some in _parts(sorted(which)):
        connection.execute(delete(CurrentStanding).where(CurrentStanding.commitment_id.in_(some)))
        connection.exec_driver_sql(_insert(Commitment.id.in_(some), connection.dialect))


def _parts(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def triggers(dialect: Dialect) -> dict[str, str]:
    """The triggers that keep the table: name → the statement that makes each."""
    return {
        f"keep_standing_{name}": trigger(
            dialect,
            f"keep_standing_{name}",
            event,
            "commitment" if name.startswith("commitment") else name,
            _renew(number, dialect),
            stands_aside=True,
        )
        for name, (event, number) in _EVENTS.items()
    }


def _renew(number: str, dialect: Dialect) -> list[str]:
    # Two who judge one commitment at once wait for each other here; the second then sees what the first has written.
    lock = [] if dialect.name == "sqlite" else [f"PERFORM 1 FROM commitment WHERE id = {number} FOR NO KEY UPDATE"]
    # Not “INSERT OR REPLACE”: the statement that fired the trigger decides what SQLite does about a conflict.
    return [
        *lock,
        f"DELETE FROM {_NAME} WHERE approved_only IN (FALSE, TRUE) AND commitment_id = {number}",
        _insert(Commitment.id == literal_column(number), dialect),
    ]


def _insert(which: ColumnElement[bool] | None, dialect: Dialect) -> str:
    rows = derivation(which).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return f"INSERT INTO {_NAME} ({', '.join(_COLUMNS)}) {' '.join(str(rows).split())}"
