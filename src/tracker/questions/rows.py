"""What most questions are made of: followable commitments, each with the last evidence on it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, select, type_coerce

from tracker.codebook import Coded, EvidenceRelation, Timeliness
from tracker.filters import CommitmentFilter
from tracker.models import AssessmentEvidence, Evidence
from tracker.models.base import coded
from tracker.questions.question import Asked
from tracker.standings import Cutoff, valid_assessments
from tracker.standings import Question as Rows
from tracker.tallies import followable


def followed(asked: Asked) -> Rows:
    """Followable commitments with their standing and last evidence, in the order of the documents."""
    return _followed(asked.which(), asked.cutoff.day())


@lru_cache(maxsize=8)
def _followed(which: CommitmentFilter, _day: date) -> Rows:
    # Kept, because a page that counts every question would build the same hundred columns twelve times; for one
    # day only, because the statement holds the day that deadlines are judged on.
    rows = followable(which)
    last = _last_evidence(which.cutoff)
    return (
        select(
            *(column for column in rows.c if column.key != "timeliness"),
            as_code(rows.c.timeliness, Timeliness).label("timeliness"),
            last.c.title.label("evidence_title"),
            last.c.url.label("evidence_url"),
            last.c.published_on.label("evidence_published_on"),
        )
        .select_from(rows)
        .outerjoin(last, last.c.commitment_id == rows.c.id)
        .order_by(*place(rows.c))
    )


def place(columns: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order of the documents."""
    return columns.document_id, columns.position


def as_code(value: ColumnElement[Any], codes: type[Coded]) -> ColumnElement[Any]:
    """A computed code, read as a member of its vocabulary."""
    return type_coerce(value, coded(codes, "computed"))


def _last_evidence(cutoff: Cutoff) -> Any:
    """One row per commitment: the piece published last that any assessment standing at the cut-off cites."""
    valid = valid_assessments(cutoff).subquery("cited_by")
    cited = _cited(valid.c.commitment_id).join(valid, valid.c.id == AssessmentEvidence.assessment_id)
    return _first(cited, "last_evidence")


def last_cited(name: str, *conditions: ColumnElement[bool]) -> Any:
    """One row per assessment: the piece published last of those it cites that meet the conditions."""
    return _first(_cited(AssessmentEvidence.assessment_id).where(*conditions), name)


def relates(relation: EvidenceRelation) -> ColumnElement[bool]:
    """Whether a piece of evidence is cited so."""
    return AssessmentEvidence.relation == relation


def _cited(of: Any) -> Rows:
    order = (Evidence.published_on.desc().nulls_last(), Evidence.id.desc())
    return (
        select(
            of,
            func.coalesce(Evidence.title, Evidence.url).label("title"),
            Evidence.url,
            Evidence.published_on,
            Evidence.origin,
            func.row_number().over(partition_by=of, order_by=order).label("place"),
        )
        .select_from(AssessmentEvidence)
        .join(Evidence, Evidence.id == AssessmentEvidence.evidence_id)
    )


def _first(ranked: Rows, name: str) -> Any:
    rows = ranked.subquery(f"{name}_ranked")
    return select(rows).where(rows.c.place == 1).subquery(name)
