"""What is looked at before a database is served."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from tracker.events import Event, say
from tracker.models import ChainEntry
from tracker.verification import chained, pages

#: How many of the newest entries of the chain are proved.
_NEWEST = 1000

#: Largest file that is read as a whole, in bytes: that takes some seconds.
_READ = 1 << 28


def damage(engine: Engine) -> str:
    """What a quick look finds wrong with the database as a whole; empty where it finds nothing.

    It takes some seconds, so it is for a start and not for every look. Of a large file it reads what it can by then;
    the tables that are left are a line of the log.
    """
    file = Path(str(make_url(engine.url).database)) if engine.dialect.name == "sqlite" else None
    if file and not file.exists():
        return ""
    try:
        with engine.connect() as connection, Session(connection) as session:
            found = _in_file(connection, file) if file else []
            if not found and inspect(connection).has_table(ChainEntry.__tablename__):
                found = chained.recent(session, _NEWEST)
            return "; ".join(found[:3])
    except OperationalError:  # a place that cannot be opened, or is locked, is not damaged
        return ""
    except DatabaseError as error:
        return str(error.orig)


def _in_file(connection: Connection, file: Path) -> list[str]:
    """What is wrong with the pages of a file."""
    if file.stat().st_size <= _READ:
        return pages.faults(connection, quickly=True)
    found, left = pages.looked_at(connection)
    if left:
        say(Event.LOOKED_AT_IN_PART, what=file.name, left=", ".join(left), advice="tracker verify looks at all")
    return found
