"""Restoring a backup: proved first, put in place whole or not at all; what it replaces is kept aside."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tracker import db
from tracker.backups import BackupRefused, archives, files, holdings, manifest, sqlite_files
from tracker.backups.holdings import Holdings
from tracker.backups.manifest import Manifest
from tracker.events import Event, say
from tracker.verification import verify


@dataclass(frozen=True)
class Restored:
    """What a restore came to."""

    manifest: Manifest
    #: where that is which was replaced: a file, or a schema on PostgreSQL; empty where nothing was
    aside: str
    #: how many checks of `tracker verify` were passed; 0 where none was asked for, or the revision is an older one
    checks: int


def check(engine: Engine, backup: Path) -> tuple[Manifest, int]:
    """Prove a backup without restoring it, and tell how many checks of `tracker verify` it passed.

    Of an archive of PostgreSQL, rows can be proved only in a database: restore it into a spare one with `verify`.
    """
    known = _known(engine, backup)
    with tempfile.TemporaryDirectory() as spare:
        if engine.dialect.name == "sqlite":
            # A copy: the backup itself must stay as it is, to the byte.
            copied = _copied(backup, Path(spare) / "copy", known)
            return known, _fits(engine, copied, known, verified=True)
        copied = _copied(backup, Path(spare) / "copy", known)
        archives.prove(engine, copied, known.holds)
    return known, 0


def restore(engine: Engine, backup: Path, *, verified: bool = False, discard_newer: bool = False) -> Restored:
    """Put a backup in the place of the database, and the database aside. Raises `BackupRefused`, and changes nothing.

    `verified`: only if everything passes that `tracker verify` proves. `discard_newer`: also where the database holds
    something that the backup does not.
    """
    known = _known(engine, backup)
    put = _put_file if engine.dialect.name == "sqlite" else _put_archive
    restored = put(engine, backup, known, verified=verified, discard_newer=discard_newer)
    say(Event.RESTORED, what=str(backup), sha256=known.sha256, aside=restored.aside, chain=known.holds.chain_head)
    return restored


def _known(engine: Engine, backup: Path) -> Manifest:
    """The manifest of a backup that is undamaged and fits this program and database."""
    if not backup.is_file():
        raise BackupRefused(f"没有这个备份文件 / there is no file {backup}")
    known = manifest.read(backup)
    manifest.prove(backup, known)
    if known.engine != engine.dialect.name:
        raise BackupRefused(
            f"这是另一种数据库的备份 / this is a backup of {known.engine}, and the database is {engine.dialect.name}"
        )
    if known.holds.revision > db.newest_revision():
        raise BackupRefused(
            f"备份的版本比程序新 / the backup is at revision {known.holds.revision}, newer than this program"
            f" ({db.newest_revision()}): update the program"
        )
    return known


def _copied(backup: Path, path: Path, known: Manifest) -> Path:
    """A copy that is proved itself: a file can change, or a disk misread, between two looks."""
    shutil.copyfile(backup, path)
    path.chmod(0o600)
    manifest.prove(path, known)
    return path


def _fits(engine: Engine, path: Path, known: Manifest, *, verified: bool) -> int:
    """Raise `BackupRefused` unless a copy holds what its manifest says; the number of checks that it passed."""
    _same(sqlite_files.proved(engine, path), known)
    if not verified or known.holds.revision != db.newest_revision():
        return 0
    with sqlite_files.opened(engine, path) as connection:
        return passed(connection)


def _same(found: Holdings, known: Manifest) -> None:
    if found != known.holds:
        raise BackupRefused(
            f"备份内容与清单不符 / {known.file} does not hold what its manifest says:"
            f" {found.total} rows of history, chain {found.chain_size} {found.chain_head[:12]}, instead of"
            f" {known.holds.total}, chain {known.holds.chain_size} {known.holds.chain_head[:12]}"
        )


def passed(connection: Connection) -> int:
    """How many checks of `tracker verify` a database passes. `BackupRefused` where it fails one."""
    checks = 0
    with Session(connection) as session:
        for done in verify(session):
            if done.faults:
                raise BackupRefused(f"核验未通过 / the ledger fails “{done.zh} / {done.en}”: {done.faults[0]}")
            checks += 1
    return checks


def _put_file(engine: Engine, backup: Path, known: Manifest, *, verified: bool, discard_newer: bool) -> Restored:
    target = Path(str(make_url(engine.url).database))
    if not target.parent.is_dir():
        raise BackupRefused(f"文件夹不存在 / there is no folder {target.parent}")
    current = None if discard_newer else _current(engine)
    with files.unnamed(target) as path:
        _copied(backup, path, known)
        checks = _fits(engine, path, known, verified=verified)
        with sqlite_files.opened(engine, path) as connection:
            _refuse_to_lose(engine, connection, current)
        aside = ""
        if target.exists():
            files.belong_like(path, target)
            aside = _set_aside(engine, target)
        files.put(path, target)
    return Restored(known, aside, checks)


def _current(engine: Engine) -> Holdings | None:
    """What the database holds that is going to be replaced; none where there is none, or it is too damaged to tell."""
    try:
        if db.revision(engine) is None:
            return None
        with engine.connect() as connection:
            return holdings.of(connection)
    except DatabaseError:
        return None


def _refuse_to_lose(engine: Engine, restored: Connection, current: Holdings | None) -> None:
    if current and holdings.lacking(restored, current):
        raise _would_lose(engine)


def _would_lose(engine: Engine) -> BackupRefused:
    return BackupRefused(
        f"现有数据库中有备份所没有的记录 / {db.place(engine)} holds changes that the backup does not: add"
        " --discard-newer to give them up; the replaced database is kept aside in any case"
    )


def _set_aside(engine: Engine, target: Path) -> str:
    """Keep the file that is going to be replaced under another name, once nobody uses it."""
    aside = target.with_name(f"{target.name}.replaced-{manifest.now():%Y%m%dT%H%M%SZ}")
    _let_go(engine, target)
    for ending in ("-journal", "-wal"):
        # Only a damaged database still has one: its pages must not be read into the new file.
        journal = target.with_name(target.name + ending)
        if journal.exists():
            journal.rename(aside.with_name(aside.name + ending))
    target.with_name(target.name + "-shm").unlink(missing_ok=True)
    files.set_aside(target, aside)
    return str(aside)


def _let_go(engine: Engine, target: Path) -> None:
    """Bring what stands in the journal into the file. Refused while somebody else has it open in WAL mode."""
    library: Any = engine.dialect.loaded_dbapi
    with closing(library.connect(str(target), timeout=2, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except library.DatabaseError as error:
            if "locked" in str(error):
                raise BackupRefused(
                    f"数据库正在使用，请先停止服务 / {target} is in use: stop the server, then restore"
                ) from error
            # Damaged: it is kept aside as it is.


def _put_archive(engine: Engine, backup: Path, known: Manifest, *, verified: bool, discard_newer: bool) -> Restored:
    current = _current(engine)
    keeps = None if discard_newer else current
    if keeps and keeps.changes > known.holds.changes:
        raise _would_lose(engine)
    aside = f"replaced_{manifest.now():%Y%m%dt%H%M%Sz}" if current else ""
    with tempfile.TemporaryDirectory() as spare:
        copied = _copied(backup, Path(spare) / "copy", known)
        archives.prove(engine, copied, known.holds)
        archives.restore(engine, copied, aside)
    try:
        with engine.connect() as connection:
            _same(holdings.of(connection), known)
            _refuse_to_lose(engine, connection, keeps)
            checks = passed(connection) if verified and known.holds.revision == db.newest_revision() else 0
    except BackupRefused:
        archives.put_back(engine, aside)
        raise
    return Restored(known, aside, checks)
