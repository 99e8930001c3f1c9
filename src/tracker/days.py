"""The days that matter to commitments: when they fall due, when a period to act in ends, when somebody looks again.

A row of `days` is one day of one commitment. What there is to say of it is asked for the few that are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Integer, cast, func, literal, null, select, union_all

from tracker import ledgers, queries
from tracker.codebook import DeadlineKind, Verdict
from tracker.deadlines import days_between
from tracker.filters import CommitmentFilter
from tracker.ledgers import ObstacleFilter
from tracker.models import (
    AuditEvent,
    Commitment,
    DeadlineRevision,
    Milestone,
    MilestoneReached,
    Obstacle,
    ObstacleClosing,
    Review,
    SourceDocument,
    StatusAssessment,
    obstacle_commitment,
)
from tracker.progress import milestones
from tracker.standings import Cutoff, Question

#: What a day can be. Of these only `completion` falls due.
KINDS = ("completion", "horizon", "event_date", "milestone", "obstacle", "next_check")

#: What is shown of the commitment that a day belongs to.
_SHOWN = """
    id code city city_en title_zh title_en kind quote deadline_text deadline_rule window_start window_end
    due_on horizon_until execution next_check row_version
""".split()  # noqa: SIM905 - names are read more easily as lines


def days(asked: CommitmentFilter, most: int) -> Question:
    """The days of the commitments asked for, at most so many, those nearest to the day asked for first.

    Columns: `kind` (of `KINDS`), `day`, `commitment_id`, and the `number` of the milestone or obstacle.
    """
    only = ("id", "due_on", "horizon_until", "deadline_kind", "window_end", "next_check")
    rows = queries.commitments(asked, only=only).order_by(None).cte("asked").prefix_with("MATERIALIZED")
    c, cutoff = rows.c, asked.cutoff
    told = (c.deadline_kind == DeadlineKind.EVENT_DATE) & c.due_on.is_(None) & c.horizon_until.is_(None)
    found = union_all(
        _of("completion", c.due_on, c.id).where(c.due_on.is_not(None)),
        _of("horizon", c.horizon_until, c.id).where(c.horizon_until.is_not(None)),
        _of("event_date", c.window_end, c.id).where(told),
        _of("next_check", c.next_check, c.id).where(c.next_check.is_not(None)),
        _of("milestone", Milestone.planned_on, c.id, Milestone.id)
        .join(Milestone, Milestone.commitment_id == c.id)
        .where(*cutoff.written(Milestone.recorded_at)),
        _of("obstacle", Obstacle.due_on, c.id, Obstacle.id)
        .join(obstacle_commitment, obstacle_commitment.c.commitment_id == c.id)
        .join(Obstacle, Obstacle.id == obstacle_commitment.c.obstacle_id)
        .where(Obstacle.due_on.is_not(None), *_raised(cutoff)),
    ).subquery("found")
    away = func.abs(days_between(literal(cutoff.day()), found.c.day))
    order = (away, found.c.day, found.c.kind, found.c.commitment_id, found.c.number)
    return select(found).order_by(*order).limit(most)


def _of(kind: str, day: Any, commitment_id: Any, number: Any = None) -> Question:
    return select(
        literal(kind).label("kind"),
        day.label("day"),
        commitment_id.label("commitment_id"),
        cast(null() if number is None else number, Integer).label("number"),
    )


def _raised(cutoff: Cutoff) -> list[Any]:
    as_of = [Obstacle.raised_on <= cutoff.as_of] if cutoff.as_of else []
    return [*cutoff.written(Obstacle.recorded_at), *as_of]


def commitments(ids: Collection[int], cutoff: Cutoff) -> Question:
    """What is said of these commitments, with how far their text may be shown (`licence_mode`)."""
    rows = queries.commitments(CommitmentFilter(cutoff=cutoff), only=_SHOWN).where(Commitment.id.in_(ids))
    return rows.add_columns(SourceDocument.licence_mode)


def steps(numbers: Collection[int], cutoff: Cutoff) -> Question:
    """These milestones, with the day they were reached; rows of `progress.milestones`."""
    return milestones(cutoff).where(Milestone.id.in_(numbers))


def obstacles(numbers: Collection[int], cutoff: Cutoff) -> Question:
    """These obstacles, with where each stands; rows of `ledgers.obstacles`."""
    return ledgers.obstacles(ObstacleFilter(cutoff=cutoff)).where(Obstacle.id.in_(numbers))


def written(ids: Collection[int], cutoff: Cutoff) -> Question:
    """Of these commitments, by `commitment_id`: when anything that their days tell was last written down (`at`).

    And how often their deadline was set anew (`revised`). Where only approved work is shown, what was never approved
    leaves no trace.
    """
    found = union_all(*(rows.where(of.in_(ids)) for rows, of in _writings(cutoff))).subquery("writings")
    return select(
        found.c.commitment_id,
        func.max(found.c.at).label("at"),
        cast(func.sum(found.c.revised), Integer).label("revised"),
    ).group_by(found.c.commitment_id)


def _writings(cutoff: Cutoff) -> list[tuple[Question, Any]]:
    """Questions to the history of a commitment for instants, each with the column that names the commitment."""
    judged, moved = StatusAssessment, DeadlineRevision
    by_then = cutoff.written(Review.recorded_at)
    approved = select(Review.assessment_id).where(Review.verdict == Verdict.APPROVE, *by_then)
    shown = [judged.id.in_(approved)] if cutoff.approved_only else []
    true_by_then = [judged.effective_on <= cutoff.as_of] if cutoff.as_of else []
    announced = [moved.announced_on <= cutoff.as_of] if cutoff.as_of else []
    judgements = _at(judged.commitment_id, judged.recorded_at).where(
        *shown, *true_by_then, *cutoff.written(judged.recorded_at)
    )
    verdicts = (
        _at(judged.commitment_id, Review.recorded_at)
        .join(judged, judged.id == Review.assessment_id)
        .where(*shown, *true_by_then, *by_then)
    )
    revisions = _at(moved.commitment_id, moved.recorded_at, 1).where(*announced, *cutoff.written(moved.recorded_at))
    return [(judgements, judged.commitment_id), (verdicts, judged.commitment_id), (revisions, moved.commitment_id)]


def _at(commitment_id: Any, at: Any, revised: int = 0) -> Question:
    return select(commitment_id.label("commitment_id"), at.label("at"), literal(revised).label("revised"))


def edited(table: str, ids: Sequence[int]) -> Question:
    """Of these rows of a table, by `row_key`: when the audit last saw them change (`at`), and how often (`times`)."""
    rows = select(AuditEvent.row_key, func.max(AuditEvent.at).label("at"), func.count().label("times"))
    keys = [str(number) for number in ids]
    return rows.where(AuditEvent.table_name == table, AuditEvent.row_key.in_(keys)).group_by(AuditEvent.row_key)


def settled(cutoff: Cutoff, steps: Collection[int], obstacles: Collection[int]) -> Question:
    """Of milestones and obstacles, by `kind` and `number`: when they were written down, and last settled (`at`)."""
    reached, closed = MilestoneReached, ObstacleClosing
    found = union_all(
        _settled("milestone", Milestone.id, Milestone.recorded_at).where(Milestone.id.in_(steps)),
        _settled("milestone", reached.milestone_id, reached.recorded_at).where(
            reached.milestone_id.in_(steps), *cutoff.written(reached.recorded_at)
        ),
        _settled("obstacle", Obstacle.id, Obstacle.recorded_at).where(Obstacle.id.in_(obstacles)),
        _settled("obstacle", closed.obstacle_id, closed.recorded_at).where(
            closed.obstacle_id.in_(obstacles), *cutoff.written(closed.recorded_at)
        ),
    ).subquery("settled")
    return select(found.c.kind, found.c.number, func.max(found.c.at).label("at")).group_by(found.c.kind, found.c.number)


def _settled(kind: str, number: Any, at: Any) -> Question:
    return select(literal(kind).label("kind"), number.label("number"), at.label("at"))
