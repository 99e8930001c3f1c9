"""Where an SQLite database may lie: on a disk of this machine, in a folder and a file that can be written."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from sqlalchemy import Engine

from tracker.db.engine import DatabaseNotReady, place

#: File systems whose locks, or whose memory shared between processes, do not hold what SQLite needs.
_REMOTE = {
    "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs",
    "fuse.sshfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf",
    "virtiofs", "vmhgfs",
}  # fmt: skip

_MOUNTS = Path("/proc/self/mounts")


def check_place(engine: Engine, mounts: Path = _MOUNTS) -> None:
    """Raise `DatabaseNotReady`, with the reason, where the file of an SQLite database cannot be kept safely."""
    if engine.dialect.name != "sqlite" or engine.url.database == ":memory:":
        return
    file = Path(str(engine.url.database))
    # Before anything is looked at: a share whose server is away lets nobody look.
    _refuse_remote(engine, Path(os.path.abspath(file.parent)), mounts)  # noqa: PTH100 - follows no link
    if not file.parent.is_dir():
        raise DatabaseNotReady(f"没有这个文件夹 / there is no folder {file.parent}: make it, or name another database")
    _refuse_remote(engine, file.parent.resolve(), mounts)
    if file.exists() and not (file.is_file() and os.access(file, os.R_OK | os.W_OK)):
        raise DatabaseNotReady(
            f"数据库文件不可写 / the file {place(engine)} cannot be written: look at its permissions"
        )
    try:
        tempfile.TemporaryFile(dir=file.parent).close()
    except OSError as error:
        if error.errno != errno.ENOSPC:  # on a full disk it can still be read
            raise DatabaseNotReady(
                f"文件夹不可写 / nothing can be written in the folder {file.parent} ({error.strerror}):"
                " SQLite needs its journal there; look at its permissions, or name another database"
            ) from error


def _refuse_remote(engine: Engine, folder: Path, mounts: Path) -> None:
    kind = _file_system(folder, mounts)
    if kind in _REMOTE:
        raise DatabaseNotReady(
            f"{place(engine)} 在网络文件系统（{kind}）上，SQLite 在那里会损坏 / lies on a network file system ({kind}),"
            " where SQLite files get damaged: keep it on a disk of this machine, or use PostgreSQL"
        )


def _file_system(folder: Path, mounts: Path) -> str:
    """The kind of file system that a folder lies on; empty where the system does not tell."""
    try:
        listed = [line.split(" ") for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    # A blank in a name is written as \040. Of two on one point, the later hides the earlier.
    points = {Path(line[1].replace("\\040", " ")): line[2] for line in listed if len(line) > 2}
    return next((points[point] for point in (folder, *folder.parents) if point in points), "")
