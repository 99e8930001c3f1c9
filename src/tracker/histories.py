"""The history of a commitment, for whoever shows it: every judgement with its grounds, and what else happened.

All of it at a point of both time axes. Where only approved work is shown, a judgement that no second person has
approved is not there at all; of an approved one that it corrects is said only that it no longer stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from tracker.codebook import EvidenceRelation, EvidenceReports, Verdict
from tracker.models import (
    AssessmentEvidence,
    DeadlineRevision,
    Evidence,
    Review,
    SearchLog,
    StatusAssessment,
)
from tracker.standings import Cutoff, written_assessments

#: What evidence reports, the most telling first: what was counted or built says more than what was announced.
_TELLING = (
    EvidenceReports.DELIVERY,
    EvidenceReports.STATISTICS,
    EvidenceReports.START,
    EvidenceReports.FUNDING,
    EvidenceReports.APPROVAL,
    EvidenceReports.ANNOUNCEMENT,
    None,
)

#: What an assessment says in a published history, in this order.
_JUDGED = tuple(
    """
    id execution outcome official_claim effective_on effective_precision reviewed_up_to recorded_at summary
    summary_en progress problems next_steps progress_share reason attribution confidence codebook_version
    """.split()  # noqa: SIM905 - many names are read more easily as lines
)

#: What a piece of evidence says in it.
_SHOWN = (
    "url",
    "title",
    "publisher",
    "published_on",
    "origin",
    "reports",
    "fact_date",
    "excerpt",
    "shows_zh",
    "shows_en",
    "caveat_zh",
    "caveat_en",
)


@dataclass(frozen=True)
class Judgement:
    """An assessment, what a second person said of it by then, and the later one that corrects it."""

    assessment: StatusAssessment
    #: the latest first
    reviews: list[Review]
    is_corrected: bool
    #: id of the assessment that corrects it, where that one is shown
    corrected_by: int | None
    #: id of the one that it corrects, where that one is shown
    corrects: int | None

    @property
    def verdict(self) -> Verdict | None:
        """What a second person said last."""
        return self.reviews[0].verdict if self.reviews else None

    @property
    def is_valid(self) -> bool:
        """Whether it counts: neither corrected nor returned."""
        return not self.is_corrected and self.verdict is not Verdict.RETURN

    @property
    def citations(self) -> list[AssessmentEvidence]:
        """What it rests on, the most telling first; context last."""
        return sorted(self.assessment.citations, key=_telling)

    @property
    def claimed_in(self) -> Evidence | None:
        """Where the city says so itself."""
        wanted = self.assessment.official_claim_source_id
        return next((cited.evidence for cited in self.assessment.citations if cited.evidence_id == wanted), None)


@dataclass(frozen=True)
class History:
    """What happened to a commitment as far as it was written down."""

    #: the one that was true last comes first
    judgements: list[Judgement]
    #: the latest first
    searches: Sequence[SearchLog]
    #: deadlines set anew, in the order they were announced
    revisions: Sequence[DeadlineRevision]

    def standing(self, number: int | None) -> Judgement | None:
        """The judgement with the id of the standing assessment."""
        return next((one for one in self.judgements if one.assessment.id == number), None)


def history(session: Session, commitment_id: int, cutoff: Cutoff) -> History:
    """The history of a commitment at `cutoff`, in five queries."""
    judged = judgements(session, [commitment_id], cutoff)
    # A search is no judgement, but where only approved ones are shown, one that led to none would tell of it.
    seen = judged or not cutoff.approved_only
    found = session.scalars(searches(commitment_id, cutoff)).all() if seen else []
    return History(judged, found, session.scalars(revisions(commitment_id, cutoff)).all())


def assessments(commitment_id: int, cutoff: Cutoff) -> Select[StatusAssessment]:
    """Every assessment with its analyst, evidence and reviews; the one that was true last comes first."""
    return _with_grounds(written_assessments([commitment_id], cutoff))


def _with_grounds(rows: Select[StatusAssessment]) -> Select[StatusAssessment]:
    return rows.options(
        joinedload(StatusAssessment.analyst),
        selectinload(StatusAssessment.citations).joinedload(AssessmentEvidence.evidence),
        selectinload(StatusAssessment.reviews).joinedload(Review.reviewer),
        raiseload("*"),
    )


@lru_cache(maxsize=32)
def _written_of(recorded_by: date | None) -> Select[StatusAssessment]:
    """What is written of some commitments (`ids`), with its grounds; put together once."""
    ids = bindparam("ids", expanding=True, type_=Integer)
    return _with_grounds(written_assessments(ids, Cutoff(recorded_by=recorded_by)))


def searches(commitment_id: int, cutoff: Cutoff) -> Select[SearchLog]:
    """Every search with its analyst, the latest first; one is written down on the day it is made, or later."""
    rows = select(SearchLog).where(SearchLog.commitment_id == commitment_id)
    for day in filter(None, (cutoff.as_of, cutoff.recorded_by)):
        rows = rows.where(SearchLog.searched_on <= day)
    rows = rows.options(joinedload(SearchLog.analyst), raiseload("*"))
    return rows.order_by(SearchLog.searched_on.desc(), SearchLog.id.desc())


def revisions(commitment_id: int, cutoff: Cutoff) -> Select[DeadlineRevision]:
    """Deadlines set anew with their source and analyst, in the order they were announced."""
    rows = (
        select(DeadlineRevision)
        .where(DeadlineRevision.commitment_id == commitment_id, *cutoff.written(DeadlineRevision.recorded_at))
        .options(joinedload(DeadlineRevision.evidence), joinedload(DeadlineRevision.analyst), raiseload("*"))
        .order_by(DeadlineRevision.announced_on, DeadlineRevision.id)
    )
    return rows.where(DeadlineRevision.announced_on <= cutoff.as_of) if cutoff.as_of else rows


def judgements(session: Session, commitment_ids: Collection[int], cutoff: Cutoff) -> list[Judgement]:
    """What is shown at `cutoff` of the judgements of some commitments; the one that was true last comes first."""
    # A correction may be true of a later day than what it corrects: all that is written is read, then sorted out.
    rows = session.scalars(_written_of(cutoff.recorded_by), {"ids": list(commitment_ids)}).all()
    corrections = {row.corrects_id: row.id for row in rows if row.corrects_id}
    reviews = {row.id: [review for review in row.reviews if _written(review.recorded_at, cutoff)] for row in rows}
    shown = [row for row in rows if _is_shown(row, reviews[row.id], cutoff)]
    numbers: dict[int | None, int] = {row.id: row.id for row in shown}
    return [
        Judgement(
            row,
            reviews[row.id],
            row.id in corrections,
            numbers.get(corrections.get(row.id)),
            numbers.get(row.corrects_id),
        )
        for row in shown
    ]


def _is_shown(row: StatusAssessment, reviews: list[Review], cutoff: Cutoff) -> bool:
    if cutoff.as_of and row.effective_on > cutoff.as_of:
        return False
    return not cutoff.approved_only or bool(reviews and reviews[0].verdict is Verdict.APPROVE)


def _written(at: datetime, cutoff: Cutoff) -> bool:
    return cutoff.recorded_by is None or at.date() <= cutoff.recorded_by


def _telling(cited: AssessmentEvidence) -> tuple[bool, int, int, int]:
    source = cited.evidence
    since = (source.published_on or date.min).toordinal()
    return cited.relation is EvidenceRelation.CONTEXT, _TELLING.index(source.reports), -since, source.id


def as_records(found: History) -> dict[str, Any]:
    """A history as it is published beside the record of its commitment; dates and codes as Python values."""
    return {
        "history": [judged(one) for one in found.judgements],
        "searches": [
            {name: getattr(row, name) for name in ("searched_on", "searched_in", "query", "results_read")}
            for row in found.searches
        ],
        "deadline_revisions": [
            {
                **{name: getattr(row, name) for name in
                   ("announced_on", "deadline_text", "deadline_kind", "window_end", "reason", "note", "recorded_at")},
                "announced_in": row.evidence.url,
            }
            for row in found.revisions
        ],
    }  # fmt: skip


def judged(one: Judgement) -> dict[str, Any]:
    """One judgement as it is published; dates and codes as Python values."""
    row, source = one.assessment, one.claimed_in
    return {
        **{name: getattr(row, name) for name in _JUDGED},
        "official_claim_source": source.url if source else None,
        "analyst": row.analyst.name,
        "corrects": one.corrects,
        "is_corrected": one.is_corrected,
        "corrected_by": one.corrected_by,
        "verdict": one.verdict,
        "reviews": [
            {"verdict": review.verdict, "note": review.note, "reviewer": review.reviewer.name,
             "recorded_at": review.recorded_at}
            for review in one.reviews
        ],
        "evidence": [
            {"relation": cited.relation, **{name: getattr(cited.evidence, name) for name in _SHOWN}}
            for cited in one.citations
        ],
    }  # fmt: skip
