"""What became of a commitment: judgements, what they rest on, and searches. All of it is appended only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import (
    Attribution,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
    Verdict,
)
from tracker.models.base import Base, coded
from tracker.models.commitments import Commitment
from tracker.models.users import User

_NEEDS_REASON = "'stalled', 'blocked', 'abandoned', 'reversed'"


class Evidence(Base):
    """A published thing that speaks to a status."""

    __table_args__ = (
        CheckConstraint("substr(url, 1, 7) = 'http://' OR substr(url, 1, 8) = 'https://'", "url_is_web_address"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str | None]
    publisher: Mapped[str | None]
    published_on: Mapped[date | None]
    retrieved_on: Mapped[date | None]
    #: the words that speak to the status
    excerpt: Mapped[str | None] = mapped_column(Text)
    #: the time that the reported fact is of, as EDTF: `2021-10`
    fact_date: Mapped[str | None]
    #: what it shows, in our words
    shows_zh: Mapped[str | None] = mapped_column(Text)
    shows_en: Mapped[str | None] = mapped_column(Text)
    #: what it does not show
    caveat_zh: Mapped[str | None] = mapped_column(Text)
    caveat_en: Mapped[str | None] = mapped_column(Text)
    origin: Mapped[EvidenceOrigin | None] = mapped_column(coded(EvidenceOrigin, "origin"))
    #: what it reports; empty while nobody has said
    reports: Mapped[EvidenceReports | None] = mapped_column(coded(EvidenceReports, "reports"))

    def __str__(self) -> str:
        return self.title or self.url


class ArchivedCopy(Base):
    """A file kept of a piece of evidence, as it was retrieved: pages change and vanish."""

    __table_args__ = (
        UniqueConstraint("evidence_id", "sha256"),
        CheckConstraint("length(sha256) = 64", "sha256_is_hex"),
        CheckConstraint("length(content) > 0", "content_is_there"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"))
    #: SHA-256 of `content`
    sha256: Mapped[str]
    #: e.g. `text/html`
    media_type: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    retrieved_on: Mapped[date]
    recorded_at: Mapped[datetime]
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    evidence: Mapped[Evidence] = relationship()
    analyst: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.media_type}"


class SearchLog(Base):
    """A search for evidence, whether it found something or not."""

    __table_args__ = (Index(None, "commitment_id", "searched_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    #: site, index or archive
    searched_in: Mapped[str]
    query: Mapped[str]
    searched_on: Mapped[date]
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    #: how many results were read
    results_read: Mapped[int | None]

    commitment: Mapped[Commitment] = relationship()
    analyst: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"{self.searched_in} · {self.query}"


class StatusAssessment(Base):
    """One judgement of one commitment."""

    __table_args__ = (
        UniqueConstraint("id", "commitment_id"),
        ForeignKeyConstraint(
            ["corrects_id", "commitment_id"],
            ["status_assessment.id", "status_assessment.commitment_id"],
            name="fk_status_assessment_corrects",
        ),
        CheckConstraint(
            f"execution NOT IN ({_NEEDS_REASON}) OR (reason IS NOT NULL AND attribution IS NOT NULL)",
            "a_halt_has_a_reason",
        ),
        CheckConstraint("(official_claim IS NULL) = (official_claim_source_id IS NULL)", "a_claim_has_a_source"),
        CheckConstraint("effective_on <= reviewed_up_to", "effective_by_the_cut_off"),
        CheckConstraint("progress_share BETWEEN 0 AND 1", "progress_is_a_share"),
        CheckConstraint("length(summary) > 0", "summary_says_something"),
        CheckConstraint("corrects_id < id", "corrects_an_earlier_one"),
        Index(None, "commitment_id", "effective_on", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    execution: Mapped[Execution] = mapped_column(coded(Execution, "execution"))
    outcome: Mapped[Outcome] = mapped_column(coded(Outcome, "outcome"), default=Outcome.UNKNOWN)
    #: what the city itself says
    official_claim: Mapped[Execution | None] = mapped_column(coded(Execution, "official_claim"))
    #: which of the cited pieces of evidence says so
    official_claim_source_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    #: the day it is true of; the last day of the month or year where no more is known
    effective_on: Mapped[date]
    #: empty where the day is known
    effective_precision: Mapped[Precision | None] = mapped_column(coded(Precision, "effective_precision"))
    #: when it was written down
    recorded_at: Mapped[datetime]
    #: cut-off day of the search it rests on
    reviewed_up_to: Mapped[date]
    summary: Mapped[str] = mapped_column(Text)
    #: the same in English, where somebody wrote it
    summary_en: Mapped[str | None] = mapped_column(Text)
    #: 进展, 问题, 下一步
    progress: Mapped[str | None] = mapped_column(Text)
    problems: Mapped[str | None] = mapped_column(Text)
    next_steps: Mapped[str | None] = mapped_column(Text)
    #: achieved share, 0 to 1, where it was measured
    progress_share: Mapped[float | None] = mapped_column(Double)
    reason: Mapped[Reason | None] = mapped_column(coded(Reason, "reason"))
    attribution: Mapped[Attribution | None] = mapped_column(coded(Attribution, "attribution"))
    confidence: Mapped[Confidence | None] = mapped_column(coded(Confidence, "confidence"))
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    codebook_version: Mapped[str]
    #: the earlier judgement of the same commitment that this one replaces
    corrects_id: Mapped[int | None] = mapped_column(index=True)

    commitment: Mapped[Commitment] = relationship(foreign_keys=[commitment_id])
    analyst: Mapped[User] = relationship()
    citations: Mapped[list[AssessmentEvidence]] = relationship(order_by="AssessmentEvidence.evidence_id", viewonly=True)
    #: the latest first
    reviews: Mapped[list[Review]] = relationship(order_by="Review.id.desc()", viewonly=True)

    def __str__(self) -> str:
        return f"{self.effective_on} {self.summary[:40]}"


class AssessmentEvidence(Base):
    """An assessment cites a piece of evidence.

    Citations are written before their assessment, which the key allows until the commit: so the database can
    check, when the assessment comes in, that it rests on what it must, and refuse any citation after that.
    """

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("status_assessment.id", deferrable=True, initially="DEFERRED"), primary_key=True, autoincrement=False
    )
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), primary_key=True, index=True)
    relation: Mapped[EvidenceRelation] = mapped_column(coded(EvidenceRelation, "relation"))

    evidence: Mapped[Evidence] = relationship()


class Review(Base):
    """A second person's verdict on an assessment; the latest one holds."""

    __table_args__ = (
        CheckConstraint("verdict <> 'return' OR length(note) > 0", "a_return_says_why"),
        Index(None, "assessment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("status_assessment.id"))
    verdict: Mapped[Verdict] = mapped_column(coded(Verdict, "verdict"))
    note: Mapped[str | None] = mapped_column(Text)
    #: never the author of the assessment
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    assessment: Mapped[StatusAssessment] = relationship(back_populates="reviews")
    reviewer: Mapped[User] = relationship()
