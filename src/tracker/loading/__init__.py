"""Many rows go into the ledger at once: set by set, each row signed and chained, in one transaction of the caller.

What hangs on rows is kept by triggers, row by row. For a load they stand aside, and what is stored is derived of all
rows that came, set by set. The guards stay in force: what they refuse, no load brings in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tracker import audit, chain, noting, stored
from tracker.codebook import AuditAction
from tracker.loading.sheets import Row, Sheet, Signed
from tracker.models import Base
from tracker.stored.differences import Difference

__all__ = ["Load", "Row", "loading", "numbers", "put"]

#: Tables whose names are looked at one by one (`spelling`): their rows go in through a session.
_ONE_BY_ONE = frozenset({"user", "organisation"})

#: The columns of an event and of an entry of the chain, in the order in which a load writes them.
_EVENT = ("id", "at", "actor", "action", "table_name", "row_key", "changes")
_ENTRY = ("seq", "at", "event_id", "hash")


#: Tables in the order in which their rows can go in: citations before their assessments.
_ORDER = [table.name for table in Base.metadata.sorted_tables if table.name != "assessment_evidence"]
_ORDER.insert(_ORDER.index("status_assessment"), "assessment_evidence")

#: (engine, table, columns) → how its rows are written.
_SHEETS: dict[tuple[str, str, tuple[str, ...]], Sheet] = {}


@contextmanager
def loading(connection: Connection, actor: str, *, at: datetime | None = None, alone: bool = False) -> Iterator[Load]:
    """A load, signed by `actor`, which is whole when it ends.

    `at` is when the audit says that it was done: now, where it is not said. Who is `alone` in the ledger has the chain
    to himself from the beginning. The transaction is the caller's, who commits; where anything raises, only rolling
    back will do.
    """
    load = Load(connection, actor, at, alone=alone)
    yield load
    load.end()


def put(session: Session, came: Mapping[str, Sequence[Row]]) -> None:
    """Write some rows at once, signed by whoever signs the session; what hangs on them the triggers keep.

    Raises as `Load.put`; `audit.UnsignedChange` where nobody signs.
    """
    actor = audit.signature(session)
    session.flush()
    load = Load(session.connection(), actor)
    noting.note(session, load.written(came))


def numbers(connection: Connection, table: str, count: int, *, after: int = 0) -> Sequence[int]:
    """The numbers of the next so many rows of a table; those to `after` are given out already."""
    if not count:
        return ()
    if connection.dialect.name == "postgresql":
        counter = f"SELECT pg_get_serial_sequence('{table}', 'id')::regclass AS name OFFSET 0"
        drawn = f"SELECT nextval(name) FROM ({counter}) AS counter, generate_series(1, {count})"
        return sorted(connection.exec_driver_sql(drawn).scalars())
    # SQLite has one writer at a time, and this transaction is it.
    last = connection.exec_driver_sql(f'SELECT max(id) FROM "{table}"').scalar() or 0
    first = max(last, after) + 1
    return range(first, first + count)


class Load:
    """A load while it goes on."""

    def __init__(self, connection: Connection, actor: str, at: datetime | None = None, *, alone: bool = False) -> None:
        self.connection, self.actor, self.at = connection, actor, at
        #: whether what comes is chained at once; else others would wait from then on until the commit
        self._chains = alone or connection.dialect.name == "sqlite"
        #: table → the last number that was given out
        self._last: dict[str, int] = {}
        #: the first event that the end of the load chains
        self._unchained: int | None = None
        self._counted = Difference()

    def numbers(self, table: str, count: int) -> Sequence[int]:
        """The numbers of the next so many rows of a table."""
        drawn = numbers(self.connection, table, count, after=self._last.get(table, 0))
        self._last[table] = max([self._last.get(table, 0), *drawn[-1:]])
        return drawn

    def put(self, came: Mapping[str, Sequence[Row]]) -> None:
        """Write the rows of each table, by thousands; what points to others comes with them or after them.

        The triggers that keep what is stored stand aside meanwhile, and it is derived for all rows together.
        Raises `sqlalchemy.exc.DBAPIError` where the database refuses a row.
        """
        stored.put_aside(self.connection)
        noted = self.written(came)
        if noted and not self._chains:
            self._unchained = self._unchained or noted[0].number
        elif noted:
            chain.wait(self.connection)
            now, entries = chain.continued(self.connection, noted)
            sheet = self._sheet("chain_entry", _ENTRY)
            (when,) = sheet.bound(at=now)
            sheet.insert(self.connection, [(seq, when, event, last) for seq, event, last in entries])
        stored.renew(self.connection, came, self._counted)
        stored.resume(self.connection)

    def written(self, came: Mapping[str, Sequence[Row]]) -> list[chain.Noted]:
        """Write rows and the events that sign them, which are still to be chained."""
        if strange := sorted(_ONE_BY_ONE.intersection(came)):
            raise ValueError(f"rows of {strange} go in through a session")
        signed: list[Signed] = []
        for table in _ORDER:
            for sheet, rows in self._sheeted(table, came.get(table, ())):
                signed += sheet.write(self.connection, rows)
        if not signed:
            return []
        at, action = self.at or datetime.now(UTC), AuditAction.INSERT
        drawn = self.numbers("audit_event", len(signed))
        sheet = self._sheet("audit_event", _EVENT)
        shared = sheet.bound(at=at, actor=self.actor, action=action)
        sheet.insert(self.connection, [(number, *shared, *one) for number, one in zip(drawn, signed, strict=True)])
        return [chain.Noted(number, at, self.actor, action, *one) for number, one in zip(drawn, signed, strict=True)]

    def _sheeted(self, table: str, rows: Sequence[Row]) -> Iterator[tuple[Sheet, Sequence[Row]]]:
        """Neighbours that say the same columns, together."""
        start = 0
        for end in range(1, len(rows) + 1):
            if end == len(rows) or rows[end].keys() != rows[start].keys():
                yield self._sheet(table, tuple(rows[start])), rows[start:end]
                start = end

    def _sheet(self, table: str, names: tuple[str, ...]) -> Sheet:
        key = (self.connection.dialect.name, table, names)
        if key not in _SHEETS:
            _SHEETS[key] = Sheet(self.connection.dialect, table, names)
        return _SHEETS[key]

    def end(self) -> None:
        """Chain what is not yet chained, and then, with the chain to oneself, count what came."""
        if self._unchained is not None:
            chain.append(self.connection, self._unchained)
        self._counted.write(self.connection)
