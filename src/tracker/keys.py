"""Keys: made once by the program itself, kept beside the database, readable by their owner only."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

#: Shortest key, in characters, that cannot be guessed.
SHORTEST = 32

#: What stands in examples and guides; a key that everybody knows is none.
_SAMPLES = ("changeme", "change-me", "change_me", "secret", "password", "example", "development", "your-", "insecure")


class UnsafeKey(ValueError):
    """A key that others may know. The text says what to do."""


def kept(path: Path) -> str:
    """The key in a file, made at the first call. Programs that start at once get the same key, whole.

    The key is written elsewhere and then linked into place: a name that is there has a whole key behind it.
    """
    if not path.exists():
        _make(path)
    _keep_to_its_owner(path)
    key = path.read_text()
    if len(key) < SHORTEST:
        raise UnsafeKey(
            f"{path} 不是完整的密钥，请删除后重新启动 / holds no whole key: remove the file and start again"
        )
    return key


def _make(path: Path) -> None:
    written = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink(missing_ok=True)


def _keep_to_its_owner(path: Path) -> None:
    """Close a file that others may read or write: whoever has the key can sign in as anybody."""
    if os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return
    try:
        path.chmod(0o600)
    except OSError as error:
        raise UnsafeKey(
            f"{path} 可被他人读取，请改为仅本人可读 / can be read by others: chmod 600 it, and think about a new key"
        ) from error


def strong(given: str) -> str:
    """A key that was set by hand, if nobody can guess it."""
    plain = given.casefold()
    if len(given) < SHORTEST or len(set(given)) < 12 or any(sample in plain for sample in _SAMPLES):
        raise UnsafeKey(
            "TRACKER_SECRET_KEY 太短或太常见 / is short or well known. 用这条命令生成 / Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))"; 或不设此项，程序会自建 / or leave it unset'
        )
    return given
