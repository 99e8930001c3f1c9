"""Counts of commitments, each with what it is a count of.

Counted are the commitments that can be followed up: parts, and heads that promise something no part covers.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, or_, select

from tracker.codebook import Checkability, Coded, Execution, Kind, Timeliness, Verdict
from tracker.filters import CommitmentFilter
from tracker.queries import commitments
from tracker.standings import Question

#: Vocabularies of the columns that are counted by.
_COUNTED: dict[str, type[Coded]] = {"kind": Kind, "execution": Execution, "timeliness": Timeliness}

#: Statuses that leave open whether a commitment was kept.
_OPEN = (Execution.NOT_REVIEWED, Execution.NO_EVIDENCE_FOUND, Execution.NOT_ASSESSABLE)


def rank(column: ColumnElement[Any], codes: type[Coded]) -> ColumnElement[int]:
    """Place of a code in its vocabulary: statuses sort as they progress, not by their names."""
    return case({code.value: place for place, code in enumerate(codes)}, value=column)


def followable(asked: CommitmentFilter, *only: str) -> Any:
    """The commitments asked for that can be followed up, as a subquery with the columns of `queries.commitments`.

    `only` names those that are wanted; without it all.
    """
    wanted = {*only, "is_leaf", "stands_alone"} if only else set()
    rows = commitments(asked, only=sorted(wanted)).order_by(None).subquery("rows")
    return select(rows).where(or_(rows.c.is_leaf, rows.c.stands_alone)).subquery("followable")


#: What a count by city needs of each commitment.
_CITY = ("city", "city_en", "city_code", "city_slug", "document_id")


def _city(rows: Any) -> list[Any]:
    return [rows.c.city, rows.c.city_en, rows.c.city_code, rows.c.city_slug]


def tally(by: str, asked: CommitmentFilter) -> Question:
    """City × value of the column `by`: how many commitments (`count`) of all of them (`of`)."""
    rows = followable(asked, *_CITY, by)
    return (
        select(
            *_city(rows),
            rows.c[by].label("value"),
            func.count().label("count"),
            cast(func.sum(func.count()).over(partition_by=rows.c.city_code), Integer).label("of"),
        )
        .group_by(*_city(rows), rows.c[by])
        .order_by(func.min(rows.c.document_id), rank(rows.c[by], _COUNTED[by]))
    )


def completion(asked: CommitmentFilter) -> Question:
    """City by city, how many commitments are completed: of all, of the checkable, of those due, of those reviewed.

    `lowest` and `highest` are how many would be completed if everything unknown were not, or were. A commitment is
    due when its completion date is past; checkable where a document, a count or an indicator can settle it; reviewed
    when somebody judged it, whatever they found; `approved` counts those that a second person approved.
    """
    rows = followable(asked, *_CITY, "execution", "checkability", "due_on", "verdict")
    done = rows.c.execution.in_([code for code in Execution if code.is_done])
    checkable = rows.c.checkability != Checkability.LOW
    due = rows.c.due_on < asked.cutoff.day()
    reviewed = rows.c.execution != Execution.NOT_REVIEWED
    unknown = rows.c.execution.in_(_OPEN)
    groups = {"checkable": checkable, "due": due, "reviewed": reviewed}
    return (
        select(
            *_city(rows),
            _count(done).label("completed"),
            func.count().label("of_all"),
            *(
                column
                for name, condition in groups.items()
                for column in (
                    _count(condition & done).label(f"completed_{name}"),
                    _count(condition).label(f"of_{name}"),
                )
            ),
            _count(rows.c.verdict == Verdict.APPROVE).label("approved"),
            _count(done).label("lowest"),
            _count(done | unknown).label("highest"),
        )
        .group_by(*_city(rows))
        .order_by(func.min(rows.c.document_id))
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)
