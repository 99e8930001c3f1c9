"""Engine and session, migrations, and what differs between SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool, QueuePool

import tracker
from tracker import audit
from tracker.config import database_address

if TYPE_CHECKING:
    from alembic.config import Config

#: Execution option of a connection that is going to write: SQLite then takes its write lock at once,
#: so that what was read cannot change before it is written.
WRITES = {"tracker_writes": True}

#: Seconds that SQLite waits for another writer.
_BUSY_TIMEOUT = 15


class DatabaseNotReady(RuntimeError):
    """The database is missing, older or newer than this program. The text says what to do."""


def connect(url: str = "", *, pooled: bool = False) -> Engine:
    """An engine for `url`, for `TRACKER_DATABASE_URL`, or for `tracker.db` in the current folder.

    A server keeps its connections in a pool; a command opens one and closes it.
    """
    known = _known(database_address(url))
    # PostgreSQL would compile large questions, which takes longer than it takes to answer them.
    given = {} if known.drivername == "sqlite" else {"options": "-c jit=off"}
    engine = create_engine(known, connect_args=given, poolclass=QueuePool if pooled else NullPool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def _known(address: str) -> URL:
    """The address, if it is one of a database that the project runs on."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"sqlite", "postgresql+psycopg"} or not url.database:
        shown = url.render_as_string(hide_password=True) if url else "…"
        raise DatabaseNotReady(
            f"“{shown}” 不是可用的数据库地址 / is no database address: write sqlite:///FILE or postgresql://USER@HOST/NAME"
        )
    return url


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late for DDL and never locks; `_begin` gives it instead.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT * 1000}",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "synchronous=FULL",
        "trusted_schema=OFF",
        # How many rows of an index ANALYZE looks at.
        "analysis_limit=400",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("tracker_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions whose changes are signed in the audit."""
    factory = sessionmaker(engine, expire_on_commit=False)
    audit.watch(factory)
    return factory


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session to read with. Refuses a database that is not ready."""
    check_ready(engine)
    with sessions(engine)() as session:
        yield session


@contextmanager
def writing(engine: Engine, actor: str) -> Iterator[Session]:
    """A session whose changes `actor` signs; one transaction, committed at the end or not at all."""
    check_ready(engine)
    with sessions(engine.execution_options(**WRITES)).begin() as session:
        yield audit.signed_by(session, actor)


def migrations() -> Path:
    """The folder of the migrations: inside an installed package, or beside `src` in a checkout."""
    packaged = Path(tracker.__file__).parent / "_migrations"
    return packaged if packaged.is_dir() else Path(tracker.__file__).parents[2] / "migrations"


def newest_revision() -> str:
    """The revision that this program was written for. Revisions are numbered: the last name is the newest."""
    return max(path.name.split("_")[0] for path in (migrations() / "versions").glob("[0-9]*.py"))


def revision(engine: Engine) -> str | None:
    """The revision of the database; none where it holds no tables or does not exist yet."""
    url = make_url(engine.url)
    if (
        engine.dialect.name == "sqlite"
        and url.database
        and url.database != ":memory:"
        and not Path(url.database).exists()
    ):
        return None
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if tables and "alembic_version" not in tables:
                raise DatabaseNotReady(f"{place(engine)} holds tables of another program: name another database")
            if not tables:
                return None
            found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except OperationalError as error:
        raise DatabaseNotReady(f"the database {place(engine)} cannot be opened: {error.orig}") from error


def place(engine: Engine) -> str:
    """Where the database is, without a password."""
    return make_url(engine.url).render_as_string(hide_password=True)


def check_ready(engine: Engine) -> None:
    """Raise `DatabaseNotReady` unless the database is at the revision of this program."""
    found, needed = revision(engine), newest_revision()
    if found is None:
        raise DatabaseNotReady(
            f"there is no tracker database at {place(engine)}: run “tracker serve” or “tracker seed”"
        )
    if found < needed and not any((migrations() / "versions").glob(f"{found}_*.py")):
        raise DatabaseNotReady(f"the database is at revision {found}, which this program does not know")
    if found < needed:
        raise DatabaseNotReady(
            f"the database is at revision {found}, the program needs {needed}: run “tracker db upgrade”"
        )
    if found > needed:
        raise DatabaseNotReady(
            f"the database is at revision {found}, newer than this program ({needed}): update the program"
        )


def migration_config(connection: Connection | None = None) -> Config:
    """What Alembic needs to run our migrations on `connection`."""
    from alembic.config import Config  # noqa: PLC0415 - a list or a page need not load Alembic

    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, target: str = "head") -> None:
    """Bring the database to `target` in one transaction; two at once queue up. An error leaves it as it was."""
    from alembic import command  # noqa: PLC0415

    found = revision(engine)
    if found is not None and not any((migrations() / "versions").glob(f"{found}_*.py")):
        check_ready(engine)
    with engine.execution_options(**WRITES).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(7232467)"))
        command.upgrade(migration_config(connection), target)


def survey(engine: Engine) -> None:
    """Tell SQLite how its rows are spread, so that it begins a question with the table that narrows it most, and
    bring its index of words up to date.

    Takes some milliseconds whatever the size. PostgreSQL does both by itself.
    """
    from tracker.stored import words  # noqa: PLC0415

    if engine.dialect.name == "sqlite":
        with engine.execution_options(**WRITES).begin() as connection:
            words.catch_up(connection)
            connection.exec_driver_sql("ANALYZE")


def differences(engine: Engine) -> list[str]:
    """What differs between the database and the models, one line each; empty when they agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    from tracker import stored  # noqa: PLC0415
    from tracker.models import Base, guards  # noqa: PLC0415
    from tracker.stored import words  # noqa: PLC0415

    with engine.connect() as connection:
        # What the index of words consists of, each engine has its own way.
        ours = {"include_name": lambda name, *_: not str(name).startswith(words.INDEX)}
        context = MigrationContext.configure(connection, opts={"compare_type": True, **ours})
        found = [str(difference) for difference in compare_metadata(context, Base.metadata)]
        absent = [*guards.missing(connection), *stored.missing(connection)]
        return found + [f"trigger missing: {name}" for name in absent]
