"""What the page of a commitment shows: its words in their place, its tree, its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from tracker import filters, records, surroundings
from tracker.admin.timeline import Happening, timeline
from tracker.filters import CommitmentFilter
from tracker.models import (
    AssessmentEvidence,
    Commitment,
    DeadlineRevision,
    Review,
    SearchLog,
    StatusAssessment,
)
from tracker.quotes import Words, words
from tracker.standings import Cutoff, written_assessments


@dataclass(frozen=True)
class Page:
    """All that the page of a commitment shows."""

    commitment: Commitment
    record: records.Record
    words: Words
    #: the head and its parts, in order
    tree: list[Row[Any]]
    #: what happened, the newest first
    timeline: list[Happening]
    is_assessed: bool
    #: ids of assessments that a later one corrects → id of that one
    corrected: dict[int, int]
    previous: str | None
    following: str | None


def page(session: Session, commitment: Commitment, cutoff: Cutoff) -> Page:
    """The page of a commitment as it stood at `cutoff`; some twenty queries, whatever its history."""
    which = CommitmentFilter(code=commitment.code, cutoff=cutoff, unpublished=True)
    judgements = history(session, commitment, cutoff)
    return Page(
        commitment=commitment,
        record=next(records.records(session, which)),
        words=words(session, commitment),
        tree=_tree(session, commitment, cutoff),
        is_assessed=bool(judgements),
        timeline=timeline(
            session,
            commitment,
            cutoff,
            assessments=judgements,
            revisions=_revisions(session, commitment, cutoff),
            searches=_searches(session, commitment, cutoff),
        ),
        corrected={row.corrects_id: row.id for row in judgements if row.corrects_id is not None},
        previous=_neighbour(session, commitment, after=False),
        following=_neighbour(session, commitment, after=True),
    )


def _tree(session: Session, commitment: Commitment, cutoff: Cutoff) -> list[Row[Any]]:
    return list(session.execute(surroundings.family(commitment, cutoff, unpublished=True)).all())


def history(session: Session, commitment: Commitment, cutoff: Cutoff = filters.NOW) -> list[StatusAssessment]:
    """Every assessment with its analyst, evidence and reviews; the one that was true last comes first."""
    rows = written_assessments(commitment.id, cutoff).options(
        joinedload(StatusAssessment.analyst),
        selectinload(StatusAssessment.citations).joinedload(AssessmentEvidence.evidence),
        selectinload(StatusAssessment.reviews).joinedload(Review.reviewer),
        raiseload("*"),
    )
    return list(session.scalars(rows))


def _revisions(session: Session, commitment: Commitment, cutoff: Cutoff) -> list[DeadlineRevision]:
    rows = (
        select(DeadlineRevision)
        .where(DeadlineRevision.commitment_id == commitment.id, *cutoff.written(DeadlineRevision.recorded_at))
        .options(joinedload(DeadlineRevision.evidence), joinedload(DeadlineRevision.analyst))
        .order_by(DeadlineRevision.announced_on, DeadlineRevision.id)
    )
    if cutoff.as_of:
        rows = rows.where(DeadlineRevision.announced_on <= cutoff.as_of)
    return list(session.scalars(rows))


def _searches(session: Session, commitment: Commitment, cutoff: Cutoff) -> list[SearchLog]:
    rows = select(SearchLog).where(SearchLog.commitment_id == commitment.id).options(joinedload(SearchLog.analyst))
    # A search is written down on the day it is made, or later.
    for day in filter(None, (cutoff.as_of, cutoff.recorded_by)):
        rows = rows.where(SearchLog.searched_on <= day)
    return list(session.scalars(rows.order_by(SearchLog.searched_on.desc(), SearchLog.id.desc())))


def _neighbour(session: Session, commitment: Commitment, *, after: bool) -> str | None:
    """Code of the commitment before or after this one in its document."""
    beside = session.execute(surroundings.neighbours(commitment, unpublished=True)).one()
    code: str | None = beside.after if after else beside.before
    return code
