"""What is proved of the file itself: every page is one, and says what it should (PostgreSQL sees to that by itself)."""

from __future__ import annotations

from time import monotonic

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker.models import Base
from tracker.verification.coding import Result

#: At most so many faults are named: a lost page can make thousands.
_NAMED = 20

#: Seconds that the pages of a large file are looked at.
_PATIENCE = 5

#: After how many steps of the database the clock is looked at.
_STEPS = 10_000


def whole(session: Session) -> Result:
    """The pages of the database are whole."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return 0, []
    return connection.scalar(text("PRAGMA page_count")) or 0, faults(connection)


def faults(connection: Connection, *, quickly: bool = False, of: str | int = _NAMED) -> list[str]:
    """What is wrong with the pages of an SQLite file, or `of` a table. Quickly: without comparing them with indexes."""
    asked = "quick_check" if quickly else "integrity_check"
    found = [line for row in connection.exec_driver_sql(f"PRAGMA {asked}({of})") for line in str(row[0]).splitlines()]
    return [line for line in found if line != "ok" and not line.startswith("***")]


def looked_at(connection: Connection) -> tuple[list[str], list[str]]:
    """What some seconds find wrong with an SQLite file, and the tables of which not every page was looked at.

    Those with the fewest rows come first. Of those that are left, the first and the last row are found by their key.
    """
    found, left, ends = list[str](), _by_rows(connection), monotonic() + _PATIENCE
    driven = connection.connection.driver_connection
    driven.set_progress_handler(lambda: monotonic() > ends, _STEPS)  # type: ignore[union-attr]
    try:
        while left and monotonic() < ends:
            found += faults(connection, quickly=True, of=f'"{left[0]}"')
            del left[0]
    except OperationalError:
        if monotonic() <= ends:
            raise
    finally:
        driven.set_progress_handler(None, 0)  # type: ignore[union-attr]
    for name in left:
        if name in Base.metadata.tables:
            table = Base.metadata.tables[name]
            for order in ([*table.primary_key], [column.desc() for column in table.primary_key]):
                connection.execute(select(table).order_by(*order).limit(1)).close()
    return found, left


def _by_rows(connection: Connection) -> list[str]:
    """The tables, those first that had the fewest rows when the database last looked."""
    names, rows = inspect(connection).get_table_names(), dict[str, int]()
    if inspect(connection).has_table("sqlite_stat1"):
        asked = text("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
        rows = {name: number or 0 for name, number in connection.execute(asked)}
    return sorted(names, key=lambda name: rows.get(name, 0))
