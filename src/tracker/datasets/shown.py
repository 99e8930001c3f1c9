"""Which rows of the history a data set holds: what was written down and true at its point of both time axes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from tracker import ledgers, policies
from tracker.codebook import Verdict
from tracker.datasets.resource import Scope
from tracker.ledgers import ObstacleFilter
from tracker.models import (
    DeadlineRevision,
    Jurisdiction,
    Measurement,
    Milestone,
    MilestoneReached,
    StatedFigure,
    StatusAssessment,
)
from tracker.policies import PolicyFilter
from tracker.standings import Question, latest_verdict

Condition = ColumnElement[bool]


def _by(scope: Scope, day: Any) -> list[Condition]:
    return [day <= scope.cutoff.as_of] if scope.cutoff.as_of else []


def assessed(scope: Scope, row: Any = StatusAssessment) -> Condition:
    """An assessment (`row`, the model or an alias of it); what was corrected or returned later is there too."""
    cutoff = scope.cutoff
    approved = [latest_verdict(row.id, cutoff) == Verdict.APPROVE.value] if cutoff.approved_only else []
    written = cutoff.written(row.recorded_at)
    return and_(scope.holds(row.commitment_id), *written, *_by(scope, row.effective_on), *approved)


def assessments(scope: Scope) -> Any:
    """Ids of the assessments."""
    return select(StatusAssessment.id).where(assessed(scope))


def stated(scope: Scope) -> Condition:
    """A figure of the text: of the commitments, or a statistic of their documents that belongs to none."""
    row = StatedFigure
    return or_(
        scope.holds(row.commitment_id), and_(row.commitment_id.is_(None), row.document_id.in_(scope.documents()))
    )


def measured(scope: Scope) -> Condition:
    """A value that was found for one of the figures."""
    row = Measurement
    figures = select(StatedFigure.id).where(stated(scope))
    return and_(row.figure_id.in_(figures), *scope.cutoff.written(row.recorded_at), *_by(scope, row.as_of))


def planned(scope: Scope) -> Condition:
    """A milestone."""
    return and_(scope.holds(Milestone.commitment_id), *scope.cutoff.written(Milestone.recorded_at))


def reached(scope: Scope) -> Condition:
    """That a milestone was reached."""
    row = MilestoneReached
    steps = select(Milestone.id).where(planned(scope))
    return and_(row.milestone_id.in_(steps), *scope.cutoff.written(row.recorded_at), *_by(scope, row.reached_on))


def moved(scope: Scope) -> Condition:
    """A deadline that was set anew."""
    row = DeadlineRevision
    return and_(scope.holds(row.commitment_id), *scope.cutoff.written(row.recorded_at), *_by(scope, row.announced_on))


def obstacles(scope: Scope) -> Question:
    """The problem ledgers of the cities asked for, as `ledgers.obstacles` shows them."""
    return _of_cities(ledgers.obstacles(ObstacleFilter(cutoff=scope.cutoff)), scope)


def policy_lists(scope: Scope) -> Question:
    """Their policy lists, as `policies.policies` shows them."""
    return _of_cities(policies.policies(PolicyFilter(cutoff=scope.cutoff)), scope)


def _of_cities(rows: Question, scope: Scope) -> Question:
    return rows.where(Jurisdiction.code.in_(scope.asked.cities)) if scope.asked.cities else rows
