"""Revisions: which one a database is at, how it gets to the newest, and whether it fits the program."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

import tracker
from tracker.db.engine import ALONE, WRITES, DatabaseNotReady, place, wait_to_be_alone
from tracker.db.places import check_place

if TYPE_CHECKING:
    from alembic.config import Config

#: Where a database says at which revision it is.
_STAMP = text("SELECT version_num FROM alembic_version")


def migrations() -> Path:
    """The folder of the migrations: inside an installed package, or beside `src` in a checkout."""
    packaged = Path(tracker.__file__).parent / "_migrations"
    return packaged if packaged.is_dir() else Path(tracker.__file__).parents[2] / "migrations"


@cache
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
            try:
                found: str | None = connection.scalar(_STAMP)
            except (OperationalError, ProgrammingError):
                # Only now: to list the tables takes several times as long, and whoever writes asks for the revision.
                connection.rollback()
                tables = inspect(connection).get_table_names()
                if "alembic_version" in tables:
                    raise
                if tables:
                    raise DatabaseNotReady(
                        f"{place(engine)} holds tables of another program: name another database"
                    ) from None
                return None
            return found
    except OperationalError as error:
        raise DatabaseNotReady(f"the database {place(engine)} cannot be opened: {error.orig}") from error


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

    check_place(engine)
    found = revision(engine)
    if found is not None and not any((migrations() / "versions").glob(f"{found}_*.py")):
        check_ready(engine)
    with engine.execution_options(**ALONE, tracker_rebuilds=True).begin() as connection:
        wait_to_be_alone(connection)
        if found != newest_revision() and _at(connection) == newest_revision():
            return  # somebody else has just done it
        command.upgrade(migration_config(connection), target)


def _at(connection: Connection) -> str | None:
    """The revision at the other end of a connection."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(_STAMP)
    return found


def survey(engine: Engine) -> None:
    """Tell SQLite how its rows are spread, so that it begins a question with the table that narrows it most, and
    bring its index of words up to date.

    Takes milliseconds, and about two seconds of a million commitments. PostgreSQL does both by itself.
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
