"""What was written down last: judgements, verdicts on them, deadlines set anew; each with the status before and now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from tracker.codebook import Execution, Precision, PublicationState, Verdict
from tracker.models import Commitment, DeadlineRevision, Jurisdiction, Review, StatusAssessment
from tracker.standings import Cutoff, Question, valid_assessments

#: Statuses that say what is known and not what happened.
_NOTHING = (Execution.NOT_REVIEWED, Execution.NO_EVIDENCE_FOUND)


@dataclass(frozen=True)
class News:
    """One thing that was written down of a commitment."""

    #: `assessment`, `review` or `revision`
    what: str
    number: int
    recorded_at: datetime
    code: str
    title_zh: str
    title_en: str
    city: str
    city_en: str
    #: status by this judgement, or that the verdict is on; and the status that stood before it
    execution: Execution | None = None
    before: Execution | None = None
    effective_on: date | None = None
    effective_precision: Precision | None = None
    verdict: Verdict | None = None
    #: the deadline that was set
    until: date | None = None


def latest(session: Session, cutoff: Cutoff, most: int = 10) -> list[News]:
    """The latest of each sort and of all, the newest first, as far as readers see them at `cutoff`."""
    judged = session.execute(_assessments(cutoff, most)).all()
    reviewed = session.execute(_reviews(cutoff).limit(most)).all()
    moved = session.execute(_revisions(cutoff).limit(most)).all()
    past = _past(session, {row.commitment_id for row in judged}, cutoff)
    news = [
        *(_said("assessment", row, before=_before(past[row.commitment_id], row.number)) for row in judged),
        *(_said("review", row) for row in reviewed),
        *(_said("revision", row) for row in moved),
    ]
    return sorted(news, key=lambda one: (one.recorded_at, one.what, one.number), reverse=True)[:most]


def _said(what: str, row: Row[Any], **more: Any) -> News:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns in SQLAlchemy
    values.pop("commitment_id")
    return News(what=what, **values, **more)


def _named(rows: Question, commitment_id: Any) -> Question:
    return (
        rows.add_columns(
            Commitment.code,
            Commitment.title_zh,
            Commitment.title_en,
            Jurisdiction.name_zh.label("city"),
            Jurisdiction.name_en.label("city_en"),
        )
        .join(Commitment, Commitment.id == commitment_id)
        .join(Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
    )


def _judgements(rows: Any, number: Any, recorded_at: Any) -> Question:
    return select(
        number.label("number"),
        recorded_at.label("recorded_at"),
        rows.commitment_id,
        rows.execution,
        rows.effective_on,
        rows.effective_precision,
    )


def _assessments(cutoff: Cutoff, most: int) -> Question:
    """Judgements that stand, the last written first: numbers rise as they are written."""
    # Found before they are joined: a database that began with the commitments would read the whole history.
    published = exists().where(
        Commitment.id == StatusAssessment.commitment_id, Commitment.publication_state == PublicationState.PUBLISHED
    )
    last = valid_assessments(cutoff).where(published).order_by(StatusAssessment.id.desc()).limit(most)
    valid = last.subquery("valid").c
    return _named(_judgements(valid, valid.id, valid.recorded_at), valid.commitment_id).order_by(valid.id.desc())


def _reviews(cutoff: Cutoff) -> Question:
    """Verdicts on judgements of the time asked for. Where readers see approved work only, a return is not shown."""
    rows = _judgements(StatusAssessment, Review.id, Review.recorded_at).add_columns(Review.verdict)
    rows = rows.join(Review, Review.assessment_id == StatusAssessment.id).where(*cutoff.written(Review.recorded_at))
    if cutoff.as_of:
        rows = rows.where(StatusAssessment.effective_on <= cutoff.as_of)
    if cutoff.approved_only:
        rows = rows.where(Review.verdict == Verdict.APPROVE)
    return _named(rows, StatusAssessment.commitment_id).order_by(Review.id.desc())


def _revisions(cutoff: Cutoff) -> Question:
    moved = DeadlineRevision
    rows = select(
        moved.id.label("number"), moved.recorded_at, moved.commitment_id, moved.window_end.label("until")
    ).where(*cutoff.written(moved.recorded_at))
    if cutoff.as_of:
        rows = rows.where(moved.announced_on <= cutoff.as_of)
    return _named(rows, moved.commitment_id).order_by(moved.id.desc())


def _past(session: Session, ids: set[int], cutoff: Cutoff) -> dict[int, list[Row[Any]]]:
    """Every judgement of these commitments that stands at the cut-off."""
    valid = valid_assessments(cutoff).where(StatusAssessment.commitment_id.in_(ids)).subquery("valid").c
    rows: Question = select(valid.id, valid.commitment_id, valid.execution, valid.effective_on, valid.recorded_at)
    past: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(rows).all():
        past[row.commitment_id].append(row)
    return past


def _before(past: Sequence[Row[Any]], number: int) -> Execution:
    """The status of a commitment before the judgement of that number was written, as `standings.standing` finds it."""
    earlier = [row for row in past if row.id < number]
    if not earlier:
        return Execution.NOT_REVIEWED
    last = max(earlier, key=lambda row: (row.execution not in _NOTHING, row.effective_on, row.recorded_at, row.id))
    return Execution(last.execution)
