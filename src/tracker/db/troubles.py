"""What can be the matter with a database that is no fault of the program: it passes, or somebody sets it right."""

from __future__ import annotations

from enum import Enum

from sqlalchemy.exc import DBAPIError, TimeoutError


class Trouble(Enum):
    """What is the matter, what became of the change, and what to do; after how many seconds it is worth a try."""

    BUSY = (
        5,
        "数据库正忙：别的写入还没有完成。这次没有保存任何内容，请稍候再提交一次。",
        "The database is busy with another change. Nothing of this one was saved: send it again in a moment.",
    )
    SLOW = (
        30,
        "这项查询用时太长，已经停下，没有保存任何内容。请缩小范围再试。",
        "That took too long and was stopped; nothing was saved. Narrow it down and try again.",
    )
    FULL = (
        60,
        "存放数据库的磁盘满了，这次没有保存任何内容。已有内容照常可读；请管理员清出磁盘空间，之后无须重启即可再提交。",
        "The database's disk is full; nothing was saved. Once there is room, send it again: no restart is needed.",
    )
    ONLY_READ = (
        60,
        "数据库现在只能读，不能写，这次没有保存任何内容。请管理员检查数据库文件和所在文件夹的权限。",
        "The database can only be read now; nothing was saved. Look at the permissions of its file and folder.",
    )
    DISK = (
        60,
        "存放数据库的磁盘读写出错，不能确定这次是否已经保存。请管理员检查磁盘。",
        "The disk that holds the database fails, and whether this was saved is not known. Look at the disk.",
    )
    GONE = (
        10,
        "与数据库的连接断了，不能确定这次是否已经保存。请稍候先看一眼，没有再重新提交。",
        "The connection to the database was lost. Look in a moment whether this was saved, and send it again if not.",
    )

    def __init__(self, retry_after: int, zh: str, en: str) -> None:
        self.retry_after, self.zh, self.en = retry_after, zh, en


#: primary result codes of SQLite (https://sqlite.org/rescode.html) → what is the matter
_SQLITE = {
    5: Trouble.BUSY,
    6: Trouble.BUSY,
    8: Trouble.ONLY_READ,
    10: Trouble.DISK,
    13: Trouble.FULL,
    14: Trouble.DISK,
}

#: SQLite's way to say that there is no room for the file that its connections share.
_NO_ROOM_TO_SHARE = 4874

#: states of PostgreSQL (Appendix A of its manual), or the class that they begin with → what is the matter
_POSTGRESQL = {
    "55P03": Trouble.BUSY,  # waited for a lock
    "40": Trouble.BUSY,  # deadlock, serialisation
    "57014": Trouble.SLOW,
    "53100": Trouble.FULL,
    "53": Trouble.GONE,  # no memory, no connections left
    "25006": Trouble.ONLY_READ,
    "58": Trouble.DISK,
    "57": Trouble.GONE,  # shut down, not yet started
    "08": Trouble.GONE,
    "25P03": Trouble.GONE,  # idle in a transaction for too long
}


def trouble(error: BaseException | None) -> Trouble | None:
    """What is the matter, where an error of the database is no fault of the program; else none."""
    if isinstance(error, TimeoutError):  # every connection of the pool is taken
        return Trouble.BUSY
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code == _NO_ROOM_TO_SHARE:
        return Trouble.FULL
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        # PostgreSQL says nothing any more.
        return Trouble.GONE if error.connection_invalidated or type(error).__name__ == "OperationalError" else None
    return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
