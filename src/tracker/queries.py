"""Questions to the ledger. Each returns a `Select` that names all it shows.

`as_of` asks what was true on a day, `recorded_by` what had been written down by the end of a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from tracker import deadlines, passages, search
from tracker.codebook import Coded, DeadlineKind, Execution, Kind, Outcome, PublicationState, Timeliness
from tracker.models import (
    AuditEvent,
    Commitment,
    Jurisdiction,
    Passage,
    Person,
    Post,
    SourceDocument,
    Turn,
)
from tracker.standings import Cutoff, Question, standing

#: True today, as far as anything is written down.
NOW = Cutoff()


@dataclass(frozen=True)
class CommitmentFilter:
    """Which commitments are asked for; shared by page, desk, command line and export."""

    #: GB/T 2260 code of the city
    city_code: str | None = None
    kind: Kind | None = None
    execution: Execution | None = None
    timeliness: Timeliness | None = None
    deadline_kind: DeadlineKind | None = None
    #: words that the commitment's own text, title or units must hold
    search: str = ""
    code: str | None = None
    cutoff: Cutoff = NOW
    #: drafts and withdrawn rows too (the desk)
    unpublished: bool = False


#: The passages that a commitment is said in; one alias each for all questions.
_quote, _focus = aliased(Passage, name="quote_passage"), aliased(Passage, name="focus_passage")
_parent = aliased(Commitment, name="parent")
_text = SourceDocument.text


def _stretch(start: Any, end: Any) -> ColumnElement[str]:
    """The text of the document from `start` to `end`."""
    return func.substr(_text, start + 1, end - start)


def _as_said() -> list[Any]:
    """Who said it, where, in answer to what, in which words."""
    before = case((_quote.start > passages.CONTEXT, _quote.start - passages.CONTEXT), else_=0)
    return [
        Commitment.id,
        Commitment.document_id,
        Commitment.code,
        Jurisdiction.name_zh.label("city"),
        Jurisdiction.name_en.label("city_en"),
        Jurisdiction.code.label("city_code"),
        Jurisdiction.slug.label("city_slug"),
        Person.name_zh.label("speaker"),
        Person.name_en.label("speaker_en"),
        Post.name_zh.label("post"),
        Post.name_en.label("post_en"),
        SourceDocument.key.label("document"),
        Turn.position.label("turn"),
        _stretch(Turn.question_start, Turn.question_end).label("question"),
        func.coalesce(Turn.question_head_missing, literal(value=False)).label("question_head_missing"),
        _stretch(_quote.start, _quote.end).label("quote"),
        _stretch(_focus.start, _focus.end).label("focus"),
        _stretch(before, _quote.start).label("prefix"),
        _stretch(_quote.end, _quote.end + passages.CONTEXT).label("suffix"),
        _quote.start,
        _quote.end,
    ]


def _as_coded() -> list[Any]:
    """How it was coded."""
    part = aliased(Commitment)
    return [
        _parent.code.label("parent"),
        (~exists().where(part.parent_id == Commitment.id)).label("is_leaf"),
        Commitment.stands_alone,
        Commitment.title_zh,
        Commitment.title_en,
        Commitment.kind,
        Commitment.secondary_kind,
        Commitment.tense,
        Commitment.tense_confidence,
        Commitment.tense_words,
        Commitment.tense_note_zh,
        Commitment.tense_note_en,
        Commitment.deadline_text,
        Commitment.deadline_kind,
        Commitment.deadline_rule,
        Commitment.window_start,
        Commitment.window_end,
        Commitment.checkability,
        Commitment.completion_zh.label("completion_evidence"),
        Commitment.completion_en.label("completion_evidence_en"),
        Commitment.beneficiaries_zh,
        Commitment.beneficiaries_en,
        Commitment.note_zh,
        Commitment.note_en,
        Commitment.publication_state,
        Commitment.next_check,
        Commitment.row_version,
    ]


def commitments(asked: CommitmentFilter) -> Question:
    """Every commitment asked for, with quote, question and standing, in the order of the documents.

    Columns are named as in the published record (`records.py`), beside `id` and `document_id`.
    """
    found = standing(asked.cutoff).subquery("standing")
    execution = func.coalesce(found.c.execution, literal(Execution.NOT_REVIEWED.value))
    timeliness = deadlines.timeliness(
        kind=Commitment.deadline_kind,
        window=(Commitment.window_start, Commitment.window_end),
        execution=execution,
        done_on=found.c.done_on,
        progress=(found.c.progress_share, found.c.effective_on),
        today=asked.cutoff.day(),
    )
    rows = select(
        *_as_said(),
        *_as_coded(),
        execution.label("execution"),
        func.coalesce(found.c.outcome, literal(Outcome.UNKNOWN.value)).label("outcome"),
        found.c.official_claim,
        timeliness.label("timeliness"),
        found.c.effective_on,
        found.c.reviewed_up_to,
        found.c.recorded_at,
        found.c.summary,
        func.coalesce(found.c.disputed, literal(value=False)).label("disputed"),
    )
    rows = _joined(rows).outerjoin(found, found.c.commitment_id == Commitment.id)
    conditions = [
        *_asked_of_the_row(asked),
        execution == asked.execution.value if asked.execution else None,
        timeliness == asked.timeliness.value if asked.timeliness else None,
    ]
    return rows.where(*(condition for condition in conditions if condition is not None)).order_by(
        Commitment.document_id, Commitment.position
    )


def _asked_of_the_row(asked: CommitmentFilter) -> list[ColumnElement[bool] | None]:
    """What is asked of a commitment itself, whatever became of it; nothing where nothing is asked."""
    return [
        Jurisdiction.code == asked.city_code if asked.city_code else None,
        Commitment.kind == asked.kind if asked.kind else None,
        Commitment.deadline_kind == asked.deadline_kind if asked.deadline_kind else None,
        Commitment.code == asked.code if asked.code else None,
        search.holds(asked.search, quote=_quote, focus=_focus) if asked.search else None,
        None if asked.unpublished else Commitment.publication_state == PublicationState.PUBLISHED,
    ]


def _joined(rows: Question) -> Question:
    return (
        rows.select_from(Commitment)
        .join(Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id)
        .join(Person, Commitment.speaker_id == Person.id)
        .join(Post, Commitment.post_id == Post.id)
        .join(SourceDocument, Commitment.document_id == SourceDocument.id)
        .join(_quote, Commitment.passage_id == _quote.id)
        .outerjoin(_focus, Commitment.focus_id == _focus.id)
        .outerjoin(Turn, Commitment.turn_id == Turn.id)
        .outerjoin(_parent, Commitment.parent_id == _parent.id)
    )


#: Vocabularies of the columns that are counted by.
_COUNTED: dict[str, type[Coded]] = {"kind": Kind, "execution": Execution, "timeliness": Timeliness}


def rank(column: ColumnElement[Any], codes: type[Coded]) -> ColumnElement[int]:
    """Place of a code in its vocabulary: statuses sort as they progress, not by their names."""
    return case({code.value: place for place, code in enumerate(codes)}, value=column)


def tally(by: str, asked: CommitmentFilter) -> Question:
    """City × value of the column `by`: how many of the followable commitments (`count`) of all of them (`of`).

    Followable are parts, and heads that promise something no part covers.
    """
    rows = commitments(asked).order_by(None).subquery("rows")
    return (
        select(
            rows.c.city,
            rows.c.city_en,
            rows.c.city_code,
            rows.c.city_slug,
            rows.c[by].label("value"),
            func.count().label("count"),
            cast(func.sum(func.count()).over(partition_by=rows.c.city_code), Integer).label("of"),
        )
        .where(or_(rows.c.is_leaf, rows.c.stands_alone))
        .group_by(rows.c.city, rows.c.city_en, rows.c.city_code, rows.c.city_slug, rows.c[by])
        .order_by(func.min(rows.c.document_id), rank(rows.c[by], _COUNTED[by]))
    )


def cities() -> Question:
    """Every place that has a published commitment, in the order of the documents."""
    return (
        select(Jurisdiction.code, Jurisdiction.slug, Jurisdiction.name_zh, Jurisdiction.name_en)
        .join(Commitment, Commitment.jurisdiction_id == Jurisdiction.id)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
        .group_by(Jurisdiction.code, Jurisdiction.slug, Jurisdiction.name_zh, Jurisdiction.name_en)
        .order_by(func.min(Commitment.document_id))
    )


def documents_holding(words: str) -> Select[str]:
    """Keys of the documents whose text holds `words`."""
    return select(SourceDocument.key).where(_text.icontains(words, autoescape=True)).order_by(SourceDocument.id)


def changes(table: str, row_id: int) -> Select[AuditEvent]:
    """What was changed on a row, the newest first."""
    return (
        select(AuditEvent)
        .where(AuditEvent.table_name == table, AuditEvent.row_key == str(row_id))
        .order_by(AuditEvent.id.desc())
    )
