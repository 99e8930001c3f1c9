"""What colleagues say to each other about a commitment. Not for readers; written once, like all history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base
from tracker.models.commitments import Commitment
from tracker.models.users import User


class Comment(Base):
    """One remark of one person about one commitment."""

    __table_args__ = (
        CheckConstraint("length(text) BETWEEN 1 AND 5000", "says_something"),
        Index(None, "commitment_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str] = mapped_column(Text)
    #: when it was written down
    recorded_at: Mapped[datetime]

    commitment: Mapped[Commitment] = relationship()
    author: Mapped[User] = relationship()
    mentions: Mapped[list[CommentMention]] = relationship(back_populates="comment", order_by="CommentMention.user_id")

    def __str__(self) -> str:
        return f"№ {self.id}"


class CommentMention(Base):
    """A remark is meant for somebody, named in it by `@name`."""

    __table_args__ = (Index(None, "user_id", "comment_id"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)

    comment: Mapped[Comment] = relationship(back_populates="mentions")
    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"№ {self.comment_id} @{self.user_id}"
