"""Backups: taken while others write, proved before they have a name, refused where damaged, restored whole."""

from __future__ import annotations

import io
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from following import record
from tracker import cli, db
from tracker.backups import BackupRefused, archives, holdings, manifest, restoring, taking
from tracker.codebook import Execution
from tracker.models import Person


@pytest.fixture
def ledger(ledger_url: str) -> Engine:
    """Both interviews; no connection stays that has the file open."""
    return db.connect(ledger_url)


@pytest.fixture
def backup(ledger: Engine, tmp_path: Path) -> Path:
    """A backup of the ledger with one follow-up in it."""
    with db.writing(ledger, actor="测试员") as session:
        record(session, "CZ-2020-01", Execution.IN_PROGRESS)
    path = tmp_path / "ledger.backup"
    taking.take(ledger, path)
    return path


@pytest.fixture
def spare(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Where a ledger can be restored to: an empty folder, or an empty database."""
    if dialect == "sqlite":
        (tmp_path / "spare").mkdir()
        return db.connect(f"sqlite:///{tmp_path / 'spare' / 'ledger.db'}")
    return db.connect(request.getfixturevalue("make_database")())


def held(engine: Engine) -> holdings.Holdings:
    with engine.connect() as connection:
        return holdings.of(connection)


def run(*words: str) -> tuple[int, str, str]:
    """What a command answers, prints, and prints to standard error."""
    before, out, err = (sys.argv, sys.stdout, sys.stderr), io.StringIO(), io.StringIO()
    sys.argv, sys.stdout, sys.stderr = ["tracker", *words], out, err
    try:
        cli.main()
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue(), err.getvalue()
    finally:
        sys.argv, sys.stdout, sys.stderr = before
    raise AssertionError("a command ends by itself")


def test_D7_a_backup_restored_into_an_empty_place_is_the_same_ledger(
    backup: Path, ledger: Engine, spare: Engine, opened: Callable[..., Flask]
) -> None:
    url = spare.url.render_as_string(hide_password=False)
    code, out, err = run("--database", url, "db", "restore", str(backup), "--verify")
    assert (code, err) == (0, "")
    assert "checks of “tracker verify” passed" in out
    assert held(spare) == held(ledger) == manifest.read(backup).holds
    assert "推进中" in opened(url).test_client().get("/commitments/CZ-2020-01").text


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D7_a_manifest_says_later_whether_the_past_is_still_the_same(
    backup: Path, ledger: Engine, ledger_url: str
) -> None:
    words = ("--database", ledger_url, "verify", "--anchor", str(manifest.beside(backup)))
    with db.writing(ledger, actor="测试员") as session:
        record(session, "CZ-2020-02.1", Execution.IN_PROGRESS)
    assert run(*words)[0] == 0
    assert f"file {manifest.read(backup).sha256} {backup.name}" in manifest.read(backup).checkpoint
    with ledger.execution_options(**db.WRITES).begin() as connection:
        guards = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE 'guard_chain_entry%'").all()
        for (name,) in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE chain_entry SET hash = replace(hash, 'a', 'b')")
    code, said, _ = run(*words)
    assert code == 1
    assert "✗ 与保存的检查点相符" in said


def test_D7_a_backup_and_its_manifest_are_for_their_owner_only(backup: Path) -> None:
    for path in (backup, manifest.beside(backup)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("where", ["middle", "end", "manifest", "swapped", "alone"])
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_D8_a_damaged_backup_is_refused_and_nothing_changes(
    backup: Path, ledger: Engine, ledger_url: str, where: str
) -> None:
    spoil(backup, ledger, where)
    before = {path: path.read_bytes() for path in backup.parent.iterdir() if path.is_file()}
    code, out, err = run("--database", ledger_url, "db", "restore", str(backup))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert {path: path.read_bytes() for path in backup.parent.iterdir() if path.is_file()} == before


def spoil(backup: Path, ledger: Engine, where: str) -> None:
    if where in {"middle", "manifest"}:
        path = backup if where == "middle" else manifest.beside(backup)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif where == "end":
        os.truncate(backup, backup.stat().st_size - 1)
    elif where == "alone":
        manifest.beside(backup).unlink()
    else:
        with db.writing(ledger, actor="测试员") as session:
            record(session, "CZ-2020-02.1", Execution.IN_PROGRESS)
        other = backup.with_name("other.backup")
        taking.take(ledger, other)
        shutil.copy(manifest.beside(other), manifest.beside(backup))


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_the_backup_lacks_is_not_given_up_unless_told_so(backup: Path, ledger: Engine) -> None:
    with db.writing(ledger, actor="测试员") as session:
        record(session, "CZ-2020-02.1", Execution.IN_PROGRESS)
    now = held(ledger)
    with pytest.raises(BackupRefused, match="--discard-newer"):
        restoring.restore(ledger, backup)
    assert held(ledger) == now
    restored = restoring.restore(ledger, backup, discard_newer=True)
    assert held(ledger) == manifest.read(backup).holds
    assert held(db.connect(f"sqlite:///{restored.aside}")) == now


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_database_on_the_server_is_kept_aside_too(backup: Path, spare: Engine) -> None:
    restoring.restore(spare, backup)
    with db.writing(spare, actor="测试员") as session:
        record(session, "CZ-2020-02.1", Execution.IN_PROGRESS)
    now = held(spare)
    with pytest.raises(BackupRefused, match="--discard-newer"):
        restoring.restore(spare, backup)
    assert held(spare) == now
    restored = restoring.restore(spare, backup, discard_newer=True)
    assert held(spare) == manifest.read(backup).holds
    archives.put_back(spare, restored.aside)
    assert held(spare) == now


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_another_ledger_is_not_replaced_however_short_it_is(backup: Path, spare: Engine) -> None:
    db.upgrade(spare)
    with db.writing(spare, actor="别人") as session:
        session.add(Person(code="someone", name_zh="某人", name_en="Somebody"))
    with pytest.raises(BackupRefused, match="--discard-newer"):
        restoring.restore(spare, backup)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_ledger_that_somebody_has_open_is_not_replaced_under_them(backup: Path, ledger: Engine) -> None:
    with ledger.connect() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM commitment")
        with pytest.raises(BackupRefused, match="stop the server"):
            restoring.restore(ledger, backup)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_backup_is_proved_without_a_byte_of_it_changing(backup: Path, ledger_url: str) -> None:
    before = backup.read_bytes()
    code, out, _ = run("--database", ledger_url, "db", "restore", str(backup), "--check")
    assert (code, "The backup is whole" in out) == (0, True)
    assert backup.read_bytes() == before
    assert {path.name for path in backup.parent.iterdir()} == {
        "ledger.backup", "ledger.backup.manifest.json"
    }  # fmt: skip


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_backup_replaces_none_and_a_broken_database_gives_none(ledger: Engine, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="choose another name"):
        taking.take(ledger, backup)
    with ledger.execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_audit_event_delete")
    with pytest.raises(BackupRefused, match="guard_audit_event_delete"):
        taking.take(ledger, tmp_path / "unguarded.backup")
    assert sorted(path.name for path in tmp_path.iterdir() if "unguarded" in path.name) == []


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_only_the_newest_of_a_schedule_are_kept(ledger: Engine, ledger_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    taking.take_into(ledger, folder, why="before-upgrade")
    for _ in range(3):
        assert run("--database", ledger_url, "db", "backup", str(folder), "--keep", "2")[0] == 0
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2 * (2 + 1)
    assert sum("before-upgrade" in name for name in names) == 2


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_without_the_tools_of_the_server_it_says_what_to_install(
    ledger: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupRefused, match="postgresql-client"):
        taking.take(ledger, tmp_path / "x.backup")
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    with pytest.raises(BackupRefused, match="older than the server"):
        taking.take(ledger, tmp_path / "x.backup")
