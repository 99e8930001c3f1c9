"""Which SQLite opens the ledger, and what each of its connections is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tracker import db
from tracker.db import sqlite

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def test_D1_the_sqlite_in_use_is_one_that_is_safe_in_wal_mode(engine: Engine) -> None:
    with engine.connect() as connection:
        asked = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    version = tuple(map(int, asked.split(".")))
    assert version == sqlite.driver().sqlite_version_info
    assert version >= (3, 51, 3) or version[:2] in {(3, 44), (3, 50)}
    assert sqlite.journal(version) == "wal"
    assert db.journal_notice(engine) == ""


def test_D1_versions_that_can_damage_a_file_do_not_get_the_wal(dialect: str) -> None:
    del dialect
    damaging = [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 2)]
    safe = [(3, 6, 23), (3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 52, 0), (3, 53, 0), (3, 53, 4)]
    assert {sqlite.journal(version) for version in damaging} == {"delete"}
    assert {sqlite.journal(version) for version in safe} == {"wal"}


#: What a process does that has no SQLite but Python's own, and takes that for one of the damaging versions.
WITHOUT_THE_WHEEL = """
import sys
sys.modules["pysqlite3"] = None
from tracker import db
from tracker.db import sqlite
import sqlite3
assert sqlite.driver() is sqlite3.dbapi2
sqlite.has_wal_reset_bug = lambda version: True
engine = db.connect(sys.argv[1])
with engine.connect() as connection:
    print(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
print(db.journal_notice(engine))
"""


def test_D1_a_file_in_wal_mode_leaves_it_where_it_could_be_damaged(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_WHEEL, str(engine.url)], capture_output=True, text=True, check=True
    )
    mode, notice = said.stdout.splitlines()
    assert mode == "delete"
    assert "WAL" in notice


def test_D1_no_second_sqlite_opens_a_file(dialect: str) -> None:
    del dialect
    imported = re.compile(r"^\s*(import|from) (py)?sqlite3\b", re.MULTILINE)
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "migrations").rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in files if imported.search(path.read_text())}
    assert found == {"src/tracker/db/sqlite.py", Path(__file__).relative_to(ROOT).as_posix()}


def test_D2_every_connection_of_the_pool_is_told_the_same(engine: Engine) -> None:
    pool = db.connect(str(engine.url), pooled=True)
    asked = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout", "trusted_schema")
    opened = [pool.connect() for _ in range(10)]
    told = [[c.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked] for c in opened]
    for connection in opened:
        connection.close()
    pool.dispose()
    assert told == 10 * [["wal", 2, 1, 1, 10_000, 0]]


def test_a_file_that_is_put_away_is_whole_without_its_journal(engine: Engine) -> None:
    pool = db.connect(str(engine.url), pooled=True)
    journal = Path(f"{engine.url.database}-wal")
    with pool.execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("INSERT INTO vocabulary (code, name_zh, name_en) VALUES ('x', 'x', 'x')")
    assert journal.stat().st_size
    db.put_away(pool)
    assert not journal.exists()
    assert b"vocabulary" in Path(os.fspath(engine.url.database or "")).read_bytes()
