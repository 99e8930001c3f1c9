"""The generated ledgers that are measured: made once, used again, copied where something writes to them.

What they hold is asked here with the driver and plain SQL, past the code that is measured.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import generate
import psycopg
from sqlalchemy import make_url

from tracker import db
from tracker.db.sqlite import driver


@dataclass(frozen=True)
class Ledger:
    """A database with so many generated commitments, on `sqlite` or `postgresql`."""

    engine: str
    size: int
    url: str
    #: where the process that serves it keeps what belongs beside it
    folder: Path

    @property
    def is_sqlite(self) -> bool:
        return self.engine == "sqlite"

    @property
    def file(self) -> Path:
        """The file of an SQLite ledger."""
        return Path(str(make_url(self.url).database))

    def connection(self) -> Any:
        """A connection of the driver, in no transaction until one is begun."""
        if self.is_sqlite:
            return driver().connect(self.file, isolation_level=None)
        return psycopg.connect(address(self.url), autocommit=True)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement gives; `?` stands for a value."""
        with closing(self.connection()) as connection:
            found = connection.execute(sql if self.is_sqlite else sql.replace("?", "%s"), values)
            return list(map(tuple, found.fetchall()))

    def value(self, sql: str, *values: object) -> Any:
        """The one value that a statement gives."""
        return self.rows(sql, *values)[0][0]

    @cached_property
    def codes(self) -> list[str]:
        """Codes of all cities, the largest first."""
        return [f"9{number:05}" for number in range(1, generate.CITIES + 1)]

    def survey(self) -> None:
        """Bring the schema to what the program wants, before anybody serves it."""
        engine = db.connect(self.url)
        # An upgrade makes all anew that is stored, which takes minutes of a million.
        if db.revision(engine) != db.newest_revision():
            db.upgrade(engine)
        db.survey(engine)
        engine.dispose()


def address(url: str) -> str:
    """The address of a database as its driver takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def made(engine: str, size: int, folder: Path, server: str, mark: str = "") -> Ledger:
    """The ledger of that size, generated where there is none yet, and at the newest revision.

    Databases on a PostgreSQL server are named with a `mark` that tells those of this run, see `dropped`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if engine == "sqlite":
        ledger = Ledger(engine, size, f"sqlite:///{(folder / f'sqlite-{size}.db').absolute()}", folder)
        there = ledger.file.exists()
    else:
        name = f"tracker_bench_{size}{mark}"
        ledger = Ledger(engine, size, _named(server, name), folder)
        there = name in _databases(server)
        if not there:
            _told(server, f'CREATE DATABASE "{name}"')
    if not there:
        generate.generate(ledger.url, size)
    ledger.survey()
    found = ledger.value("SELECT count(*) FROM commitment")
    if found != size:
        raise SystemExit(f"{ledger.url} holds {found:,} commitments and not {size:,}: take it away and begin again")
    return ledger


@contextmanager
def copied(ledger: Ledger, server: str, name: str) -> Iterator[Ledger]:
    """A copy of a ledger to write to, taken away in the end. Nobody may be connected to the ledger meanwhile."""
    if ledger.is_sqlite:
        target = ledger.folder / f"{name}_{ledger.size}.db"
        _without_sqlite(target)
        shutil.copyfile(ledger.file, target)
        try:
            yield Ledger(ledger.engine, ledger.size, f"sqlite:///{target.absolute()}", ledger.folder)
        finally:
            _without_sqlite(target)
        return
    whole = make_url(ledger.url).database
    called = f"{whole}_{name}"
    _told(server, f'DROP DATABASE IF EXISTS "{called}" WITH (FORCE)')
    _told(server, f'CREATE DATABASE "{called}" TEMPLATE "{whole}" STRATEGY file_copy')
    try:
        yield Ledger(ledger.engine, ledger.size, _named(server, called), ledger.folder)
    finally:
        _told(server, f'DROP DATABASE IF EXISTS "{called}" WITH (FORCE)')


def dropped(server: str, mark: str) -> None:
    """Take away the databases that bear a mark."""
    for name in _databases(server):
        if re.fullmatch(rf"tracker_bench_\d+{re.escape(mark)}(_\w+)?", name):
            _told(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def without_triggers(ledger: Ledger) -> None:
    """Take guards and derivations away: what a bare write, or a plain admin, does not have."""
    with closing(ledger.connection()) as connection:
        if ledger.is_sqlite:
            named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in named:
                connection.execute(f'DROP TRIGGER "{name}"')
            return
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        for (table,) in tables:
            connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')


def versions(ledger: Ledger) -> str:
    """Which database engine it is."""
    if ledger.is_sqlite:
        return f"SQLite {driver().sqlite_version}"
    return f"PostgreSQL {str(ledger.value('SHOW server_version')).split()[0]}"


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _databases(server: str) -> Sequence[str]:
    with psycopg.connect(address(server), autocommit=True) as connection:
        return [str(row[0]) for row in connection.execute("SELECT datname FROM pg_database")]


def _told(server: str, statement: str) -> None:
    with psycopg.connect(address(server), autocommit=True) as connection:
        connection.execute(statement.encode())


def _without_sqlite(file: Path) -> None:
    for part in file.parent.glob(f"{file.stem}.*"):
        part.unlink()
