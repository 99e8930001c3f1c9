"""What a question can show of a commitment: as it was said, as it was coded, and what became of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal
from sqlalchemy.orm import aliased

from tracker import deadlines, filters, passages
from tracker.codebook import DeadlineKind, Outcome
from tracker.models import Commitment, Jurisdiction, Passage, Person, Post, SourceDocument, Turn
from tracker.models.base import shared
from tracker.standings import Cutoff
from tracker.stands import Stand, judged

#: The passages that a commitment is said in; one alias each for all questions.
quote, focus = shared(Passage, "quote_passage"), shared(Passage, "focus_passage")
parent = shared(Commitment, "parent")
_text = SourceDocument.text


def every(stand: Stand, schedule: deadlines.Schedule, found: filters.Standing) -> list[Any]:
    """All that can be shown; the names are those of the published record, beside `id` and `document_id`."""
    return [*_as_said(), *_as_coded(), *_as_judged(found), *_as_timed(stand, schedule)]


def bounds() -> list[Any]:
    """Where the stretches of text begin and end that a list shows: it cuts them itself, out of each document once."""
    return [
        focus.start.label("focus_start"),
        focus.end.label("focus_end"),
        Turn.question_start,
        Turn.question_end,
    ]


def _stretch(start: Any, end: Any) -> ColumnElement[str]:
    """The text of the document from `start` to `end`."""
    return func.substr(_text, start + 1, end - start)


def _as_said() -> list[Any]:
    """Who said it, where, in answer to what, in which words."""
    before = case((quote.start > passages.CONTEXT, quote.start - passages.CONTEXT), else_=0)
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
        _stretch(quote.start, quote.end).label("quote"),
        _stretch(focus.start, focus.end).label("focus"),
        _stretch(before, quote.start).label("prefix"),
        _stretch(quote.end, quote.end + passages.CONTEXT).label("suffix"),
        quote.start,
        quote.end,
    ]


def _as_coded() -> list[Any]:
    """How it was coded."""
    part = aliased(Commitment)
    return [
        parent.code.label("parent"),
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


def found(stand: Stand, schedule: deadlines.Schedule) -> filters.Standing:
    """What the filter can ask of what became of a commitment."""
    return filters.Standing(
        is_timely=partial(deadlines.is_one_of, schedule=schedule),
        execution=stand.execution,
        due_on=_due_on(schedule),
        disputed=stand.disputed,
        verdict=stand.verdict,
        returned=stand.returned,
        reviewed_up_to=stand.reviewed_up_to,
        assessment=stand.assessment,
    )


def _due_on(schedule: deadlines.Schedule) -> Any:
    return case((schedule.kind == DeadlineKind.COMPLETION, schedule.end))


def schedule(stand: Stand, cutoff: Cutoff) -> deadlines.Schedule:
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
