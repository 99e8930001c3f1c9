"""Migrations build exactly the models, go up and down with data in them, and leave every guard in place."""

from __future__ import annotations

from sqlalchemy import Engine, inspect

from tracker import db
from tracker.models import Base


def test_the_migrations_build_exactly_the_models(engine: Engine) -> None:
    assert db.differences(engine) == []


def test_checks_and_deferred_keys_are_those_of_the_models(engine: Engine, tmp_path: object) -> None:
    migrated = _constraints(engine)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    assert set(Base.metadata.tables) <= set(tables)
    with engine.execution_options(**db.WRITES).begin() as connection:
        from alembic import command

        command.downgrade(db.migration_config(connection), "base")
        Base.metadata.create_all(connection)
    assert _constraints(engine) == migrated


def _constraints(engine: Engine) -> dict[str, object]:
    found: dict[str, object] = {}
    inspector = inspect(engine)
    for table in sorted(Base.metadata.tables):
        checks = sorted((str(c["name"]), c["sqltext"]) for c in inspector.get_check_constraints(table))
        keys = sorted(
            str(sorted(k["constrained_columns"])) + str(k.get("options")) for k in inspector.get_foreign_keys(table)
        )
        found[table] = (checks, keys)
    return found
