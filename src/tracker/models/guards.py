"""What the database itself refuses: changes of history, and judgements that rest on nothing.

SQLite and PostgreSQL each need their own triggers. `install` makes them anew after every migration;
`missing` tells which are not there. REPLACE passes UPDATE and DELETE triggers on SQLite, so an INSERT
of a key that exists is refused too.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, PrimaryKeyConstraint, Table, UniqueConstraint, inspect, text

from tracker.models.base import Base
from tracker.models.guarded import APPEND_ONLY, KEPT, RULES, spelled

#: The table that a statement makes a trigger on (a function before it may name others).
_OWNER = re.compile(r'CREATE TRIGGER \w+ BEFORE .*? ON "(\w+)"')
_WRITTEN = re.compile(r'NEW\."(\w+)"')


def _tables(*names: str) -> list[Table]:
    return [Base.metadata.tables[name] for name in names]


def _keys(table: Table) -> str:
    """Condition: a row with one of the new row's keys exists."""
    keys = [key for key in table.constraints if isinstance(key, PrimaryKeyConstraint | UniqueConstraint)]
    same = [" AND ".join(f'"{c.name}" = NEW."{c.name}"' for c in key.columns) for key in keys]
    return " OR ".join(f"({condition})" for condition in sorted(same))


def _sqlite() -> dict[str, str]:
    made = {}
    for table in _tables(*APPEND_ONLY):
        said = f"{table.name} is written once: rows are never changed or deleted"
        for operation in ("UPDATE", "DELETE"):
            made[f"guard_{table.name}_{operation.lower()}"] = (
                f"BEFORE {operation} ON \"{table.name}\" BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
    for table in _tables(*APPEND_ONLY, *KEPT):
        made[f"guard_{table.name}_replace"] = (
            f'BEFORE INSERT ON "{table.name}" WHEN EXISTS (SELECT 1 FROM "{table.name}" WHERE {_keys(table)})'
            f" BEGIN SELECT RAISE(ABORT, '{table.name}: a row with this key exists and is never replaced'); END"
        )
    # UPDATE OR REPLACE deletes the row whose key it takes without firing a trigger.
    made["guard_commitment_collision"] = (
        'BEFORE UPDATE ON "commitment" WHEN EXISTS (SELECT 1 FROM "commitment" WHERE id <> OLD.id'
        " AND (code = NEW.code OR (document_id = NEW.document_id AND position = NEW.position)))"
        " BEGIN SELECT RAISE(ABORT, 'commitment: another row has this key and is never replaced'); END"
    )
    for name, (owner, operation, rule, said) in {**RULES, **spelled.rules()}.items():
        condition = rule if isinstance(rule, str) else rule["sqlite"]
        made[name] = f"BEFORE {operation} ON \"{owner}\" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
    return {name: f"CREATE TRIGGER {name} {body}" for name, body in made.items()}


def _postgresql() -> dict[str, str]:
    made = {}
    for table in _tables(*APPEND_ONLY, *KEPT):
        said = f"{table.name} is written once: rows are never changed or deleted"
        made[f"guard_{table.name}_truncate"] = (
            f"BEFORE TRUNCATE ON \"{table.name}\" FOR EACH STATEMENT EXECUTE FUNCTION tracker_refuse('{said}')"
        )
        if table.name in APPEND_ONLY:
            made[f"guard_{table.name}_row"] = (
                f"BEFORE UPDATE OR DELETE ON \"{table.name}\" FOR EACH ROW EXECUTE FUNCTION tracker_refuse('{said}')"
            )
    created = {name: f"CREATE TRIGGER {name} {body}" for name, body in made.items()}
    for name, (owner, operation, rule, said) in {**RULES, **spelled.rules()}.items():
        condition = rule if isinstance(rule, str) else rule.get("postgresql")
        if condition is None:
            continue
        row = "OLD" if operation == "DELETE" else "NEW"
        # A trigger's WHEN may hold no subquery on PostgreSQL, so each rule is a function of its own.
        created[name] = (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f"{_queue(rule)} IF {condition} THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation'; END IF;"
            f" RETURN {row}; END $$;"
            f' CREATE TRIGGER {name} BEFORE {operation} ON "{owner}" FOR EACH ROW EXECUTE FUNCTION {name}()'
        )
    return created


def _queue(rule: str | dict[str, str]) -> str:
    """Wait for whoever else is about to do the same: what two transactions do at once, neither sees of the other."""
    when = "" if isinstance(rule, str) else rule.get("queue", "")
    return f" IF {when} THEN PERFORM pg_advisory_xact_lock(7232468); END IF;" if when else ""


_REFUSE = """
CREATE OR REPLACE FUNCTION tracker_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE restrict_violation USING MESSAGE = TG_ARGV[0]; END $$
"""


def present(connection: Connection) -> dict[str, str]:
    """The guards that are in the database: name → table."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text(
                "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%' ESCAPE '\\'"
            )
        )
    else:
        found = connection.execute(
            text(
                "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgname LIKE 'guard\\_%' AND pg_table_is_visible(pg_class.oid)"
            )
        )
    return {str(name): str(table) for name, table in found}


def triggers(connection: Connection) -> set[str]:
    """The names of all triggers that are in the database, whoever made them."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = (
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND pg_table_is_visible(pg_class.oid)"
        )
    return set(connection.scalars(text(asked)))


def expected(connection: Connection) -> dict[str, str]:
    """Every guard of this database engine: name → the statement that makes it."""
    return _sqlite() if connection.dialect.name == "sqlite" else _postgresql()


def drop(connection: Connection, of: str = "") -> None:
    """Take away the guards, or those with `of` in their name: SQLite drops no column that a trigger names."""
    for name, table in present(connection).items():
        if of in name:
            on_table = "" if connection.dialect.name == "sqlite" else f' ON "{table}"'
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")


def install(connection: Connection) -> None:
    """Make every guard anew whose table exists at this revision. Leaves committing to the caller."""
    drop(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_REFUSE)
    known = inspect(connection)
    there = {table: {column["name"] for column in known.get_columns(table)} for table in known.get_table_names()}
    for statement in expected(connection).values():
        owner = _OWNER.findall(statement)[-1]
        # At an older revision a column may be missing that a rule of all columns of text is about.
        if owner in there and ("_spelled_" not in statement or set(_WRITTEN.findall(statement)) <= there[owner]):
            connection.exec_driver_sql(statement)


def missing(connection: Connection) -> list[str]:
    """Names of the guards that should be in the database and are not, or no longer say what they should."""
    found = _definitions(connection)
    return sorted(
        name for name, statement in expected(connection).items() if name not in found or found[name] not in statement
    )


def _definitions(connection: Connection) -> dict[str, str]:
    """What each guard that is in force says: its statement on SQLite, the body of its function on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        return {str(name): str(sql) for name, sql in rows}
    rows = connection.execute(
        text(
            "SELECT tgname, CASE WHEN proname = 'tracker_refuse' THEN"
            " CASE WHEN position(prosrc IN :refuse) > 0 THEN 'tracker_refuse' ELSE 'emptied' END ELSE prosrc END"
            " FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE tgname LIKE 'guard\\_%' AND tgenabled = 'O' AND pg_table_is_visible(pg_class.oid)"
        ),
        {"refuse": _REFUSE},
    )
    return {str(name): str(body) for name, body in rows}
