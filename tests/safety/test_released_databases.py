"""A database that a release made, with work in it, comes to this program whole.

`releases/` holds one of each release that changed the tables, on either engine, as SQL: both interviews, and follow-ups
that were recorded by commands (0.1.0) or by every verb there was (0.2.0, gone back to its revision).
"""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from tracker import db
from tracker.models import Base
from tracker.models.guarded import APPEND_ONLY
from tracker.verification import verify

RELEASES = {"0.1.0": "0001", "0.2.0": "0004"}


def load(engine: Engine, release: str) -> None:
    """Make the database of a release."""
    stored = Path(__file__).parent / "releases" / f"{release}.{engine.dialect.name}.sql.xz"
    script = lzma.decompress(stored.read_bytes()).decode()
    connection: Any = engine.raw_connection()
    if engine.dialect.name == "sqlite":
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.executescript(script)
    else:
        connection.cursor().execute(script)
        connection.commit()
    connection.close()


def rows(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """What stands in some columns of some tables, in the order of their text."""
    found = {}
    with engine.connect() as connection:
        for table, names in columns.items():
            listed = ", ".join(f'"{name}"' for name in names)
            found[table] = sorted(map(str, connection.execute(text(f'SELECT {listed} FROM "{table}"'))))
    return found


@pytest.mark.parametrize("release", RELEASES)
def test_M1_a_database_of_a_release_reaches_the_newest_revision_with_all_its_rows(url: str, release: str) -> None:
    engine = db.connect(url)
    load(engine, release)
    assert db.revision(engine) == RELEASES[release]
    asked, now = inspect(engine), Base.metadata.tables
    columns = {
        table: [column["name"] for column in asked.get_columns(table) if column["name"] in now[table].c]
        for table in asked.get_table_names()
        if table in now
    }
    before = rows(engine, columns)
    assert sum(map(len, before.values())) > 1500

    db.upgrade(engine)
    after = rows(engine, columns)
    assert {table: len(found) for table, found in after.items()} == {
        table: len(found) for table, found in before.items()
    }
    assert len(before["status_assessment"]) > 0
    for table in set(APPEND_ONLY) & set(before):
        assert after[table] == before[table], table
    assert db.differences(engine) == []
    with db.reading(engine) as session:
        assert [(check.en, check.faults[:3]) for check in verify(session) if check.faults] == []
