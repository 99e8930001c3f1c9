"""How rows of a table that say the same columns are written, and what the audit says of each.

Everything is done column by column: a row costs microseconds, of which the database takes most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Dialect, Enum

from tracker import audit, chain, spelling
from tracker.models import Base
from tracker.texts import composed

#: A row by its columns, as Python values; a column that is left out holds what it holds where nothing is said.
Row = Mapping[str, Any]

#: Of a row that was written: table, key, and its columns as `audit` has them, in canonical JSON.
Signed = tuple[str, str, str]


class Sheet:
    """A table, and those of its columns that are written; of the others, what holds where nothing is said."""

    def __init__(self, dialect: Dialect, table: str, names: Sequence[str]) -> None:
        self.table = Base.metadata.tables[table]
        self._said = tuple(names)
        self._assumed = {
            column.name: column.default.arg
            for column in self.table.c
            if column.name not in names and column.default is not None and column.default.is_scalar
        }
        self.columns = [self.table.c[name] for name in (*names, *self._assumed)]
        self._binds = [_bind(column, dialect) for column in self.columns]
        self._spelled = spelling.columns(table)
        quoted = dialect.identifier_preparer.quote
        marks = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(self.columns))
        named = ", ".join(quoted(column.name) for column in self.columns)
        self._statement = f"INSERT INTO {quoted(table)} ({named}) VALUES ({marks})"
        self._keys = [self.columns.index(column) for column in self.table.primary_key.columns]
        # As canonical JSON has them: in order.
        places = sorted(range(len(self.columns)), key=lambda place: self.columns[place].name)
        self._shown = [(place, _shown(self.columns[place])) for place in places]

    def write(self, connection: Connection, rows: Sequence[Row]) -> Iterator[Signed]:
        """Write rows; returns what is to be signed of each."""
        values = [self._composed(name, [row[name] for row in rows]) for name in self._said]
        values += [[value] * len(rows) for value in self._assumed.values()]
        bound = [list(map(bind, column)) if bind else column for bind, column in zip(self._binds, values, strict=True)]
        self.insert(connection, list(zip(*bound, strict=True)))
        return self._signed(values)

    def insert(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows whose values are as the driver takes them."""
        connection.exec_driver_sql(self._statement, list(rows))

    def bound(self, **values: Any) -> list[Any]:
        """Some values as the driver takes them."""
        binds = {column.name: bind for column, bind in zip(self.columns, self._binds, strict=True)}
        return [bind(value) if (bind := binds[name]) else value for name, value in values.items()]

    def _composed(self, name: str, values: list[Any]) -> list[Any]:
        if name not in self._spelled:
            return values
        together = "\n".join([value for value in values if value is not None])
        if composed(together) == together:
            return values
        return [value if value is None else composed(value) for value in values]

    def _signed(self, values: Sequence[Sequence[Any]]) -> Iterator[Signed]:
        keys: Iterable[str] = (
            map(str, values[self._keys[0]])
            if len(self._keys) == 1
            else (",".join(map(str, key)) for key in zip(*(values[place] for place in self._keys), strict=True))
        )
        shown = [
            [None if value is None else show(value) for value in values[place]] for place, show in self._shown
        ]
        for key, parts in zip(keys, zip(*shown, strict=True), strict=True):
            yield self.table.name, key, "{" + ",".join(filter(None, parts)) + "}"


def _bind(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How the driver is given a value; none where it takes it as it is. The changes of an event are JSON already."""
    if column.table.name == "audit_event" and isinstance(column.type, JSON):
        return None
    found: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return _kept(found) if found and isinstance(column.type, Enum) else found


def _shown(column: Column[Any]) -> Callable[[Any], str]:
    """What the audit says of a value that is new: `"column":[null,value]`."""
    named = chain.written(column.name)
    if audit.is_hidden(column.table.name, column.name):
        return lambda _value: f"{named}:{chain.written([audit.HIDDEN, audit.HIDDEN])}"

    def shown(value: Any) -> str:
        return f"{named}:[null,{chain.written(audit.plain(value))}]"

    return _kept(shown) if isinstance(column.type, Enum | Boolean | Date) else shown


def _kept(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, each value found out once: where there are few of them."""
    known: dict[Any, Any] = {}

    def found(value: Any) -> Any:
        if value not in known:
            known[value] = of(value)
        return known[value]

    return found
