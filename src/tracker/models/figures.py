"""Numbers in the text."""

from __future__ import annotations

from sqlalchemy import Double, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import Comparator, FigureRole
from tracker.models.base import Base, coded
from tracker.models.documents import Passage
from tracker.models.vocabularies import Term


class StatedFigure(Base):
    """A number that the text states, with what it counts. A later finding never overwrites it."""

    __table_args__ = (
        UniqueConstraint("passage_id", "what_zh"),
        ForeignKeyConstraint(["passage_id", "document_id"], ["passage.id", "passage.document_id"]),
        ForeignKeyConstraint(["commitment_id", "document_id"], ["commitment.id", "commitment.document_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("source_document.id"))
    #: empty for a statistic that belongs to no commitment
    commitment_id: Mapped[int | None] = mapped_column(index=True)
    #: the words around the number
    passage_id: Mapped[int] = mapped_column()
    value: Mapped[float] = mapped_column(Double)
    #: unit of `value`, a term of the vocabulary `measure-unit`
    unit_id: Mapped[int] = mapped_column(ForeignKey("term.id"))
    comparator: Mapped[Comparator] = mapped_column(coded(Comparator, "comparator"))
    what_zh: Mapped[str]
    what_en: Mapped[str]
    #: the time the number is for, in the words of the text
    period: Mapped[str | None]
    role: Mapped[FigureRole] = mapped_column(coded(FigureRole, "role"))
    note_zh: Mapped[str | None]
    note_en: Mapped[str | None]

    unit: Mapped[Term] = relationship()
    passage: Mapped[Passage] = relationship(foreign_keys=[passage_id])

    def __str__(self) -> str:
        return f"{self.what_zh} {self.value:g}"
