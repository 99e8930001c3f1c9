"""The database: engine and sessions, revisions, and what differs between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tracker import audit
from tracker.db.checks import broken_check, constraint
from tracker.db.engine import (
    ALONE,
    WRITES,
    DatabaseNotReady,
    beside,
    close_to_writing,
    connect,
    journal_notice,
    let_go,
    place,
    put_away,
    sessions,
    wait_to_be_alone,
)
from tracker.db.guarding import ensure_guards, grants
from tracker.db.places import check_place
from tracker.db.replicas import FROM, NEVER, Replicas, position
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
    "FROM",
    "NEVER",
    "WRITES",
    "DatabaseNotReady",
    "Replicas",
    "Trouble",
    "beside",
    "broken_check",
    "check_place",
    "check_ready",
    "close_to_writing",
    "connect",
    "constraint",
    "differences",
    "ensure_guards",
    "grants",
    "journal_notice",
    "let_go",
    "migration_config",
    "migrations",
    "newest_revision",
    "place",
    "position",
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
def reading(engine: Engine, *, at_once: bool = False) -> Iterator[Session]:
    """A session to read with. Refuses a database that is not ready.

    With `at_once` all that it reads is of one moment, whatever others write meanwhile; SQLite reads so anyway.
    """
    check_ready(engine)
    if at_once and engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with sessions(engine)() as session:
        yield session


@contextmanager
def writing(engine: Engine, actor: str, *, alone: bool = False) -> Iterator[Session]:
    """A session whose changes `actor` signs; one transaction, committed at the end or not at all.

    With `alone` nobody else upgrades or loads meanwhile: it waits its turn for minutes.
    """
    check_ready(engine)
    with sessions(engine.execution_options(**(ALONE if alone else WRITES))).begin() as session:
        if alone:
            wait_to_be_alone(session.connection())
        yield audit.signed_by(session, actor)
