"""How a commitment stood: the latest assessment, as of any day and as written down by any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracker.codebook import EvidenceRelation, Execution, Precision, Verdict
from tracker.models import (
    AssessmentEvidence,
    DeadlineRevision,
    Review,
    StatusAssessment,
)

#: A `Select` of any columns.
Question = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Cutoff:
    """A point on both time axes; today and everything written where nothing is said."""

    #: what was true on that day
    as_of: date | None = None
    #: what had been written down by the end of that day (UTC)
    recorded_by: date | None = None
    #: only assessments that a second person has approved
    approved_only: bool = False

    def written(self, at: Any) -> list[ColumnElement[bool]]:
        """Whether what was recorded `at` (a column of instants) had been written down by then; nothing if not asked."""
        if self.recorded_by is None:
            return []
        return [at < datetime.combine(self.recorded_by + timedelta(days=1), time(), UTC)]

    def is_now(self) -> bool:
        """Whether nothing is asked of the past: then the standing that is stored answers."""
        return self.as_of is None and self.recorded_by is None

    def day(self) -> date:
        """The day that deadlines are judged on."""
        return self.as_of or datetime.now().astimezone().date()


def dated(day: date, precision: Precision | None) -> str:
    """A day as exactly as it is known: 2021-10-23, 2021-10 or 2021."""
    shown = {None: 10, Precision.MONTH: 7, Precision.YEAR: 4}
    return day.isoformat()[: shown[precision]]


def valid_assessments(cutoff: Cutoff) -> Question:
    """Assessments that stood at `cutoff`: true by then, written by then, neither corrected nor returned by then.

    With what a second person had said of each by then, as `verdict`.
    """
    verdict = latest_verdict(StatusAssessment.id, cutoff).label("verdict")
    return select(StatusAssessment, verdict).where(*_stood(StatusAssessment, cutoff))


def _stood(row: type[StatusAssessment], cutoff: Cutoff) -> list[ColumnElement[bool]]:
    """Conditions: an assessment (`row`, an alias) is one of `valid_assessments`."""
    later = aliased(StatusAssessment)
    corrected = exists().where(later.corrects_id == row.id, *cutoff.written(later.recorded_at))
    verdict = latest_verdict(row.id, cutoff)
    approved = verdict == Verdict.APPROVE.value
    return [
        ~corrected,
        *cutoff.written(row.recorded_at),
        # Not IS DISTINCT FROM: SQLAlchemy cannot write its operands as literals, which a trigger needs.
        approved if cutoff.approved_only else func.coalesce(verdict, literal("")) != Verdict.RETURN.value,
        *([row.effective_on <= cutoff.as_of] if cutoff.as_of else []),
    ]


def latest_verdict(assessment_id: ColumnElement[int] | InstrumentedAttribute[int], cutoff: Cutoff) -> Any:
    """What a second person said last of an assessment, as written down by `cutoff`; null where nobody has."""
    return (
        select(Review.verdict)
        .where(Review.assessment_id == assessment_id, *cutoff.written(Review.recorded_at))
        .order_by(Review.recorded_at.desc(), Review.id.desc())
        .limit(1)
        .correlate_except(Review)
        .scalar_subquery()
    )


def written_assessments(commitment_ids: Any, cutoff: Cutoff) -> Select[StatusAssessment]:
    """Every assessment of commitments (ids) that was written by `cutoff`, the corrected ones too; the newest first."""
    rows = select(StatusAssessment).where(
        StatusAssessment.commitment_id.in_(commitment_ids), *cutoff.written(StatusAssessment.recorded_at)
    )
    if cutoff.as_of:
        rows = rows.where(StatusAssessment.effective_on <= cutoff.as_of)
    return rows.order_by(StatusAssessment.effective_on.desc(), StatusAssessment.id.desc())


def standing(cutoff: Cutoff) -> Question:
    """One row per reviewed commitment: its standing assessment, since when it is done, whether sources disagree."""
    return select(
        StatusAssessment,
        latest_verdict(StatusAssessment.id, cutoff).label("verdict"),
        done_since(StatusAssessment.commitment_id, cutoff).label("done_on"),
        disputed(StatusAssessment.id).label("disputed"),
    ).where(StatusAssessment.id == standing_assessment(StatusAssessment.commitment_id, cutoff))


def standing_assessment(commitment_id: Any, cutoff: Cutoff) -> ColumnElement[int]:
    """Id of the assessment by which a commitment stands at `cutoff`; null where there is none.

    The latest that was true stands. But to have found nothing says what is known and not what happened: it stands
    only where nothing was found, whatever its date. Asked commitment by commitment, so that a page of fifty reads
    the history of fifty: each answer is one step down an index.
    """
    nothing = [Execution.NOT_REVIEWED, Execution.NO_EVIDENCE_FOUND]
    something, nothing_found = aliased(StatusAssessment), aliased(StatusAssessment)
    return func.coalesce(
        _latest(something, commitment_id, cutoff, something.execution.not_in(nothing)),
        _latest(nothing_found, commitment_id, cutoff, nothing_found.execution.in_(nothing)),
    )


def _latest(row: type[StatusAssessment], commitment_id: Any, cutoff: Cutoff, condition: ColumnElement[bool]) -> Any:
    """Id of the latest valid assessment of a commitment that fits a condition; `row` is an alias."""
    return (
        select(row.id)
        .where(row.commitment_id == commitment_id, condition, *_stood(row, cutoff))
        .order_by(row.effective_on.desc(), row.recorded_at.desc(), row.id.desc())
        .limit(1)
        .correlate_except(row)
        .scalar_subquery()
    )


def last_returned(commitment_id: Any, cutoff: Cutoff) -> ColumnElement[bool]:
    """Whether the assessment of a commitment that was written last, by `cutoff`, was returned."""
    row = aliased(StatusAssessment)
    last = (
        select(func.max(row.id))
        .where(row.commitment_id == commitment_id, *cutoff.written(row.recorded_at))
        .correlate_except(row)
        .scalar_subquery()
    )
    return func.coalesce(latest_verdict(last, cutoff) == Verdict.RETURN.value, literal(value=False))


def deadline_revision(commitment_id: Any, cutoff: Cutoff) -> ColumnElement[int]:
    """Id of the revision that sets the deadline of a commitment at `cutoff`; null where it stands as in the text."""
    row = aliased(DeadlineRevision)
    announced = [row.announced_on <= cutoff.as_of] if cutoff.as_of else []
    return (
        select(row.id)
        .where(row.commitment_id == commitment_id, *cutoff.written(row.recorded_at), *announced)
        .order_by(row.announced_on.desc(), row.recorded_at.desc(), row.id.desc())
        .limit(1)
        .correlate_except(row)
        .scalar_subquery()
    )


def done_since(commitment_id: Any, cutoff: Cutoff) -> ColumnElement[date]:
    """First day on which a commitment was done and after which nothing undid it; null where it is not done."""
    done = [code for code in Execution if code.is_done]
    undone = [code for code in Execution if code.needs_evidence and not code.is_done]
    row, later = aliased(StatusAssessment), aliased(StatusAssessment)
    undone_later = exists().where(
        later.commitment_id == row.commitment_id,
        later.execution.in_(undone),
        tuple_(later.effective_on, later.recorded_at, later.id) > tuple_(row.effective_on, row.recorded_at, row.id),
        *_stood(later, cutoff),
    )
    return (
        select(func.min(row.effective_on))
        .where(row.commitment_id == commitment_id, row.execution.in_(done), *_stood(row, cutoff), ~undone_later)
        .correlate_except(row)
        .scalar_subquery()
    )


def disputed(assessment_id: Any) -> ColumnElement[bool]:
    """Whether an assessment cites evidence for and against."""
    return and_(
        *(
            exists().where(AssessmentEvidence.assessment_id == assessment_id, AssessmentEvidence.relation == relation)
            for relation in (EvidenceRelation.SUPPORTS, EvidenceRelation.CONTRADICTS)
        )
    )
