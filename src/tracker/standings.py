"""How a commitment stood: the latest assessment, as of any day and as written down by any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, tuple_
from sqlalchemy.orm import aliased

from tracker.codebook import EvidenceRelation, Execution
from tracker.models import AssessmentEvidence, StatusAssessment

#: A `Select` of any columns.
Question = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Cutoff:
    """A point on both time axes; today and everything written where nothing is said."""

    #: what was true on that day
    as_of: date | None = None
    #: what had been written down by the end of that day (UTC)
    recorded_by: date | None = None

    def day(self) -> date:
        """The day that deadlines are judged on."""
        return self.as_of or datetime.now().astimezone().date()


def valid_assessments(cutoff: Cutoff) -> Question:
    """Assessments that stood at `cutoff`: true by then, written by then, not corrected by then."""
    later = aliased(StatusAssessment)
    corrected = exists().where(later.corrects_id == StatusAssessment.id, *_written_by(later, cutoff))
    rows = select(StatusAssessment).where(~corrected, *_written_by(StatusAssessment, cutoff))
    return rows.where(StatusAssessment.effective_on <= cutoff.as_of) if cutoff.as_of else rows


def written_assessments(commitment_id: int, cutoff: Cutoff) -> Select[StatusAssessment]:
    """Every assessment of a commitment that was written by `cutoff`, the corrected ones too; the newest first."""
    rows = select(StatusAssessment).where(
        StatusAssessment.commitment_id == commitment_id, *_written_by(StatusAssessment, cutoff)
    )
    if cutoff.as_of:
        rows = rows.where(StatusAssessment.effective_on <= cutoff.as_of)
    return rows.order_by(StatusAssessment.effective_on.desc(), StatusAssessment.id.desc())


def _written_by(assessment: type[StatusAssessment], cutoff: Cutoff) -> list[ColumnElement[bool]]:
    if cutoff.recorded_by is None:
        return []
    end_of_day = datetime.combine(cutoff.recorded_by + timedelta(days=1), time(), UTC)
    return [assessment.recorded_at < end_of_day]


def standing(cutoff: Cutoff) -> Question:
    """One row per reviewed commitment: its standing assessment, since when it is done, whether sources disagree."""
    valid = valid_assessments(cutoff).cte("valid")
    order = func.row_number().over(
        partition_by=valid.c.commitment_id,
        order_by=(valid.c.effective_on.desc(), valid.c.recorded_at.desc(), valid.c.id.desc()),
    )
    ranked = select(valid, order.label("place")).cte("ranked")
    done = [code.value for code in Execution if code.is_done]
    undone = [code.value for code in Execution if code.needs_evidence and not code.is_done]
    earlier, other = valid.alias("earlier"), valid.alias("other")
    undone_later = exists().where(
        other.c.commitment_id == earlier.c.commitment_id,
        other.c.execution.in_(undone),
        tuple_(other.c.effective_on, other.c.recorded_at, other.c.id)
        > tuple_(earlier.c.effective_on, earlier.c.recorded_at, earlier.c.id),
    )
    done_on = (
        select(func.min(earlier.c.effective_on))
        .where(earlier.c.commitment_id == ranked.c.commitment_id, earlier.c.execution.in_(done), ~undone_later)
        .scalar_subquery()
    )
    return select(ranked, done_on.label("done_on"), _disputed(ranked.c.id).label("disputed")).where(ranked.c.place == 1)


def _disputed(assessment_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether an assessment cites evidence for and against."""
    return and_(
        *(
            exists().where(AssessmentEvidence.assessment_id == assessment_id, AssessmentEvidence.relation == relation)
            for relation in (EvidenceRelation.SUPPORTS, EvidenceRelation.CONTRADICTS)
        )
    )
