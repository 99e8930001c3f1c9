"""What a database holds, in figures that tell one state of it from every other."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from tracker import db
from tracker.backups import BackupRefused
from tracker.models import guards
from tracker.models.guarded import APPEND_ONLY, KEPT

#: The chain over everything that was changed; older revisions have none.
_CHAIN = "chain_entry"


@dataclass(frozen=True)
class Holdings:
    """The revision of a database, how many rows its history has, and how far its chain goes."""

    revision: str
    #: table → rows, of every table whose rows are never deleted
    rows: dict[str, int]
    #: how many entries the chain has, and the hash of the last; 0 and empty before there was a chain
    chain_size: int = 0
    chain_head: str = ""

    @property
    def total(self) -> int:
        """Rows of the history in all."""
        return sum(self.rows.values())

    @property
    def changes(self) -> int:
        """How many changes were ever signed."""
        return self.rows.get("audit_event", 0)


def of(connection: Connection) -> Holdings:
    """What the database at the other end of `connection` holds."""
    there = set(inspect(connection).get_table_names())
    kept = [table for table in (*APPEND_ONLY, *KEPT) if table in there]
    size, head = chain(connection)
    return Holdings(
        revision=str(connection.scalar(text("SELECT version_num FROM alembic_version"))),
        rows={table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0 for table in kept},
        chain_size=size,
        chain_head=head,
    )


def chain(connection: Connection) -> tuple[int, str]:
    """How many entries the chain has, and the hash of the last; 0 and empty before there was a chain."""
    if not inspect(connection).has_table(_CHAIN):
        return 0, ""
    last = connection.execute(text(f"SELECT seq + 1, hash FROM {_CHAIN} ORDER BY seq DESC LIMIT 1")).first()
    return (int(last[0]), str(last[1])) if last else (0, "")


def unguarded(connection: Connection, holds: Holdings) -> None:
    """Raise `BackupRefused` where a guard of the history is missing; guards of older revisions are not known here."""
    absent = guards.missing(connection) if holds.revision == db.newest_revision() else []
    if absent:
        raise BackupRefused(
            f"防改触发器缺失，请先查明原因 / guards of the history are missing ({', '.join(absent[:3])}):"
            " find out why; “tracker db upgrade” makes them anew"
        )


def lacking(connection: Connection, current: Holdings) -> bool:
    """Whether the database at the other end lacks something that another one (`current`) holds.

    By the chain, one that is shorter is a beginning of the other, or of another ledger. Where there was none yet, only
    the number of changes can be compared.
    """
    if not current.chain_size:
        there = inspect(connection).has_table("audit_event")
        last = connection.scalar(text("SELECT count(*) FROM audit_event")) if there else 0
        return current.changes > (last or 0)
    if not inspect(connection).has_table(_CHAIN):
        return True
    found = connection.scalar(text(f"SELECT hash FROM {_CHAIN} WHERE seq = :seq"), {"seq": current.chain_size - 1})
    return bool(found != current.chain_head)
