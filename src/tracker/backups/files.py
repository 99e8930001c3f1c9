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
    """An empty file in the folder of `target`, for its owner only; gone afterwards unless it was put in place."""
    path = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield path
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).unlink()


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
