"""Questions to the ledger. Each returns a `Select` that names all it shows.

`as_of` asks what was true on a day, `recorded_by` what had been written down by the end of a day.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, case, exists, func, inspect, literal, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import visitors

from tracker import deadlines, filters, passages, stands
from tracker.codebook import DeadlineKind, Outcome, PublicationState
from tracker.filters import CommitmentFilter
from tracker.models import (
    Commitment,
    Jurisdiction,
    Passage,
    Person,
    Post,
    SourceDocument,
    Turn,
)
from tracker.standings import Cutoff, Question
from tracker.stands import Join, Stand, judged

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
    stand = stands.stand(asked.cutoff)
    schedule = _schedule(stand, asked.cutoff)
    found = _found(stand, schedule)
    named = {
        column.key: column for column in (*_as_said(), *_as_coded(), *_as_judged(found), *_as_timed(stand, schedule))
    }
    rows = select(*(named[name] for name in only or named))
    rows = rows.where(*filters.scope(asked), *filters.narrowing(asked, found))
    return _joined(rows, stand).order_by(Commitment.document_id, Commitment.position)


def _found(stand: Stand, schedule: deadlines.Schedule) -> filters.Standing:
    """What the filter can ask of what became of a commitment."""
    return filters.Standing(
        execution=stand.execution,
        timeliness=deadlines.timeliness(schedule),
        due_on=_due_on(schedule),
        disputed=stand.disputed,
        verdict=stand.verdict,
        returned=stand.returned,
        reviewed_up_to=stand.reviewed_up_to,
        assessment=stand.assessment,
    )


def _due_on(schedule: deadlines.Schedule) -> Any:
    return case((schedule.kind == DeadlineKind.COMPLETION, schedule.end))


def _schedule(stand: Stand, cutoff: Cutoff) -> deadlines.Schedule:
    """The deadline in force, and what was reached."""
    return deadlines.Schedule(
        kind=stand.deadline_kind,
        start=stand.window_start,
        end=stand.window_end,
        execution=stand.execution,
        done_on=stand.done_on,
        share=judged.progress_share,
        measured_on=judged.effective_on,
        today=cutoff.day(),
    )


def _as_judged(found: filters.Standing) -> list[Any]:
    """What became of it, as far as was found."""
    return [
        found.execution.label("execution"),
        func.coalesce(judged.outcome, literal(Outcome.UNKNOWN.value)).label("outcome"),
        judged.official_claim,
        found.assessment.label("assessment"),
        found.verdict.label("verdict"),
        judged.effective_on,
        judged.effective_precision,
        found.reviewed_up_to.label("reviewed_up_to"),
        judged.recorded_at,
        judged.summary,
        judged.summary_en,
        judged.progress,
        judged.problems,
        judged.next_steps,
        judged.progress_share,
        judged.reason,
        judged.attribution,
        judged.confidence,
        judged.analyst_id,
        found.disputed.label("disputed"),
        found.returned.label("returned"),
    ]


def _as_timed(stand: Stand, schedule: deadlines.Schedule) -> list[Any]:
    """Where it stands against its time."""
    is_due = schedule.kind == DeadlineKind.COMPLETION
    moved = is_due & (Commitment.deadline_kind == DeadlineKind.COMPLETION) & stand.revision.is_not(None)
    return [
        deadlines.timeliness(schedule).label("timeliness"),
        deadlines.light(schedule).label("light"),
        schedule.elapsed().label("elapsed_share"),
        _due_on(schedule).label("due_on"),
        case((schedule.kind == DeadlineKind.HORIZON, schedule.end)).label("horizon_until"),
        case((moved, deadlines.days_between(Commitment.window_end, schedule.end))).label("slippage_days"),
    ]


def _joined(rows: Question, stand: Stand) -> Question:
    """The rows, joined with whatever their columns and conditions speak of. No join leaves a commitment out."""
    clauses = [*rows.selected_columns, *([] if rows.whereclause is None else [rows.whereclause])]
    spoken_of = _tables(*clauses)
    joins: list[Join] = [
        (Jurisdiction, Commitment.jurisdiction_id == Jurisdiction.id, False),
        (Person, Commitment.speaker_id == Person.id, False),
        (Post, Commitment.post_id == Post.id, False),
        (SourceDocument, Commitment.document_id == SourceDocument.id, False),
        (_quote, Commitment.passage_id == _quote.id, False),
        (_focus, Commitment.focus_id == _focus.id, True),
        (Turn, Commitment.turn_id == Turn.id, True),
        (_parent, Commitment.parent_id == _parent.id, True),
        *stand.joins,
    ]
    # A table may be joined on one that stands before it.
    for table, condition, _ in reversed(joins):
        if inspect(table).selectable in spoken_of:
            spoken_of |= _tables(condition)
    rows = rows.select_from(Commitment)
    for table, condition, optional in joins:
        if inspect(table).selectable in spoken_of:
            rows = rows.join(table, condition, isouter=optional)
    return rows


def _tables(*clauses: Any) -> set[Any]:
    """What some expressions read columns of."""
    parts = (part for clause in clauses for part in visitors.iterate(clause))
    return {part.table for part in parts if isinstance(part, ColumnClause)}


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
