"""What a second coder of execution judges by: what was published and searched, not what was concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.codebook import CodedField
from tracker.models import AssessmentEvidence, CodingItem, Evidence, SearchLog, StatusAssessment


@dataclass(frozen=True)
class Materials:
    """The grounds of the judgements that stood when a sample was drawn."""

    #: what was published up to this day counts; none where nobody has looked
    cut_off: date | None = None
    evidence: tuple[Evidence, ...] = ()
    searches: tuple[SearchLog, ...] = ()


def materials(session: Session, item: CodingItem) -> Materials:
    """The materials of an item; nothing for fields that are read from the quote alone.

    What a piece of evidence was said to report, and whether it speaks for or against, is the first coder's
    reading and left out.
    """
    if item.field is not CodedField.EXECUTION:
        return Materials()
    drawn_at = item.round.drawn_at
    judged = select(StatusAssessment).where(
        StatusAssessment.commitment_id == item.commitment_id, StatusAssessment.recorded_at <= drawn_at
    )
    ids = judged.with_only_columns(StatusAssessment.id)
    cited = select(AssessmentEvidence.evidence_id).where(AssessmentEvidence.assessment_id.in_(ids))
    searches = select(SearchLog).where(
        SearchLog.commitment_id == item.commitment_id, SearchLog.searched_on <= drawn_at.astimezone().date()
    )
    return Materials(
        cut_off=session.scalar(judged.with_only_columns(func.max(StatusAssessment.reviewed_up_to))),
        evidence=tuple(session.scalars(select(Evidence).where(Evidence.id.in_(cited)).order_by(Evidence.id))),
        searches=tuple(session.scalars(searches.order_by(SearchLog.id))),
    )
