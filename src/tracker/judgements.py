"""Judgements of commitments with their grounds, as whoever reads a history is shown them.

All of it at a point of both time axes. Where only approved work is shown, a judgement that no second person has
approved is not there at all; of an approved one that it corrects is said only that it no longer stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Row, bindparam, select
from sqlalchemy.orm import Session

from tracker.codebook import EvidenceRelation, EvidenceReports, Verdict
from tracker.models import AssessmentEvidence, Evidence, Review, StatusAssessment, User
from tracker.rows import read
from tracker.standings import Cutoff, Question, written_assessments

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
    """An assessment, what it rests on, what a second person said of it by then, and the later one that corrects it."""

    #: its columns, and the name of its `analyst`
    assessment: Row[Any]
    #: pieces of evidence, each with its `relation`: the most telling first, context last
    citations: list[Row[Any]]
    #: verdicts, each with the name of its `reviewer`: the latest first
    reviews: Sequence[Row[Any]]
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
    def claimed_in(self) -> Row[Any] | None:
        """The piece of evidence in which the city says so itself."""
        wanted = self.assessment.official_claim_source_id
        return next((cited for cited in self.citations if cited.evidence_id == wanted), None)


def judgements(session: Session, commitment_ids: Collection[int], cutoff: Cutoff) -> list[Judgement]:
    """What is shown at `cutoff` of the judgements of some commitments; the one that was true last comes first."""
    # A correction may be true of a later day than what it corrects: all that is written is read, then sorted out.
    asked = {"ids": list(commitment_ids)}
    written = read(session, _written(cutoff.recorded_by), asked)
    if not written:
        return []
    cited = _grouped(read(session, _cited(), asked))
    reviews = _grouped(read(session, _reviewed(cutoff.recorded_by), asked))
    corrections = {row.corrects_id: row.id for row in written if row.corrects_id}
    shown = [row for row in written if _is_shown(row, reviews[row.id], cutoff)]
    numbers: dict[int | None, int] = {row.id: row.id for row in shown}
    return [
        Judgement(
            row,
            sorted(cited[row.id], key=_telling),
            reviews[row.id],
            row.id in corrections,
            numbers.get(corrections.get(row.id)),
            numbers.get(row.corrects_id),
        )
        for row in shown
    ]


def _grouped(found: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in found:
        grouped[row.assessment_id].append(row)
    return grouped


@lru_cache(maxsize=32)
def _written(recorded_by: date | None) -> Question:
    """What is written of some commitments (`ids`); put together once, as the questions below."""
    columns = (getattr(StatusAssessment, name) for name in _JUDGED)
    found = written_assessments(_ids(), Cutoff(recorded_by=recorded_by)).with_only_columns(
        *columns, StatusAssessment.official_claim_source_id, StatusAssessment.corrects_id, User.name.label("analyst")
    )
    return found.join(User, User.id == StatusAssessment.analyst_id)


@lru_cache(maxsize=1)
def _cited() -> Question:
    """What the assessments of some commitments (`ids`) rest on."""
    columns = (getattr(Evidence, name) for name in (*_SHOWN, "retrieved_on"))
    return (
        select(AssessmentEvidence.assessment_id, AssessmentEvidence.evidence_id, AssessmentEvidence.relation, *columns)
        .join(StatusAssessment, StatusAssessment.id == AssessmentEvidence.assessment_id)
        .join(Evidence, Evidence.id == AssessmentEvidence.evidence_id)
        .where(StatusAssessment.commitment_id.in_(_ids()))
    )


@lru_cache(maxsize=32)
def _reviewed(recorded_by: date | None) -> Question:
    """What second persons said of the assessments of some commitments (`ids`), the latest first."""
    return (
        select(Review.assessment_id, Review.verdict, Review.note, Review.recorded_at, User.name.label("reviewer"))
        .join(StatusAssessment, StatusAssessment.id == Review.assessment_id)
        .join(User, User.id == Review.reviewer_id)
        .where(StatusAssessment.commitment_id.in_(_ids()), *Cutoff(recorded_by=recorded_by).written(Review.recorded_at))
        .order_by(Review.id.desc())
    )


def _ids() -> Any:
    return bindparam("ids", expanding=True, type_=Integer)


def _is_shown(row: Row[Any], reviews: list[Row[Any]], cutoff: Cutoff) -> bool:
    if cutoff.as_of and row.effective_on > cutoff.as_of:
        return False
    return not cutoff.approved_only or bool(reviews and reviews[0].verdict is Verdict.APPROVE)


def _telling(cited: Row[Any]) -> tuple[bool, int, int, int]:
    since = (cited.published_on or date.min).toordinal()
    return cited.relation is EvidenceRelation.CONTEXT, _TELLING.index(cited.reports), -since, cited.evidence_id


def judged(one: Judgement) -> dict[str, Any]:
    """One judgement as it is published; dates and codes as Python values."""
    row, source = one.assessment, one.claimed_in
    return {
        **{name: getattr(row, name) for name in _JUDGED},
        "official_claim_source": source.url if source else None,
        "analyst": row.analyst,
        "corrects": one.corrects,
        "is_corrected": one.is_corrected,
        "corrected_by": one.corrected_by,
        "verdict": one.verdict,
        "reviews": [
            {name: getattr(review, name) for name in ("verdict", "note", "reviewer", "recorded_at")}
            for review in one.reviews
        ],
        "evidence": [{name: getattr(cited, name) for name in ("relation", *_SHOWN)} for cited in one.citations],
    }
