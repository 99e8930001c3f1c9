"""Commitments: what was promised, in which words, and how it was coded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import (
    Checkability,
    Confidence,
    DeadlineKind,
    DeadlineRule,
    Kind,
    LinkRelation,
    PublicationState,
    Tense,
    TermBasis,
    UnitBasis,
    UnitRole,
)
from tracker.models.base import Base, coded
from tracker.models.documents import Passage, SourceDocument, Turn
from tracker.models.figures import StatedFigure
from tracker.models.places import Jurisdiction, Organisation, Person, Post
from tracker.models.vocabularies import Term


class Commitment(Base):
    """One thing that can be followed up: a head (一是 …) or a part of it."""

    __table_args__ = (
        UniqueConstraint("id", "document_id"),
        UniqueConstraint("document_id", "position"),
        # Quote, focus, question and head stand in the document that the commitment is from.
        ForeignKeyConstraint(["passage_id", "document_id"], ["passage.id", "passage.document_id"]),
        ForeignKeyConstraint(["focus_id", "document_id"], ["passage.id", "passage.document_id"]),
        ForeignKeyConstraint(["turn_id", "document_id"], ["turn.id", "turn.document_id"]),
        ForeignKeyConstraint(["parent_id", "document_id"], ["commitment.id", "commitment.document_id"]),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", "is_not_its_own_part"),
        CheckConstraint("parent_id IS NULL OR NOT stands_alone", "only_a_head_stands_alone"),
        CheckConstraint("tense_confidence <> 'low' OR tense_note_zh IS NOT NULL", "a_low_reading_says_why"),
        CheckConstraint(
            "(deadline_kind = 'none') = (deadline_rule IS NULL)"
            " AND (deadline_rule IS NULL) = (window_end IS NULL)"
            " AND (window_start IS NULL) = (window_end IS NULL)"
            " AND (deadline_rule IS NULL) = (deadline_text IS NULL)",
            "deadline_is_whole",
        ),
        CheckConstraint("window_start <= window_end", "window_runs_forward"),
        Index(None, "jurisdiction_id", "position"),
        # The list of a city in the order of the documents, and what else is said in the same words.
        Index(None, "jurisdiction_id", "document_id", "position", "publication_state"),
        Index(None, "passage_id"),
        Index(None, "parent_id"),
        Index(None, "turn_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: permanent and never used again, e.g. `CZ-2020-05.3`
    code: Mapped[str] = mapped_column(unique=True)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("source_document.id"))
    #: who said it, and in which office; neither where a text (a task table) names nobody
    speaker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    turn_id: Mapped[int | None] = mapped_column()
    parent_id: Mapped[int | None] = mapped_column()
    #: order in the document, heads before their parts, from 1
    position: Mapped[int]
    #: the quote
    passage_id: Mapped[int] = mapped_column()
    #: where several rows share a quote, the part of it that is this row's alone
    focus_id: Mapped[int | None] = mapped_column()
    title_zh: Mapped[str]
    title_en: Mapped[str]
    #: a head whose own words promise something that no part covers: it is counted beside its parts
    stands_alone: Mapped[bool] = mapped_column(default=False)

    kind: Mapped[Kind] = mapped_column(coded(Kind, "kind"))
    #: what the content would say where the question says otherwise
    secondary_kind: Mapped[Kind | None] = mapped_column(coded(Kind, "secondary_kind"))
    tense: Mapped[Tense] = mapped_column(coded(Tense, "tense"))
    tense_confidence: Mapped[Confidence] = mapped_column(coded(Confidence, "tense_confidence"))
    #: the words of the text that the reading rests on
    tense_words: Mapped[str]
    tense_note_zh: Mapped[str | None] = mapped_column(Text)
    tense_note_en: Mapped[str | None] = mapped_column(Text)

    #: the phrase of the text
    deadline_text: Mapped[str | None]
    deadline_kind: Mapped[DeadlineKind] = mapped_column(coded(DeadlineKind, "deadline_kind"))
    #: the rule that made the window from the phrase
    deadline_rule: Mapped[DeadlineRule | None] = mapped_column(coded(DeadlineRule, "deadline_rule"))
    window_start: Mapped[date | None]
    #: last day of the window
    window_end: Mapped[date | None] = mapped_column(index=True)

    checkability: Mapped[Checkability] = mapped_column(coded(Checkability, "checkability"))
    #: one line: what would show completion
    completion_zh: Mapped[str] = mapped_column(Text)
    completion_en: Mapped[str] = mapped_column(Text)
    beneficiaries_zh: Mapped[str | None]
    beneficiaries_en: Mapped[str | None]
    #: the coder's doubt, for whoever follows up
    note_zh: Mapped[str | None] = mapped_column(Text)
    note_en: Mapped[str | None] = mapped_column(Text)
    publication_state: Mapped[PublicationState] = mapped_column(
        coded(PublicationState, "publication_state"), default=PublicationState.PUBLISHED
    )
    #: when somebody should look again
    next_check: Mapped[date | None] = mapped_column(index=True)
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - as SQLAlchemy declares it

    jurisdiction: Mapped[Jurisdiction] = relationship()
    document: Mapped[SourceDocument] = relationship()
    speaker: Mapped[Person | None] = relationship()
    post: Mapped[Post | None] = relationship()
    turn: Mapped[Turn | None] = relationship(foreign_keys=[turn_id])
    parent: Mapped[Commitment | None] = relationship(
        foreign_keys=[parent_id], remote_side="Commitment.id", back_populates="parts"
    )
    parts: Mapped[list[Commitment]] = relationship(
        foreign_keys=[parent_id], back_populates="parent", order_by="Commitment.position"
    )
    passage: Mapped[Passage] = relationship(foreign_keys=[passage_id])
    focus: Mapped[Passage | None] = relationship(foreign_keys=[focus_id])
    units: Mapped[list[CommitmentUnit]] = relationship(
        cascade="all, delete-orphan", order_by="CommitmentUnit.organisation_id"
    )
    terms: Mapped[list[CommitmentTerm]] = relationship(cascade="all, delete-orphan", order_by="CommitmentTerm.term_id")
    figures: Mapped[list[StatedFigure]] = relationship(
        foreign_keys="StatedFigure.commitment_id", order_by="StatedFigure.id", cascade="save-update, merge"
    )

    def __str__(self) -> str:
        return f"{self.code} {self.title_zh}"


class CommitmentLink(Base):
    """Two commitments are tied. The tie has no direction: the smaller id comes first."""

    __table_args__ = (UniqueConstraint("a_id", "b_id", "relation"), CheckConstraint("a_id < b_id", "is_stored_once"))

    id: Mapped[int] = mapped_column(primary_key=True)
    a_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    b_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), index=True)
    relation: Mapped[LinkRelation] = mapped_column(coded(LinkRelation, "relation"))
    note_zh: Mapped[str | None]
    note_en: Mapped[str | None]

    a: Mapped[Commitment] = relationship(foreign_keys=[a_id])
    b: Mapped[Commitment] = relationship(foreign_keys=[b_id])


class CommitmentTerm(Base):
    """A term given to a commitment, and on what ground."""

    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id"), primary_key=True, index=True)
    basis: Mapped[TermBasis] = mapped_column(coded(TermBasis, "basis"))

    term: Mapped[Term] = relationship()


class CommitmentUnit(Base):
    """A unit's part in a commitment, and how that is known."""

    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    role: Mapped[UnitRole] = mapped_column(coded(UnitRole, "role"), primary_key=True)
    basis: Mapped[UnitBasis] = mapped_column(coded(UnitBasis, "basis"))

    organisation: Mapped[Organisation] = relationship()
