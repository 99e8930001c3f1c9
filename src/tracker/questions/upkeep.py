"""What is still to do: to look at, to finish by a day, to review, to write anew."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from tracker.codebook import DeadlineKind, Execution, Neglect, Verdict
from tracker.models import Review, StatusAssessment, User
from tracker.questions.question import (
    CITY,
    CODE,
    EFFECTIVE,
    EVIDENCE,
    PUBLISHED,
    QUOTE,
    SHOWN_BY,
    STATUS,
    SUMMARY,
    TITLE,
    VERDICT,
    Asked,
    Column,
    Question,
    Shape,
)
from tracker.questions.rows import as_code, followed, place
from tracker.standings import Cutoff
from tracker.standings import Question as Rows
from tracker.tallies import followable, rank


def _unverified(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    unlooked = c.execution == Execution.NOT_REVIEWED
    unreviewed = c.verdict.is_distinct_from(Verdict.APPROVE.value)
    return found.where(or_(unlooked, unreviewed)).order_by(None).order_by(case((unlooked, 0), else_=1), *place(c))


def _due(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    by = asked.until()
    ends = func.coalesce(c.due_on, c.horizon_until)
    falls_due = case(
        (c.due_on.is_not(None), literal(DeadlineKind.COMPLETION.value)), else_=literal(DeadlineKind.HORIZON.value)
    )
    rows = found.add_columns(ends.label("ends_on"), as_code(falls_due, DeadlineKind).label("falls_due"))
    rows = rows.where(or_(c.due_on <= by, c.horizon_until <= by))
    return rows.order_by(None).order_by(case((c.due_on.is_not(None), 0), else_=1), ends, *place(c))


def _stale(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    last = _last_looks(asked.cutoff).subquery("last_looks")
    looked, day = last.c.looked_at, asked.cutoff.day()
    since = datetime.combine(day - timedelta(days=asked.days), time(), UTC)
    never, past, long_ago = looked.is_(None), c.next_check <= day, looked < since
    why = case(
        (never, literal(Neglect.NEVER_LOOKED.value)),
        (past, literal(Neglect.PAST_NEXT_CHECK.value)),
        else_=literal(Neglect.LONG_AGO.value),
    )
    rows = found.add_columns(looked, as_code(why, Neglect).label("why"))
    rows = rows.outerjoin(last, last.c.commitment_id == c.id).where(or_(never, past, long_ago))
    return rows.order_by(None).order_by(rank(why, Neglect), looked.asc().nulls_first(), *place(c))


def _last_looks(cutoff: Cutoff) -> Rows:
    """One row per commitment that somebody looked at by the cut-off: when it was last written down."""
    looks = select(StatusAssessment.commitment_id, func.max(StatusAssessment.recorded_at).label("looked_at"))
    return looks.where(*_written(StatusAssessment, cutoff)).group_by(StatusAssessment.commitment_id)


def _written(model: Any, cutoff: Cutoff) -> list[ColumnElement[bool]]:
    """The condition that an assessment was true and written down by the cut-off, whether or not it stands."""
    true_by = [model.effective_on <= cutoff.as_of] if cutoff.as_of else []
    return [*cutoff.written(model.recorded_at), *true_by]


def _awaiting_review(asked: Asked) -> Rows:
    found = followed(asked)
    c = found.selected_columns
    rows = found.add_columns(User.name.label("analyst")).join(User, User.id == c.analyst_id)
    return rows.where(c.verdict.is_(None)).order_by(None).order_by(c.recorded_at, *place(c))


def _returned(asked: Asked) -> Rows:
    rows = followable(asked.which())
    newest = func.row_number().over(
        partition_by=Review.assessment_id, order_by=(Review.recorded_at.desc(), Review.id.desc())
    )
    verdicts = select(Review, newest.label("newest")).where(*asked.cutoff.written(Review.recorded_at))
    said = verdicts.subquery("said")
    later, analyst, reviewer = aliased(StatusAssessment), aliased(User), aliased(User)
    answered = exists().where(
        later.commitment_id == StatusAssessment.commitment_id,
        or_(later.recorded_at > said.c.recorded_at, later.corrects_id == StatusAssessment.id),
        *_written(later, asked.cutoff),
    )
    return (
        select(
            *(rows.c[name] for name in (*CODE.keys, *CITY.keys, *TITLE.keys)),
            rows.c.execution,
            StatusAssessment.execution.label("returned_execution"),
            StatusAssessment.summary.label("returned_summary"),
            said.c.note,
            analyst.name.label("analyst"),
            reviewer.name.label("reviewer"),
            said.c.recorded_at.label("returned_at"),
        )
        .select_from(rows)
        .join(StatusAssessment, StatusAssessment.commitment_id == rows.c.id)
        .join(said, (said.c.assessment_id == StatusAssessment.id) & (said.c.newest == 1))
        .join(analyst, analyst.id == StatusAssessment.analyst_id)
        .join(reviewer, reviewer.id == said.c.reviewer_id)
        .where(said.c.verdict == Verdict.RETURN, ~answered, *_written(StatusAssessment, asked.cutoff))
        .order_by(said.c.recorded_at, *place(rows.c))
    )


UNVERIFIED = Question(
    "unverified",
    "尚未核实的举措",
    "Not yet verified",
    "可跟踪的承诺中，没有人查看过的，或评估还没有第二人复核通过的。没人查看的在前，其余按原文次序。",
    "Followable commitments that nobody has looked at, or whose assessment no second person has approved. Those"
    " nobody looked at come first, then the order of the text.",
    (CODE, CITY, TITLE, QUOTE, STATUS, VERDICT, EVIDENCE, PUBLISHED, SHOWN_BY),
    _unverified,
)
DUE = Question(
    "due",
    "到期事项",
    "What falls due",
    "可跟踪的承诺中，现行完成期限不晚于所问之日（不填即当日）的，办结的也列；其后另列到那天为止的行动时段，"
    "时段不算到期。各按止日，再按原文次序。",
    "Followable commitments whose completion date in force is on or before the day asked (today, if none is given),"
    " finished or not; apart, after them, horizons that end by then, which never fall due. Each by last day, then in"
    " the order of the text.",
    (
        CODE,
        CITY,
        TITLE,
        Column("期限止日", "Last day", ("ends_on",)),
        Column("原文期限用语", "Deadline as said", ("deadline_text",)),
        Column("较原定顺延（天）", "Moved by (days)", ("slippage_days",)),
        STATUS,
        Column("时效", "Timeliness", ("timeliness",)),
        EVIDENCE,
        PUBLISHED,
    ),
    _due,
    ("city", "kind", "by"),
    sections=Column("期限性质", "Kind of deadline", ("falls_due",)),
)
STALE = Question(
    "stale",
    "久未查看",
    "Not looked at lately",
    "可跟踪的承诺中，从未查看的，查看日已到的，以及最近一次记录早于所问之日前若干天的（不填即90天）。"
    "按此三类排列，各类以最久未看的在前。",
    "Followable commitments never looked at, those whose next check has come, and those last recorded more than so"
    " many days before the day asked (90, if none are given). In these three groups, the longest unseen first.",
    (
        CODE,
        CITY,
        TITLE,
        Column("缘由", "Why", ("why",)),
        Column("最近记录", "Last recorded", ("looked_at",)),
        Column("下次查看", "Next check", ("next_check",)),
        STATUS,
        EVIDENCE,
        PUBLISHED,
    ),
    _stale,
    ("city", "kind", "days"),
)
AWAITING_REVIEW = Question(
    "awaiting-review",
    "待复核",
    "Awaiting review",
    "可跟踪的承诺中，现行评估还没有第二人表态的。最早记录的在前。",
    "Followable commitments on whose standing assessment no second person has given a verdict. The first recorded"
    " come first.",
    (
        CODE,
        CITY,
        TITLE,
        STATUS,
        EFFECTIVE,
        SUMMARY,
        Column("把握程度", "Confidence", ("confidence",)),
        Column("分析员", "Analyst", ("analyst",)),
        Column("记录时间", "Recorded", ("recorded_at",)),
        EVIDENCE,
        PUBLISHED,
    ),
    _awaiting_review,
)
RETURNED = Question(
    "returned",
    "退回待改",
    "Returned",
    "第二人退回、此后还没有人就同一承诺重新记录的评估，附退回理由。退回最久的在前。",
    "Assessments that a second person returned and that no later record of the same commitment has answered, with the"
    " reason. The longest returned come first.",
    (
        CODE,
        CITY,
        TITLE,
        Column("被退回的状态", "Status returned", ("returned_execution",), Shape.STATUS),
        Column("被退回的结论", "Summary returned", ("returned_summary",), Shape.TEXT),
        Column("退回理由", "Reason", ("note",), Shape.TEXT),
        Column("分析员", "Analyst", ("analyst",)),
        Column("复核人", "Reviewer", ("reviewer",)),
        Column("退回时间", "Returned", ("returned_at",)),
        STATUS,
    ),
    _returned,
)
