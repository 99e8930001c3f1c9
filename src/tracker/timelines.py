"""What happened around one commitment, each kind of thing by its own question, with the day it belongs to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from tracker.codebook import PublicationState
from tracker.models import AssessmentEvidence, Commitment, DeadlineRevision, Evidence, Review, StatusAssessment
from tracker.standings import Cutoff, Question, valid_assessments


def commitment(code: str) -> Question:
    """The published commitment with a code: its titles and the time that its text gives."""
    return select(
        Commitment.id,
        Commitment.title_zh,
        Commitment.title_en,
        Commitment.deadline_kind,
        Commitment.window_start,
        Commitment.window_end,
    ).where(Commitment.code == code, Commitment.publication_state == PublicationState.PUBLISHED)


def _shown(commitment_id: int, cutoff: Cutoff) -> Any:
    """The assessments of a commitment that stand at `cutoff`."""
    return valid_assessments(cutoff).where(StatusAssessment.commitment_id == commitment_id).subquery("shown")


def assessments(commitment_id: int, cutoff: Cutoff) -> Question:
    """The judgements that are neither corrected nor returned, by the day each is true of."""
    shown = _shown(commitment_id, cutoff)
    return select(
        shown.c.id, shown.c.execution, shown.c.effective_on, shown.c.effective_precision, shown.c.verdict
    ).order_by(shown.c.effective_on, shown.c.recorded_at, shown.c.id)


def evidence(commitment_id: int, cutoff: Cutoff) -> Question:
    """What these judgements cite, each thing once, by the day it was published; the undated last."""
    shown = _shown(commitment_id, cutoff)
    cited = (
        select(AssessmentEvidence.evidence_id).join(shown, shown.c.id == AssessmentEvidence.assessment_id).distinct()
    )
    return (
        select(Evidence.id, Evidence.published_on, Evidence.publisher, Evidence.title, Evidence.reports)
        .where(Evidence.id.in_(cited))
        .order_by(Evidence.published_on.is_(None), Evidence.published_on, Evidence.id)
    )


def reviews(commitment_id: int, cutoff: Cutoff) -> Question:
    """The verdicts of a second person on these judgements, by when they were written."""
    shown = _shown(commitment_id, cutoff)
    return (
        select(Review.id, Review.verdict, Review.recorded_at, shown.c.id.label("assessment"))
        .join(shown, shown.c.id == Review.assessment_id)
        .where(*cutoff.written(Review.recorded_at))
        .order_by(Review.recorded_at, Review.id)
    )


def revisions(commitment_id: int, cutoff: Cutoff) -> Question:
    """Deadlines set anew, by the day of the announcement; `place` numbers them."""
    rows = select(
        DeadlineRevision.id,
        DeadlineRevision.deadline_kind,
        DeadlineRevision.announced_on,
        DeadlineRevision.window_end,
        func.row_number().over(order_by=(DeadlineRevision.announced_on, DeadlineRevision.id)).label("place"),
    ).where(DeadlineRevision.commitment_id == commitment_id, *cutoff.written(DeadlineRevision.recorded_at))
    if cutoff.as_of:
        rows = rows.where(DeadlineRevision.announced_on <= cutoff.as_of)
    return rows.order_by(DeadlineRevision.announced_on, DeadlineRevision.id)
