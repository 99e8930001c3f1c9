"""Time as it went: deadlines that were moved, and steps with a date. All of it is appended only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import DeadlineKind, Reason
from tracker.models.assessments import Evidence
from tracker.models.base import Base, coded
from tracker.models.commitments import Commitment
from tracker.models.users import User


class DeadlineRevision(Base):
    """A deadline was set anew, and where that was said. The deadline of the text stays as it is."""

    __table_args__ = (
        CheckConstraint("deadline_kind IN ('completion', 'horizon')", "sets_a_date"),
        Index(None, "commitment_id", "announced_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    deadline_kind: Mapped[DeadlineKind] = mapped_column(coded(DeadlineKind, "deadline_kind"))
    #: the phrase of the source
    deadline_text: Mapped[str]
    #: the new last day
    window_end: Mapped[date]
    #: the day it was announced
    announced_on: Mapped[date]
    reason: Mapped[Reason | None] = mapped_column(coded(Reason, "reason"))
    note: Mapped[str | None] = mapped_column(Text)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    commitment: Mapped[Commitment] = relationship()
    evidence: Mapped[Evidence] = relationship()
    analyst: Mapped[User] = relationship()


class Milestone(Base):
    """A step of a commitment with a planned date (形象进度)."""

    __table_args__ = (Index(None, "commitment_id", "planned_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    title_zh: Mapped[str]
    title_en: Mapped[str | None]
    planned_on: Mapped[date]
    #: where the plan is said
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    commitment: Mapped[Commitment] = relationship()
    evidence: Mapped[Evidence] = relationship()
    analyst: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"{self.planned_on} {self.title_zh}"


class MilestoneReached(Base):
    """A milestone was reached, and what shows it."""

    __table_args__ = (Index(None, "milestone_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"))
    reached_on: Mapped[date]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    milestone: Mapped[Milestone] = relationship()
    evidence: Mapped[Evidence] = relationship()
    analyst: Mapped[User] = relationship()
