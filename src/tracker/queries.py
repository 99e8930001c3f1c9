"""Questions to the ledger. Each returns a `Select` that names all it shows.

`as_of` asks what was true on a day, `recorded_by` what had been written down by the end of a day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Select, case, exists, func, inspect, literal, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from tracker import deadlines, filters, passages, standings
from tracker.codebook import DeadlineKind, Execution, Outcome, PublicationState
from tracker.filters import CommitmentFilter
from tracker.models import (
    AuditEvent,
    Commitment,
    DeadlineRevision,
    Jurisdiction,
    Passage,
    Person,
    Post,
    SourceDocument,
    StatusAssessment,
    Turn,
)
from tracker.standings import Cutoff, Question

#: The passages that a commitment is said in; one alias each for all questions.
_quote, _focus = aliased(Passage, name="quote_passage"), aliased(Passage, name="focus_passage")
_parent = aliased(Commitment, name="parent")
_standing = aliased(StatusAssessment, name="standing")
_revised = aliased(DeadlineRevision, name="revised")
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
        Commitment.position,
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


def commitments(asked: CommitmentFilter, *, only: Collection[str] = ()) -> Question:
    """Every commitment asked for, with quote, question and standing, in the order of the documents.

    Columns are named as in the published record (`records.py`), beside `id` and `document_id`. `only` names those
    that are wanted: what neither they nor the filter speak of is not read.
    """
    return _commitments(asked, tuple(only), asked.cutoff.day())


@lru_cache(maxsize=128)
def _commitments(asked: CommitmentFilter, only: tuple[str, ...], _today: date) -> Question:
    """The question, put together once a day: to build it takes longer than to answer it for a page."""
    found = _found(schedule := _schedule(asked), asked.cutoff)
    named = {column.key: column for column in (*_as_said(), *_as_coded(), *_as_judged(found), *_as_timed(schedule))}
    rows = select(*(named[name] for name in only or named))
    rows = rows.where(*filters.scope(asked, _quote, _focus), *filters.narrowing(asked, found))
    return _joined(rows, asked.cutoff).order_by(Commitment.document_id, Commitment.position)


def _found(schedule: deadlines.Schedule, cutoff: Cutoff) -> filters.Standing:
    """What the filter can ask of what became of a commitment."""
    return filters.Standing(
        execution=schedule.execution,
        timeliness=deadlines.timeliness(schedule),
        due_on=_due_on(schedule),
        disputed=standings.disputed(_standing.id),
        verdict=standings.latest_verdict(_standing.id, cutoff),
        reviewed_up_to=_standing.reviewed_up_to,
        assessment=_standing.id,
    )


def _due_on(schedule: deadlines.Schedule) -> Any:
    return case((schedule.kind == DeadlineKind.COMPLETION, schedule.end))


def _schedule(asked: CommitmentFilter) -> deadlines.Schedule:
    """The deadline in force, and what was reached."""
    return deadlines.Schedule(
        kind=func.coalesce(_revised.deadline_kind, Commitment.deadline_kind),
        start=func.coalesce(Commitment.window_start, _revised.announced_on),
        end=func.coalesce(_revised.window_end, Commitment.window_end),
        execution=func.coalesce(_standing.execution, literal(Execution.NOT_REVIEWED.value)),
        done_on=standings.done_since(Commitment.id, asked.cutoff),
        share=_standing.progress_share,
        measured_on=_standing.effective_on,
        today=asked.cutoff.day(),
    )


def _as_judged(found: filters.Standing) -> list[Any]:
    """What became of it, as far as was found."""
    return [
        found.execution.label("execution"),
        func.coalesce(_standing.outcome, literal(Outcome.UNKNOWN.value)).label("outcome"),
        _standing.official_claim,
        found.assessment.label("assessment"),
        found.verdict.label("verdict"),
        _standing.effective_on,
        _standing.effective_precision,
        _standing.reviewed_up_to,
        _standing.recorded_at,
        _standing.summary,
        _standing.summary_en,
        _standing.progress,
        _standing.problems,
        _standing.next_steps,
        _standing.progress_share,
        _standing.reason,
        _standing.attribution,
        _standing.confidence,
        _standing.analyst_id,
        found.disputed.label("disputed"),
    ]


def _as_timed(schedule: deadlines.Schedule) -> list[Any]:
    """Where it stands against its time."""
    is_due = schedule.kind == DeadlineKind.COMPLETION
    moved = is_due & (Commitment.deadline_kind == DeadlineKind.COMPLETION) & _revised.window_end.is_not(None)
    return [
        deadlines.timeliness(schedule).label("timeliness"),
        deadlines.light(schedule).label("light"),
        schedule.elapsed().label("elapsed_share"),
        _due_on(schedule).label("due_on"),
        case((schedule.kind == DeadlineKind.HORIZON, schedule.end)).label("horizon_until"),
        case((moved, deadlines.days_between(Commitment.window_end, _revised.window_end))).label("slippage_days"),
    ]


def _joined(rows: Question, cutoff: Cutoff) -> Question:
    """The rows, joined with whatever their columns and conditions speak of. No join leaves a commitment out."""
    clauses = [*rows.selected_columns, *([] if rows.whereclause is None else [rows.whereclause])]
    parts = (part for clause in clauses for part in visitors.iterate(clause))
    spoken_of = {part.table for part in parts if isinstance(part, ColumnClause)}
    joins: list[tuple[Any, ColumnElement[bool], bool]] = [
        (Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id, False),
        (Person, Commitment.speaker_id == Person.id, False),
        (Post, Commitment.post_id == Post.id, False),
        (SourceDocument, Commitment.document_id == SourceDocument.id, False),
        (_quote, Commitment.passage_id == _quote.id, False),
        (_focus, Commitment.focus_id == _focus.id, True),
        (Turn, Commitment.turn_id == Turn.id, True),
        (_parent, Commitment.parent_id == _parent.id, True),
        (_standing, _standing.id == standings.standing_assessment(Commitment.id, cutoff), True),
        (_revised, _revised.id == standings.deadline_revision(Commitment.id, cutoff), True),
    ]
    rows = rows.select_from(Commitment)
    for table, condition, optional in joins:
        if inspect(table).selectable in spoken_of:
            rows = rows.join(table, condition, isouter=optional)
    return rows


def cities() -> Question:
    """Every place that has a published commitment, in the order of the documents."""
    # Place by place, one step down an index each; to group all commitments would read them all.
    its_own = (
        Commitment.jurisdiction_id == Jurisdiction.id,
        Commitment.publication_state == PublicationState.PUBLISHED,
    )
    first = select(func.min(Commitment.document_id)).where(*its_own).scalar_subquery()
    return (
        select(Jurisdiction.code, Jurisdiction.slug, Jurisdiction.name_zh, Jurisdiction.name_en)
        .where(first.is_not(None))
        .order_by(first, Jurisdiction.id)
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
