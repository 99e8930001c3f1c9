"""The manifest of a backup: what the file must be, to the byte, and what the database in it holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tracker.backups import BackupRefused
from tracker.backups.holdings import Holdings
from tracker.checkpoints import digest

_FORMAT = 1

#: What the name of a manifest adds to that of its backup.
ENDING = ".manifest.json"


@dataclass(frozen=True)
class Manifest:
    """One backup."""

    #: name of the file, without its folder
    file: str
    sha256: str
    #: in bytes
    size: int
    taken_at: datetime
    #: `sqlite` (a database file) or `postgresql` (an archive of pg_dump)
    engine: str
    #: version of the program that took it
    program: str
    holds: Holdings
    #: how far the chain goes, signed together with the SHA-256 of the file; empty before there was a chain
    checkpoint: str = ""


def of_file(path: Path, *, engine: str, holds: Holdings, checkpoint: str, taken_at: datetime) -> Manifest:
    """The manifest of a file that is whole."""
    sha256, size = digest(path), path.stat().st_size
    return Manifest(path.name, sha256, size, taken_at, engine, version("tracker"), holds, checkpoint)


def beside(backup: Path) -> Path:
    """Where the manifest of a backup is."""
    return backup.with_name(backup.name + ENDING)


def written(manifest: Manifest) -> str:
    """A manifest as its file holds it."""
    said = {"format": _FORMAT, **asdict(manifest), "taken_at": manifest.taken_at.isoformat(timespec="seconds")}
    return json.dumps({**said, "seal": _seal(said)}, ensure_ascii=False, indent=1) + "\n"


def read(backup: Path) -> Manifest:
    """The manifest of a backup, whose own bytes are proved by its seal. Raises `BackupRefused`."""
    path = beside(backup)
    try:
        said = json.loads(path.read_bytes())
        is_whole = said.pop("seal") == _seal(said) and said.pop("format") == _FORMAT
        holds, taken_at = Holdings(**said.pop("holds")), datetime.fromisoformat(said.pop("taken_at"))
        found = Manifest(**said, holds=holds, taken_at=taken_at)
    except FileNotFoundError:
        raise BackupRefused(
            f"没有清单，无法确认备份完好 / {path} is missing: a backup is restored together with its manifest"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error
    if not is_whole:
        raise _damaged(path)
    return found


def _damaged(path: Path) -> BackupRefused:
    return BackupRefused(f"备份清单已损坏，请改用另一份 / {path} is damaged: use another backup")


def _seal(said: dict[str, Any]) -> str:
    """SHA-256 over a manifest without its seal: a byte that fell over is told from a figure."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def prove(path: Path, manifest: Manifest) -> None:
    """Raise `BackupRefused` unless a file is, byte for byte, the one that was backed up."""
    if path.stat().st_size != manifest.size or digest(path) != manifest.sha256:
        raise BackupRefused(
            f"备份已损坏，或不是清单所指的文件，请改用另一份 / {manifest.file} is damaged, or not the file of its"
            " manifest (size or SHA-256 differ): use another backup"
        )


def taken(folder: Path) -> list[tuple[Path, Manifest]]:
    """The backups of a folder that are there with their manifests, the newest first."""
    found = []
    for path in folder.glob("*" + ENDING):
        backup = path.with_name(path.name.removesuffix(ENDING))
        try:
            manifest = read(backup)
            if backup.stat().st_size == manifest.size:
                found.append((backup, manifest))
        except (BackupRefused, OSError):
            continue
    return sorted(found, key=lambda pair: pair[1].taken_at, reverse=True)


def now() -> datetime:
    """This second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)
