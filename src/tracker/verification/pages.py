"""What is proved of the file itself: every page is one, and says what it should (PostgreSQL sees to that by itself)."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tracker.verification.coding import Result

#: At most so many faults are named: a lost page can make thousands.
_NAMED = 20


def whole(session: Session) -> Result:
    """The pages of the database are whole."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return 0, []
    return connection.scalar(text("PRAGMA page_count")) or 0, faults(connection)


def faults(connection: Connection, *, quickly: bool = False) -> list[str]:
    """What is wrong with the pages of an SQLite file. Quickly: without comparing each index with its table."""
    asked = "quick_check" if quickly else "integrity_check"
    found = [
        line for row in connection.exec_driver_sql(f"PRAGMA {asked}({_NAMED})") for line in str(row[0]).splitlines()
    ]
    return [line for line in found if line != "ok" and not line.startswith("***")]
