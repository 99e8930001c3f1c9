"""Rows of named columns, read past the ORM: it has nothing to do for them, and takes as long as the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.orm import Session


def read(session: Session, question: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
    """The rows of a question for columns, asked with these values; what the session holds is written before."""
    if session.autoflush:
        session.flush()
    return session.connection().execute(question, values or {}).all()
