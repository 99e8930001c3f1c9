"""What is derived and stored for speed, kept by triggers of the database in the transaction that changes its source.

Each such table has one statement that derives it for one commitment or for all. The triggers hold that statement, the
upgrade fills the table by it, and `tracker verify` compares the table with what it gives. Who changes a derivation adds
a migration, so that every database gets its triggers made anew and its tables filled again.
"""

from __future__ import annotations

from sqlalchemy import Connection, Dialect, inspect, text

from tracker.models import Base
from tracker.rows import let_read_whole
from tracker.stored import counts, standing, words
from tracker.stored.differences import Difference
from tracker.stored.trigger import ASIDE, Came

#: The tables that are stored, each after those that it is derived from. `standing_count` stands for all counts.
_TABLES = {"current_standing": standing, "searched_text": words, "standing_count": counts}

#: The triggers of a table on a database engine. Putting them together takes a fifth of a second.
_made: dict[tuple[str, str], dict[str, str]] = {}


def tables() -> tuple[str, ...]:
    """The tables that are stored: who copies a ledger leaves them out and has them made anew by `install`."""
    more = (table.__tablename__ for derivation in _TABLES.values() for table in getattr(derivation, "TABLES", ()))
    return (*_TABLES, *more)


def _triggers(table: str, dialect: Dialect) -> dict[str, str]:
    """The triggers that keep a table: name → the statement that makes each."""
    made = (table, dialect.name)
    if made not in _made:
        _made[made] = _TABLES[table].triggers(dialect)
    return _made[made]


def drop(connection: Connection) -> None:
    """Take the triggers away, so that a migration may rebuild the tables that they read."""
    for name, table in _present(connection).items():
        on_table = "" if connection.dialect.name == "sqlite" else f' ON "{table}"'
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")


def install(connection: Connection) -> None:
    """Make every trigger anew and fill every table that exists at this revision. Leaves committing to the caller."""
    drop(connection)
    known = inspect(connection)
    there = {table: {column["name"] for column in known.get_columns(table)} for table in known.get_table_names()}
    for table, derivation in _TABLES.items():
        # At an older revision a table may be missing, or a column of it.
        if set(Base.metadata.tables[table].c.keys()) <= there.get(table, set()):
            for statement in _triggers(table, connection.dialect).values():
                connection.exec_driver_sql(statement)
            for statement in derivation.fill(connection.dialect):
                connection.exec_driver_sql(statement)
            if derivation is words:
                words.catch_up(connection)


def put_aside(connection: Connection) -> None:
    """Have the triggers stand aside in this transaction of which a load derives the rows (`renew`), then `resume`."""
    if connection.dialect.name == "sqlite":
        for name in _standing_aside(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    else:
        connection.exec_driver_sql(f"SET LOCAL {ASIDE} = on")
        # What a load brings, and each row that its guards ask for, is found by its key.
        let_read_whole(connection, "off")


def renew(connection: Connection, came: Came, counted: Difference) -> None:
    """Derive what is stored of rows that came, table → rows, while the triggers stood aside.

    What that changes of the counts is `counted`, and written by whoever loads.
    """
    standing.renew(connection, came, counted)
    words.renew(connection, came)


def resume(connection: Connection) -> None:
    """Put the triggers in force again."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"SET LOCAL {ASIDE} = off")
        let_read_whole(connection, "DEFAULT")
        return
    for statement in _standing_aside(connection).values():
        connection.exec_driver_sql(statement)


def _standing_aside(connection: Connection) -> dict[str, str]:
    return {name: made for table in _TABLES for name, made in _triggers(table, connection.dialect).items()}


def expected(connection: Connection) -> set[str]:
    """Names of the triggers that should be in the database."""
    return {name for table in _TABLES for name in _triggers(table, connection.dialect)}


def missing(connection: Connection) -> list[str]:
    """Names of the triggers that should be in the database and are not, or no longer say what they should."""
    made = _definitions(connection)
    return sorted(
        name
        for table in _TABLES
        for name, statement in _triggers(table, connection.dialect).items()
        if name not in made or made[name] not in statement
    )


def _present(connection: Connection) -> dict[str, str]:
    """The triggers that are in the database: name → table."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'keep\\_%' ESCAPE '\\'"
    else:
        asked = (
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgname LIKE 'keep\\_%' AND pg_table_is_visible(pg_class.oid)"
        )
    return {str(name): str(table) for name, table in connection.execute(text(asked))}


def _definitions(connection: Connection) -> dict[str, str]:
    """What each trigger that is in force does: its statement on SQLite, the body of its function on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = (
            "SELECT tgname, prosrc FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE tgenabled = 'O' AND pg_table_is_visible(pg_class.oid)"
        )
    return {str(name): str(body) for name, body in connection.execute(text(asked))}
