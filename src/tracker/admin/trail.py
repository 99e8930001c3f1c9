"""The audit of a row, as read at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.admin import values
from tracker.codebook import AuditAction
from tracker.models import AuditEvent

#: Most events shown of one row.
_MOST = 200


class Entry(NamedTuple):
    """One signed change: when, by whom, what was done, and what changed (column, old, new)."""

    at: datetime
    actor: str
    action: AuditAction
    changes: list[values.Change]


def of(session: Any, table: str, row_key: str) -> list[Entry]:
    """What was done to a row, the latest first; at most `_MOST` events."""
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.table_name == table, AuditEvent.row_key == row_key)
        .order_by(AuditEvent.id.desc())
        .limit(_MOST)
    )
    return [Entry(event.at, event.actor, event.action, values.changes(event)) for event in events]
