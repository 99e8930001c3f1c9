"""Files on their way in, and how tables with the same headings were read before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base
from tracker.models.users import User


class ColumnMapping(Base):
    """What the columns of tables with these headings mean, as somebody said last."""

    __table_args__ = (CheckConstraint("length(headings_sha256) = 64", "headings_sha256_is_hex"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of the headings, whatever their order, case, width and punctuation
    headings_sha256: Mapped[str] = mapped_column(unique=True)
    #: the headings as they stood
    headings: Mapped[list[str]] = mapped_column(JSON)
    #: heading → what its column means, what holds for every row, status words: see `importing.mappings`
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    saved_at: Mapped[datetime]

    saved_by: Mapped[User] = relationship()


class Upload(Base):
    """A file that somebody at the desk is about to import; dropped once it is, or after a day."""

    __table_args__ = (CheckConstraint("length(content) > 0", "content_is_there"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    #: name of the file, with its ending
    name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    #: of a text file: `utf-8` or `gb18030`
    encoding: Mapped[str]
    #: how it is to be read, as far as that has been said
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(index=True)
