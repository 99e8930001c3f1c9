"""The sorts of news, each a question to the table whose rows tell it. Numbers rise as rows are written.

Columns of each: `number`, `recorded_at`, `commitment_id`, and what the sort has to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, or_, select
from sqlalchemy.orm import aliased

from tracker.codebook import PublicationState, Verdict
from tracker.models import (
    AuditEvent,
    Commitment,
    DeadlineRevision,
    Milestone,
    MilestoneReached,
    Review,
    StatusAssessment,
    User,
)
from tracker.standings import Cutoff, Question, latest_verdict, valid_assessments


@dataclass(frozen=True)
class Sort:
    """One sort of news: the key of the table that tells it, of which commitment a row is, and the question."""

    number: Any
    commitment_id: Any
    rows: Callable[[Cutoff], Question]


def assessments(cutoff: Cutoff) -> Question:
    """Judgements that stand, each with the status of the one that it corrects, where readers saw that one."""
    earlier = aliased(StatusAssessment)
    seen = latest_verdict(earlier.id, cutoff) == Verdict.APPROVE.value
    row = StatusAssessment
    corrected = case((seen, earlier.execution)) if cutoff.approved_only else earlier.execution
    return (
        valid_assessments(cutoff)
        .with_only_columns(
            *_written(row),
            row.execution,
            row.effective_on,
            row.effective_precision,
            row.summary,
            row.summary_en,
            corrected.label("corrected"),
            User.name.label("by"),
        )
        .join(User, User.id == row.analyst_id)
        .outerjoin(earlier, earlier.id == row.corrects_id)
    )


def reviews(cutoff: Cutoff) -> Question:
    """Verdicts on judgements of the time asked for. Where readers see approved work only, a return is not shown."""
    row = StatusAssessment
    rows = (
        select(
            *_written(Review, row.commitment_id),
            row.execution,
            row.effective_on,
            row.effective_precision,
            Review.verdict,
            Review.note,
            User.name.label("by"),
        )
        .join(Review, Review.assessment_id == row.id)
        .join(User, User.id == Review.reviewer_id)
        .where(*cutoff.written(Review.recorded_at))
    )
    if cutoff.as_of:
        rows = rows.where(row.effective_on <= cutoff.as_of)
    return rows.where(Review.verdict == Verdict.APPROVE) if cutoff.approved_only else rows


def revisions(cutoff: Cutoff) -> Question:
    """Deadlines set anew, each with the last day that held before it (`was`; null: that of the text)."""
    moved, earlier = DeadlineRevision, aliased(DeadlineRevision)
    was = (
        select(earlier.window_end)
        .where(earlier.commitment_id == moved.commitment_id, earlier.id < moved.id)
        .order_by(earlier.announced_on.desc(), earlier.recorded_at.desc(), earlier.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = (
        select(
            *_written(moved),
            moved.window_end.label("until"),
            moved.deadline_kind.label("until_kind"),
            moved.announced_on,
            was.label("was"),
            moved.note,
            User.name.label("by"),
        )
        .join(User, User.id == moved.analyst_id)
        .where(*cutoff.written(moved.recorded_at))
    )
    return rows.where(moved.announced_on <= cutoff.as_of) if cutoff.as_of else rows


def steps(cutoff: Cutoff) -> Question:
    """Milestones that were reached."""
    reached = MilestoneReached
    rows = (
        select(
            *_written(reached, Milestone.commitment_id),
            Milestone.title_zh.label("step_zh"),
            Milestone.title_en.label("step_en"),
            Milestone.planned_on,
            reached.reached_on,
            User.name.label("by"),
        )
        .join(Milestone, Milestone.id == reached.milestone_id)
        .join(User, User.id == reached.analyst_id)
        .where(*cutoff.written(reached.recorded_at))
    )
    return rows.where(reached.reached_on <= cutoff.as_of) if cutoff.as_of else rows


def publications(cutoff: Cutoff) -> Question:
    """Commitments that became public, or no longer are (`state`), as the audit tells."""
    changed = AuditEvent.changes["publication_state"]
    old, new = changed[0].as_string(), changed[1].as_string()
    published, withdrawn = PublicationState.PUBLISHED.value, PublicationState.WITHDRAWN.value
    rows = select(
        AuditEvent.id.label("number"),
        AuditEvent.at.label("recorded_at"),
        cast(AuditEvent.row_key, Integer).label("commitment_id"),
        new.label("state"),
        old.label("state_before"),
    ).where(
        # Not by the index of tables and keys: it holds every commitment that there ever was.
        AuditEvent.table_name.concat("") == Commitment.__tablename__,
        or_(new == published, and_(old == published, new == withdrawn)),
        *cutoff.written(AuditEvent.at),
    )
    # What became public on a later day was not public on the day that is asked for.
    return rows.where(*Cutoff(recorded_by=cutoff.as_of).written(AuditEvent.at)) if cutoff.as_of else rows


def _written(row: Any, commitment_id: Any = None) -> list[ColumnElement[Any]]:
    return [
        row.id.label("number"),
        row.recorded_at.label("recorded_at"),
        (row.commitment_id if commitment_id is None else commitment_id).label("commitment_id"),
    ]


#: What is told of how commitments stand, by its name.
JUDGED = {
    "assessment": Sort(StatusAssessment.id, StatusAssessment.commitment_id, assessments),
    "review": Sort(Review.id, StatusAssessment.commitment_id, reviews),
    "revision": Sort(DeadlineRevision.id, DeadlineRevision.commitment_id, revisions),
}

#: All that is told.
SORTS = {
    **JUDGED,
    "step": Sort(MilestoneReached.id, Milestone.commitment_id, steps),
    "publication": Sort(AuditEvent.id, None, publications),
}
