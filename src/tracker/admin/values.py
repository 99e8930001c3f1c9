"""How a value is written for people, in the language of the request: never a code, never a key."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Enum, inspect

from tracker.admin import labels
from tracker.codebook import AuditAction, Coded
from tracker.language import label, t
from tracker.models import AuditEvent, Base, Commitment

#: What a read value of a change looks like: name of the column, old and new value, as written.
Change = tuple[str, str, str]


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


def changes(event: AuditEvent) -> list[Change]:
    """What an event of the audit changed, for a reader. A new row is not told column by column."""
    if event.action is not AuditAction.UPDATE:
        return []
    return [
        (
            labels.of(event.table_name, column),
            _logged(event.table_name, column, old),
            _logged(event.table_name, column, new),
        )
        for column, (old, new) in event.changes.items()
    ]


def _logged(table: str, column: str, value: Any) -> str:
    """A value of the audit log, where codes are kept as plain text."""
    found = Base.metadata.tables[table].columns.get(column) if table in Base.metadata.tables else None
    if found is not None and isinstance(found.type, Enum) and found.type.enum_class and value is not None:
        try:
            return shown(found.type.enum_class(value))
        except ValueError:  # a code that a later codebook no longer has
            return str(value)
    return shown(value)


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
