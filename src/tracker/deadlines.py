"""Phrases become intervals by named rules; an interval and an assessment give the timeliness.

下半年 is a horizon and never falls due. Pace (序时进度) compares the elapsed share of the window with
the achieved share on the day it was measured: ten points behind is a yellow light, thirty a red one. Cities
draw these lines differently, so the id of the rule is published with every value.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Integer, SQLColumnExpression, case, func, literal, null, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from tracker import stated_dates
from tracker.codebook import DeadlineKind, DeadlineRule, Execution, Light, Timeliness
from tracker.models import DeadlineRevision
from tracker.standings import Cutoff, Question

#: Share of the window by which progress may differ from time and still be on schedule.
MARGIN = 0.10

#: Share by which progress trails time where the light is red.
RED_MARGIN = 0.30

#: Ten points are ten points, whatever floating point makes of them.
_ROUNDING = 1e-9

#: Id of the rule that `timeliness` follows; published beside its value.
TIMELINESS_RULE = "timeliness-2"

#: Id of the rule that the light follows: yellow from 10 points behind, red from 30 or once overdue.
LIGHT_RULE = "pace-10-30"

_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日")


def interval(rule: DeadlineRule, text: str, year: int) -> tuple[date, date]:
    """First and last day of the window that `rule` makes of the phrase `text` in a document of `year`.

    Raises `ValueError` when a date is asked for and the phrase names none, or one that does not exist.
    """
    match rule:
        case DeadlineRule.SECOND_HALF:
            return date(year, 7, 1), date(year, 12, 31)
        case DeadlineRule.ON_SCHEDULE_POVERTY:
            # The national term for the poverty target, whatever the year of the document.
            return date(2020, 1, 1), date(2020, 12, 31)
        case DeadlineRule.DAY_WITHOUT_YEAR:
            found = _DAY.search(text)
            if not found:
                raise ValueError(f"“{text}” names no day such as 3月9日")
            day = date(year, int(found[1]), int(found[2]))
            return day, day
        case DeadlineRule.STATED_DATE:
            end = stated_dates.last_day(text, year)
            return min(date(year, 1, 1), end), end
        case DeadlineRule.CALENDAR_YEAR | DeadlineRule.ANNUAL_TARGET:
            return date(year, 1, 1), date(year, 12, 31)


class days_between(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it is
    """Whole days from the first date to the second."""

    type = Integer()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _days_between_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    first, second = element.clauses
    return f"CAST(julianday({compiler.process(second, **kw)}) - julianday({compiler.process(first, **kw)}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _days_between_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    first, second = element.clauses
    return f"(CAST({compiler.process(second, **kw)} AS DATE) - CAST({compiler.process(first, **kw)} AS DATE))"


@dataclass(frozen=True)
class Schedule:
    """A deadline in force and what was reached, as SQL expressions."""

    kind: SQLColumnExpression[Any]
    #: first and last day of the window
    start: SQLColumnExpression[Any]
    end: SQLColumnExpression[Any]
    execution: SQLColumnExpression[Any]
    #: first day of the standing completion
    done_on: SQLColumnExpression[Any]
    #: achieved share (0 to 1, or null), and the day it is true of
    share: SQLColumnExpression[Any]
    measured_on: SQLColumnExpression[Any]
    today: date

    def is_done(self) -> ColumnElement[bool]:
        """Whether the standing status meets a deadline."""
        return self.execution.in_([code for code in Execution if code.is_done])

    def length(self) -> ColumnElement[Any]:
        """Days of the window; null for a single day, and for a deadline that was announced after it had passed."""
        days = days_between(self.start, self.end)
        return case((days > 0, days))

    def elapsed(self) -> ColumnElement[Any]:
        """Share of the window that had gone by when progress was measured, 0 to 1; null where it was not."""
        share = days_between(self.start, self.measured_on) * 1.0 / self.length()
        bounded = case((share < 0, 0.0), (share > 1, 1.0), else_=share)
        return case((self.share.is_(None) | (self.kind != DeadlineKind.COMPLETION), None), else_=bounded)


def timeliness(schedule: Schedule) -> ColumnElement[str]:
    """The timeliness of a commitment, by `TIMELINESS_RULE`. Only a completion date falls due."""
    end, share, done, elapsed = schedule.end, schedule.share, schedule.is_done(), schedule.elapsed()
    spare = days_between(schedule.done_on, end) * 1.0 / schedule.length()
    return case(
        (schedule.kind != DeadlineKind.COMPLETION, literal(Timeliness.NO_DEADLINE.value)),
        (done & (schedule.done_on > end), literal(Timeliness.DONE_LATE.value)),
        (done & (spare >= MARGIN), literal(Timeliness.DONE_EARLY.value)),
        (done, literal(Timeliness.DONE_ON_TIME.value)),
        (end < literal(schedule.today), literal(Timeliness.OVERDUE.value)),
        (share.is_(None), literal(Timeliness.NOT_DUE.value)),
        (share - elapsed >= MARGIN - _ROUNDING, literal(Timeliness.AHEAD.value)),
        (elapsed - share >= MARGIN - _ROUNDING, literal(Timeliness.BEHIND.value)),
        else_=literal(Timeliness.ON_SCHEDULE.value),
    )


def is_one_of(codes: Collection[Timeliness], schedule: Schedule) -> ColumnElement[bool]:
    """Whether the timeliness is one of some: the same as to compare it, and said so that little is read."""
    return or_(*(_is(code, schedule) for code in codes))


def _is(code: Timeliness, schedule: Schedule) -> ColumnElement[bool]:
    due, passed = schedule.kind == DeadlineKind.COMPLETION, schedule.end < literal(schedule.today)
    match code:
        case Timeliness.NO_DEADLINE:
            return ~due
        case Timeliness.OVERDUE:
            return due & ~schedule.is_done() & passed
        case Timeliness.DONE_LATE | Timeliness.DONE_EARLY | Timeliness.DONE_ON_TIME:
            return due & schedule.is_done() & (timeliness(schedule) == code)
        case Timeliness.NOT_DUE | Timeliness.AHEAD | Timeliness.BEHIND | Timeliness.ON_SCHEDULE:
            return due & ~schedule.is_done() & ~passed & (timeliness(schedule) == code)


def light(schedule: Schedule) -> ColumnElement[str | None]:
    """The light of a commitment, by `LIGHT_RULE`: none once done, without a due date, or while nothing is measured."""
    behind = schedule.elapsed() - schedule.share
    return case(
        ((schedule.kind != DeadlineKind.COMPLETION) | schedule.is_done(), null()),
        (schedule.end < literal(schedule.today), literal(Light.RED.value)),
        (schedule.share.is_(None), null()),
        (behind >= RED_MARGIN - _ROUNDING, literal(Light.RED.value)),
        (behind >= MARGIN - _ROUNDING, literal(Light.YELLOW.value)),
        else_=literal(Light.GREEN.value),
    )


def in_force(cutoff: Cutoff) -> Question:
    """One row per commitment whose deadline was set anew by `cutoff`: the deadline that then held."""
    order = func.row_number().over(
        partition_by=DeadlineRevision.commitment_id,
        order_by=(
            DeadlineRevision.announced_on.desc(),
            DeadlineRevision.recorded_at.desc(),
            DeadlineRevision.id.desc(),
        ),
    )
    rows = select(DeadlineRevision, order.label("place")).where(*cutoff.written(DeadlineRevision.recorded_at))
    if cutoff.as_of:
        rows = rows.where(DeadlineRevision.announced_on <= cutoff.as_of)
    ranked = rows.cte("revisions")
    return select(ranked).where(ranked.c.place == 1)
