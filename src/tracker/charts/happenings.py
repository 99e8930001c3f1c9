"""What the timeline of a commitment shows: one row of words and days for each thing that happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import progress, timelines
from tracker.charts.chart import speaking
from tracker.charts.palette import COLOURS, status
from tracker.codebook import DeadlineKind, Execution, Verdict
from tracker.models import Milestone
from tracker.standings import Cutoff, dated

#: The shapes that statuses are drawn in, beside their colour and their word.
SHAPES = {
    Execution.NOT_REVIEWED: "circle", Execution.NO_EVIDENCE_FOUND: "cross", Execution.NOT_ASSESSABLE: "cross",
    Execution.NOT_STARTED: "circle", Execution.PLANNED: "diamond", Execution.IN_PROGRESS: "triangle-right",
    Execution.PARTLY_COMPLETED: "triangle-up", Execution.COMPLETED: "square", Execution.COMPLETED_REDUCED: "square",
    Execution.STALLED: "triangle-left", Execution.BLOCKED: "triangle-left", Execution.ABANDONED: "triangle-down",
    Execution.REVERSED: "triangle-down",
}  # fmt: skip


@dataclass(frozen=True)
class Happening:
    """One thing on the timeline: in which lane, when (and until when), in which words, and how it is drawn."""

    lane: str
    on: date
    words: str
    #: what the address of the rows behind it asks for as `row`
    row: str
    until: date | None = None
    #: the day as exactly as it is known
    shown: str = ""
    colour: str = COLOURS["ink"]
    shape: str = "circle"
    #: a promise or a plan: drawn hollow
    is_open: bool = False


def happenings(session: Session, row: Row[Any], cutoff: Cutoff, language: str) -> list[Happening]:
    """Everything that has a day, lane by lane; `row` is the commitment, as `timelines.commitment` gives it."""
    return [
        *_windows(row, language),
        *_revisions(session, row.id, cutoff, language),
        *_assessments(session, row.id, cutoff, language),
        *_evidence(session, row.id, cutoff, language),
        *_milestones(session, row.id, cutoff, language),
        *_reviews(session, row.id, cutoff, language),
    ]


def undated(session: Session, commitment_id: int, cutoff: Cutoff) -> int:
    """How many cited things carry no day, so that no timeline can show them."""
    return sum(row.published_on is None for row in session.execute(timelines.evidence(commitment_id, cutoff)))


def _windows(row: Row[Any], language: str) -> Iterator[Happening]:
    if row.window_end:
        t = speaking(language)
        yield Happening(
            lane=t("期限", "Time given"), on=row.window_start, until=row.window_end, row="window",
            words=row.deadline_kind.label(language), shown=f"{row.window_start} – {row.window_end}",
            colour=COLOURS["bar"], is_open=row.deadline_kind is not DeadlineKind.COMPLETION,
        )  # fmt: skip


def _revisions(session: Session, commitment_id: int, cutoff: Cutoff, language: str) -> Iterator[Happening]:
    t = speaking(language)
    for row in session.execute(timelines.revisions(commitment_id, cutoff)):
        kind = row.deadline_kind.label(language)
        yield Happening(
            lane=t("期限变更", "Deadline changed"), on=row.announced_on, row=f"revision-{row.id}", shape="diamond",
            words=t(f"{kind}改到 {row.window_end}", f"{kind} moved to {row.window_end}"), colour=COLOURS["seal"],
        )  # fmt: skip


def _assessments(session: Session, commitment_id: int, cutoff: Cutoff, language: str) -> Iterator[Happening]:
    t = speaking(language)
    for row in session.execute(timelines.assessments(commitment_id, cutoff)):
        execution = Execution(row.execution)
        provisional = "" if row.verdict == Verdict.APPROVE else t("（暂定）", " (provisional)")
        yield Happening(
            lane=t("判断", "Judged"), on=row.effective_on, row=f"assessment-{row.id}",
            shown=dated(row.effective_on, row.effective_precision), words=execution.label(language) + provisional,
            colour=status(execution), shape=SHAPES[execution], is_open=not execution.needs_evidence,
        )  # fmt: skip


def _evidence(session: Session, commitment_id: int, cutoff: Cutoff, language: str) -> Iterator[Happening]:
    t = speaking(language)
    for row in session.execute(timelines.evidence(commitment_id, cutoff)):
        if row.published_on and not (cutoff.as_of and row.published_on > cutoff.as_of):
            words = row.reports.label(language) if row.reports else t("未注明种类", "Kind not said")
            yield Happening(
                lane=t("依据刊发", "Evidence published"), on=row.published_on, row=f"evidence-{row.id}", words=words,
                colour=COLOURS["link"],
            )  # fmt: skip


def _milestones(session: Session, commitment_id: int, cutoff: Cutoff, language: str) -> Iterator[Happening]:
    t, lane = speaking(language), speaking(language)("节点", "Milestones")
    for row in session.execute(progress.milestones(cutoff).where(Milestone.commitment_id == commitment_id)):
        title = t(row.title_zh, row.title_en or f"“{row.title_zh}”")
        where = f"milestone-{row.id}"
        yield Happening(
            lane, row.planned_on, t(f"计划：{title}", f"Planned: {title}"), where, shape="diamond", is_open=True
        )
        if row.reached_on:
            yield Happening(lane, row.reached_on, t(f"达到：{title}", f"Reached: {title}"), where, shape="diamond")


def _reviews(session: Session, commitment_id: int, cutoff: Cutoff, language: str) -> Iterator[Happening]:
    t = speaking(language)
    for row in session.execute(timelines.reviews(commitment_id, cutoff)):
        yield Happening(
            lane=t("复核", "Reviewed"), on=row.recorded_at.date(), row=f"review-{row.id}", shape="square",
            words=Verdict(row.verdict).label(language),
            colour=status(Execution.COMPLETED if row.verdict == Verdict.APPROVE else Execution.ABANDONED),
        )  # fmt: skip


def span(found: list[Happening]) -> tuple[date, date]:
    """The first and the last day, with a little room on both sides."""
    first = min(one.on for one in found)
    last = max(one.until or one.on for one in found)
    room = timedelta(days=max(20, (last - first).days // 25))
    return first - room, last + room
