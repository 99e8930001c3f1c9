"""Files on their way in: kept between their upload and their import, for whoever sent them, a day at most.

They are no part of the ledger, so they are not signed; what they change of it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from tracker.models import Upload

#: How long a file waits.
KEPT = timedelta(days=1)

#: Largest file, in bytes, and most rows of it that the desk takes in; a larger one goes in by the command line.
LARGEST = 10 * 1024 * 1024
MOST_ROWS = 5000

_COLUMNS = Upload.__table__.c


def keep(session: Session, owner_id: int, name: str, content: bytes, encoding: str) -> int:
    """Keep a file; returns its number. Those that have waited too long go."""
    now = datetime.now(UTC)
    connection = session.connection()
    connection.execute(delete(Upload).where(_COLUMNS.made_at < now - KEPT))
    row = {
        "owner_id": owner_id, "name": name, "content": content, "encoding": encoding, "mapping": {}, "made_at": now,
    }  # fmt: skip
    return int(connection.scalar(insert(Upload).returning(_COLUMNS.id), row) or 0)


def one(session: Session, owner_id: int, number: int) -> Row[Any] | None:
    """A file of an account: `id, name, content, encoding, mapping`; none where it has no such file."""
    asked = select(Upload.id, Upload.name, Upload.content, Upload.encoding, Upload.mapping)
    return session.execute(asked.where(Upload.id == number, Upload.owner_id == owner_id)).one_or_none()


def waiting(session: Session, owner_id: int) -> Sequence[Row[int, str, datetime]]:
    """The files of an account that wait: `id, name, made_at`, the newest first."""
    asked = select(Upload.id, Upload.name, Upload.made_at).where(Upload.owner_id == owner_id)
    return session.execute(asked.order_by(Upload.id.desc())).all()


def say_how(session: Session, number: int, mapping: dict[str, Any]) -> None:
    """Keep how a file is to be read."""
    session.connection().execute(update(Upload).where(_COLUMNS.id == number).values(mapping=mapping))


def drop(session: Session, number: int) -> None:
    """A file is no longer needed."""
    session.connection().execute(delete(Upload).where(_COLUMNS.id == number))
