"""How commitments stand, as columns of a question: stored for today, derived for any day of the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal

from tracker import standings
from tracker.codebook import Execution
from tracker.models import Commitment, CurrentStanding, DeadlineRevision, StatusAssessment
from tracker.models.base import shared
from tracker.standings import Cutoff

#: How a commitment stands now, the assessment by which it stands, and the revision of its deadline in force; one alias
#: for all questions.
current = shared(CurrentStanding, "current")
judged, revised = shared(StatusAssessment, "standing"), shared(DeadlineRevision, "revised")

#: A table, what it is joined on, and whether a commitment may have no row of it.
Join = tuple[Any, ColumnElement[bool], bool]


@dataclass(frozen=True)
class Stand:
    """How a commitment stands, as columns of a question about commitments, and the joins that they are read by."""

    assessment: Any
    execution: Any
    verdict: Any
    disputed: Any
    #: whether the last assessment that was recorded was returned
    returned: Any
    done_on: Any
    reviewed_up_to: Any
    #: the deadline in force, and the revision that set it
    revision: Any
    deadline_kind: Any
    window_start: Any
    window_end: Any
    joins: tuple[Join, ...]


def stand(cutoff: Cutoff) -> Stand:
    """How commitments stand at `cutoff`: as it is stored, and of the past derived from the history."""
    return _stored(approved_only=cutoff.approved_only) if cutoff.is_now() else derived(cutoff)


def _stored(*, approved_only: bool) -> Stand:
    return Stand(
        assessment=current.assessment_id,
        execution=current.execution,
        verdict=current.verdict,
        disputed=current.disputed,
        returned=current.returned,
        done_on=current.done_on,
        reviewed_up_to=current.reviewed_up_to,
        revision=current.revision_id,
        deadline_kind=current.deadline_kind,
        window_start=current.window_start,
        window_end=current.window_end,
        joins=(
            (
                current,
                and_(current.commitment_id == Commitment.id, current.approved_only == literal(approved_only)),
                False,
            ),
            (judged, judged.id == current.assessment_id, True),
            (revised, revised.id == current.revision_id, True),
        ),
    )


def derived(cutoff: Cutoff) -> Stand:
    """How commitments stand at `cutoff`, from their history alone."""
    return Stand(
        assessment=judged.id,
        execution=func.coalesce(judged.execution, literal(Execution.NOT_REVIEWED.value)),
        verdict=standings.latest_verdict(judged.id, cutoff),
        disputed=standings.disputed(judged.id),
        returned=standings.last_returned(Commitment.id, cutoff),
        done_on=standings.done_since(Commitment.id, cutoff),
        reviewed_up_to=judged.reviewed_up_to,
        revision=revised.id,
        deadline_kind=func.coalesce(revised.deadline_kind, Commitment.deadline_kind),
        window_start=func.coalesce(Commitment.window_start, revised.announced_on),
        window_end=func.coalesce(revised.window_end, Commitment.window_end),
        joins=(
            (judged, judged.id == standings.standing_assessment(Commitment.id, cutoff), True),
            (revised, revised.id == standings.deadline_revision(Commitment.id, cutoff), True),
        ),
    )
