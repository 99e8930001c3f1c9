"""Many rows go into the ledger at once: set by set, each row signed and chained, in one transaction of the caller.

What hangs on rows is kept by triggers, row by row. For a load they stand aside, and what is stored is derived of all
rows that came, set by set. The guards stay in force: what they refuse, no load brings in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from tracker import chain, stored
from tracker.codebook import AuditAction
from tracker.loading.sheets import Row, Sheet, Signed
from tracker.models import Base

__all__ = ["Load", "Row", "loading"]

#: Tables whose names are looked at one by one (`spelling`): their rows go in through a session.
_ONE_BY_ONE = frozenset({"user", "organisation"})

#: The columns of an event and of an entry of the chain, in the order in which a load writes them.
_EVENT = ("id", "at", "actor", "action", "table_name", "row_key", "changes")
_ENTRY = ("seq", "at", "event_id", "hash")


@contextmanager
def loading(connection: Connection, actor: str, *, at: datetime | None = None) -> Iterator[Load]:
    """A load, signed by `actor`. What is stored is whole, and its triggers are in force again, when it ends.

    `at` is when the audit says that it was done: now, where it is not said. The transaction is the caller's, who
    commits; where anything raises, only rolling back will do.
    """
    load = Load(connection, actor, at)
    stored.put_aside(connection)
    yield load
    load.end()
    stored.resume(connection)


class Load:
    """A load while it goes on."""

    def __init__(self, connection: Connection, actor: str, at: datetime | None) -> None:
        self.connection, self.actor, self.at = connection, actor, at
        self._sheets: dict[tuple[str, tuple[str, ...]], Sheet] = {}
        #: table → the last number that was given out
        self._last: dict[str, int] = {}
        #: the first event that the end of the load chains
        self._unchained: int | None = None

    def numbers(self, table: str, count: int) -> Sequence[int]:
        """The numbers of the next so many rows of a table."""
        key = Base.metadata.tables[table].c.id
        if self.connection.dialect.name == "postgresql":
            each = func.generate_series(1, count).alias("each")
            drawn = select(func.nextval(func.pg_get_serial_sequence(f'"{table}"', "id"))).select_from(each)
            return sorted(self.connection.scalars(drawn))
        # SQLite has one writer at a time, and this transaction is it.
        last = max(self._last.get(table, 0), self.connection.scalar(select(func.max(key))) or 0)
        self._last[table] = last + count
        return range(last + 1, last + count + 1)

    def put(self, came: Mapping[str, Sequence[Row]]) -> None:
        """Write the rows of each table; what points to others comes with them or after them.

        Raises `sqlalchemy.exc.DBAPIError` where the database refuses a row.
        """
        if strange := sorted(_ONE_BY_ONE.intersection(came)):
            raise ValueError(f"rows of {strange} go in through a session")
        signed: list[Signed] = []
        for table in _order():
            for sheet, rows in self._sheeted(table, came.get(table, ())):
                signed += sheet.write(self.connection, rows)
        if signed:
            self._sign(signed)
        stored.renew(self.connection, came)

    def _sheeted(self, table: str, rows: Sequence[Row]) -> Iterator[tuple[Sheet, Sequence[Row]]]:
        """Neighbours that say the same columns, together."""
        start = 0
        for end in range(1, len(rows) + 1):
            if end == len(rows) or rows[end].keys() != rows[start].keys():
                yield self._sheet(table, tuple(rows[start])), rows[start:end]
                start = end

    def _sheet(self, table: str, names: tuple[str, ...]) -> Sheet:
        if (table, names) not in self._sheets:
            self._sheets[table, names] = Sheet(self.connection.dialect, table, names)
        return self._sheets[table, names]

    def _sign(self, signed: Sequence[Signed]) -> None:
        at, action = self.at or datetime.now(UTC), AuditAction.INSERT
        numbers = self.numbers("audit_event", len(signed))
        sheet = self._sheet("audit_event", _EVENT)
        shared = sheet.bound(at=at, actor=self.actor, action=action)
        sheet.insert(self.connection, [(number, *shared, *one) for number, one in zip(numbers, signed, strict=True)])
        if self.connection.dialect.name == "postgresql":
            # Whoever chains has others wait until the commit: only at the end.
            self._unchained = self._unchained or numbers[0]
            return
        now, entries = chain.continued(self.connection, at, self.actor, action, zip(numbers, signed, strict=True))
        sheet = self._sheet("chain_entry", _ENTRY)
        (when,) = sheet.bound(at=now)
        sheet.insert(self.connection, [(seq, when, event, hashed) for seq, event, hashed in entries])

    def end(self) -> None:
        """Chain what is not yet chained."""
        if self._unchained is not None:
            chain.append(self.connection, self._unchained)


def _order() -> list[str]:
    """Tables in the order in which their rows can go in: citations before their assessments."""
    names = [table.name for table in Base.metadata.sorted_tables]
    names.remove("assessment_evidence")
    names.insert(names.index("status_assessment"), "assessment_evidence")
    return names
