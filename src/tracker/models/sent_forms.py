"""Forms that were sent and did what they ask: the same one, sent again, does it no second time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base


class SentForm(Base):
    """One form as it was sent; written in the transaction of what it changed, and forgotten after a while."""

    __table_args__ = (CheckConstraint("length(mark) = 64", "is_a_digest"), Index(None, "at"))

    #: SHA-256 over the one-time key of the form and all that was filled in
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    #: what it changed last: a table and the key of a row
    table_name: Mapped[str]
    row_key: Mapped[str]

    def __str__(self) -> str:
        return self.mark[:8]
