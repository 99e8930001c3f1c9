"""Other schemes of status, and how ours reads in their terms."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import Execution, MappingQuality
from tracker.models.base import Base, coded


class Scheme(Base):
    """A way of rating promises that somebody else uses, and where it is defined."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    source_title: Mapped[str]
    source_publisher: Mapped[str]
    source_url: Mapped[str | None] = mapped_column(Text)
    retrieved_on: Mapped[date]
    #: what else was read, and what could not be
    source_note_zh: Mapped[str | None] = mapped_column(Text)
    source_note_en: Mapped[str | None] = mapped_column(Text)
    #: what it measures, and how it differs from ours
    note_zh: Mapped[str | None] = mapped_column(Text)
    note_en: Mapped[str | None] = mapped_column(Text)

    terms: Mapped[list[SchemeTerm]] = relationship(back_populates="scheme", order_by="SchemeTerm.position")
    mappings: Mapped[list[StatusMapping]] = relationship(back_populates="scheme", order_by="StatusMapping.id")

    def __str__(self) -> str:
        return self.name_zh


class SchemeTerm(Base):
    """One status of another scheme, its definition in our words."""

    __table_args__ = (UniqueConstraint("scheme_id", "code"), UniqueConstraint("id", "scheme_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    definition_zh: Mapped[str] = mapped_column(Text)
    definition_en: Mapped[str] = mapped_column(Text)
    #: place in its scheme, from 1
    position: Mapped[int]

    scheme: Mapped[Scheme] = relationship(back_populates="terms")

    def __str__(self) -> str:
        return self.name_zh


class StatusMapping(Base):
    """How one of our statuses of execution reads in another scheme, and how well."""

    __table_args__ = (
        UniqueConstraint("scheme_id", "execution"),
        ForeignKeyConstraint(["term_id", "scheme_id"], ["scheme_term.id", "scheme_term.scheme_id"]),
        CheckConstraint("(term_id IS NULL) = (quality = 'none')", "no_term_only_where_none_fits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme.id"))
    execution: Mapped[Execution] = mapped_column(coded(Execution, "execution"))
    term_id: Mapped[int | None] = mapped_column()
    quality: Mapped[MappingQuality] = mapped_column(coded(MappingQuality, "quality"))
    note_zh: Mapped[str | None] = mapped_column(Text)
    note_en: Mapped[str | None] = mapped_column(Text)

    scheme: Mapped[Scheme] = relationship(back_populates="mappings", foreign_keys=[scheme_id])
    term: Mapped[SchemeTerm | None] = relationship(foreign_keys=[term_id])
