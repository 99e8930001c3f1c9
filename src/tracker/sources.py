"""What can be read elsewhere: the texts that commitments are from, the evidence on them, the city of a code."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import case, select

from tracker.codebook import EvidenceRelation, PublicationState
from tracker.models import (
    AssessmentEvidence,
    Commitment,
    Evidence,
    Jurisdiction,
    Person,
    Post,
    SearchLog,
    SourceDocument,
)
from tracker.standings import Cutoff, Question, standing


def documents(city_code: str | None = None) -> Question:
    """One row per document and speaker that a published commitment is from, in the order of the documents.

    `city_code` is a GB/T 2260 code; without it the documents of all cities.
    """
    rows = (
        select(
            SourceDocument.id,
            SourceDocument.key,
            SourceDocument.kind,
            SourceDocument.publisher,
            SourceDocument.title,
            SourceDocument.byline,
            SourceDocument.date,
            SourceDocument.date_note_zh,
            SourceDocument.date_note_en,
            SourceDocument.url,
            SourceDocument.archived_url,
            Jurisdiction.code.label("city_code"),
            Person.name_zh.label("speaker_zh"),
            Person.name_en.label("speaker_en"),
            Post.name_zh.label("post_zh"),
            Post.name_en.label("post_en"),
        )
        .select_from(Commitment)
        .join(SourceDocument, Commitment.document_id == SourceDocument.id)
        .join(Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id)
        .join(Person, Commitment.speaker_id == Person.id)
        .join(Post, Commitment.post_id == Post.id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
        .distinct()
        .order_by(SourceDocument.id, Person.name_zh)
    )
    return rows.where(Jurisdiction.code == city_code) if city_code else rows


def cities_of(codes: Collection[str]) -> Question:
    """The `code` of each published commitment among `codes`, and the `slug` of its city."""
    return (
        select(Commitment.code, Jurisdiction.slug)
        .join(Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id)
        .where(Commitment.code.in_(codes), Commitment.publication_state == PublicationState.PUBLISHED)
    )


def evidence(city_code: str, cutoff: Cutoff) -> Question:
    """What the standing assessments of a city cite at `cutoff`, by `commitment` (its code); support first."""
    found = standing(cutoff).subquery("standing")
    order = case({code.value: place for place, code in enumerate(EvidenceRelation)}, value=AssessmentEvidence.relation)
    return (
        select(
            Commitment.code.label("commitment"),
            Evidence.url,
            Evidence.title,
            Evidence.publisher,
            Evidence.published_on,
            Evidence.origin,
            Evidence.reports,
            Evidence.fact_date,
            Evidence.shows_zh,
            Evidence.shows_en,
            Evidence.caveat_zh,
            Evidence.caveat_en,
            Evidence.excerpt,
            AssessmentEvidence.relation,
        )
        .join(found, found.c.commitment_id == Commitment.id)
        .join(Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id)
        .join(AssessmentEvidence, AssessmentEvidence.assessment_id == found.c.id)
        .join(Evidence, AssessmentEvidence.evidence_id == Evidence.id)
        .where(Jurisdiction.code == city_code, Commitment.publication_state == PublicationState.PUBLISHED)
        .order_by(Commitment.id, order, Evidence.id)
    )


def searches(city_code: str, cutoff: Cutoff) -> Question:
    """The searches made on commitments of a city by `cutoff`, by `commitment` (its code), the latest first."""
    days = [day for day in (cutoff.as_of, cutoff.recorded_by) if day]
    rows = (
        select(
            Commitment.code.label("commitment"),
            SearchLog.searched_on,
            SearchLog.searched_in,
            SearchLog.query,
            SearchLog.results_read,
        )
        .join(SearchLog, SearchLog.commitment_id == Commitment.id)
        .join(Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id)
        .where(Jurisdiction.code == city_code, Commitment.publication_state == PublicationState.PUBLISHED)
        .order_by(Commitment.id, SearchLog.searched_on.desc(), SearchLog.id)
    )
    return rows.where(SearchLog.searched_on <= min(days)) if days else rows
