"""What is counted of commitments as they stand now, from the counts that are stored: a few rows of however many.

Of the past, and of anything else than city, kind, status and timeliness, nothing is stored: there each question is
none, and commitments are counted one by one (`tallies.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Subquery, and_, case, cast, func, literal, or_, select, true

from tracker.codebook import Execution, PublicationState, Timeliness
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, DayCount, Jurisdiction, StandingCount
from tracker.standings import Question

_DONE = (Timeliness.DONE_EARLY, Timeliness.DONE_ON_TIME, Timeliness.DONE_LATE)

#: What becomes overdue the day after it fell due.
NOT_DONE = (Timeliness.NOT_DUE, Timeliness.AHEAD, Timeliness.ON_SCHEDULE, Timeliness.BEHIND)

#: Questions that are kept, for a day: to put one together takes longer than to answer it.
_KEPT = 128

#: Statuses that leave open whether a commitment was kept.
OPEN = (Execution.NOT_REVIEWED, Execution.NO_EVIDENCE_FOUND, Execution.NOT_ASSESSABLE)


def counted(asked: CommitmentFilter) -> Question | None:
    """One row: how many commitments fit (`rows`), can be followed up (`followable`), of those were `reviewed`.

    Of a timeliness nobody knows how many were reviewed: then that is 0.
    """
    return _counted(asked, asked.cutoff.day())


@lru_cache(maxsize=_KEPT)
def _counted(asked: CommitmentFilter, today: date) -> Question | None:
    if not (_by_standing(asked) or _by_day(asked)):
        return None
    table: Any = StandingCount if _by_standing(asked) else DayCount
    reviewed = literal(0) if table is DayCount else _sum(table.followable, table.execution != Execution.NOT_REVIEWED)
    return select(
        _sum(table.commitments).label("rows"),
        _sum(table.followable).label("followable"),
        reviewed.label("reviewed"),
    ).where(*_fits(asked, table, today))


def tally(by: str, asked: CommitmentFilter) -> Question | None:
    """City × value of `kind`, `execution` or `timeliness`: how many followable commitments (`count`) of all (`of`).

    In the order of the cities, and of the values as they are sorted by the database.
    """
    return _tally(by, asked, asked.cutoff.day())


@lru_cache(maxsize=_KEPT)
def _tally(by: str, asked: CommitmentFilter, today: date) -> Question | None:
    found = numbers((by,), asked, today)
    if found is None:
        return None
    of = cast(func.sum(found.c.count).over(partition_by=found.c.jurisdiction_id), Integer).label("of")
    return by_city(asked, found, found.c[by].label("value"), found.c.count, of)


def numbers(by: tuple[str, ...], asked: CommitmentFilter, today: date) -> Subquery | None:
    """Id of a city × its values of `by`: how many followable commitments (`count`), where there are any."""
    table: Any = DayCount if by == ("timeliness",) else StandingCount
    if not (_by_day if table is DayCount else _by_standing)(asked):
        return None
    values = [_timeliness(today)] if table is DayCount else [getattr(table, name) for name in by]
    number = _sum(table.followable)
    named = [table.jurisdiction_id, *(value.label(name) for name, value in zip(by, values, strict=True))]
    if set(by) == {"kind", "execution"} and not asked.unpublished:
        # Of one state of publication each row is one of the table: nothing has to be added up.
        rows = select(*named, table.followable.label("count")).where(table.followable > 0)
    else:
        rows = select(*named, number.label("count")).group_by(table.jurisdiction_id, *values).having(number > 0)
    return rows.where(*_fits(asked, table, today)).subquery("found")


def by_kind(asked: CommitmentFilter, most: int | None = None) -> Question | None:
    """City × kind × status: `number` of followable commitments, `checkable` and `approved` among them.

    With `completed_due` and `of_due` of the whole city on each row. No row where there are more than `most` cities.
    """
    return _by_kind(asked, most, asked.cutoff.day())


@lru_cache(maxsize=_KEPT)
def _by_kind(asked: CommitmentFilter, most: int | None, today: date) -> Question | None:
    if not (_by_standing(asked) and _by_day(asked)):
        return None
    table, due = StandingCount, _due(asked, today)
    key, fits = (table.jurisdiction_id, table.kind, table.execution), _fits(asked, table, today)
    sums = {"number": table.followable, "checkable": table.checkable, "approved": table.approved}
    rows = select(*key, *(_sum(column).label(name) for name, column in sums.items())).where(*fits).group_by(*key)
    if most is not None:
        places = select(func.count(table.jurisdiction_id.distinct())).where(*fits).scalar_subquery()
        rows = rows.where(places <= most)
    found = rows.having(_sum(table.commitments) > 0).subquery("found")
    columns = [found.c[name] for name in ("kind", "execution", *sums)]
    columns += [func.coalesce(due.c[name], 0).label(name) for name in ("completed_due", "of_due")]
    with_due = by_city(asked, found, *columns).outerjoin(due, due.c.jurisdiction_id == found.c.jurisdiction_id)
    return with_due.order_by(found.c.kind, found.c.execution)


def completion(asked: CommitmentFilter) -> Question | None:
    """City by city, how many are completed, with every denominator: the fields of `tallies.completion`, in order."""
    return _completion(asked, asked.cutoff.day())


@lru_cache(maxsize=_KEPT)
def _completion(asked: CommitmentFilter, today: date) -> Question | None:
    if not (_by_standing(asked) and _by_day(asked)):
        return None
    stand, due = _standing(asked, today), _due(asked, today)
    s, d = stand.c, due.c
    number = {
        "completed": s.completed,
        "of_all": s.of_all,
        "completed_checkable": s.completed_checkable,
        "of_checkable": s.of_checkable,
        "completed_due": func.coalesce(d.completed_due, 0),
        "of_due": func.coalesce(d.of_due, 0),
        # What nobody has reviewed is not completed.
        "completed_reviewed": s.completed,
        "of_reviewed": s.of_reviewed,
        "approved": s.approved,
        "lowest": s.completed,
        "highest": s.completed + s.unknown,
    }
    named = (column.label(name) for name, column in number.items())
    return by_city(asked, stand, *named).outerjoin(due, d.jurisdiction_id == s.jurisdiction_id)


def _standing(asked: CommitmentFilter, today: date) -> Any:
    """City by city what does not depend on the day."""
    table = StandingCount
    done = table.execution.in_([code for code in Execution if code.is_done])
    numbers = {
        "completed": _sum(table.followable, done),
        "of_all": _sum(table.followable),
        "completed_checkable": _sum(table.checkable, done),
        "of_checkable": _sum(table.checkable),
        "of_reviewed": _sum(table.followable, table.execution != Execution.NOT_REVIEWED),
        "approved": _sum(table.approved),
        "unknown": _sum(table.followable, table.execution.in_(OPEN)),
    }
    rows = select(table.jurisdiction_id, *(number.label(name) for name, number in numbers.items()))
    rows = rows.where(*_fits(asked, table, today)).group_by(table.jurisdiction_id)
    return rows.having(_sum(table.commitments) > 0).subquery("stand")


def _due(asked: CommitmentFilter, today: date) -> Any:
    """City by city what fell due before the day that is asked for."""
    table = DayCount
    past = and_(table.what.in_([*NOT_DONE, *_DONE]), table.day < today)
    numbers = {"completed_due": _sum(table.followable, table.what.in_(_DONE)), "of_due": _sum(table.followable)}
    rows = select(table.jurisdiction_id, *(number.label(name) for name, number in numbers.items()))
    return rows.where(*_fits(asked, table, today), past).group_by(table.jurisdiction_id).subquery("due")


def by_city(asked: CommitmentFilter, found: Any, *columns: Any) -> Question:
    """What was found of each city, under its names, in the order of the first documents of the cities."""
    its_own = Commitment.jurisdiction_id == Jurisdiction.id
    state = () if asked.unpublished else (Commitment.publication_state == PublicationState.PUBLISHED,)
    first = select(func.min(Commitment.document_id)).where(its_own, *state).scalar_subquery().label("first")
    names = (Jurisdiction.name_zh.label("city"), Jurisdiction.name_en.label("city_en"),
             Jurisdiction.code.label("city_code"), Jurisdiction.slug.label("city_slug"))  # fmt: skip
    # Written out once: else the first document of a city would be looked for at each of its rows.
    places = select(Jurisdiction.id, *names, first).cte("places").prefix_with("MATERIALIZED")
    c = places.c
    rows = select(c.city, c.city_en, c.city_code, c.city_slug, *columns).select_from(places)
    return rows.join(found, found.c.jurisdiction_id == c.id).order_by(c.first)


def _timeliness(today: date) -> ColumnElement[str]:
    """The timeliness of what a row of `day_count` counts."""
    past = and_(DayCount.what.in_(NOT_DONE), DayCount.day < today)
    return case((past, literal(Timeliness.OVERDUE.value)), else_=DayCount.what)


def _by_standing(asked: CommitmentFilter) -> bool:
    """Whether nothing is asked for but cities, kinds and statuses, as they stand now."""
    return _is_only(asked, kinds=asked.kinds, executions=asked.executions, any_of=asked.any_of)


def _by_day(asked: CommitmentFilter) -> bool:
    """Whether nothing is asked for but cities and timeliness, as they stand now."""
    return _is_only(asked, timeliness=asked.timeliness, any_of=asked.any_of)


def _is_only(asked: CommitmentFilter, **narrowed: Any) -> bool:
    plain = CommitmentFilter(cities=asked.cities, unpublished=asked.unpublished, cutoff=asked.cutoff)
    return asked.cutoff.is_now() and asked == replace(plain, **narrowed)


def _fits(asked: CommitmentFilter, table: Any, today: date) -> list[ColumnElement[bool]]:
    """Which rows of a table count what is asked for."""
    states = list(PublicationState) if asked.unpublished else [PublicationState.PUBLISHED]
    places = select(Jurisdiction.id).where(*([Jurisdiction.code.in_(asked.cities)] if asked.cities else []))
    # The columns of the key in their order: a database walks along it to the rows that it wants.
    return [
        table.approved_only.is_(asked.cutoff.approved_only),
        table.publication_state.in_(states),
        *(_of_days(asked, today) if table is DayCount else []),
        *([table.jurisdiction_id.in_(places)] if asked.cities else []),
        *(_of_standing(asked) if table is StandingCount else []),
    ]


def _of_standing(asked: CommitmentFilter) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = [
        *([StandingCount.kind.in_(asked.kinds)] if asked.kinds else []),
        *([StandingCount.execution.in_(asked.executions)] if asked.executions else []),
    ]
    return [or_(*narrowed)] if asked.any_of and narrowed else narrowed


def _of_days(asked: CommitmentFilter, today: date) -> list[ColumnElement[bool]]:
    """Every commitment has one row that says by its timeliness when it falls due."""
    wanted = asked.timeliness or tuple(Timeliness)
    rows = []
    for code in wanted:
        if code is Timeliness.OVERDUE:
            rows.append(and_(DayCount.what.in_(NOT_DONE), DayCount.day < today))
        else:
            rows.append(and_(DayCount.what == code, DayCount.day >= today if code in NOT_DONE else true()))
    return [or_(*rows)] if asked.timeliness else [DayCount.what.in_([code.value for code in wanted])]


def _sum(column: Any, condition: Any = None) -> ColumnElement[int]:
    added = column if condition is None else case((condition, column), else_=0)
    return cast(func.coalesce(func.sum(added), 0), Integer)
