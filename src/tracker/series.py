"""How many commitments stood where, day after day: one question for a whole series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, case, cast, column, func, or_, select, union_all, values

from tracker import tallies
from tracker.codebook import Execution
from tracker.filters import CommitmentFilter
from tracker.models import StatusAssessment
from tracker.standings import Cutoff, Question, valid_assessments


def statuses(city_code: str, cutoff: Cutoff, days: Sequence[date]) -> Question:
    """Day × `execution`: how many of a city's followable commitments stood so (`number`) at the end of the `day`.

    Each day is answered as `standings.standing` answers it, with everything that `cutoff` had been told; a commitment
    that nobody had judged by a day is in no row of it. No day may lie after `cutoff.as_of`.
    """
    asked_days = values(column("day", Date), name="days").data([(day,) for day in days]).cte()
    turns = _turns(city_code, cutoff, asked_days)
    return (
        select(asked_days.c.day, turns.c.execution, cast(func.sum(turns.c.more), Integer).label("number"))
        .join(turns, turns.c.day <= asked_days.c.day)
        .group_by(asked_days.c.day, turns.c.execution)
        .having(func.sum(turns.c.more) != 0)
        .order_by(asked_days.c.day, turns.c.execution)
    )


def _turns(city_code: str, cutoff: Cutoff, asked_days: Any) -> Any:
    """The first of the asked days by which statuses began or ended to stand; of how many commitments more (or fewer).

    Summed by day first, and then by asked day: a city has thousands of judgements a year, but few days are asked for.
    """
    stood = _stretches(city_code, cutoff)
    lasting = or_(stood.c.until.is_(None), stood.c.until > stood.c.since)
    begun = (
        select(stood.c.since.label("day"), stood.c.execution, func.count().label("more"))
        .where(lasting)
        .group_by(stood.c.since, stood.c.execution)
    )
    ended = (
        select(stood.c.until.label("day"), stood.c.execution, (-func.count()).label("more"))
        .where(stood.c.until > stood.c.since)
        .group_by(stood.c.until, stood.c.execution)
    )
    each = union_all(begun, ended).subquery("each")
    by_then = select(func.min(asked_days.c.day)).where(asked_days.c.day >= each.c.day).scalar_subquery()
    met = select(by_then.label("day"), each.c.execution, each.c.more).subquery("met")
    turns = select(met.c.day, met.c.execution, func.sum(met.c.more).label("more"))
    return turns.group_by(met.c.day, met.c.execution).subquery("turns")


def _stretches(city_code: str, cutoff: Cutoff) -> Any:
    """Each valid assessment with the days it stood: `since`, and the first day `until` which it no longer did.

    A finding stands until the next finding. To have found nothing stands until it is repeated, and never beside a
    finding: only before the first one.
    """
    # Without their standing, which takes the database longer than everything else here.
    followable = tallies.followable(CommitmentFilter((city_code,)), "id")
    of_city = StatusAssessment.commitment_id.in_(select(followable.c.id))
    valid = valid_assessments(cutoff).where(of_city).subquery("valid")
    found_nothing = valid.c.execution.in_([Execution.NOT_REVIEWED, Execution.NO_EVIDENCE_FOUND])
    kind = case((found_nothing, 1), else_=0)
    following = func.lead(valid.c.effective_on).over(
        partition_by=(valid.c.commitment_id, kind),
        order_by=(valid.c.effective_on, valid.c.recorded_at, valid.c.id),
    )
    first_finding = func.min(case((~found_nothing, valid.c.effective_on))).over(partition_by=valid.c.commitment_id)
    rows = select(
        valid.c.execution,
        valid.c.effective_on.label("since"),
        kind.label("found_nothing"),
        following.label("following"),
        first_finding.label("first_finding"),
    ).subquery("judged")
    ends_early = (rows.c.found_nothing == 1) & (rows.c.following.is_(None) | (rows.c.first_finding < rows.c.following))
    until = case((ends_early & rows.c.first_finding.is_not(None), rows.c.first_finding), else_=rows.c.following)
    return select(rows.c.execution, rows.c.since, until.label("until")).subquery("stretches")
