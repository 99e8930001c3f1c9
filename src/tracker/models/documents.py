"""Published texts and the stretches of them that everything else points to.

Positions count Unicode code points of `SourceDocument.text`, from 0, end excluded, as in the W3C
TextPositionSelector. The words at a position are always read from the text, never stored again.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import DocumentKind, LicenceMode, MarkReason, SourceTier
from tracker.models.base import Base, coded
from tracker.models.places import Jurisdiction


class SourceDocument(Base):
    """A published text. It never changes once loaded: a correction is another document."""

    __table_args__ = (CheckConstraint("length(sha256) = 64", "sha256_is_hex"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[DocumentKind] = mapped_column(coded(DocumentKind, "kind"))
    #: language of the text, ISO 639-1; a title in any other language is a translation
    language: Mapped[str] = mapped_column(default="zh")
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdiction.id"))
    publisher: Mapped[str]
    author: Mapped[str | None]
    title: Mapped[str]
    #: page furniture, kept apart from the text: the line above the headline, the headline, the byline
    kicker: Mapped[str | None]
    headline: Mapped[str | None]
    byline: Mapped[str | None]
    #: date of publication as EDTF; `2020` where the page gives no day
    date: Mapped[str]
    date_note_zh: Mapped[str | None] = mapped_column(Text)
    date_note_en: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None]
    archived_url: Mapped[str | None]
    source_tier: Mapped[SourceTier] = mapped_column(coded(SourceTier, "source_tier"))
    licence_mode: Mapped[LicenceMode] = mapped_column(coded(LicenceMode, "licence_mode"))
    text: Mapped[str] = mapped_column(Text)
    #: SHA-256 of `text` in UTF-8, hexadecimal
    sha256: Mapped[str]
    #: SHA-256 of the raw file that the text was cleaned from
    raw_sha256: Mapped[str | None]
    #: the document that this one corrects
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("source_document.id"))

    jurisdiction: Mapped[Jurisdiction | None] = relationship()
    turns: Mapped[list[Turn]] = relationship(order_by="Turn.position", back_populates="document")

    def __str__(self) -> str:
        return self.title


class Turn(Base):
    """One question and its answer."""

    __table_args__ = (
        UniqueConstraint("document_id", "position"),
        UniqueConstraint("id", "document_id"),
        CheckConstraint("(question_start IS NULL) = (question_end IS NULL)", "question_is_whole"),
        CheckConstraint(
            "question_start IS NULL OR (0 <= question_start AND question_start < question_end)", "question_has_length"
        ),
        CheckConstraint("0 <= answer_start AND answer_start < answer_end", "answer_has_length"),
        CheckConstraint("question_end IS NULL OR question_end <= answer_start", "answer_follows_question"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("source_document.id"))
    #: counted from 1
    position: Mapped[int]
    question_start: Mapped[int | None]
    question_end: Mapped[int | None]
    answer_start: Mapped[int]
    answer_end: Mapped[int]
    #: the page lost the first line of the question; what stands is kept, nothing is made up
    question_head_missing: Mapped[bool] = mapped_column(default=False)

    document: Mapped[SourceDocument] = relationship(back_populates="turns")

    def __str__(self) -> str:
        return f"{self.document} · {self.position}"


class Passage(Base):
    """A stretch of a document."""

    __table_args__ = (
        UniqueConstraint("document_id", "start", "end"),
        UniqueConstraint("id", "document_id"),
        CheckConstraint('0 <= start AND start < "end"', "has_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("source_document.id"))
    start: Mapped[int]
    end: Mapped[int]

    document: Mapped[SourceDocument] = relationship()


class PassageMark(Base):
    """Why a stretch of an answer holds no commitment, or why a number in it is no figure."""

    __table_args__ = (
        UniqueConstraint("passage_id", "reason"),
        ForeignKeyConstraint(["passage_id", "document_id"], ["passage.id", "passage.document_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("source_document.id"))
    passage_id: Mapped[int] = mapped_column()
    reason: Mapped[MarkReason] = mapped_column(coded(MarkReason, "reason"))
    note_zh: Mapped[str | None]
    note_en: Mapped[str | None]

    passage: Mapped[Passage] = relationship(foreign_keys=[passage_id])
