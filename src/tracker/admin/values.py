"""How a value is written for people, in the language of the request: never a code, never a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import inspect

from tracker.admin import labels
from tracker.admin.naming import Key, Named, pointed
from tracker.codebook import AuditAction, Coded
from tracker.language import current, label, t
from tracker.models import AuditEvent, Base, Commitment
from tracker.reverting import COUNTERS, valued

#: Tables whose new rows are not told: what somebody codes without seeing another's code, and private lists.
_UNTOLD = {"coding_reading", "adjudication", "saved_list"}


class Change(NamedTuple):
    """What a change did to a column, in words: the old value and the new; of a tie what was removed and added."""

    column: str
    old: str
    new: str
    is_tie: bool = False
    #: the language of the values, where the column is of one; else empty
    language: str = ""


def shown(value: Any) -> str:
    """A value as text: labels for codes, names for rows, local time for instants, empty for none."""
    match value:
        case None:
            return ""
        case bool():
            return t("是", "Yes") if value else t("否", "No")
        case Coded():
            return label(value)
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M")
        case float():
            return f"{value:,.12g}"
        case Base():
            return named(value)
        case list() | tuple():
            return t("、", ", ").join(shown(part) for part in value)
        case _:
            return str(value)


def named(row: Base) -> str:
    """The name of a row."""
    if isinstance(row, Commitment):
        return f"{row.code} {t(row.title_zh, row.title_en)}"
    zh, en = getattr(row, "name_zh", None), getattr(row, "name_en", None)
    return t(zh, en) if zh and en else str(row)


def changes(event: AuditEvent, names: Mapping[Key, Named]) -> list[Change]:
    """What an event of the log changed, in words; of a row that was added or deleted, what it said.

    `names` calls the rows that its columns point to (see `pointed_to`).
    """
    if event.table_name in _UNTOLD:
        return []
    told = [
        Change(
            labels.of(event.table_name, column),
            logged(event.table_name, column, old, names),
            logged(event.table_name, column, new, names),
            isinstance(old, list) or isinstance(new, list),
            column[-2:] if column.endswith(("_zh", "_en")) else "",
        )
        for column, (old, new) in event.changes.items()
        if column not in COUNTERS and (event.action is AuditAction.UPDATE or column != "id")
    ]
    return [change for change in told if change.old or change.new]


def pointed_to(event: AuditEvent) -> Iterator[Key]:
    """The rows that the values of an event point to by their number."""
    for column, values in event.changes.items():
        whole = _pointed(event.table_name, column)
        if whole is not None:
            yield from ((whole.name, value) for value in values if isinstance(value, int))


def _pointed(table: str, column: str) -> Any:
    known = table in Base.metadata.tables and column in Base.metadata.tables[table].columns
    return pointed(Base.metadata.tables[table].columns[column]) if known else None


def logged(table: str, column: str, value: Any, names: Mapping[Key, Named]) -> str:
    """A value of the log in words: codes by their label, keys by the name of their row, instants in local time."""
    if isinstance(value, list):  # a tie, told by code and title
        return t("、", ", ").join(tie if current() == "zh" else tie.partition(" ")[0] for tie in value)
    whole = _pointed(table, column)
    if whole is not None and isinstance(value, int):
        found = names.get((whole.name, value))
        return found.name if found else f"№ {value}"
    if table not in Base.metadata.tables or column not in Base.metadata.tables[table].columns:
        return shown(value)
    try:
        return shown(valued(Base.metadata.tables[table], column, value))
    except ValueError:  # a code that a later codebook no longer has, or a value that is kept out of the log
        return str(value)


def version(row: Base) -> str:
    """What tells one state of a row from another: carried by a form, compared when it comes back.

    The row's own version where it counts one; else a digest of its columns and many-to-many ties.
    """
    if isinstance(row, Commitment):
        return str(row.row_version)
    mapper = inspect(row).mapper
    parts = [repr(getattr(row, column.key)) for column in mapper.column_attrs]
    parts += [
        repr(sorted(inspect(other).identity or () for other in getattr(row, tie.key)))
        for tie in mapper.relationships
        if tie.secondary is not None
    ]
    return sha256("\x1f".join(parts).encode()).hexdigest()[:16]
