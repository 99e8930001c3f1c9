"""Taking a backup: copied, proved, named."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from tracker import checkpoints, db
from tracker.backups import BackupRefused, archives, files, holdings, manifest, sqlite_files
from tracker.backups.holdings import Holdings
from tracker.backups.manifest import Manifest
from tracker.backups.sqlite_files import Progress
from tracker.config import settings
from tracker.events import Event, say


def take(engine: Engine, target: Path, progress: Progress | None = None) -> Manifest:
    """Back up the database to `target`, a file that is not there yet, with its manifest beside it.

    Whatever was committed before the call is in it. A copy that does not prove whole gets no name. `progress` is told
    how many pages remain, and of how many, on SQLite only. Raises `BackupRefused`.
    """
    if db.revision(engine) is None:
        db.check_ready(engine)
    if target.exists() or manifest.beside(target).exists():
        raise BackupRefused(f"文件已存在，备份不覆盖 / {target} exists: a backup replaces none; choose another name")
    if not target.parent.is_dir():
        raise BackupRefused(f"文件夹不存在 / there is no folder {target.parent}")
    moment = manifest.now()
    with files.unnamed(target) as path:
        holds, checkpoint = (_file if engine.dialect.name == "sqlite" else _archive)(engine, path, progress)
        files.flush(path)
        made = manifest.of_file(path, engine=engine.dialect.name, holds=holds, checkpoint=checkpoint, taken_at=moment)
        # A manifest without its file is nothing; a file without its manifest would be a backup that nobody can prove.
        files.put_new_text(manifest.written(made), manifest.beside(target))
        files.put(path, target)
    say(Event.BACKED_UP, what=str(target), revision=holds.revision, size=made.size, sha256=made.sha256)
    return made


def _file(engine: Engine, path: Path, progress: Progress | None) -> tuple[Holdings, str]:
    sqlite_files.copy(engine, path, progress)
    holds = sqlite_files.proved(engine, path)
    with sqlite_files.opened(engine, path) as connection:
        return holds, _checkpoint(engine, connection, holds, path)


def _archive(engine: Engine, path: Path, _progress: Progress | None) -> tuple[Holdings, str]:
    with archives.dumped(engine, path) as connection:
        holds = holdings.of(connection)
        holdings.unguarded(connection, holds)
        checkpoint = _checkpoint(engine, connection, holds, path)
    archives.prove(engine, path, holds)
    return holds, checkpoint


def _checkpoint(engine: Engine, connection: Connection, holds: Holdings, path: Path) -> str:
    """How far the chain goes and what file that is, signed; empty for revisions that had no chain."""
    if not holds.chain_size:
        return ""
    key = checkpoints.signing_key(db.beside(engine, checkpoints.KEY))
    with Session(connection) as session:
        return checkpoints.checkpoint(session, key, file=path)


def folder(engine: Engine) -> Path:
    """Where backups are kept that get no name of their own, and where the newest is looked for."""
    return Path(settings().backups or db.beside(engine, ".backups")).absolute()


def take_into(
    engine: Engine, kept_in: Path, *, keep: int = 0, why: str = "", progress: Progress | None = None
) -> tuple[Path, Manifest]:
    """Back up into a folder under a name with revision and time, and remove all but the newest `keep` (0 keeps all).

    `why` is a word in the name; only backups of the same word count, and only what proves to be a backup is removed.
    """
    if not kept_in.is_dir():
        kept_in.mkdir(mode=0o700, parents=True)
    stem = db.beside(engine, "").name + (f".{why}" if why else "")
    revision = db.revision(engine) or "none"
    name = f"{stem}.{revision}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.backup"
    made = take(engine, kept_in / name, progress)
    if keep:
        alike = re.compile(rf"{re.escape(stem)}\.\w+\.\d{{8}}T\d{{12}}Z\.backup")
        for path in [path for path, _ in manifest.taken(kept_in) if alike.fullmatch(path.name)][keep:]:
            path.unlink()
            manifest.beside(path).unlink()
    return kept_in / made.file, made
