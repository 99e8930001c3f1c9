"""Engine and session, and what differs between SQLite and PostgreSQL when a connection opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool, QueuePool

from tracker import audit
from tracker.config import database_address

#: Execution option of a connection that is going to write: SQLite then takes its write lock at once,
#: so that what was read cannot change before it is written.
WRITES = {"tracker_writes": True}

#: Seconds that SQLite waits for another writer.
_BUSY_TIMEOUT = 15


class DatabaseNotReady(RuntimeError):
    """The database is missing, older or newer than this program. The text says what to do."""


def connect(url: str = "", *, pooled: bool = False) -> Engine:
    """An engine for `url`, for `TRACKER_DATABASE_URL`, or for `tracker.db` in the current folder.

    A server keeps its connections in a pool; a command opens one and closes it.
    """
    known = _known(database_address(url))
    # PostgreSQL would compile large questions, which takes longer than it takes to answer them.
    given = {} if known.drivername == "sqlite" else {"options": "-c jit=off"}
    engine = create_engine(known, connect_args=given, poolclass=QueuePool if pooled else NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def _known(address: str) -> URL:
    """The address, if it is one of a database that the project runs on."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"sqlite", "postgresql+psycopg"} or not url.database:
        shown = url.render_as_string(hide_password=True) if url else "…"
        raise DatabaseNotReady(
            f"“{shown}” 不是可用的数据库地址 / is no database address: write sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    return url


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late for DDL and never locks; `_begin` gives it instead.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT * 1000}",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "synchronous=FULL",
        "trusted_schema=OFF",
        # How many rows of an index ANALYZE looks at.
        "analysis_limit=400",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tracker_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions whose changes are signed in the audit."""
    factory = sessionmaker(engine, expire_on_commit=False)
    audit.watch(factory)
    return factory


def place(engine: Engine) -> str:
    """Where the database is, without a password."""
    return make_url(engine.url).render_as_string(hide_password=True)


def beside(engine: Engine, ending: str) -> Path:
    """A file that belongs to the database: named after it, beside it; in the current folder for a server's."""
    database = make_url(engine.url).database or "tracker"
    folder = Path(database).parent if engine.dialect.name == "sqlite" else Path.cwd()
    return folder / f"{Path(database).stem}{ending}"
