"""The database: engine and sessions, revisions, and what differs between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracker import audit
from tracker.db.engine import (
    WRITES,
    DatabaseNotReady,
    beside,
    close_to_writing,
    connect,
    journal_notice,
    place,
    put_away,
    sessions,
)
from tracker.db.places import check_place
from tracker.db.revisions import (
    check_ready,
    differences,
    migration_config,
    migrations,
    newest_revision,
    revision,
    survey,
    upgrade,
)
from tracker.db.troubles import Trouble, trouble

__all__ = [
    "WRITES",
    "DatabaseNotReady",
    "Trouble",
    "beside",
    "check_place",
    "check_ready",
    "close_to_writing",
    "connect",
    "differences",
    "journal_notice",
    "migration_config",
    "migrations",
    "newest_revision",
    "place",
    "put_away",
    "reading",
    "revision",
    "sessions",
    "survey",
    "trouble",
    "upgrade",
    "writing",
]


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session to read with. Refuses a database that is not ready."""
    check_ready(engine)
    with sessions(engine)() as session:
        yield session


@contextmanager
def writing(engine: Engine, actor: str, *, patience: int | None = None) -> Iterator[Session]:
    """A session whose changes `actor` signs; one transaction, committed at the end or not at all.

    `patience` is how many seconds it waits for its turn on SQLite, where that is to be longer than usual.
    """
    check_ready(engine)
    wait = {} if patience is None else {"tracker_patience": patience}
    with sessions(engine.execution_options(**WRITES, **wait)).begin() as session:
        yield audit.signed_by(session, actor)
