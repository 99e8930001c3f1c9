"""Values found later for the numbers of the text: stated and found stand side by side."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Double, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.assessments import Evidence
from tracker.models.base import Base
from tracker.models.figures import StatedFigure
from tracker.models.users import User


class Measurement(Base):
    """A value found later for a stated figure, in the figure's own unit. Appended only."""

    __table_args__ = (Index(None, "figure_id", "as_of"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    figure_id: Mapped[int] = mapped_column(ForeignKey("stated_figure.id"))
    value: Mapped[float] = mapped_column(Double)
    #: the day the value is of
    as_of: Mapped[date]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    #: what was counted, and what not
    note: Mapped[str | None] = mapped_column(Text)
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    figure: Mapped[StatedFigure] = relationship()
    evidence: Mapped[Evidence] = relationship()
    analyst: Mapped[User] = relationship()
