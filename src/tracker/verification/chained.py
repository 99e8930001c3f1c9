"""What is proved of the chain: no entry is missing, each fits the one before it, and every event has one.

Rows are read so that even one that the driver can make nothing of is named, and does not end the proof.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Text, cast, exists, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tracker import chain
from tracker.chain import Misfit
from tracker.models import AuditEvent, ChainEntry
from tracker.verification.coding import Result

#: What a row raises of which the driver can make nothing.
_UNREADABLE = (SQLAlchemyError, ValueError, LookupError, TypeError)

#: How many entries are read at a time.
_STEP = 1000


def chained(session: Session) -> Result:
    """The chain is whole."""
    count = session.scalar(select(func.count()).select_from(ChainEntry)) or 0
    return count, [str(misfit) for misfit in misfits(session)]


def misfits(session: Session) -> Iterator[Misfit]:
    """Every entry that does not fit, in the order of the chain, and every event that has none."""
    at, previous = 0, chain.NOTHING
    for row in _entries(session):
        if isinstance(row, int):
            yield Misfit(row, "", "", "cannot be read")
            at, previous = row + 1, ""
            continue
        if row.seq != at:
            yield Misfit(at, "", "", "missing" if row.seq == at + 1 else f"missing, up to seq {row.seq - 1}")
        elif why := _fault(row, previous):
            yield Misfit(row.seq, row.table_name or "", row.row_key or "", why)
        at, previous = row.seq + 1, row.hash
    if at == 0:
        yield Misfit(0, "", "", "missing: the chain is empty")
    for event in session.execute(_unchained()):
        yield Misfit(at, event.table_name, event.row_key, f"event {event.id} is not in the chain")


def recent(session: Session, count: int) -> list[str]:
    """What does not fit of the newest entries: for a look that must not take long."""
    last = session.scalar(select(func.max(ChainEntry.seq)))
    if last is None:
        return ["missing: the chain is empty"]
    at, previous, found = max(0, last - count + 1), "", []
    try:
        rows = session.execute(_between(at, last)).all()
    except _UNREADABLE as error:
        return [f"entries from seq {at} cannot be read: {type(error).__name__}"]
    for row in rows:
        why = "missing" if row.seq != at else _fault(row, previous)
        found += [str(Misfit(at, row.table_name or "", row.row_key or "", why))] if why else []
        at, previous = row.seq + 1, row.hash
    return found


def _fault(row: Any, previous: str) -> str:
    """What is wrong with an entry that follows the hash `previous` (empty where that could not be read)."""
    if row.seq and row.id is None:
        return f"its event {row.event_id} is gone"
    try:
        said = chain.canonical(chain.content(row.seq, row.chained_at, _event(row), instance=row.instance))
        fits = not previous or chain.linked(previous, said) == row.hash
    except (ValueError, TypeError):
        return "cannot be read"
    return "" if fits else "is not what was chained"


def _event(row: Any) -> dict[str, Any]:
    event = {column.key: getattr(row, column.key) for column in chain.EVENT}
    return event | {"changes": json.loads(event["changes"])} if row.seq else event


def _entries(session: Session) -> Iterator[Any]:
    """The rows of the chain with their events; the number of one that cannot be read."""
    last = session.scalar(select(func.max(ChainEntry.seq)))
    for low in range(0, -1 if last is None else last + 1, _STEP):
        try:
            yield from session.execute(_between(low, low + _STEP - 1)).all()
        except _UNREADABLE:
            yield from _one_by_one(session, low)


def _one_by_one(session: Session, low: int) -> Iterator[Any]:
    for seq in range(low, low + _STEP):
        try:
            yield from session.execute(_between(seq, seq)).all()
        except _UNREADABLE:
            yield seq


def _between(low: int, high: int) -> Any:
    # Text that is no JSON any more is to be named, not to end the reading.
    event = [cast(AuditEvent.changes, Text).label("changes") if c.key == "changes" else c for c in chain.EVENT]
    return (
        select(
            ChainEntry.seq,
            ChainEntry.at.label("chained_at"),
            ChainEntry.event_id,
            ChainEntry.instance,
            ChainEntry.hash,
            *event,
        )
        .outerjoin(AuditEvent, AuditEvent.id == ChainEntry.event_id)
        .where(ChainEntry.seq.between(low, high))
        .order_by(ChainEntry.seq)
    )


def _unchained() -> Any:
    chained = exists().where(ChainEntry.event_id == AuditEvent.id)
    return select(AuditEvent.id, AuditEvent.table_name, AuditEvent.row_key).where(~chained).order_by(AuditEvent.id)
