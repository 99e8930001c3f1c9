"""Questions to the list of commitments that somebody keeps under a name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base
from tracker.models.users import User


class SavedList(Base):
    """What the list of commitments was asked for, under a name; for its owner, or for everybody at the desk."""

    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        CheckConstraint("length(name) BETWEEN 1 AND 100", "has_a_name"),
        CheckConstraint("length(question) <= 2000", "is_an_address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str]
    #: what stands behind the `?` of the list's address
    question: Mapped[str] = mapped_column(Text)
    #: whether everybody at the desk sees it
    shared: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime]

    owner: Mapped[User] = relationship()

    def __str__(self) -> str:
        return self.name
