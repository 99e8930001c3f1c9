"""A trigger that keeps a stored table, in the words of either engine."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Dialect


def trigger(dialect: Dialect, name: str, event: str, table: str, steps: Iterable[str]) -> str:
    """The statement that makes a trigger: after each row of `event` on `table` it takes the steps."""
    taken = " ".join(f"{step};" for step in steps)
    if dialect.name == "sqlite":
        return f'CREATE TRIGGER {name} AFTER {event} ON "{table}" BEGIN {taken} END'
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {taken} RETURN NULL; END $$;"
        f' CREATE TRIGGER {name} AFTER {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()'
    )
