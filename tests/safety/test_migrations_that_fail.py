"""Migrations that meet an error, or are killed: all as before, or all done. And none that could lose history."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.exc import DBAPIError

from following import coded_again, record
from tracker import db
from tracker.codebook import Execution
from tracker.models import Base
from tracker.models.guarded import APPEND_ONLY

ROOT = Path(__file__).parents[2]
REVISIONS = sorted(one.revision for one in ScriptDirectory.from_config(db.migration_config()).walk_revisions())

ON_SQLITE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


#: Their tables are derived, and made anew by every upgrade.
CASCADES = {"0006_standing", "0007_searched_text", "0014_counts"}


class PowerCutError(Exception):
    """What is raised after a statement."""


def downgrade(engine: Engine, target: str) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        command.downgrade(db.migration_config(connection), target)


@pytest.fixture
def ledger(ledger_url: str) -> Engine:
    """Both interviews; no connection stays that has the file open."""
    return db.connect(ledger_url)


@pytest.fixture(scope="module")
def at_each(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file with a ledger in it at each revision."""
    folder = tmp_path_factory.mktemp("revisions")
    path = Path(shutil.copy(seeded_file, folder / "tracker.db"))
    engine = db.connect(f"sqlite:///{path}")
    with db.writing(engine, actor="测试员") as session:
        record(session, "CZ-2020-01", Execution.IN_PROGRESS)
        coded_again(session)
    files = {}
    for revision in reversed(REVISIONS):
        downgrade(engine, revision)
        files[revision] = Path(shutil.copy(path, folder / f"{revision}.db"))
    return files


def fails_after(engine: Engine, statements: int) -> Callable[..., None]:
    """Have the statement after so many raise; 0 for none. Returns what counts them."""
    seen = 0

    def note(_connection: object, cursor: Any, statement: str, *_: object) -> None:
        nonlocal seen
        if statement.startswith(("PRAGMA busy_timeout", "PRAGMA foreign_keys=OFF")):
            return  # they come before it begins
        seen += 1
        # Whatever fails from here on takes everything back.
        assert cursor.connection.in_transaction
        if seen == statements:
            raise PowerCutError

    event.listen(engine, "after_cursor_execute", note)
    note.seen = lambda: seen  # type: ignore[attr-defined]
    return note


def upgrade(path: Path, target: str, *, fails: int = 0) -> int:
    """Upgrade, with a failure after so many statements; returns how many there were."""
    engine = db.connect(f"sqlite:///{path}")
    note = fails_after(engine, fails)
    if fails:
        with pytest.raises(PowerCutError):
            db.upgrade(engine, target)
    else:
        db.upgrade(engine, target)
    return int(note.seen())  # type: ignore[attr-defined]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("each", [pytest.param(40, id="some"), pytest.param(1, id="every", marks=pytest.mark.nightly)])
@pytest.mark.parametrize("revision", REVISIONS)
def test_M3_an_error_after_any_statement_leaves_every_byte_as_before(
    at_each: dict[str, Path], tmp_path: Path, revision: str, each: int, record_property: Callable[[str, object], None]
) -> None:
    """Every statement runs inside the one transaction; it fails after each of them, or after every fortieth."""
    before = dict(zip(REVISIONS[1:], REVISIONS, strict=False)).get(revision)
    path = tmp_path / "tracker.db"
    if before:
        shutil.copy(at_each[before], path)
    else:
        db.connect(f"sqlite:///{path}").connect().close()
    as_before, whole = digest(path), Path(shutil.copy(path, tmp_path / "whole.db"))
    statements = upgrade(whole, revision)
    assert statements > 10
    tried = sorted({1, *range(each, statements, each), statements})
    for number in tried:
        upgrade(path, revision, fails=number)
        assert digest(path) == as_before, number
    upgrade(path, revision)
    assert db.revision(db.connect(f"sqlite:///{path}")) == revision
    record_property(f"M3 {revision}: statements, failures tried", (statements, len(tried)))


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_M3_on_postgresql_too_an_error_takes_all_back(url: str) -> None:
    engine = db.connect(url)
    db.upgrade(engine, REVISIONS[3])
    kept = "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint)"

    def state() -> tuple[Any, ...]:
        with engine.connect() as connection:
            return (*connection.execute(text(kept)).one(), db.revision(engine))

    before, counting = state(), []
    for at in (1, 40, 150):

        def note(*_: object, at: int = at) -> None:
            counting.append(at)
            if counting.count(at) == at:
                raise PowerCutError

        event.listen(engine, "after_cursor_execute", note)
        with pytest.raises(PowerCutError):
            db.upgrade(engine)
        event.remove(engine, "after_cursor_execute", note)
        assert state() == before
    db.upgrade(engine)
    assert db.differences(engine) == []


