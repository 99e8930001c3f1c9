"""Engine and session, and what differs between SQLite and PostgreSQL when a connection opens."""

from __future__ import annotations

from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import NullPool, QueuePool

from tracker import audit, sent_forms, spelling
from tracker.config import database_address, settings
from tracker.db import postgresql, sqlite
from tracker.stored import words

#: Execution option of a connection that is going to write: SQLite then takes its write lock at once,
#: so that what was read cannot change before it is written.
WRITES = {"tracker_writes": True}

#: Seconds that an upgrade, or whoever loads what a ledger begins with, waits for others who do the same.
PATIENCE = 300

#: The same where others may well be at it just now, as when several servers start at once.
ALONE = {**WRITES, "tracker_patience": PATIENCE}


class DatabaseNotReady(RuntimeError):
    """The database is missing, older or newer than this program. The text says what to do."""


#: Seconds that a request waits for one of the connections that all others are using.
_POOL_PATIENCE = 10


def connect(url: str = "", *, pooled: bool = False) -> Engine:
    """An engine for `url`, for `TRACKER_DATABASE_URL`, or for `tracker.db` in the current folder.

    A server keeps its connections in a pool; a command opens one and closes it.
    """
    known, patience, keeps = _known(database_address(url)), settings().lock_seconds, _pool(pooled=pooled)
    if known.drivername == "sqlite":
        ours, file = {"factory": sqlite.connection_class()}, str(known.database)
        engine = create_engine(known, module=sqlite.driver(), connect_args=ours, **keeps)
        event.listen(
            engine, "connect", lambda connection, _record: sqlite.open_up(connection, patience=patience, file=file)
        )
        event.listen(engine, "begin", sqlite.begin)
        return engine
    told = postgresql.wanted(known, patience=patience, served=pooled)
    engine = create_engine(known, connect_args=postgresql.parameters(known), pool_pre_ping=pooled, **keeps)
    # Before anything is asked: what such a server answers is not even text.
    event.listen(engine, "connect", _check_encoding, insert=True)
    event.listen(engine, "connect", lambda connection, record: postgresql.open_up(connection, record, told))
    event.listen(engine, "begin", postgresql.begin)
    return engine


def _check_encoding(connection: Any, _record: Any) -> None:
    """Refuse a database of PostgreSQL that does not count in characters: quotes stand at places counted so."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding not in {"UTF8", None}:
        name = connection.info.dbname
        raise DatabaseNotReady(
            f"数据库 {name} 的编码是 {encoding}，须为 UTF8 / the database {name} is encoded in {encoding}, not UTF8:"
            f" make it with CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
        )


def _pool(*, pooled: bool) -> dict[str, Any]:
    """How connections are kept: not at all; or so many, and while all are in use at most as many again.

    Signing in and the look at a token need a second one beside that of their request: were there none left for those,
    all would wait for each other.
    """
    if not pooled:
        return {"poolclass": NullPool}
    size = settings().pool_size
    return {"poolclass": QueuePool, "pool_size": size, "max_overflow": size, "pool_timeout": _POOL_PATIENCE}


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


def sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions whose changes are signed in the audit."""
    factory = copy(_watched())
    factory.kw = {**factory.kw, "bind": engine}
    return factory


@cache
def _watched() -> sessionmaker[Session]:
    """The same without an engine: made once, as each has a class of its own, which takes as long as some questions."""
    factory = sessionmaker(expire_on_commit=False)
    audit.watch(factory)
    sent_forms.watch(factory)
    spelling.watch(factory)
    words.watch(factory)
    return factory


def let_go(session: scoped_session[Session]) -> None:
    """Close the session of a request. What a server that has gone cannot be told any more is no fault of the answer."""
    try:
        session.remove()
    except SQLAlchemyError:
        session.registry.clear()


def wait_to_be_alone(connection: Connection) -> None:
    """Wait on PostgreSQL for whoever upgrades or loads; on SQLite, `ALONE` has done so at the beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(7232467)"))


def journal_notice(engine: Engine) -> str:
    """What whoever runs the server should know of its SQLite; empty where there is nothing to know."""
    if engine.dialect.name != "sqlite" or not sqlite.has_wal_reset_bug(sqlite.driver().sqlite_version_info):
        return ""
    version = sqlite.driver().sqlite_version
    return (
        f"SQLite {version} 的 WAL 模式可能损坏文件，因此不用：有人写入时读者须等候。"
        f" / SQLite {version} can damage a file in WAL mode, so it is not used: readers wait while somebody writes."
        " 3.51.3+ or pysqlite3 mends that."
    )


def put_away(engine: Engine) -> None:
    """Close the connections of an engine; the journal of SQLite is in the file then, unless others still use it."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        sqlite.put_away(connection)
        connection.close()
    engine.dispose()


def close_to_writing(engine: Engine) -> None:
    """Have SQLite itself refuse every change through this engine from now on."""
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=ON"))


def place(engine: Engine) -> str:
    """Where the database is, without a password."""
    return make_url(engine.url).render_as_string(hide_password=True)


def beside(engine: Engine, ending: str) -> Path:
    """A file that belongs to the database: named after it, beside it; in the current folder for a server's."""
    database = make_url(engine.url).database or "tracker"
    folder = Path(database).parent if engine.dialect.name == "sqlite" else Path.cwd()
    return folder / f"{Path(database).stem}{ending}"
