"""What a transaction has signed is remembered until it is chained, at its very end, without reading it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, SessionTransaction

from tracker import chain


def note(session: Session, noted: Iterable[chain.Noted]) -> None:
    """Remember events that the session has written, until its transaction chains them."""
    known = _noted(session)
    known.events += noted
    # What a savepoint takes back is not to be chained: then what is there is read again.
    known.is_certain &= not session.in_nested_transaction()
    last = known.events[-1]
    session.info["changed"] = (last.table, last.key)


def has_changed(session: Session) -> bool:
    """Whether the transaction has written something, which is in no chain yet."""
    known: _Noted | None = session.info.get("noted")
    return known is not None and known.transaction is session.get_transaction() and bool(known.events)


@dataclass
class _Noted:
    """The events that a transaction has written."""

    transaction: SessionTransaction | None
    events: list[chain.Noted] = field(default_factory=list)
    is_certain: bool = True


def _noted(session: Session) -> _Noted:
    """What this transaction has written; what one wrote that was rolled back is forgotten."""
    known: _Noted | None = session.info.get("noted")
    if known is None or known.transaction is not session.get_transaction():
        known = session.info["noted"] = _Noted(session.get_transaction())
    return known


def chain_all(session: Session) -> None:
    """Chain what the transaction has signed, when nothing more can come."""
    if session.in_nested_transaction():
        return
    session.flush()
    known = _noted(session)
    del session.info["noted"]
    if known.events and known.is_certain:
        chain.grow(session.connection(), known.events)
    elif known.events:
        chain.append(session.connection(), min(event.number for event in known.events))
