"""A trigger that keeps a stored table, in the words of either engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Integer, bindparam

#: Rows that a load has put in: table → rows by their columns.
Came = Mapping[str, Sequence[Mapping[str, Any]]]

#: The numbers of the rows that a statement of a load is about.
IDS = bindparam("ids", expanding=True, type_=Integer)

#: The setting of a transaction on PostgreSQL in which triggers stand aside: to take one away would lock its table.
ASIDE = "tracker.stored_aside"


def trigger(
    dialect: Dialect,
    name: str,
    event: str,
    table: str,
    steps: Iterable[str],
    *,
    stands_aside: bool = False,
    at_the_end: bool = False,
) -> str:
    """The statement that makes a trigger: after each row of `event` on `table` it takes the steps.

    Where it `stands_aside` for loads, PostgreSQL looks at the setting; on SQLite, a load takes it away for a while.
    On PostgreSQL it takes them `at_the_end` of the transaction where that is asked; SQLite has one writer at a time.
    Whether it stands aside is asked when the row changes, not then.
    """
    taken = " ".join(f"{step};" for step in steps)
    if dialect.name == "sqlite":
        return f'CREATE TRIGGER {name} AFTER {event} ON "{table}" BEGIN {taken} END'
    kind, when = ("CONSTRAINT TRIGGER", " DEFERRABLE INITIALLY DEFERRED") if at_the_end else ("TRIGGER", "")
    aside = f" WHEN (current_setting('{ASIDE}', true) IS DISTINCT FROM 'on')" if stands_aside else ""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {taken} RETURN NULL; END $$;"
        f' CREATE {kind} {name} AFTER {event} ON "{table}"{when} FOR EACH ROW{aside} EXECUTE FUNCTION {name}()'
    )
