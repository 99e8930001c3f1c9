"""An upgrade begins with a backup, and an older program leaves a newer database alone."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from alembic import command

from tracker import cli, db
from tracker.backups import holdings, manifest


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["tracker", *words])
    monkeypatch.setattr(logging.root, "handlers", [*logging.root.handlers])  # a server adds one of its own
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    return int(stopped.value.code or 0)


@pytest.fixture
def older(ledger_url: str) -> str:
    """The ledger as the release before would have it."""
    with db.connect(ledger_url).execution_options(**db.WRITES).begin() as connection:
        command.downgrade(db.migration_config(connection), "-1")
    return ledger_url


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_M9_an_upgrade_begins_with_a_verified_backup(
    older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRACKER_BACKUPS", str(tmp_path / "kept"))
    with db.connect(older).connect() as connection:
        before = holdings.of(connection)
    assert run(monkeypatch, "--database", older, "db", "upgrade") == 0
    ((path, known),) = manifest.taken(tmp_path / "kept")
    manifest.prove(path, known)
    assert known.holds == before
    assert before.revision in path.name
    assert str(path) in capsys.readouterr().out
    assert db.revision(db.connect(older)) == db.newest_revision()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_M9_without_a_backup_there_is_no_upgrade(older: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    monkeypatch.setenv("TRACKER_BACKUPS", str(tmp_path / "kept"))
    before = db.revision(db.connect(older))
    assert run(monkeypatch, "--database", older, "db", "upgrade") == 2
    assert db.revision(db.connect(older)) == before


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["db", "upgrade"], ["list"], ["verify"]], ids=" ".join)
def test_M9_a_newer_database_is_refused_and_stays_as_it_is(
    ledger_url: str,
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRACKER_BACKUPS", str(tmp_path / "kept"))
    newer = "UPDATE alembic_version SET version_num = '9999'"
    with db.connect(ledger_url).execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql(newer)
    assert run(monkeypatch, "--database", ledger_url, *words) == 2
    assert "newer than this program" in capsys.readouterr().err
    assert not (tmp_path / "kept").exists()
    assert db.revision(db.connect(ledger_url)) == "9999"
