"""The chain of everything that was ever changed: what makes a change of the past visible."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base


class ChainEntry(Base):
    """One event of the audit at its place in the chain; the first row names the installation instead.

    An event without its entry is refused when its transaction commits (`AuditEvent.id`), and the guards let an entry
    in only at the end of the chain.
    """

    __table_args__ = (
        CheckConstraint("length(hash) = 64", "hash_is_hex"),
        CheckConstraint("(seq = 0) = (event_id IS NULL)", "is_of_an_event"),
        CheckConstraint("(seq = 0) = (instance IS NOT NULL)", "begins_with_a_name"),
    )

    #: 0, 1, 2 … without a gap: the order in which changes were committed, whatever the clocks said
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: when it was chained, at the end of its transaction
    at: Mapped[datetime]
    event_id: Mapped[int | None] = mapped_column(unique=True)
    #: name of the installation, at the beginning only
    instance: Mapped[str | None]
    #: SHA-256 over a zero byte, the hash before it and this entry with its event as canonical JSON; see `chain.py`
    hash: Mapped[str]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"
