"""A form that is sent twice, by a double click or a reload, does what it asks once. The database holds that:
a form and what it changes are committed together, and no two forms bear the same mark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, delete, event, insert, select, text
from sqlalchemy.orm import Session, sessionmaker

from tracker.models import SentForm

#: How long a form that was sent is remembered; nobody sends one again after weeks.
_REMEMBERED = timedelta(days=30)

_COLUMNS = SentForm.__table__.c


def watch(factory: sessionmaker[Session]) -> None:
    """Have the sessions of `factory` remember the form whose changes they commit; see `begin`."""
    event.listen(factory, "before_commit", _remember)


def begin(session: Session, mark: str) -> Row[str, str] | None:
    """What the form with this mark changed (`table_name`, `row_key`), if it was sent before.

    Else none, and the form is remembered with what the session goes on to commit. Who sends the same form at the
    same moment waits here.
    """
    one_at_a_time(session, mark)
    asked = select(_COLUMNS.table_name, _COLUMNS.row_key).where(_COLUMNS.mark == mark)
    found = session.execute(asked).one_or_none()
    if found is None:
        session.info["mark"] = mark
        session.info.pop("changed", None)
    return found


def one_at_a_time(session: Session, mark: str) -> None:
    """Wait until nobody else does what bears the same mark; SQLite writes one at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:mark, 0))"), {"mark": mark})


def _remember(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    mark, changed = session.info.pop("mark", None), session.info.pop("changed", None)
    if mark is None or changed is None:
        return
    now, (table, key) = datetime.now(UTC), changed
    connection = session.connection()
    connection.execute(delete(SentForm).where(_COLUMNS.at < now - _REMEMBERED))
    connection.execute(insert(SentForm).values(mark=mark, at=now, table_name=table, row_key=key))
