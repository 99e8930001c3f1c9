"""What falls due on which day: deadlines in force, horizons, milestones, next checks, and what is due of obstacles.

A row of these questions is one entry of the calendar. Withdrawn commitments have none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, Integer, String, case, cast, exists, func, literal, null, select, union_all

from tracker import deadlines, queries
from tracker.codebook import DeadlineKind, PublicationState
from tracker.filters import NOW, CommitmentFilter
from tracker.models import Commitment, Jurisdiction, Milestone, MilestoneReached, Obstacle, ObstacleClosing
from tracker.standings import Question

#: What an entry can be, in the order in which a day tells them.
KINDS = ("completion", "milestone", "obstacle", "next_check", "horizon")


def days(first: date, last: date, *, cities: tuple[str, ...] = ()) -> Question:
    """Day × kind from `first` to `last`: how many entries (`count`), in order of days."""
    found = _entries(cities).subquery("entries")
    return (
        select(found.c.day, found.c.kind, func.count().label("count"))
        .where(found.c.day.between(first, last))
        .group_by(found.c.day, found.c.kind)
        .order_by(found.c.day, _rank(found.c.kind))
    )


def entries(first: date, last: date, *, most: int, cities: tuple[str, ...] = ()) -> Question:
    """The entries from `first` to `last`, day by day and kind by kind, at most `most` of one kind on one day.

    Columns: `day`, `kind`, `city_code`, `commitment_id` and `code` with `title_zh` and `title_en` of the commitment
    (null for an obstacle), `number` of the milestone or obstacle with `said_zh` and `said_en`, and whether it is
    `settled` (a milestone reached, an obstacle closed; null for the others, whose status tells).
    """
    found = _entries(cities).subquery("entries")
    order = (found.c.document_id, found.c.position, found.c.number)
    place = func.row_number().over(partition_by=(found.c.day, found.c.kind), order_by=order).label("place")
    numbered = select(found, place).where(found.c.day.between(first, last)).subquery("numbered")
    c = numbered.c
    shown = select(numbered).where(c.place <= most)
    return shown.order_by(c.day, _rank(c.kind), c.document_id, c.position, c.number)


def nearest(first: date, last: date, *, cities: tuple[str, ...] = ()) -> Question:
    """One row: the last day before `first` and the first day after `last` with an entry; null where there is none."""
    found = _entries(cities).subquery("entries")
    before = func.max(case((found.c.day < first, found.c.day)))
    after = func.min(case((found.c.day > last, found.c.day)))
    return select(before.label("before"), after.label("after"))


def statuses(ids: Collection[int]) -> Question:
    """Commitments by id with their `execution` and `timeliness`."""
    question = queries.commitments(CommitmentFilter(unpublished=True), only=("id", "execution", "timeliness"))
    return question.where(Commitment.id.in_(ids)).order_by(None)


def _rank(kind: Any) -> Any:
    return case({name: place for place, name in enumerate(KINDS)}, value=kind)


def _entries(cities: tuple[str, ...]) -> CompoundSelect[Any]:
    """Every entry of the calendar, in no order."""
    revised = deadlines.in_force(NOW).subquery("revised")
    kind = func.coalesce(revised.c.deadline_kind, Commitment.deadline_kind)
    end = func.coalesce(revised.c.window_end, Commitment.window_end)
    reached = exists().where(MilestoneReached.milestone_id == Milestone.id)
    # Two kinds of deadline are two kinds of entry, of the same name (`KINDS`); the others fall due on no day.
    timed = (DeadlineKind.COMPLETION, DeadlineKind.HORIZON)
    due = (
        _of_commitment(cast(kind, String), end, cities)
        .outerjoin(revised, revised.c.commitment_id == Commitment.id)
        .where(kind.in_(timed))
    )
    steps = _of_commitment(
        literal("milestone"), Milestone.planned_on, cities,
        number=Milestone.id, said_zh=Milestone.title_zh, said_en=Milestone.title_en, settled=reached,
    ).join(Milestone, Milestone.commitment_id == Commitment.id)  # fmt: skip
    checks = _of_commitment(literal("next_check"), Commitment.next_check, cities).where(
        Commitment.next_check.is_not(None)
    )
    return union_all(due, steps, checks, _obstacles(cities))


def _of_commitment(kind: Any, day: Any, cities: tuple[str, ...], **given: Any) -> Question:
    """Entries of one kind that belong to a commitment."""
    question = (
        select(
            kind.label("kind"),
            day.label("day"),
            Jurisdiction.code.label("city_code"),
            Commitment.id.label("commitment_id"),
            Commitment.document_id,
            Commitment.position,
            Commitment.code,
            Commitment.title_zh,
            Commitment.title_en,
            given.get("number", cast(null(), Integer)).label("number"),
            given.get("said_zh", cast(null(), String)).label("said_zh"),
            given.get("said_en", cast(null(), String)).label("said_en"),
            cast(case((given["settled"], 1), else_=0) if given else null(), Integer).label("settled"),
        )
        .select_from(Commitment)
        .join(Jurisdiction, Jurisdiction.id == Commitment.jurisdiction_id)
        .where(Commitment.publication_state != PublicationState.WITHDRAWN)
    )
    return question.where(Jurisdiction.code.in_(cities)) if cities else question


def _obstacles(cities: tuple[str, ...]) -> Question:
    """The days by which obstacles are to be settled."""
    closed = exists().where(ObstacleClosing.obstacle_id == Obstacle.id)
    question = (
        select(
            literal("obstacle").label("kind"),
            Obstacle.due_on.label("day"),
            Jurisdiction.code.label("city_code"),
            cast(null(), Integer).label("commitment_id"),
            literal(0).label("document_id"),
            literal(0).label("position"),
            cast(null(), String).label("code"),
            cast(null(), String).label("title_zh"),
            cast(null(), String).label("title_en"),
            Obstacle.id.label("number"),
            Obstacle.title.label("said_zh"),
            cast(null(), String).label("said_en"),
            case((closed, 1), else_=0).label("settled"),
        )
        .join(Jurisdiction, Jurisdiction.id == Obstacle.jurisdiction_id)
        .where(Obstacle.due_on.is_not(None))
    )
    return question.where(Jurisdiction.code.in_(cities)) if cities else question
