"""What falls due on which day: deadlines in force, horizons, milestones, next checks, and what is due of obstacles.

A row of these questions is one entry of the calendar. Withdrawn commitments have none.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from tracker import queries
from tracker.codebook import DeadlineKind, PublicationState, Timeliness
from tracker.filters import CommitmentFilter
from tracker.models import (
    Commitment,
    CurrentStanding,
    DayCount,
    Jurisdiction,
    Milestone,
    MilestoneReached,
    Obstacle,
    ObstacleClosing,
)
from tracker.models.standings import waiting
from tracker.standings import Question
from tracker.stored import counts

#: What an entry can be, in the order in which a day tells them.
KINDS = ("completion", "milestone", "obstacle", "next_check", "horizon")


def days(first: date, last: date, *, cities: tuple[str, ...] = ()) -> Question:
    """Day × kind from `first` to `last`: how many entries (`count`), in order of days."""
    parts = [_counted(cities, DayCount.day.between(first, last))]
    # What is not counted by day is counted here.
    each = union_all(_steps(cities), _obstacles(cities)).subquery("entries")
    more = select(each.c.kind, each.c.day, func.count().label("count")).where(each.c.day.between(first, last))
    found = union_all(*parts, more.group_by(each.c.kind, each.c.day)).subquery("found")
    return (
        select(found.c.day, found.c.kind, cast(func.sum(found.c.count), Integer).label("count"))
        .group_by(found.c.day, found.c.kind)
        .order_by(found.c.day, _rank(found.c.kind))
    )


#: What the stored counts of days call an entry: what falls due is counted by its timeliness.
_CALLED = {"horizon": "horizon", "horizon_open": "horizon", "next_check": "next_check"} | dict.fromkeys(
    (code.value for code in Timeliness if code not in {Timeliness.NO_DEADLINE, Timeliness.OVERDUE}), "completion"
)


def _counted(cities: tuple[str, ...], when: ColumnElement[bool]) -> Question:
    """Kind × day: how many commitments have an entry, from the stored counts of days."""
    kind = case(_CALLED, value=DayCount.what)
    return (
        select(kind.label("kind"), DayCount.day, cast(func.sum(DayCount.commitments), Integer).label("count"))
        .where(
            DayCount.approved_only.is_(False),
            DayCount.publication_state.in_([PublicationState.DRAFT, PublicationState.PUBLISHED]),
            DayCount.what.in_(_CALLED),
            DayCount.jurisdiction_id.in_(_places(cities)),
            when,
        )
        .group_by(kind, DayCount.day)
        .having(func.sum(DayCount.commitments) > 0)
    )


def entries(first: date, last: date, *, most: int, cities: tuple[str, ...] = ()) -> Question:
    """The entries from `first` to `last`, day by day and kind by kind, at most `most` of one kind on one day.

    Columns: `day`, `kind`, `city_code`, `commitment_id` and `code` with `title_zh` and `title_en` of the commitment
    (null for an obstacle), `number` of the milestone or obstacle with `said_zh` and `said_en`, and whether it is
    `settled` (a milestone reached, an obstacle closed; null for the others, whose status tells).
    """
    each = _keys(first, last, cities).subquery("entries").c
    order = (each.document_id, each.position, each.number)
    place = func.row_number().over(partition_by=(each.day, each.kind), order_by=order).label("place")
    # Numbered by their keys alone, and read where they are shown.
    numbered = select(*each, place).subquery("numbered").c
    reached = exists().where(MilestoneReached.milestone_id == Milestone.id)
    closed = exists().where(ObstacleClosing.obstacle_id == Obstacle.id)
    settled = case(
        (Milestone.id.is_not(None), cast(reached, Integer)), (Obstacle.id.is_not(None), cast(closed, Integer))
    )
    return (
        select(
            numbered.kind,
            numbered.day,
            Jurisdiction.code.label("city_code"),
            numbered.commitment_id,
            Commitment.code,
            Commitment.title_zh,
            Commitment.title_en,
            numbered.number,
            func.coalesce(Milestone.title_zh, Obstacle.title).label("said_zh"),
            Milestone.title_en.label("said_en"),
            settled.label("settled"),
        )
        .join_from(numbered.kind.table, Jurisdiction, Jurisdiction.id == numbered.jurisdiction_id)
        .outerjoin(Commitment, Commitment.id == numbered.commitment_id)
        .outerjoin(Milestone, and_(numbered.kind == "milestone", Milestone.id == numbered.number))
        .outerjoin(Obstacle, and_(numbered.kind == "obstacle", Obstacle.id == numbered.number))
        .where(numbered.place <= most)
        .order_by(numbered.day, _rank(numbered.kind), numbered.document_id, numbered.position, numbered.number)
    )


def nearest(first: date, last: date, *, cities: tuple[str, ...] = ()) -> Question:
    """One row: the last day before `first` and the first day after `last` with an entry; null where there is none."""
    each = union_all(_steps(cities), _obstacles(cities)).subquery("entries")
    of_days = _counted(cities, or_(DayCount.day < first, and_(DayCount.day > last, DayCount.day < counts.NEVER)))
    found = union_all(of_days.with_only_columns(DayCount.day), select(each.c.day)).subquery("found")
    before = func.max(case((found.c.day < first, found.c.day)))
    after = func.min(case((found.c.day > last, found.c.day)))
    return select(before.label("before"), after.label("after"))


def statuses(ids: Collection[int]) -> Question:
    """Commitments by id with their `execution` and `timeliness`."""
    question = queries.commitments(CommitmentFilter(unpublished=True), only=("id", "execution", "timeliness"))
    return question.where(Commitment.id.in_(ids)).order_by(None)


def _rank(kind: Any) -> Any:
    return case({name: place for place, name in enumerate(KINDS)}, value=kind)


def _keys(first: date, last: date, cities: tuple[str, ...]) -> CompoundSelect[Any]:
    """Kind, day and keys of every entry from `first` to `last`, in no order."""
    row = CurrentStanding
    # Two kinds of deadline are two kinds of entry, of the same name (`KINDS`); the others fall due on no day.
    due = [
        _standing(kind.value, row.window_end, "calendar").where(row.deadline_kind == kind)
        for kind in (DeadlineKind.COMPLETION, DeadlineKind.HORIZON)
    ]
    checks = _standing("next_check", row.next_check, "look_again")
    days = [row.window_end, row.window_end, row.next_check, Milestone.planned_on, Obstacle.due_on]
    parts = [*due, checks, _steps(cities), _obstacles(cities)]
    places = [row.jurisdiction_id.in_(_places(cities))] if cities else []
    narrowed = [*(part.where(*places) for part in parts[:3]), *parts[3:]]
    return union_all(*(part.where(day.between(first, last)) for part, day in zip(narrowed, days, strict=True)))


def _standing(kind: str, day: Any, waits: str) -> Question:
    """Entries of one kind whose day stands with how a commitment stands."""
    row = CurrentStanding
    return select(
        literal(kind).label("kind"), day.label("day"), row.jurisdiction_id, row.commitment_id, row.document_id,
        row.position, cast(null(), Integer).label("number"),
    ).where(waiting(waits), row.publication_state != PublicationState.WITHDRAWN)  # fmt: skip


def _steps(cities: tuple[str, ...]) -> Question:
    """The planned days of milestones."""
    question = (
        select(
            literal("milestone").label("kind"),
            Milestone.planned_on.label("day"),
            Commitment.jurisdiction_id,
            Milestone.commitment_id,
            Commitment.document_id,
            Commitment.position,
            Milestone.id.label("number"),
        )
        .join(Commitment, Commitment.id == Milestone.commitment_id)
        .where(Commitment.publication_state != PublicationState.WITHDRAWN)
    )
    return question.where(Commitment.jurisdiction_id.in_(_places(cities))) if cities else question


def _obstacles(cities: tuple[str, ...]) -> Question:
    """The days by which obstacles are to be settled."""
    question = select(
        literal("obstacle").label("kind"),
        Obstacle.due_on.label("day"),
        Obstacle.jurisdiction_id,
        cast(null(), Integer).label("commitment_id"),
        literal(0).label("document_id"),
        literal(0).label("position"),
        Obstacle.id.label("number"),
    ).where(Obstacle.due_on.is_not(None))
    return question.where(Obstacle.jurisdiction_id.in_(_places(cities))) if cities else question


def _places(cities: tuple[str, ...]) -> Any:
    """The ids of some cities, or of all places."""
    return select(Jurisdiction.id).where(*([Jurisdiction.code.in_(cities)] if cities else []))
