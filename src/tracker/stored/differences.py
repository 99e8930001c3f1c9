"""How a load changes the counts, added up until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from tracker.models import Base, CurrentStanding
from tracker.stored.counts import TABLES, derivation, key_of
from tracker.stored.trigger import IDS


def keyed() -> list[ColumnElement[bool]]:
    """How some commitments stand, by each key by itself: asked for both at once, SQLite would read all that stands."""
    row = CurrentStanding
    return [and_(row.approved_only == approved, row.commitment_id.in_(IDS)) for approved in (False, True)]


@cache
def _counts(table: type[Base]) -> Any:
    """The rows of a table of counts as some commitments give them. To put it together takes as long as to ask it."""
    some = union_all(*(select(CurrentStanding).where(which) for which in keyed()))
    return derivation(table, aliased(CurrentStanding, some.cte("stood").prefix_with("MATERIALIZED")))


class Difference:
    """How the counts change while their triggers stand aside: of each table, what is added to which of its rows."""

    def __init__(self) -> None:
        self._added: dict[type[Base], dict[tuple[Any, ...], list[int]]] = {table: {} for table in TABLES}

    def take(self, connection: Connection, numbers: Sequence[int], sign: int) -> None:
        """Take note of how some commitments stand: of what came with 1, of what will go with -1."""
        for table, added in self._added.items():
            width = len(key_of(table))
            for row in connection.execute(_counts(table), {"ids": numbers}):
                sums = added.setdefault(tuple(row[:width]), [0] * (len(row) - width))
                sums[:] = [before + sign * count for before, count in zip(sums, row[width:], strict=True)]

    def write(self, connection: Connection) -> None:
        """Add all of it to the counts. On PostgreSQL whoever does so holds the lock of the chain."""
        insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        for table, added in self._added.items():
            names, key = table.__table__.columns.keys(), key_of(table)
            rows = [dict(zip(names, (*of, *sums), strict=True)) for of, sums in added.items() if any(sums)]
            put = insert(table)
            sums = {name: getattr(table, name) + put.excluded[name] for name in names if name not in key}
            if rows:
                connection.execute(put.on_conflict_do_update(index_elements=key, set_=sums), rows)
            added.clear()
