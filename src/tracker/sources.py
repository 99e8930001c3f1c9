"""What can be read elsewhere: the texts that commitments are from, the evidence on them, what is published."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, String, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from tracker.codebook import EvidenceRelation, PublicationState
from tracker.models import (
    AssessmentEvidence,
    Commitment,
    Evidence,
    Jurisdiction,
    Measurement,
    Obstacle,
    Person,
    PolicyDocument,
    Post,
    SearchLog,
    SourceDocument,
    StatedFigure,
    Turn,
)
from tracker.standings import Cutoff, Question, standing

#: What a city is called by in an address.
_NAMES = (Jurisdiction.slug, Jurisdiction.code, Jurisdiction.name_zh)


def documents(key: str = "") -> Question:
    """One row per document and speaker that a published commitment is from, in the order of the documents.

    With the names of the city. Only those of one document where its `key` is named.
    """
    of_document = select(SourceDocument.id).where(SourceDocument.key == key)
    return _described(Commitment.document_id.in_(of_document)) if key else _described()


def of_city(name: str) -> Question:
    """The `documents` of a city, by its slug, GB/T code or Chinese name, each with what there is of the city.

    Whether the city keeps `policies` and `obstacles`, and whether a figure of its commitments was `measured`.
    """
    city = select(Jurisdiction.id).where(called(name))
    measured = (
        exists()
        .where(Commitment.jurisdiction_id == Jurisdiction.id, StatedFigure.commitment_id == Commitment.id)
        .where(Measurement.figure_id == StatedFigure.id)
    )
    return _described(Commitment.jurisdiction_id.in_(city)).add_columns(
        exists().where(PolicyDocument.jurisdiction_id == Jurisdiction.id).label("policies"),
        exists().where(Obstacle.jurisdiction_id == Jurisdiction.id).label("obstacles"),
        measured.label("measured"),
    )


@cache
def city() -> Question:
    """A city that has a published commitment, by its slug, GB/T code or Chinese `name`; no more than its page needs.

    Whether it keeps `policies` and `obstacles`, and the first text that its commitments are from.
    """
    first = _first_text(Jurisdiction.id).scalar_subquery()
    return select(
        Jurisdiction.code.label("city_code"),
        Jurisdiction.slug.label("city_slug"),
        Jurisdiction.name_zh.label("city"),
        Jurisdiction.name_en.label("city_en"),
        exists().where(PolicyDocument.jurisdiction_id == Jurisdiction.id).label("policies"),
        exists().where(Obstacle.jurisdiction_id == Jurisdiction.id).label("obstacles"),
        first.label("first_document"),
    ).where(called(bindparam("name", type_=String)), first.is_not(None))


@cache
def of_page() -> Question:
    """The `documents` of those named by their number (`ids`), as far as they are a city's (`city`, its GB/T code).

    With how many texts of the city there are, `enough` at most, as `of_documents`.
    """
    of_city = select(Jurisdiction.id).where(Jurisdiction.code == bindparam("city", type_=String)).scalar_subquery()
    # Text by text, one step down an index each; to look at all commitments would take as long as there are many.
    texts = select(_first_text(of_city).scalar_subquery().label("id")).cte("texts", recursive=True)
    after = _first_text(of_city).where(Commitment.document_id > texts.c.id).scalar_subquery()
    texts = texts.union_all(select(after).where(texts.c.id.is_not(None)))
    ids = bindparam("ids", expanding=True, type_=Integer)
    rows = _described(Commitment.document_id.in_(ids), Commitment.jurisdiction_id == of_city)
    some = select(texts.c.id).where(texts.c.id.is_not(None)).limit(bindparam("enough", type_=Integer)).subquery()
    return rows.add_columns(select(func.count()).select_from(some).scalar_subquery().label("of_documents"))


def _first_text(city: ColumnElement[int] | InstrumentedAttribute[int]) -> Select[int]:
    """The first of the texts that published commitments of a city are from."""
    return select(func.min(Commitment.document_id)).where(
        Commitment.jurisdiction_id == city, Commitment.publication_state == PublicationState.PUBLISHED
    )


def _described(*conditions: ColumnElement[bool]) -> Question:
    """What is shown of the documents of those commitments: who speaks in them, for which city, in which post."""
    said = (
        select(Commitment.document_id, Commitment.jurisdiction_id, Commitment.speaker_id, Commitment.post_id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED, *conditions)
        .distinct()
        .subquery("said")
    )
    return (
        select(
            SourceDocument.id,
            SourceDocument.key,
            SourceDocument.kind,
            SourceDocument.language,
            SourceDocument.publisher,
            SourceDocument.title,
            SourceDocument.byline,
            SourceDocument.date,
            SourceDocument.date_note_zh,
            SourceDocument.date_note_en,
            SourceDocument.url,
            SourceDocument.archived_url,
            Jurisdiction.code.label("city_code"),
            Jurisdiction.slug.label("city_slug"),
            Jurisdiction.name_zh.label("city"),
            Jurisdiction.name_en.label("city_en"),
            Person.name_zh.label("speaker_zh"),
            Person.name_en.label("speaker_en"),
            Post.name_zh.label("post_zh"),
            Post.name_en.label("post_en"),
        )
        .select_from(said)
        .join(SourceDocument, said.c.document_id == SourceDocument.id)
        .join(Jurisdiction, said.c.jurisdiction_id == Jurisdiction.id)
        .outerjoin(Person, said.c.speaker_id == Person.id)
        .outerjoin(Post, said.c.post_id == Post.id)
        .order_by(SourceDocument.id, Person.name_zh)
    )


def published(codes: Collection[str]) -> Select[str]:
    """Those of some codes under which a commitment is published."""
    return select(Commitment.code).where(
        Commitment.code.in_(codes), Commitment.publication_state == PublicationState.PUBLISHED
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


def texts(*, with_text: bool = False, unpublished: bool = False) -> Question:
    """Every document, with the code of its city and the key of what it corrects, in the order they were loaded.

    Those that a published commitment is from, or with `unpublished` all.
    """
    corrected = aliased(SourceDocument)
    of = SourceDocument
    described = (of.key, of.kind, of.language, Jurisdiction.code.label("city_code"), of.publisher, of.author, of.title,
                 of.kicker, of.headline, of.byline, of.date, of.date_note_zh, of.date_note_en, of.url, of.archived_url,
                 of.source_tier, of.licence_mode, of.sha256, corrected.key.label("supersedes"))  # fmt: skip
    rows = (
        select(of.id, *described, *([of.text] if with_text else []))
        .outerjoin(Jurisdiction, Jurisdiction.id == of.jurisdiction_id)
        .outerjoin(corrected, corrected.id == of.supersedes_id)
        .order_by(of.id)
    )
    published = Commitment.publication_state == PublicationState.PUBLISHED
    return rows if unpublished else rows.where(exists().where(Commitment.document_id == of.id, published))


def turns(document_id: int) -> Question:
    """Where the questions and answers of a document stand, in order."""
    of = Turn
    return (
        select(
            of.position, of.question_start, of.question_end, of.answer_start, of.answer_end, of.question_head_missing
        )
        .where(of.document_id == document_id)
        .order_by(of.position)
    )


def licences(keys: Collection[str]) -> Question:
    """How much may be shown of some documents, by key."""
    return select(SourceDocument.key, SourceDocument.licence_mode).where(SourceDocument.key.in_(keys))


def places(*, unpublished: bool = False) -> Question:
    """Every province and city of which a commitment is published, or with `unpublished` all, by GB/T code."""
    above = aliased(Jurisdiction)
    of = Jurisdiction
    rows = (
        select(of.code, of.slug, of.name_zh, of.name_en, of.level, above.code.label("parent"), of.iso_code)
        .outerjoin(above, above.id == of.parent_id)
        .order_by(of.code)
    )
    published = Commitment.publication_state == PublicationState.PUBLISHED
    return rows if unpublished else rows.where(exists().where(Commitment.jurisdiction_id == of.id, published))


def called(name: str | BindParameter[str]) -> ColumnElement[bool]:
    """Whether a place is called so: by slug, GB/T code or Chinese name."""
    return or_(*(column == name for column in _NAMES))
