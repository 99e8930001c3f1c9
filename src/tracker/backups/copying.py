"""A ledger moves from one database to another, of either kind: every row as it is, the numbers and the chain included.

The rows go in under the guards, in the order in which the ledger could have come to hold them; what is stored for
speed is made anew from them at the end. All of it is one transaction of the target, and of one moment of the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Enum,
    LargeBinary,
    String,
    Table,
    Text,
    cast,
    delete,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from tracker import db, stored
from tracker.backups import BackupRefused, holdings, restoring
from tracker.backups.holdings import Holdings
from tracker.db import sqlite
from tracker.db.engine import ALONE, wait_to_be_alone
from tracker.events import Event, say
from tracker.loading.sheets import copied_into
from tracker.models import Base, ChainEntry, guards

#: Rows that are in memory at once, and of those that may be large.
_BATCH, _FEW = 2000, 10

#: Told how many rows have been copied, and of how many.
Progress = Callable[[int, int], None]

Row = tuple[Any, ...]

#: Table → those that are written before it, where that is no matter of what points to what: the evidence of a judgement
#: is cited before it, a reading comes before its adjudication, what an obstacle is tied to before its closing.
_BEFORE = {
    "status_assessment": ("assessment_evidence", "search_log"),
    "adjudication": ("coding_reading",),
    "obstacle_closing": ("obstacle_commitment",),
    "chain_entry": ("audit_event",),
}

_CHAIN = ChainEntry.__tablename__


@dataclass(frozen=True)
class Copied:
    """What a copy came to."""

    holds: Holdings
    #: table → rows
    rows: dict[str, int]
    #: how many checks of `tracker verify` were passed; 0 where none was asked for
    checks: int


def copy(source: Engine, target: Engine, *, verified: bool = False, progress: Progress | None = None) -> Copied:
    """Copy a ledger into a database that holds none yet. Raises `BackupRefused`, and then the target holds none still.

    `verified`: only if everything passes that `tracker verify` proves.
    """
    db.check_ready(source)
    if db.place(source) == db.place(target):
        raise BackupRefused("源库与目标库是同一个 / FROM_URL and TO_URL are one and the same database")
    if db.revision(target) is None:
        db.upgrade(target)
    db.check_ready(target)
    with (
        db.reading(source, at_once=True) as reading,
        target.execution_options(**ALONE).begin() as connection,
    ):
        wait_to_be_alone(connection)
        _empty(target, connection)
        rows = _rows(reading.connection(), connection, progress or (lambda _done, _all: None))
        if target.dialect.name == "postgresql":
            connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        # What is stored is derived from tables that were empty a moment ago, as far as the database has been told.
        connection.execute(text("ANALYZE"))
        stored.install(connection)
        holds = _proved(reading.connection(), connection)
        checks = restoring.passed(connection) if verified else 0
    db.survey(target)
    say(Event.RESTORED, what=db.place(target), copied_from=db.place(source), chain=holds.chain_head)
    return Copied(holds, rows, checks)


def _empty(target: Engine, connection: Connection) -> None:
    """Raise `BackupRefused` where a database holds anything; take away the name that it was given when it was made.

    The ledger keeps the name that it has. The guard of the chain is away for this one row, which stands for nothing.
    """
    held = [table.name for table in _order() if _count(connection, table) > (1 if table.name == _CHAIN else 0)]
    if held:
        raise BackupRefused(
            f"目标库不是空的 / {db.place(target)} is not empty ({', '.join(held[:3])} …): a ledger is copied into a"
            " database without one; name another"
        )
    stored.drop(connection)
    guards.drop(connection, _CHAIN)
    connection.execute(delete(ChainEntry))
    guards.install(connection)


def _order() -> list[Table]:
    """The tables, each after those that must hold something first. What is derived is not copied."""
    tables = {table.name: table for table in Base.metadata.sorted_tables if table.name not in stored.tables()}
    needs = {
        name: sorted(
            {
                key.column.table.name
                for key in table.foreign_keys
                if not (key.constraint and key.constraint.deferrable)
            }.union(_BEFORE.get(name, ())).difference({name})
        )
        for name, table in tables.items()
    }
    return [tables[name] for name in TopologicalSorter(needs).static_order()]


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _rows(source: Connection, target: Connection, progress: Progress) -> dict[str, int]:
    """Copy the rows of all tables; table → how many."""
    expected = {table.name: _count(source, table) for table in _order()}
    total, done, copied = sum(expected.values()), 0, dict.fromkeys(expected, 0)
    write = _into_sqlite if target.dialect.name == "sqlite" else _into_postgresql
    if target.dialect.name == "sqlite":
        # Rows may point to later ones of their own table; SQLite looks at all of them at the end.
        sqlite.take_in_much(target)
    for table in _order():
        for batch in write(target, table, _read(source, target, table)):
            copied[table.name] += batch
            done += batch
            progress(done, total)
        if copied[table.name] != expected[table.name]:
            raise BackupRefused(f"行数不符 / {table.name}: {copied[table.name]} rows instead of {expected[table.name]}")
    return copied


def _read(source: Connection, target: Connection, table: Table) -> Iterator[list[Row]]:
    """The rows of a table as the driver of the target takes them, in the order in which they were written down."""
    # Files and whole texts are large, a few of them at once are enough.
    few = any(isinstance(column.type, LargeBinary) for column in table.c) or table.name == "source_document"
    order = [table.c.recorded_at] if "recorded_at" in table.c else []
    asked = select(*map(_as_written, table.c)).order_by(*order, *table.primary_key.columns)
    bound = [_bound(column, target.dialect) for column in table.c]
    size = _FEW if few else _BATCH
    for part in source.execute(asked, execution_options={"yield_per": size}).partitions(size):
        yield [tuple(bind(value) for bind, value in zip(bound, row, strict=True)) for row in part]


def _as_written(column: Column[Any]) -> ColumnElement[Any]:
    """A column in the words of the database: JSON to the byte, codes whatever they are."""
    if isinstance(column.type, JSON):
        return cast(column, Text)
    return type_coerce(column, String) if isinstance(column.type, Enum) else column


def _bound(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """What makes of a value what the driver takes."""
    plain = isinstance(column.type, JSON | Enum)
    return (None if plain else column.type.dialect_impl(dialect).bind_processor(dialect)) or (lambda value: value)


def _into_sqlite(connection: Connection, table: Table, batches: Iterator[list[Row]]) -> Iterator[int]:
    places = ", ".join("?" for _ in table.c)
    for batch in batches:
        with _said_of(table):
            connection.exec_driver_sql(f"INSERT INTO {_named(table)} VALUES ({places})", batch)
        yield len(batch)


def _into_postgresql(connection: Connection, table: Table, batches: Iterator[list[Row]]) -> Iterator[int]:
    with _said_of(table), copied_into(connection, _named(table)) as write:
        for batch in batches:
            for row in batch:
                write(row)
            yield len(batch)
    if (column := table.autoincrement_column) is not None:
        # The next row takes the next number.
        counter = f"pg_get_serial_sequence('\"{table.name}\"', '{column.name}')"
        connection.execute(text(f'SELECT setval({counter}, max("{column.name}")) FROM "{table.name}"'))


def _named(table: Table) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    return f'"{table.name}" ({columns})'


@contextmanager
def _said_of(table: Table) -> Iterator[None]:
    """Say of which table a row is that the target does not take."""
    try:
        yield
    except DBAPIError as error:
        if db.trouble(error):
            raise
        said = str(error.orig).strip().partition("\n")[0]
        raise BackupRefused(f"目标库不收其中一行 / a row of {table.name} is not taken: {said}") from error


def _proved(source: Connection, target: Connection) -> Holdings:
    """What the target holds, once it is the same as what the source does. Else `BackupRefused`."""
    given, found = holdings.of(source), holdings.of(target)
    if found != given:
        raise BackupRefused(
            f"副本与原库不符 / the copy is not the same: {found.total} rows of history, chain {found.chain_size}"
            f" {found.chain_head[:12]}, instead of {given.total}, chain {given.chain_size} {given.chain_head[:12]}"
        )
    holdings.unguarded(target, found)
    return found
