"""How many commitments stand how (`standing_count`, `day_count`, `author_count`): sums of `current_standing`.

Their triggers stand on that table: a row that goes is subtracted and a row that comes is added, so that nothing is
ever counted again. On PostgreSQL that is put off to the end of the transaction, behind the lock that writers of the
chain take there in any case: two who change the same counts in different order never wait for each other crosswise.
Until it ends, a transaction there sees the counts as they were before it. A load adds up what it changes, and writes
that when it ends, on both engines (`differences.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Integer,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlalchemy.sql.visitors import iterate

from tracker import chain, deadlines
from tracker.codebook import Checkability, DeadlineKind, Execution, Verdict
from tracker.models import AuthorCount, Base, CurrentStanding, DayCount, StandingCount
from tracker.stored.trigger import trigger

#: The tables that are kept here.
TABLES: tuple[type[Base], ...] = (StandingCount, DayCount, AuthorCount)

#: The day of what has none.
NEVER = date(9999, 12, 31)

#: Days that are counted beside those on which something falls due: the end of a period to act in, of what is done and
#: of what is not; when somebody is to look again; up to when it was searched for what is still open.
DAYS = ("horizon", "horizon_open", "next_check", "searched")

#: Statuses that end a commitment's course, and those after which somebody has to go on searching.
_DONE = [code for code in Execution if code.is_done]
_OPEN_STILL = [code for code in Execution if code is not Execution.NOT_REVIEWED and not code.is_done]

#: What adds to the counts, and what is taken off them: the event, and of which rows, with their sign.
_EVENTS = {"insert": {"new": "+"}, "delete": {"old": "-"}, "update": {"old": "-", "new": "+"}}


@dataclass(frozen=True)
class Share:
    """What a row of `current_standing` adds to one row of a table: under which key, how much of what, and if."""

    table: type[Base]
    key: dict[str, Any]
    adds: dict[str, Any]
    where: ColumnElement[bool]


def _shares(row: Any) -> list[Share]:
    """All that a row (an alias of `CurrentStanding`) adds."""
    of_row = {"publication_state": row.publication_state, "jurisdiction_id": row.jurisdiction_id}
    now = ~row.approved_only
    awaits = and_(row.assessment_id.is_not(None), row.verdict.is_(None))
    stands = Share(
        StandingCount,
        {"approved_only": row.approved_only, **of_row, "execution": row.execution, "kind": row.kind},
        {
            "commitments": literal(1),
            "followable": _one(row.is_followable),
            "checkable": _one(row.is_followable, row.checkability != Checkability.LOW),
            "approved": _one(row.is_followable, row.verdict == Verdict.APPROVE),
            "awaiting": _one(awaits),
            "returned": _one(row.returned),
            "disputed": _one(row.disputed),
        },
        true(),
    )
    authors = [
        Share(
            AuthorCount, {**of_row, "analyst_id": who}, {"awaiting": literal(mine), "returned": literal(1 - mine)}, if_
        )
        for who, mine, if_ in (
            (row.analyst_id, 1, and_(now, awaits)),
            (row.returned_to, 0, and_(now, row.returned_to.is_not(None))),
        )
    ]
    return [stands, *_days(row, of_row, now), *authors]


def _days(row: Any, of_row: dict[str, Any], now: ColumnElement[bool]) -> list[Share]:
    """What it adds to the counts of days."""
    due = case((row.deadline_kind == DeadlineKind.COMPLETION, row.window_end))
    ends = case((row.execution.in_(_DONE), literal("horizon")), else_=literal("horizon_open"))
    days: list[tuple[Any, Any, ColumnElement[bool]]] = [
        (_timely(row), func.coalesce(due, literal(NEVER)), true()),
        (ends, row.window_end, and_(now, row.deadline_kind == DeadlineKind.HORIZON)),
        (literal("next_check"), row.next_check, and_(now, row.next_check.is_not(None))),
        (literal("searched"), row.reviewed_up_to, and_(now, row.execution.in_(_OPEN_STILL))),
    ]
    adds = {"commitments": literal(1), "followable": _one(row.is_followable)}
    return [
        Share(DayCount, {"approved_only": row.approved_only, **of_row, "what": what, "day": day}, adds, when)
        for what, day, when in days
    ]


def _timely(row: Any) -> ColumnElement[str]:
    """The timeliness of a commitment while its day is not past: nothing else of it depends on today."""
    return deadlines.timeliness(
        deadlines.Schedule(
            kind=row.deadline_kind,
            start=row.window_start,
            end=row.window_end,
            execution=row.execution,
            done_on=row.done_on,
            share=row.progress_share,
            measured_on=row.effective_on,
            today=date.min,
        )
    )


def _one(*conditions: Any) -> ColumnElement[int]:
    return case((and_(*conditions), 1), else_=0)


def derivation(table: type[Base], row: Any = CurrentStanding) -> Any:
    """The rows of a table as `current_standing`, or an alias of some of it, gives them, in the order of its columns."""
    shares = [share for share in _shares(row) if share.table is table]
    names = [*shares[0].key, *shares[0].adds]
    each = union_all(
        *(
            select(*((share.key | share.adds)[name].label(name) for name in names)).select_from(row).where(share.where)
            for share in shares
        )
    ).subquery("each")
    key = {name: each.c[name] for name in shares[0].key}
    sums = {name: cast(func.sum(each.c[name]), Integer).label(name) for name in shares[0].adds}
    return select(*((key | sums)[name] for name in table.__table__.columns.keys())).group_by(*key.values())  # noqa: SIM118


def kept(table: type[Base]) -> Any:
    """The rows of a table that count anything: where nothing is left of what was counted, a row of zeros stays."""
    key = key_of(table)
    counts = [column for column in table.__table__.columns if column.name not in key]
    return select(*table.__table__.columns).where(or_(*(column != 0 for column in counts)))


def key_of(table: type[Base]) -> list[str]:
    return [column.name for column in table.__table__.primary_key]


def fill(dialect: Dialect) -> list[str]:
    """The statements that make the tables anew."""
    made = []
    for table in TABLES:
        name, columns = table.__tablename__, ", ".join(table.__table__.columns.keys())
        made += [f"DELETE FROM {name}", f"INSERT INTO {name} ({columns}) {_written(derivation(table), dialect)}"]
    return made


def triggers(dialect: Dialect) -> dict[str, str]:
    """The triggers that keep the tables: name → the statement that makes each."""
    of_table = CurrentStanding.__tablename__
    lock = [] if dialect.name == "sqlite" else [f"PERFORM pg_advisory_xact_lock({chain.LOCK})"]
    made = {}
    for event, rows in _EVENTS.items():
        name = f"keep_counts_{event}"
        steps = [_add(share, sign, dialect, _differs(share, dialect) if event == "update" else "")
                 for row, sign in rows.items()
                 for share in _shares(aliased(CurrentStanding, name=row))]  # fmt: skip
        made[name] = trigger(
            dialect, name, event.upper(), of_table, [*lock, *steps], stands_aside=True, at_the_end=True
        )
    return made


def _add(share: Share, sign: str, dialect: Dialect, condition: str) -> str:
    """The statement that adds a share to its row, or takes it off, under a condition where one is given."""
    name, names = share.table.__tablename__, [*share.key, *share.adds]
    values = [_written(one, dialect) for one in share.key.values()]
    values += [f"{sign}({_written(one, dialect)})" for one in share.adds.values()]
    sums = ", ".join(f"{one} = {name}.{one} + excluded.{one}" for one in share.adds)
    where = " AND ".join(filter(None, (_written(share.where, dialect), condition)))
    return (
        f"INSERT INTO {name} ({', '.join(names)}) SELECT {', '.join(values)} WHERE {where}"
        f" ON CONFLICT ({', '.join(share.key)}) DO UPDATE SET {sums}"
    )


def _differs(share: Share, dialect: Dialect) -> str:
    """The condition that the old row and the new one differ in anything that the share is made of."""
    parts = tuple_(*share.key.values(), *share.adds.values(), share.where)
    names = sorted({part.name for part in iterate(parts) if isinstance(part, Column)})
    old, new = (", ".join(_counting(row, name) for name in names) for row in ("old", "new"))
    return f"({old}) {'IS NOT' if dialect.name == 'sqlite' else 'IS DISTINCT FROM'} ({new})"


def _counting(row: str, name: str) -> str:
    """A column as far as it counts: of a judgement whether there is one, and its day where it tells of progress."""
    match name:
        case "assessment_id":
            return f"{row}.{name} IS NULL"
        case "effective_on":
            return f"CASE WHEN {row}.progress_share IS NOT NULL THEN {row}.{name} END"
    return f"{row}.{name}"


def _written(clause: Any, dialect: Dialect) -> str:
    return " ".join(str(clause.compile(dialect=dialect, compile_kwargs={"literal_binds": True})).split())
