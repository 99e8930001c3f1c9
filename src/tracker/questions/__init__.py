"""Questions that analysts ask, each one command and one page of the desk.

A question selects with `queries.commitments`, at any point of both time axes; nothing is filtered outside of SQL.
"""

from __future__ import annotations

import shlex
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.questions import coding, comparisons, upkeep
from tracker.questions.question import DAYS, MOST_DAYS, PARAMETERS, Asked, Column, Question, Shape, sectors
from tracker.records import Record

#: Every question by its name, in the order they are listed in.
QUESTIONS = {
    question.name: question
    for question in (
        upkeep.UNVERIFIED,
        coding.CLAIMS,
        upkeep.DUE,
        upkeep.STALE,
        coding.PARKS,
        coding.POLICIES,
        comparisons.STATED_FOUND,
        comparisons.DIFFERING_REPEATS,
        coding.DOUBTFUL,
        coding.UNCOVERED_HEADS,
        coding.UNITLESS,
        comparisons.DIVERGENCES,
        coding.SECTOR,
        comparisons.DISPUTED,
        upkeep.AWAITING_REVIEW,
        upkeep.RETURNED,
    )
}


def answer(session: Session, question: Question, asked: Asked, limit: int | None = None) -> list[Record]:
    """The rows that answer: the values of the columns by name, in order."""
    return [dict(row) for row in session.execute(question.select(asked).limit(limit)).mappings()]


def count(session: Session, question: Question, asked: Asked) -> int:
    """How many rows answer."""
    rows = question.select(asked).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(rows)) or 0


def command(name: str, given: dict[str, Any]) -> str:
    """The command line that asks the same: `given` are its options by name, empty ones left out."""
    options = [word for option, value in given.items() if value for word in (f"--{option}", str(value))]
    return shlex.join(["tracker", "ask", name, *options])


__all__ = [
    "DAYS",
    "MOST_DAYS",
    "PARAMETERS",
    "QUESTIONS",
    "Asked",
    "Column",
    "Question",
    "Shape",
    "answer",
    "command",
    "count",
    "sectors",
]
