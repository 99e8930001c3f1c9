"""Counts of commitments, each with what it is a count of.

Counted are the commitments that can be followed up: parts, and heads that promise something no part covers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, case, cast, false, func, or_, select
from sqlalchemy.orm import Session

from tracker import counts
from tracker.codebook import Checkability, Coded, Execution, Kind, Timeliness, Verdict
from tracker.filters import CommitmentFilter
from tracker.queries import commitments
from tracker.standings import Question

#: Vocabularies of the columns that are counted by.
COUNTED: dict[str, type[Coded]] = {"kind": Kind, "execution": Execution, "timeliness": Timeliness}


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


#: What a city is called.
_NAMES = ("city", "city_en", "city_code", "city_slug")

#: What a count by city needs of each commitment.
_CITY = (*_NAMES, "document_id")


def _city(rows: Any) -> list[Any]:
    return [rows.c.city, rows.c.city_en, rows.c.city_code, rows.c.city_slug]


def tally(by: str, asked: CommitmentFilter) -> Question:
    """City × value of the column `by`: how many commitments (`count`) of all of them (`of`)."""
    stored = counts.tally(by, asked)
    if stored is not None:
        return stored.order_by(rank(stored.selected_columns.value, COUNTED[by]))
    rows = followable(asked, *_CITY, by)
    return (
        select(
            *_city(rows),
            rows.c[by].label("value"),
            func.count().label("count"),
            cast(func.sum(func.count()).over(partition_by=rows.c.city_code), Integer).label("of"),
        )
        .group_by(*_city(rows), rows.c[by])
        .order_by(
            func.min(func.min(rows.c.document_id)).over(partition_by=rows.c.city_code), rank(rows.c[by], COUNTED[by])
        )
    )


def census(asked: CommitmentFilter) -> Question:
    """City × kind × status × what completion is counted of: how many commitments (`number`).

    Each is `is_followable` or only groups its parts; `is_checkable` where a document, a count or an indicator can
    settle it; `is_due` when its completion date is past; `is_approved` when a second person approved its judgement.
    One reading for every count of a page: a city of any size has some hundred such rows.
    """
    found = ("kind", "execution", "is_leaf", "stands_alone", "checkability", "due_on", "verdict")
    each = commitments(asked, only=(*_CITY, *found)).order_by(None).subquery("each").c
    rows = select(
        each.city, each.city_en, each.city_code, each.city_slug, each.document_id, each.kind, each.execution,
        or_(each.is_leaf, each.stands_alone).label("is_followable"),
        (each.checkability != Checkability.LOW).label("is_checkable"),
        func.coalesce(each.due_on < asked.cutoff.day(), false()).label("is_due"),
        func.coalesce(each.verdict == Verdict.APPROVE.value, false()).label("is_approved"),
    ).subquery("rows")  # fmt: skip
    by = [column for column in rows.c if column.name != "document_id"]
    first = func.min(func.min(rows.c.document_id)).over(partition_by=rows.c.city_code)
    return select(*by, func.count().label("number")).group_by(*by).order_by(first, rows.c.kind, rows.c.execution)


@dataclass(frozen=True)
class Census:
    """What the commitments asked for come to: city × kind × status, and city by city how many are completed."""

    of_kinds: list[OfKind]
    completed: list[dict[str, Any]]


def taken(session: Session, asked: CommitmentFilter, most: int | None = None) -> Census:
    """The census of the commitments asked for: as they stand now from what is stored, else counted one by one.

    Of more than `most` cities without `of_kinds`, which would be some hundred for each.
    """
    stored = counts.by_kind(asked, most)
    if stored is None:
        counted = session.execute(census(asked)).all()
        return Census(by_kind(counted), completion(counted))
    rows = session.execute(stored).all()
    if not rows:
        return Census([], completed(session, asked))
    of_kinds = [
        OfKind(row.city, row.city_en, row.city_code, row.kind, row.execution, row.number) for row in rows if row.number
    ]
    return Census(of_kinds, [_summed(list(group)) for _, group in groupby(rows, key=lambda row: row.city_code)])


def _summed(rows: list[Row[Any]]) -> dict[str, Any]:
    """The `completion` of one city, from its rows of `counts.by_kind`."""
    done, reviewed = [row for row in rows if _is_done(row)], [row for row in rows if not _is_unseen(row)]
    completed, unknown = _total(done), _total([row for row in rows if row.execution in counts.OPEN])
    return {
        **{name: rows[0]._mapping[name] for name in _NAMES},  # noqa: SLF001 - the public name of a row's columns
        "completed": completed,
        "of_all": _total(rows),
        "completed_checkable": sum(row.checkable for row in done),
        "of_checkable": sum(row.checkable for row in rows),
        "completed_due": rows[0].completed_due,
        "of_due": rows[0].of_due,
        "completed_reviewed": completed,
        "of_reviewed": _total(reviewed),
        "approved": sum(row.approved for row in rows),
        "lowest": completed,
        "highest": completed + unknown,
    }


def _total(rows: list[Row[Any]]) -> int:
    return sum(row.number for row in rows)


def _is_unseen(row: Row[Any]) -> bool:
    return Execution(row.execution) is Execution.NOT_REVIEWED


def completed(session: Session, asked: CommitmentFilter) -> list[dict[str, Any]]:
    """The `completion` of the commitments asked for, from what is stored where that answers."""
    question = counts.completion(asked)
    if question is None:
        return completion(session.execute(census(asked)).all())
    return [dict(row) for row in session.execute(question).mappings()]


class OfKind(NamedTuple):
    """How many followable commitments of a city and a kind stand so."""

    city: str
    city_en: str
    city_code: str
    kind: Kind
    execution: Execution
    number: int


def by_kind(counted: Sequence[Row[Any]]) -> list[OfKind]:
    """City × kind × status, from the rows of a `census`, in their order."""
    numbers: Counter[tuple[str, str, str, Kind, Execution]] = Counter()
    for row in counted:
        if row.is_followable:
            numbers[row.city, row.city_en, row.city_code, row.kind, Execution(row.execution)] += row.number
    return [OfKind(*names, number) for names, number in numbers.items()]


def completion(counted: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """City by city, how many are completed: of all, of the checkable, of those due, of those reviewed.

    From the rows of a `census`. `lowest` and `highest` are how many would be completed if everything unknown were
    not, or were. Reviewed is what somebody judged, whatever they found; `approved` counts those that a second person
    approved.
    """
    return [_completed(list(rows)) for _, rows in groupby(counted, key=lambda row: row.city_code)]


def _completed(rows: list[Row[Any]]) -> dict[str, Any]:
    """The counts of one city."""

    def number(condition: Callable[[Row[Any]], bool]) -> int:
        return sum(row.number for row in rows if row.is_followable and condition(row))

    done = number(_is_done)
    found = {"completed": done, "of_all": number(lambda _: True)}
    groups: dict[str, Callable[[Row[Any]], bool]] = {
        "checkable": lambda row: row.is_checkable,
        "due": lambda row: row.is_due,
        "reviewed": lambda row: Execution(row.execution) is not Execution.NOT_REVIEWED,
    }
    for name, condition in groups.items():
        found[f"completed_{name}"] = number(lambda row, fits=condition: fits(row) and _is_done(row))  # type: ignore[misc]
        found[f"of_{name}"] = number(condition)
    found["approved"] = number(lambda row: row.is_approved)
    found["lowest"], found["highest"] = done, done + number(lambda row: Execution(row.execution) in counts.OPEN)
    return {**{name: rows[0]._mapping[name] for name in _NAMES}, **found}  # noqa: SLF001


def _is_done(row: Row[Any]) -> bool:
    return Execution(row.execution).is_done
