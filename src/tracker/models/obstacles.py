"""Problem ledgers (问题台账): what is in the way, and who found that it no longer is (销号)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.assessments import Evidence
from tracker.models.base import Base
from tracker.models.commitments import Commitment
from tracker.models.places import Jurisdiction, Organisation
from tracker.models.users import User
from tracker.models.vocabularies import Term

obstacle_commitment = Table(
    "obstacle_commitment",
    Base.metadata,
    Column("obstacle_id", ForeignKey("obstacle.id"), primary_key=True),
    Column("commitment_id", ForeignKey("commitment.id"), primary_key=True, index=True),
)


class Obstacle(Base):
    """One line of a problem ledger. It can be edited until it is closed, and is never deleted."""

    __table_args__ = (
        CheckConstraint("length(title) > 0", "says_what_is_difficult"),
        # The last day keeps out what is no day: SQLite would take any text, PostgreSQL infinity.
        CheckConstraint("due_on BETWEEN raised_on AND '2199-12-31'", "due_after_it_was_raised"),
        Index(None, "jurisdiction_id", "raised_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"))
    #: what the difficulty is
    title: Mapped[str]
    #: a term of the vocabulary `obstacle-category`
    category_id: Mapped[int] = mapped_column(ForeignKey("term.id"))
    #: what is to be done about it
    remedy: Mapped[str | None] = mapped_column(Text)
    #: who is to do it
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    #: the day it was raised
    raised_on: Mapped[date]
    #: the day by which it is to be settled
    due_on: Mapped[date | None]
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    #: when it was written down
    recorded_at: Mapped[datetime]

    jurisdiction: Mapped[Jurisdiction] = relationship()
    category: Mapped[Term] = relationship()
    unit: Mapped[Organisation | None] = relationship()
    raised_by: Mapped[User] = relationship()
    commitments: Mapped[list[Commitment]] = relationship(secondary=obstacle_commitment)
    closing: Mapped[ObstacleClosing | None] = relationship(back_populates="obstacle")

    def __str__(self) -> str:
        return f"№ {self.id} {self.title}"


class ObstacleClosing(Base):
    """An obstacle was found to be out of the way (销号): by somebody other than who raised it, on evidence."""

    __table_args__ = (CheckConstraint("length(note) > 0", "says_how_it_was_settled"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    obstacle_id: Mapped[int] = mapped_column(ForeignKey("obstacle.id"), unique=True)
    #: the day from which it is no longer in the way
    closed_on: Mapped[date]
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    #: how it was settled
    note: Mapped[str] = mapped_column(Text)
    #: when it was written down
    recorded_at: Mapped[datetime]

    obstacle: Mapped[Obstacle] = relationship(back_populates="closing")
    closed_by: Mapped[User] = relationship()
    evidence: Mapped[Evidence] = relationship()

    def __str__(self) -> str:
        return f"{self.closed_on} {self.note[:40]}"
