"""The log, as read at the desk: who did what to which row, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.admin import naming, values
from tracker.codebook import AuditAction
from tracker.models import AuditEvent
from tracker.reverting import EDITED, told

#: Most events shown of one row.
MOST = 200


class Entry(NamedTuple):
    """One signed change: when, by whom, what was done to which row, and what changed."""

    id: int
    at: datetime
    actor: str
    action: AuditAction
    table: str
    key: str
    #: what the row is called; none where it has no name
    row: naming.Named | None
    changes: list[values.Change]
    #: an edit of a table that people edit, which can be asked to be taken back
    is_edit: bool
    #: every column that it changed was changed again
    is_past: bool = False


def of(session: Any, table: str, row_key: str) -> list[Entry]:
    """What was done to a row, the latest first; at most `MOST` events. Two queries."""
    events = events_of(session, table, row_key)
    changed: set[str] = set()
    entries = []
    for event, entry in zip(events, entries_of(session, events), strict=True):
        columns = set(told(event))
        entries.append(entry._replace(is_past=bool(columns) and columns <= changed))
        changed |= columns
    return entries


def latest(session: Any, table: str, row_key: str) -> int:
    """The number of the latest event of a row; 0 where it has none."""
    rows = select(AuditEvent.id).where(AuditEvent.table_name == table, AuditEvent.row_key == row_key)
    return session.scalar(rows.order_by(AuditEvent.id.desc()).limit(1)) or 0


def since(session: Any, table: str, row_key: str, seen: str) -> list[AuditEvent]:
    """The events of a row after the one whose number is `seen`, the latest first; all where that is no number."""
    number = int(seen) if seen.isascii() and seen.isdigit() else 0
    return [event for event in events_of(session, table, row_key) if event.id > number]


def events_of(session: Any, table: str, row_key: str) -> Sequence[AuditEvent]:
    """The events of a row, the latest first."""
    rows = select(AuditEvent).where(AuditEvent.table_name == table, AuditEvent.row_key == row_key)
    found: Sequence[AuditEvent] = session.scalars(rows.order_by(AuditEvent.id.desc()).limit(MOST)).all()
    return found


def entries_of(session: Any, events: Iterable[AuditEvent]) -> list[Entry]:
    """Events in words; the rows that they are about, and point to, are called by name. One query."""
    events = list(events)
    keys = {(event.table_name, _number(event)) for event in events}
    names = naming.names(session, keys.union(*map(values.pointed_to, events)))
    return [
        Entry(
            event.id, event.at, event.actor, event.action, event.table_name, event.row_key,
            names.get((event.table_name, _number(event))),
            values.changes(event, names),
            event.action is AuditAction.UPDATE and event.table_name in EDITED,
        )
        for event in events
    ]  # fmt: skip


def _number(event: AuditEvent) -> int:
    """The key of a row; of a key of several columns the first."""
    return int(event.row_key.partition(",")[0])
