"""What is looked at before a database is served."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from tracker.models import ChainEntry
from tracker.verification import chained, pages

#: How many of the newest entries of the chain are proved.
_NEWEST = 1000


def damage(engine: Engine) -> str:
    """What a quick look finds wrong with the database as a whole; empty where it finds nothing.

    It reads every page of a file once, so it is for a start and not for every look.
    """
    is_file = engine.dialect.name == "sqlite"
    if is_file and not Path(str(make_url(engine.url).database)).exists():
        return ""
    try:
        with engine.connect() as connection, Session(connection) as session:
            found = pages.faults(connection, quickly=True) if is_file else []
            if not found and inspect(connection).has_table(ChainEntry.__tablename__):
                found = chained.recent(session, _NEWEST)
            return "; ".join(found[:3])
    except OperationalError:  # a place that cannot be opened, or is locked, is not damaged
        return ""
    except DatabaseError as error:
        return str(error.orig)