#: What a process does that is killed at it.
UPGRADING = """
import sys
from tracker import db
from alembic import command
engine = db.connect(sys.argv[1])
db.revision(engine)
print("now", flush=True)
db.upgrade(engine)
"""


@pytest.mark.nightly
def test_M4_killed_in_a_migration_a_database_is_at_the_old_revision_or_the_new_one(
    at_each: dict[str, Path], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance, ended = random.Random(4), []  # noqa: S311 - nothing is secret here
    path = tmp_path / "tracker.db"
    for _ in range(50):
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        shutil.copy(at_each[REVISIONS[0]], path)
        with subprocess.Popen(
            [sys.executable, "-c", UPGRADING, f"sqlite:///{path}"], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "now\n"
            time.sleep(chance.uniform(0, 1.5))  # the moment of the blow
            process.send_signal(signal.SIGKILL)
        engine = db.connect(f"sqlite:///{path}")
        ended.append(db.revision(engine))
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        db.upgrade(engine)
        assert db.differences(engine) == []
    assert set(ended) <= {REVISIONS[0], REVISIONS[-1]}
    record_property("M4 kills: old revision, new revision", (ended.count(REVISIONS[0]), ended.count(REVISIONS[-1])))


def refused(engine: Engine, statement: str) -> bool:
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
    except DBAPIError:
        return True
    return False


@pytest.mark.parametrize("revision", REVISIONS)
def test_M5_after_every_revision_the_guards_of_its_tables_stand_and_refuse(
    at_each: dict[str, Path], tmp_path: Path, revision: str
) -> None:
    before = dict(zip(REVISIONS[1:], REVISIONS, strict=False)).get(revision, revision)
    engine = db.connect(f"sqlite:///{shutil.copy(at_each[before], tmp_path / 'tracker.db')}")
    db.upgrade(engine, revision)
    there = set(inspect(engine).get_table_names())
    tried = 0
    for table in [table for table in APPEND_ONLY if table in there]:
        columns = [column["name"] for column in inspect(engine).get_columns(table)]
        names, first = ", ".join(f'"{name}"' for name in columns), f'"{columns[0]}"'
        with engine.connect() as connection:
            triggers = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
            )
            assert {f"guard_{table}_{verb}" for verb in ("update", "delete", "replace")} <= set(triggers.scalars())
            if connection.scalar(text(f'SELECT 1 FROM "{table}" LIMIT 1')) is None:
                continue
        row = f'SELECT {names} FROM "{table}" LIMIT 1'
        tried += 1
        assert refused(engine, f'UPDATE "{table}" SET {first} = {first}'), table
        assert refused(engine, f'DELETE FROM "{table}"'), table
        assert refused(engine, f'REPLACE INTO "{table}" ({names}) {row}'), table
        assert refused(
            engine,
            f'INSERT INTO "{table}" ({names}) SELECT * FROM ({row}) WHERE true ON CONFLICT DO UPDATE SET {first} = {first}',
        ), table
    assert tried > 5


def migrated() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        yield path.stem, path.read_text()


def test_M6_no_migration_builds_a_table_anew_and_none_deletes_history_with_its_parent() -> None:
    for name, said in migrated():
        assert "batch_alter_table" not in said, name
        assert not re.search(r"ON DELETE CASCADE|ondelete=.CASCADE", said, re.IGNORECASE) or name in CASCADES, name
    history = set(APPEND_ONLY)
    for table in Base.metadata.tables.values():
        for key in table.foreign_keys:
            assert key.ondelete != "CASCADE" or table.name not in history, table.name


@ON_SQLITE
def test_M6_a_migration_that_would_leave_rows_without_their_parent_is_taken_back(
    ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracker import stored

    install = stored.install

    def lose_a_parent(connection: Any) -> None:
        install(connection)
        connection.exec_driver_sql("DELETE FROM vocabulary")

    with monkeypatch.context() as broken:
        broken.setattr(stored, "install", lose_a_parent)
        with pytest.raises(RuntimeError, match="rows that point to none, in term"):
            db.upgrade(ledger)
    with ledger.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM vocabulary"))
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_M8_migrations_are_not_written_out_as_sql() -> None:
    """Guards and stored tables are made by looking at the database that is upgraded; a file cannot look."""
    with pytest.raises(SystemExit, match="migrations run against a database"):
        command.upgrade(db.migration_config(), "head", sql=True)
