"""SQLite: which library is used, how it journals, and what each of its connections is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from tracker.db import turns
from tracker.db.turns import Turns

#: The first version that can damage a file in WAL mode, and the first of its lines that cannot:
#: two connections that write and checkpoint within the same moment lost pages (the “WAL-reset bug”).
_BUG_SINCE = (3, 7, 0)
_MENDED: dict[tuple[int, ...], tuple[int, ...]] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
_MENDED_FOR_ALL = (3, 51, 3)

#: Largest size that the journal keeps on disk once it is empty, in bytes.
_JOURNAL_KEPT = 64 * 1024 * 1024


def driver() -> Any:
    """The one SQLite library of this process: the one that comes with the program, or Python's own.

    Two libraries must never open one file in one process: closing it in one drops the locks of the other.
    """
    try:
        from pysqlite3 import dbapi2  # noqa: PLC0415 - not there on every platform
    except ImportError:
        from sqlite3 import dbapi2  # noqa: PLC0415
    return dbapi2


class Writer:
    """What the connections of an engine do beside: take turns when they write (`turns`)."""

    turns: Turns | None = None
    patience: float = 0
    _has_turn = False

    def take_turn(self, patience: float | None) -> None:
        """Wait until nobody else of this process writes. Who waits in vain meets the lock itself next."""
        if self.turns is not None and not self._has_turn:
            self._has_turn = self.turns.take(self.patience if patience is None else patience)

    def leave(self) -> None:
        """Let others of this process write."""
        if self.turns is not None and self._has_turn:
            self._has_turn = False
            self.turns.leave()


@cache
def connection_class() -> Any:
    """The class of our connections: its transactions end with its turn."""

    base = driver().Connection
    ends = {name: _then_leave(getattr(base, name)) for name in ("commit", "rollback", "close")}
    return type("OurConnection", (Writer, base), ends)


def _then_leave(end: Callable[[Any], None]) -> Callable[[Any], None]:
    def ended(connection: Any) -> None:
        try:
            end(connection)
        finally:
            connection.leave()

    return ended


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether a version of SQLite can damage a file in WAL mode (https://sqlite.org/wal.html)."""
    return _BUG_SINCE <= version < _MENDED.get(version[:2], _MENDED_FOR_ALL)


def journal(version: tuple[int, ...]) -> str:
    """How a version of SQLite is to journal: readers and a writer side by side only where that is safe."""
    return "delete" if has_wal_reset_bug(version) else "wal"


def open_up(connection: Any, *, patience: float, file: str = "") -> None:
    """Prepare a new connection to a file; `patience` is how many seconds it waits for another writer."""
    connection.patience = patience
    connection.turns = turns.of(str(Path(file).resolve())) if file and file != ":memory:" else None
    # The driver's own BEGIN comes too late for DDL and never locks; `begin` gives it instead.
    connection.isolation_level = None
    wanted = journal(driver().sqlite_version_info)
    if wanted == "wal":
        # The change needs the file for itself. Where somebody is at work in it, or it may only be read, the old mode
        # stays for now: it is as safe, only slower.
        with suppress(driver().OperationalError):
            connection.execute("PRAGMA busy_timeout=0")
            connection.execute("PRAGMA journal_mode=wal")
    for pragma in (
        f"busy_timeout={round(patience * 1000)}",
        f"journal_mode={wanted}" if wanted != "wal" else f"journal_size_limit={_JOURNAL_KEPT}",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "synchronous=FULL",
        "trusted_schema=OFF",
        # How many rows of an index ANALYZE looks at.
        "analysis_limit=400",
    ):
        connection.execute(f"PRAGMA {pragma}")


def put_away(connection: Any) -> None:
    """Bring the journal into the file, as far as nobody else is at work in it."""
    connection.execute("PRAGMA busy_timeout=1000")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def begin(connection: Connection) -> None:
    """Begin a transaction. One that will write takes the lock at once, so that what it read cannot change before."""
    options = connection.get_execution_options()
    if "tracker_patience" in options:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={options['tracker_patience'] * 1000}")
    if options.get("tracker_rebuilds"):
        # A table that is taken away would empty, or be refused by, those that point to it; see `dangling`.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    if not options.get("tracker_writes"):
        connection.exec_driver_sql("BEGIN")
        return
    ours: Any = connection.connection.driver_connection
    ours.take_turn(options.get("tracker_patience"))
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        ours.leave()
        raise


def take_in_much(connection: Connection) -> None:
    """Have this transaction look only at its end whether each row points to one that is there, and this connection keep
    64 MB of pages: with 2 MB, those of the indexes would be written again and again."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    connection.exec_driver_sql("PRAGMA cache_size=-65536")


def dangling(connection: Connection) -> list[str]:
    """Tables with rows that point to none; to be asked before a transaction without foreign keys is committed."""
    if connection.dialect.name != "sqlite":
        return []
    return sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})
