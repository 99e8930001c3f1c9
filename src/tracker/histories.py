"""The history of a commitment, for whoever shows it: every judgement with its grounds, and what else happened.

All of it at a point of both time axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Row, Select, bindparam, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from tracker.judgements import Judgement, judged, judgements
from tracker.models import AssessmentEvidence, DeadlineRevision, Evidence, Review, SearchLog, StatusAssessment
from tracker.rows import read
from tracker.standings import Cutoff, Question, written_assessments

#: What a search, and a deadline set anew, say in a published history; of the latter also where it was `announced_in`.
_SEARCHED = ("searched_on", "searched_in", "query", "results_read")
_MOVED = ("announced_on", "deadline_text", "deadline_kind", "window_end", "reason", "note", "recorded_at")


@dataclass(frozen=True)
class History:
    """What happened to a commitment as far as it was written down."""

    #: the one that was true last comes first
    judgements: list[Judgement]
    #: the latest first
    searches: Sequence[Row[Any]]
    #: deadlines set anew, in the order they were announced
    revisions: Sequence[Row[Any]]

    def standing(self, number: int | None) -> Judgement | None:
        """The judgement with the id of the standing assessment."""
        return next((one for one in self.judgements if one.assessment.id == number), None)


def history(session: Session, commitment_id: int, cutoff: Cutoff) -> History:
    """The history of a commitment at `cutoff`, in five queries."""
    found = judgements(session, [commitment_id], cutoff)
    searched, moved = _beside(cutoff)
    # A search is no judgement, but where only approved ones are shown, one that led to none would tell of it.
    seen = found or not cutoff.approved_only
    of = {"of": commitment_id}
    return History(found, read(session, searched, of) if seen else [], read(session, moved, of))


@lru_cache(maxsize=32)
def _beside(cutoff: Cutoff) -> tuple[Question, Question]:
    """The searches for a commitment (`of`) and its deadlines set anew, as they are published; put together once."""
    of = bindparam("of", type_=Integer)
    searched = _searched(of, cutoff).with_only_columns(*(getattr(SearchLog, name) for name in _SEARCHED))
    columns = (*(getattr(DeadlineRevision, name) for name in _MOVED), Evidence.url.label("announced_in"))
    moved = _moved(of, cutoff).with_only_columns(*columns)
    return searched, moved.join(Evidence, Evidence.id == DeadlineRevision.evidence_id)


def assessments(commitment_id: int, cutoff: Cutoff) -> Select[StatusAssessment]:
    """Every assessment with its analyst, evidence and reviews; the one that was true last comes first."""
    return written_assessments([commitment_id], cutoff).options(
        joinedload(StatusAssessment.analyst),
        selectinload(StatusAssessment.citations).joinedload(AssessmentEvidence.evidence),
        selectinload(StatusAssessment.reviews).joinedload(Review.reviewer),
        raiseload("*"),
    )


def searches(commitment_id: int, cutoff: Cutoff) -> Select[SearchLog]:
    """Every search with its analyst, the latest first; one is written down on the day it is made, or later."""
    return _searched(commitment_id, cutoff).options(joinedload(SearchLog.analyst), raiseload("*"))


def _searched(commitment_id: Any, cutoff: Cutoff) -> Select[SearchLog]:
    found = select(SearchLog).where(SearchLog.commitment_id == commitment_id)
    for day in filter(None, (cutoff.as_of, cutoff.recorded_by)):
        found = found.where(SearchLog.searched_on <= day)
    return found.order_by(SearchLog.searched_on.desc(), SearchLog.id.desc())


def revisions(commitment_id: int, cutoff: Cutoff) -> Select[DeadlineRevision]:
    """Deadlines set anew with their source and analyst, in the order they were announced."""
    return _moved(commitment_id, cutoff).options(
        joinedload(DeadlineRevision.evidence), joinedload(DeadlineRevision.analyst), raiseload("*")
    )


def _moved(commitment_id: Any, cutoff: Cutoff) -> Select[DeadlineRevision]:
    found = (
        select(DeadlineRevision)
        .where(DeadlineRevision.commitment_id == commitment_id, *cutoff.written(DeadlineRevision.recorded_at))
        .order_by(DeadlineRevision.announced_on, DeadlineRevision.id)
    )
    return found.where(DeadlineRevision.announced_on <= cutoff.as_of) if cutoff.as_of else found


def as_records(found: History) -> dict[str, Any]:
    """A history as it is published beside the record of its commitment; dates and codes as Python values."""
    return {
        "history": [judged(one) for one in found.judgements],
        "searches": [{name: getattr(row, name) for name in _SEARCHED} for row in found.searches],
        "deadline_revisions": [
            {name: getattr(row, name) for name in (*_MOVED, "announced_in")} for row in found.revisions
        ],
    }
