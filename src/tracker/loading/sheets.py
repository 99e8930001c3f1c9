"""How rows of a table that say the same columns are written, and what the audit says of each.

Everything is done column by column: a row costs microseconds, of which the database takes most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from psycopg import Error
from sqlalchemy import JSON, Boolean, Column, ColumnDefault, Connection, Date, Dialect, Enum, Integer
from sqlalchemy.exc import DBAPIError

from tracker import audit, spelling
from tracker.chain import written
from tracker.models import Base
from tracker.texts import composed

#: A row by its columns, as Python values; a column that is left out holds what it holds where nothing is said.
Row = Mapping[str, Any]

#: Of a row that was written: table, key, and its columns as `audit` has them, in canonical JSON.
Signed = tuple[str, str, str]


#: Rows of one statement: what the database prepares for a statement, the codes of a check, it prepares for all of them.
_OF_ONE_STATEMENT = 50

#: The largest whole number that JSON holds as it is.
_AS_IT_IS = 2**53


class Sheet:
    """A table, and those of its columns that are written; of the others, what holds where nothing is said."""

    def __init__(self, dialect: Dialect, table: str, names: Sequence[str]) -> None:
        self.table = Base.metadata.tables[table]
        self._said = tuple(names)
        self._assumed = {
            column.name: column.default.arg
            for column in self.table.c
            if column.name not in names and isinstance(column.default, ColumnDefault) and column.default.is_scalar
        }
        self.columns = [self.table.c[name] for name in (*names, *self._assumed)]
        self._binds = [_bind(column, dialect) for column in self.columns]
        self._spelled = spelling.columns(table)
        quoted = dialect.identifier_preparer.quote
        named = ", ".join(quoted(column.name) for column in self.columns)
        marks = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(self.columns))
        self._into, self._marks = f"{quoted(table)} ({named})", f"({marks})"
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
        if connection.dialect.name == "postgresql" and len(rows) >= _OF_ONE_STATEMENT:
            with copied_into(connection, self._into) as write:
                for row in rows:
                    write(row)
            return
        begun = f"INSERT INTO {self._into} VALUES "
        whole = len(rows) - len(rows) % _OF_ONE_STATEMENT
        together = [
            tuple(chain.from_iterable(rows[start : start + _OF_ONE_STATEMENT]))
            for start in range(0, whole, _OF_ONE_STATEMENT)
        ]
        for statement, values in (
            (begun + ", ".join([self._marks] * _OF_ONE_STATEMENT), together),
            (begun + self._marks, list(rows[whole:])),
        ):
            if values:
                connection.exec_driver_sql(statement, values)

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

    def _signed(self, values: Sequence[list[Any]]) -> Iterator[Signed]:
        keys: Iterable[str] = (
            map(str, values[self._keys[0]])
            if len(self._keys) == 1
            else (",".join(map(str, key)) for key in zip(*(values[place] for place in self._keys), strict=True))
        )
        shown = [shown(values[place]) for place, shown in self._shown if values[place].count(None) < len(values[place])]
        for key, parts in zip(keys, zip(*shown, strict=True), strict=True):
            yield self.table.name, key, "{" + ",".join(filter(None, parts)) + "}"


@contextmanager
def copied_into(connection: Connection, into: str) -> Iterator[Callable[[Sequence[Any]], None]]:
    """What writes rows into a table of PostgreSQL, named with its columns, by one COPY: at half the cost of inserting.

    Rows may point to later ones of their own table, which is looked at when all are there. Raises
    `sqlalchemy.exc.DBAPIError` where one is refused.
    """
    statement = f"COPY {into} FROM STDIN"
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor:
            # What guards ask of each row is planned once, and not for as few rows as there are before the copying.
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            with cursor.copy(statement) as copying:
                yield copying.write_row
            cursor.execute("SET LOCAL plan_cache_mode = DEFAULT")
    except Error as error:
        raise DBAPIError.instance(statement, None, error, Error, dialect=connection.dialect) from error


def _bind(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How the driver is given a value; none where it takes it as it is. The changes of an event are JSON already."""
    if column.table.name == "audit_event" and isinstance(column.type, JSON):
        return None
    found: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return _kept(found) if found and isinstance(column.type, Enum) else found


def _shown(column: Column[Any]) -> Callable[[Iterable[Any]], list[str | None]]:
    """What the audit says of each value of a column that is new, `"column":[null,value]`; none of what is none."""
    named = written(column.name)
    begun = f"{named}:[null,"
    if audit.is_hidden(column.table.name, column.name):
        hidden = f"{named}:{written([audit.HIDDEN, audit.HIDDEN])}"
        return lambda values: [None if value is None else hidden for value in values]
    if isinstance(column.type, Integer):
        return lambda values: [
            None if value is None else f"{begun}{value}]" if -_AS_IT_IS < value < _AS_IT_IS else f'{begun}"{value}"]'
            for value in values
        ]

    def shown(value: Any) -> str | None:
        return None if value is None else f"{begun}{written(audit.plain(value))}]"

    each = _kept(shown) if isinstance(column.type, Enum | Boolean | Date) else shown
    return lambda values: list(map(each, values))


def _kept(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same, each value found out once: where there are few of them."""
    known: dict[Any, Any] = {}

    def found(value: Any) -> Any:
        if value not in known:
            known[value] = of(value)
        return known[value]

    return found
