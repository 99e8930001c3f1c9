"""Open vocabularies: lists that people extend without touching the code."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base


class Vocabulary(Base):
    """A list of terms: policy areas, sectors, 六稳, 六保, units of measure."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]

    terms: Mapped[list[Term]] = relationship(back_populates="vocabulary", order_by="Term.position")

    def __str__(self) -> str:
        return self.name_zh


class Term(Base):
    """One entry of a vocabulary."""

    __table_args__ = (UniqueConstraint("vocabulary_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    vocabulary_id: Mapped[int] = mapped_column(ForeignKey("vocabulary.id"))
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    #: place in its list, from 1
    position: Mapped[int]

    vocabulary: Mapped[Vocabulary] = relationship(back_populates="terms")

    def __str__(self) -> str:
        return self.name_zh
