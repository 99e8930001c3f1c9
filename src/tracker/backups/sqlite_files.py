"""A backup of SQLite is a database file: copied page by page at one moment, and read without changing a byte of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from tracker.backups import BackupRefused, holdings
from tracker.backups.holdings import Holdings
from tracker.verification import pages

#: Told how many pages remain, and of how many.
Progress = Callable[[int, int], None]

#: Pages that are copied between two reports of progress.
_PAGES = 2000


def copy(engine: Engine, target: Path, progress: Progress | None = None) -> None:
    """Copy the database as it stands at this moment, through the library that the program itself uses.

    The one transaction holds the moment: others go on writing, and nothing of that comes into the copy.
    """
    report = (lambda _status, remaining, total: progress(remaining, total)) if progress else None
    try:
        with closing(engine.raw_connection()) as pooled, closing(_library(engine).connect(str(target))) as copied:
            source: Any = pooled.driver_connection
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
            source.backup(copied, pages=_PAGES, progress=report, sleep=0)
            source.execute("ROLLBACK")
            # One file, without a journal beside it, that can be read where nothing can be written.
            copied.execute("PRAGMA journal_mode=DELETE")
    except _library(engine).Error as error:
        raise BackupRefused(f"备份没有写成 / the copy could not be made: {error}") from error


def _library(engine: Engine) -> Any:
    """The SQLite library that this engine uses: a second one in the process must not open its files."""
    return engine.dialect.loaded_dbapi


@contextmanager
def opened(engine: Engine, path: Path) -> Iterator[Connection]:
    """A connection to a file that nobody writes to; not a byte of it changes by being read."""
    library = _library(engine)
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    reader = create_engine(
        "sqlite://", creator=lambda: library.connect(address, uri=True), module=library, poolclass=NullPool
    )
    with reader.connect() as connection:
        yield connection


def proved(engine: Engine, path: Path) -> Holdings:
    """What a copy holds, once it is proved whole: its pages, its references and its guards. Else `BackupRefused`."""
    try:
        with opened(engine, path) as connection:
            faults = pages.faults(connection) or _dangling(connection)
            if faults:
                raise BackupRefused(f"数据库文件已损坏 / the database in {path.name} is damaged: {faults[0]}")
            holds = holdings.of(connection)
            holdings.unguarded(connection, holds)
    except DatabaseError as error:
        raise BackupRefused(f"数据库文件已损坏 / the database in {path.name} is damaged: {error.orig}") from error
    return holds


def _dangling(connection: Connection) -> list[str]:
    """Rows that point to one that is not there."""
    return [f"{row[0]} {row[1]} → {row[2]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
