"""What was measured and reached, beside what was stated and planned, at any point of both time axes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from tracker.deadlines import days_between
from tracker.models import (
    Evidence,
    Measurement,
    Milestone,
    MilestoneReached,
    Passage,
    SourceDocument,
    StatedFigure,
    Term,
)
from tracker.standings import Cutoff, Question


def figures(cutoff: Cutoff) -> Question:
    """Each figure of the text with the value that was last found for it: `difference` is found less stated.

    `found_share` is found over stated, null where nothing was found or 0 was stated.
    """
    found = _latest(Measurement, Measurement.figure_id, Measurement.as_of, cutoff, "found")
    words = func.substr(SourceDocument.text, Passage.start + 1, Passage.end - Passage.start)
    return (
        select(
            StatedFigure.commitment_id,
            StatedFigure.id,
            words.label("words"),
            StatedFigure.value,
            StatedFigure.comparator,
            Term.code.label("unit"),
            Term.name_zh.label("unit_zh"),
            Term.name_en.label("unit_en"),
            StatedFigure.what_zh,
            StatedFigure.what_en,
            StatedFigure.period,
            StatedFigure.role,
            StatedFigure.note_zh,
            StatedFigure.note_en,
            found.c.value.label("found"),
            found.c.as_of.label("found_as_of"),
            (found.c.value - StatedFigure.value).label("difference"),
            (found.c.value / func.nullif(StatedFigure.value, 0)).label("found_share"),
            Evidence.url.label("found_in"),
            found.c.note.label("found_note"),
        )
        .join(Term, Term.id == StatedFigure.unit_id)
        .join(Passage, Passage.id == StatedFigure.passage_id)
        .join(SourceDocument, SourceDocument.id == StatedFigure.document_id)
        .outerjoin(found, found.c.figure_id == StatedFigure.id)
        .outerjoin(Evidence, Evidence.id == found.c.evidence_id)
        .order_by(StatedFigure.commitment_id, Passage.start, StatedFigure.id)
    )


def milestones(cutoff: Cutoff) -> Question:
    """Each planned step with the day it was reached.

    `late_days` is that day, or else the day asked for, less the planned one: negative where the step came early, null
    while a step that is not reached is not due.
    """
    reached = _latest(MilestoneReached, MilestoneReached.milestone_id, MilestoneReached.reached_on, cutoff, "reached")
    plan, shown = aliased(Evidence), aliased(Evidence)
    today = cutoff.day()
    rows = (
        select(
            Milestone.commitment_id,
            Milestone.id,
            Milestone.title_zh,
            Milestone.title_en,
            Milestone.planned_on,
            reached.c.reached_on,
            case(
                (reached.c.reached_on.is_not(None), days_between(Milestone.planned_on, reached.c.reached_on)),
                (Milestone.planned_on < today, days_between(Milestone.planned_on, today)),
            ).label("late_days"),
            plan.url.label("planned_in"),
            shown.url.label("reached_in"),
        )
        .join(plan, plan.id == Milestone.evidence_id)
        .outerjoin(reached, reached.c.milestone_id == Milestone.id)
        .outerjoin(shown, shown.id == reached.c.evidence_id)
        .where(*cutoff.written(Milestone.recorded_at))
    )
    return rows.order_by(Milestone.commitment_id, Milestone.planned_on, Milestone.id)


def _latest(model: Any, of: Any, day: Any, cutoff: Cutoff, name: str) -> Any:
    """The latest row for each `of`, as true by `as_of` and written by `recorded_by`."""
    order = func.row_number().over(partition_by=of, order_by=(day.desc(), model.recorded_at.desc(), model.id.desc()))
    conditions = cutoff.written(model.recorded_at) + ([day <= cutoff.as_of] if cutoff.as_of else [])
    ranked = select(model, order.label("place")).where(*conditions).cte(f"{name}_ranked")
    return select(ranked).where(ranked.c.place == 1).subquery(name)
