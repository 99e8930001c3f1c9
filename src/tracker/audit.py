"""Every change is signed, in the transaction that makes it.

A session that is to write names its actor (`signed_by`); a flush without one raises. What a flush
cannot see (bulk UPDATE and DELETE) is refused here for the ORM and by the guards of the database for
history.
"""

from __future__ import annotations

import enum
import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Select, event, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import (
    InstanceState,
    ORMExecuteState,
    Session,
    UOWTransaction,
    sessionmaker,
)

from tracker import chain, noting
from tracker.codebook import AuditAction, Role
from tracker.models import AuditEvent, Base, User

#: Columns whose values stay out of the log: secrets, and what is large and kept unchanged by its own row.
_UNLOGGED = {
    ("user", "password"),
    ("user", "fs_uniquifier"),
    ("authenticator_app", "secret"),
    ("passkey", "credential_id"),
    ("passkey", "public_key"),
    ("recovery_code", "digest"),
    ("api_token", "digest"),
    ("source_document", "text"),
    ("archived_copy", "content"),
}
HIDDEN = "…"

#: The largest whole number that every reader of JSON takes as it is.
_LARGEST_NUMBER = 2**53 - 1


#: Names that the program itself signs with; no account bears one.
OWN_NAMES = ("seed", "sign-in")

#: Longest name of an account, in characters.
LONGEST_NAME = 100


def can_sign(name: str) -> bool:
    """Whether somebody can sign with a name: not the program's, visible, without blanks around it."""
    return (
        0 < len(name) <= LONGEST_NAME
        and name.isprintable()
        and name == name.strip()
        and name.casefold() not in OWN_NAMES
    )


class UnsignedChange(RuntimeError):
    """A session tried to write without an actor."""


class BulkChange(RuntimeError):
    """A statement tried to change rows past the log."""


def signed_by(session: Session, actor: str) -> Session:
    """Name who signs what the session changes; returns the session."""
    session.info["actor"] = actor
    return session


def watch(factory: sessionmaker[Session]) -> None:
    """Have every session of `factory` sign what it flushes."""
    event.listen(factory, "before_flush", _refuse_unsigned)
    event.listen(factory, "after_flush", _write_events)
    event.listen(factory, "before_commit", noting.chain_all)
    event.listen(factory, "do_orm_execute", _refuse_bulk)


def _refuse_unsigned(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    changed = session.new or session.deleted or any(session.is_modified(row) for row in session.dirty)
    if changed:
        signature(session)


def signature(session: Session) -> str:
    """Who signs what the session changes. Raises `UnsignedChange` where nobody does."""
    actor = session.info.get("actor")
    if not actor:
        raise UnsignedChange("name who makes the change: audit.signed_by(session, actor)")
    return str(actor)


def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete or state.is_insert:
        raise BulkChange("rows are changed one by one, so that each change is signed")


def _write_events(session: Session, context: UOWTransaction) -> None:
    now, actor = datetime.now(UTC), session.info.get("actor")
    # What its parent let go (delete-orphan) is not in `session.deleted`.
    deleted = [state.obj() for state, (gone, listed_only) in context.states.items() if gone and not listed_only]
    events = []
    for rows, action in (
        (session.new, AuditAction.INSERT),
        (session.dirty, AuditAction.UPDATE),
        (deleted, AuditAction.DELETE),
    ):
        for row in rows:
            state = inspect(row)
            changes = _changes(state, action)
            if changes:
                events.append(
                    {
                        "at": now,
                        "actor": actor,
                        "action": action,
                        "table_name": _table_name(state),
                        "row_key": ",".join(str(part) for part in state.mapper.primary_key_from_instance(row)),
                        "changes": changes,
                    }
                )
    if events:
        connection = session.connection()
        # SQLite numbers them one after the other; PostgreSQL has to be asked to.
        made = insert(AuditEvent).returning(
            AuditEvent.id, sort_by_parameter_order=connection.dialect.name == "postgresql"
        )
        numbers = sorted(connection.scalars(made, events))
        noting.note(session, (_as_noted(n, e) for n, e in zip(numbers, events, strict=True)))


def _as_noted(number: int, event: dict[str, Any]) -> chain.Noted:
    changes = chain.written(event["changes"])
    return chain.Noted(
        number, event["at"], event["actor"], event["action"], event["table_name"], event["row_key"], changes
    )


def _changes(state: InstanceState[Base], action: AuditAction) -> dict[str, list[Any]]:
    """Column or many-to-many relationship → [old, new], for what differs."""
    table = _table_name(state)
    found: dict[str, list[Any]] = {}
    for column in state.mapper.column_attrs:
        value = state.dict.get(column.key)
        if action is AuditAction.UPDATE:
            history = state.attrs[column.key].history
            if not history.has_changes():
                continue
            old, new = (history.deleted or [None])[0], value
        else:
            old, new = (None, value) if action is AuditAction.INSERT else (value, None)
        if old == new:
            continue
        found[column.key] = [HIDDEN, HIDDEN] if is_hidden(table, column.key) else [plain(old), plain(new)]
    for relationship in state.mapper.relationships:
        if relationship.secondary is not None and (history := state.attrs[relationship.key].history).has_changes():
            found[relationship.key] = [[str(row) for row in history.deleted], [str(row) for row in history.added]]
    return found


def _table_name(state: InstanceState[Base]) -> str:
    return str(state.class_.__tablename__)


def is_hidden(table: str, column: str) -> bool:
    """Whether the values of a column stay out of the log."""
    return (table, column) in _UNLOGGED


def plain(value: Any) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        return str(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def unsigned(session: Session, model: type[Base]) -> list[str]:
    """Keys of rows of a table that is written once which no event of the audit made as they are.

    Finds a row that was put in, or changed, past every guard.
    """
    made = {
        event.row_key: event.changes
        for event in session.scalars(select(AuditEvent).where(AuditEvent.table_name == model.__tablename__))
    }
    found = []
    for row in session.scalars(select(model)):
        state = inspect(row)
        key = ",".join(str(part) for part in state.mapper.primary_key_from_instance(row))
        stored = _changes(state, AuditAction.INSERT)
        if made.pop(key, None) != json.loads(json.dumps(stored)):
            found.append(key)
    # An event without its row: the row was taken away.
    return found + sorted(made)


def signer(session: Session, name: str) -> User:
    """The account that signs as `name`; where there is none, one is made that nobody can sign in to."""
    known = select(User).where(User.name == name)
    if (found := session.scalar(known)) is not None:
        return found
    try:
        with session.begin_nested():
            found = User(name=name, role=Role.ANALYST, active=False)
            session.add(found)
    except IntegrityError:
        # Somebody else's transaction made the same account a moment ago.
        found = session.scalars(known).one()
    return found


def changes(table: str, row_id: int) -> Select[AuditEvent]:
    """What was changed on a row, the newest first."""
    return (
        select(AuditEvent)
        .where(AuditEvent.table_name == table, AuditEvent.row_key == str(row_id))
        .order_by(AuditEvent.id.desc())
    )


def last_change() -> Select[datetime]:
    """When anything in the ledger was changed last; null where nothing was ever written."""
    return select(func.max(AuditEvent.at))
