"""How every commitment stands now (`current_standing`): derived from its history whenever that grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    and_,
    case,
    delete,
    exists,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from tracker import stands
from tracker.models import Commitment, CurrentStanding, StatusAssessment
from tracker.standings import Cutoff
from tracker.stored.differences import Difference, keyed
from tracker.stored.trigger import IDS, Came, trigger

#: What is stored of the commitment as it was coded, and of the assessment by which it stands.
_CODED = ("jurisdiction_id", "publication_state", "kind", "checkability", "next_check")
_JUDGED = ("effective_on", "recorded_at", "progress_share", "analyst_id")

#: Columns of a commitment from which it is derived how it stands.
_EDITED = (
    *("document_id", "position", "deadline_kind", "window_start", "window_end"),
    *("stands_alone", "parent_id"),
    *_CODED,
)

#: Columns that a judgement changes, or what a second person says of it, and those that a revision of the deadline does.
_OF_JUDGEMENTS = (
    *("assessment_id", "execution", "verdict", "disputed", "returned", "done_on", "reviewed_up_to", "returned_to"),
    *_JUDGED,
)
_OF_REVISIONS = ("revision_id", "deadline_kind", "window_start", "window_end")

#: Whether a judgement changes how a commitment stands by those alone that were approved, which it is not itself: where
#: it corrects one of them, or comes after one that was returned.
_APPROVED_TOO = (
    "(NEW.corrects_id IS NOT NULL OR EXISTS (SELECT 1 FROM current_standing stood"
    " WHERE stood.approved_only IN (TRUE) AND stood.commitment_id = NEW.commitment_id AND stood.returned))"
)


class _Event(NamedTuple):
    """What changes how a commitment stands."""

    #: what is done to a row of its table
    done: str
    #: which commitment that is about
    number: str
    #: the columns that it changes; none where the rows are made anew
    changes: tuple[str, ...] = ()
    #: the condition under which it changes the row by approved judgements too
    approved_too: str = "TRUE"


#: Evidence is cited with its assessment, before it.
_EVENTS = {
    "commitment": _Event("INSERT", "NEW.id"),
    "commitment_edit": _Event(f"UPDATE OF {', '.join(_EDITED)}", "NEW.id"),
    "status_assessment": _Event("INSERT", "NEW.commitment_id", _OF_JUDGEMENTS, _APPROVED_TOO),
    "review": _Event(
        "INSERT", "(SELECT commitment_id FROM status_assessment WHERE id = NEW.assessment_id)", _OF_JUDGEMENTS
    ),
    "deadline_revision": _Event("INSERT", "NEW.commitment_id", _OF_REVISIONS),
}

#: Of how many commitments a load derives the rows by one statement.
_AT_ONCE = 2_000

_NAME = CurrentStanding.__tablename__
_COLUMNS = CurrentStanding.__table__.columns.keys()


def derivation(which: ColumnElement[bool] | None = None) -> Any:
    """The rows of the table as the history gives them, in the order of its columns: of all commitments, or of some."""
    return union_all(*(_of(approved_only, which) for approved_only in (False, True)))


def _of(
    approved_only: bool,  # noqa: FBT001 - a key of the table
    which: ColumnElement[bool] | None,
    names: Iterable[str] = _COLUMNS,
) -> Select[Any]:
    """The rows by all assessments, or by those alone that were approved."""
    stand = stands.derived(Cutoff(approved_only=approved_only))
    columns: dict[str, Any] = {
        "commitment_id": Commitment.id,
        "approved_only": literal(approved_only),
        "document_id": Commitment.document_id,
        "position": Commitment.position,
        "assessment_id": stand.assessment,
        "revision_id": stand.revision,
    }
    columns |= {name: getattr(Commitment, name) for name in _CODED}
    columns |= {name: getattr(stands.judged, name) for name in _JUDGED}
    columns["is_followable"] = or_(_is_leaf(), Commitment.stands_alone)
    columns["returned_to"] = case((stand.returned, _last_author()))
    columns |= {name: getattr(stand, name) for name in _COLUMNS if name not in columns}
    rows = select(*(columns[name].label(name) for name in names)).select_from(Commitment)
    for table, condition, optional in stand.joins:
        rows = rows.join(table, condition, isouter=optional)
    return rows if which is None else rows.where(which)


def _is_leaf() -> ColumnElement[bool]:
    part = aliased(Commitment)
    return ~exists().where(part.parent_id == Commitment.id)


def _last_author() -> Any:
    """Who wrote the last assessment of a commitment."""
    row = aliased(StatusAssessment)
    written = select(row.analyst_id).where(row.commitment_id == Commitment.id).order_by(row.id.desc())
    return written.limit(1).correlate_except(row).scalar_subquery()


def fill(dialect: Dialect) -> list[str]:
    """The statements that make the table anew."""
    return [f"DELETE FROM {_NAME}", _insert(None, dialect)]


def renew(connection: Connection, came: Came, counted: Difference) -> None:
    """Make the rows anew of the commitments that came, or their parts, or some of their history."""
    new = {row["id"] for row in came.get("commitment", ())}
    which = set(new)
    which.update(row["parent_id"] for row in came.get("commitment", ()) if row.get("parent_id"))
    for table in ("status_assessment", "deadline_revision"):
        which.update(row["commitment_id"] for row in came.get(table, ()))
    judged = {row["id"] for row in came.get("status_assessment", ())}
    reviewed = {row["assessment_id"] for row in came.get("review", ())} - judged
    of = select(StatusAssessment.commitment_id)
    for some in _parts(sorted(reviewed)):
        which.update(connection.scalars(of.where(StatusAssessment.id.in_(some))))
    for some in _parts(sorted(which - new)):
        counted.take(connection, some, -1)
        for rows in keyed():
            connection.execute(delete(CurrentStanding).where(rows), {"ids": some})
    for some in _parts(sorted(which)):
        connection.execute(_derived(), {"ids": some})
        counted.take(connection, some, 1)


@cache
def _derived() -> Insert:
    """The statement that derives the rows of some commitments. To put it together takes as long as a hundred rows."""
    return insert(CurrentStanding).from_select(_COLUMNS, derivation(Commitment.id.in_(IDS)))


def _parts(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def triggers(dialect: Dialect) -> dict[str, str]:
    """The triggers that keep the table: name → the statement that makes each."""
    made = {}
    for event_name, event in _EVENTS.items():
        name, of_commitment = f"keep_standing_{event_name}", event_name.startswith("commitment")
        steps = _changed(event, dialect) if event.changes else _renew(event.number, dialect) + _heads(event.done)
        made[name] = trigger(
            dialect, name, event.done, "commitment" if of_commitment else event_name, steps, stands_aside=True
        )
    return made


def _heads(event: str) -> list[str]:
    """A head that gets its first part, or loses its last, is no longer or again a commitment of its own."""
    rows = ("NEW",) if event == "INSERT" else ("NEW", "OLD")
    has_part = "EXISTS (SELECT 1 FROM commitment part WHERE part.parent_id = head.id)"
    return [
        f"UPDATE {_NAME} SET is_followable = {head} WHERE approved_only IN (FALSE, TRUE)"
        f" AND commitment_id = {row}.parent_id AND is_followable <> {head}"
        for row in rows
        for head in [
            f"(SELECT head.stands_alone OR NOT {has_part} FROM commitment head WHERE head.id = {row}.parent_id)"
        ]
    ]


def _changed(event: _Event, dialect: Dialect) -> list[str]:
    """Write the columns that an event changes, where they are not what the history gives."""
    of_it = Commitment.id == literal_column(event.number)
    which = {False: of_it, True: and_(of_it, literal_column(event.approved_too))}
    rows = union_all(
        *(_of(approved_only, some, ("approved_only", *event.changes)) for approved_only, some in which.items())
    )
    stored, derived = (", ".join(f"{table}.{name}" for name in event.changes) for table in (_NAME, "derived"))
    write = (
        f"UPDATE {_NAME} SET {', '.join(f'{name} = derived.{name}' for name in event.changes)}"
        f" FROM ({_written(rows, dialect)}) AS derived"
        f" WHERE {_NAME}.commitment_id = {event.number} AND {_NAME}.approved_only = derived.approved_only"
        f" AND ({stored}) {'IS NOT' if dialect.name == 'sqlite' else 'IS DISTINCT FROM'} ({derived})"
    )
    return [*_alone(event.number, dialect), write]


def _alone(number: str, dialect: Dialect) -> list[str]:
    # Two who judge one commitment at once wait for each other here; the second then sees what the first has written.
    return [] if dialect.name == "sqlite" else [f"PERFORM 1 FROM commitment WHERE id = {number} FOR NO KEY UPDATE"]


def _renew(number: str, dialect: Dialect) -> list[str]:
    # Not “INSERT OR REPLACE”: the statement that fired the trigger decides what SQLite does about a conflict.
    return [
        *_alone(number, dialect),
        f"DELETE FROM {_NAME} WHERE approved_only IN (FALSE, TRUE) AND commitment_id = {number}",
        _insert(Commitment.id == literal_column(number), dialect),
    ]


def _insert(which: ColumnElement[bool] | None, dialect: Dialect) -> str:
    return f"INSERT INTO {_NAME} ({', '.join(_COLUMNS)}) {_written(derivation(which), dialect)}"


def _written(rows: Any, dialect: Dialect) -> str:
    return " ".join(str(rows.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).split())
