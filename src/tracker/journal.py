"""The journal of the whole ledger: every judgement that is shown, and what each of them cites."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from tracker.codebook import PublicationState, Verdict
from tracker.models import AssessmentEvidence, Commitment, Evidence, Jurisdiction, StatusAssessment
from tracker.standings import Cutoff, Question, latest_verdict


def assessments(
    cutoff: Cutoff, *, cities: Collection[str] = (), codes: Collection[str] = (), unpublished: bool = False
) -> Question:
    """`id`, `commitment_id`, code and city of every judgement shown at `cutoff`, as `histories` does; the newest first.

    Of some cities (GB/T codes) or commitments, where they are named.
    """
    rows = select(
        StatusAssessment.id, StatusAssessment.commitment_id, _of(Commitment.code, "code"), _city()
    ).select_from(StatusAssessment)
    narrowed = _narrowed(rows, cities, codes, unpublished=unpublished)
    return narrowed.where(*_shown(cutoff)).order_by(StatusAssessment.id.desc())


def citations(
    cutoff: Cutoff, *, cities: Collection[str] = (), codes: Collection[str] = (), unpublished: bool = False
) -> Question:
    """What those judgements cite, one row for each citation, with the evidence; the last written first."""
    rows = (
        select(
            StatusAssessment.id.label("assessment"),
            Evidence.id,
            _of(Commitment.code, "commitment"),
            _city(),
            AssessmentEvidence.relation,
            Evidence.url,
            Evidence.title,
            Evidence.publisher,
            Evidence.published_on,
            Evidence.origin,
            Evidence.reports,
            Evidence.fact_date,
            Evidence.excerpt,
            Evidence.shows_zh,
            Evidence.shows_en,
            Evidence.caveat_zh,
            Evidence.caveat_en,
        )
        .select_from(AssessmentEvidence)
        .join(StatusAssessment, StatusAssessment.id == AssessmentEvidence.assessment_id)
        .join(Evidence, Evidence.id == AssessmentEvidence.evidence_id)
    )
    narrowed = _narrowed(rows, cities, codes, unpublished=unpublished)
    return narrowed.where(*_shown(cutoff)).order_by(
        AssessmentEvidence.assessment_id.desc(), AssessmentEvidence.evidence_id.desc()
    )


def _of(column: Any, name: str) -> Any:
    """A column of the commitment that is judged, looked up for the rows of a page only."""
    mine = select(column).where(Commitment.id == StatusAssessment.commitment_id)
    return mine.correlate(StatusAssessment).scalar_subquery().label(name)


def _city() -> Any:
    mine = select(Jurisdiction.code).join(Commitment, Commitment.jurisdiction_id == Jurisdiction.id)
    mine = mine.where(Commitment.id == StatusAssessment.commitment_id)
    return mine.correlate(StatusAssessment).scalar_subquery().label("city_code")


def _narrowed(rows: Question, cities: Collection[str], codes: Collection[str], *, unpublished: bool) -> Question:
    """The rows whose commitment is asked for.

    Not joined: a database that began with the commitments would read the whole history for a page.
    """
    wanted = select(Jurisdiction.id).where(Jurisdiction.code.in_(cities))
    asked: list[Any] = [
        Commitment.jurisdiction_id.in_(wanted) if cities else None,
        Commitment.code.in_(codes) if codes else None,
        None if unpublished else Commitment.publication_state == PublicationState.PUBLISHED,
    ]
    conditions = [condition for condition in asked if condition is not None]
    if not conditions:
        return rows
    return rows.where(exists().where(Commitment.id == StatusAssessment.commitment_id, *conditions))


def _shown(cutoff: Cutoff) -> list[ColumnElement[bool]]:
    approved = latest_verdict(StatusAssessment.id, cutoff) == Verdict.APPROVE.value
    return [
        *cutoff.written(StatusAssessment.recorded_at),
        *([StatusAssessment.effective_on <= cutoff.as_of] if cutoff.as_of else []),
        *([approved] if cutoff.approved_only else []),
    ]
