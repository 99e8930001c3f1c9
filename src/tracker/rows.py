"""Rows of named columns, read past the ORM: it has nothing to do for them, and takes as long as the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.orm import Session

#: Ways of PostgreSQL to read whole tables. It reckons with equally many rows of each city, and then prefers these where
#: an index would lead to the few that are wanted.
_WHOLE = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")


def read(session: Session, question: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
    """The rows of a question for columns, asked with these values; what the session holds is written before."""
    if session.autoflush:
        session.flush()
    return session.connection().execute(question, values or {}).all()


def read_along(session: Session, question: Executable, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """The same of a question for the first few rows of many, in an order that an index has."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return read(session, question, values)
    let_read_whole(connection, "off")
    found = read(session, question, values)
    let_read_whole(connection, "DEFAULT")
    return found


def let_read_whole(connection: Connection, to: str) -> None:
    """Set what PostgreSQL may read whole tables by: `off` until this transaction ends, or `DEFAULT` again."""
    connection.exec_driver_sql("; ".join(f"SET LOCAL {name} = {to}" for name in _WHOLE))
