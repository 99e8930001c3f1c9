"""Phrases become intervals by named rules; an interval and an assessment give the timeliness.

下半年 is a horizon and never falls due. Pace (序时进度) compares the elapsed share of the window with
the achieved share; `MARGIN` is the usual ten points. The rule id is published with every value.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import Integer, SQLColumnExpression, case, func, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from tracker.codebook import DeadlineKind, DeadlineRule, Execution, Timeliness

#: Share of the window by which progress may differ from time and still be on schedule.
MARGIN = 0.10

#: Ten points are ten points, whatever floating point makes of them.
_ROUNDING = 1e-9

#: Id of the rule that `timeliness` follows; published beside its value.
TIMELINESS_RULE = "timeliness-1"

_DAY = re.compile(r"(\d{1,2})月(\d{1,2})日")


def interval(rule: DeadlineRule, text: str, year: int) -> tuple[date, date]:
    """First and last day of the window that `rule` makes of the phrase `text` in a document of `year`.

    Raises `ValueError` when a day is asked for and the phrase names none.
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


def timeliness(
    *,
    kind: SQLColumnExpression[Any],
    window: tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]],
    execution: SQLColumnExpression[Any],
    done_on: SQLColumnExpression[Any],
    progress: tuple[SQLColumnExpression[Any], SQLColumnExpression[Any]],
    today: date,
) -> ColumnElement[str]:
    """The timeliness of a commitment on `today`, as an SQL expression.

    `window` is first and last day; `done_on` the first day of the standing completion; `progress` the
    achieved share (0 to 1, or null) and the day it is true of. Only a completion date falls due.
    """
    start, end = window
    share, measured_on = progress
    length = func.nullif(days_between(start, end), 0)
    elapsed = days_between(start, measured_on) * 1.0 / length
    spare = days_between(done_on, end) * 1.0 / length
    done = execution.in_([code for code in Execution if code.is_done])
    return case(
        (kind != DeadlineKind.COMPLETION, literal(Timeliness.NO_DEADLINE.value)),
        (done & (done_on > end), literal(Timeliness.DONE_LATE.value)),
        (done & (spare >= MARGIN), literal(Timeliness.DONE_EARLY.value)),
        (done, literal(Timeliness.DONE_ON_TIME.value)),
        (end < literal(today), literal(Timeliness.OVERDUE.value)),
        (share.is_(None), literal(Timeliness.NOT_DUE.value)),
        (share - elapsed >= MARGIN - _ROUNDING, literal(Timeliness.AHEAD.value)),
        (elapsed - share >= MARGIN - _ROUNDING, literal(Timeliness.BEHIND.value)),
        else_=literal(Timeliness.ON_SCHEDULE.value),
    )
