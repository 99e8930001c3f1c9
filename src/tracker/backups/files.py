"""Files that get their name only when they are whole and on disk."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def unnamed(target: Path) -> Iterator[Path]:
    """An empty file for its owner only, beside `target` in a folder of its own that is gone afterwards; see `put`."""
    folder = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    folder.mkdir(mode=0o700)
    path = folder / target.name
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(path: Path, target: Path) -> None:
    """Give a file its name; after a power cut there is the whole file under it, or what was there before."""
    flush(path)
    path.replace(target)
    flush(target.parent)


def put_new_text(text: str, target: Path) -> None:
    """Write a small file that is there whole or not at all. `FileExistsError` where somebody was first."""
    with unnamed(target) as path:
        path.write_text(text, encoding="utf-8")
        flush(path)
        try:
            target.hardlink_to(path)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no second names
            path.replace(target)
        flush(target.parent)


def belong_like(path: Path, other: Path) -> None:
    """Give a file the mode and, where that may be done, the owner of another: who restores is often not who serves."""
    known = other.stat()
    path.chmod(known.st_mode & 0o777)
    with suppress(OSError, AttributeError):
        os.chown(path, known.st_uid, known.st_gid)


def flush(path: Path) -> None:
    """Have a file, or a folder with the names in it, written to the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no folder
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def set_aside(path: Path, aside: Path) -> None:
    """Give a file a second name, or a copy where the disk knows no second names, so that it can be replaced."""
    try:
        aside.hardlink_to(path)
    except OSError:
        shutil.copy2(path, aside)
        flush(aside)
    flush(aside.parent)
