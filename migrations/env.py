"""How Alembic runs our migrations: on one connection, in one transaction, guards made anew at the end and stored tables filled."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from tracker import db, stored
from tracker.db import sqlite
from tracker.models import Base, guards


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, transactional_ddl=True)
    stored.drop(connection)
    guards.drop(connection, "_spelled_")
    context.run_migrations()
    guards.install(connection)
    stored.install(connection)
    if tables := sqlite.dangling(connection):
        raise RuntimeError(
            f"the migration would leave rows that point to none, in {', '.join(tables)}; nothing was changed"
        )


if context.is_offline_mode():
    raise SystemExit(
        "migrations run against a database, which tells them what its guards and stored tables are: tracker db upgrade"
    )

given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with db.connect().execution_options(**db.WRITES).begin() as connection:
        run(connection)
