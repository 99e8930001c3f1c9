"""Work lists: which commitments want somebody's attention, the most pressing first.

Each list but one is a `CommitmentFilter`, so that its count is what the list of commitments shows for the same
question. Withdrawn rows are left out: nobody follows them up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from typing import Any

from sqlalchemy import Select, case, exists, func, literal, select, union_all
from sqlalchemy.orm import aliased

from tracker.codebook import Checkability, DeadlineKind, Execution, PublicationState, ReviewState, Timeliness
from tracker.counts import NOT_DONE
from tracker.filters import CommitmentFilter
from tracker.models import AuthorCount, Commitment, CurrentStanding, Jurisdiction, Review, StatusAssessment, User
from tracker.models.standings import waiting
from tracker.standings import Cutoff, Question
from tracker.tallies import rank
from tracker.workloads import OPEN_STILL, SOON, STALE, counts

__all__ = ["SHOWN", "SOON", "STALE", "WorkList", "counts", "firsts", "lists"]

#: Rows shown of a list.
SHOWN = 8

#: What is shown of how each row stands.
_STANDS = ("execution", "due_on", "horizon_until", "next_check", "reviewed_up_to", "recorded_at", "effective_on")


@dataclass(frozen=True)
class WorkList:
    """Commitments that want the same act."""

    name: str
    #: the same question to the list of commitments; none where that list cannot be asked it
    which: CommitmentFilter | None
    #: the column with the day that puts a commitment on the list
    since: str


def lists(day: date) -> list[WorkList]:
    """Every work list as of `day`, in the order in which they press."""
    asked = CommitmentFilter(unpublished=True)
    soon, stale = day + timedelta(days=SOON), day - timedelta(days=STALE)
    return [
        WorkList("returned", replace(asked, review_states=(ReviewState.RETURNED,)), "recorded_at"),
        WorkList("awaiting", replace(asked, review_states=(ReviewState.AWAITING,)), "recorded_at"),
        WorkList("overdue", replace(asked, timeliness=(Timeliness.OVERDUE,)), "due_on"),
        WorkList("due_soon", replace(asked, timeliness=NOT_DONE, due_by=soon), "due_on"),
        WorkList("look_again", replace(asked, next_check_by=day), "next_check"),
        WorkList("disputed", replace(asked, disputed=True), "effective_on"),
        WorkList("stale", replace(asked, executions=OPEN_STILL, not_checked_since=stale), "reviewed_up_to"),
        WorkList("horizon", None, "horizon_until"),
        WorkList("never", replace(asked, executions=(Execution.NOT_REVIEWED,)), "horizon_until"),
    ]


def firsts(person: int, *, cities: tuple[str, ...] = ()) -> Question:
    """The first rows of each list (`list`), the most pressing first, with the assessment that it is about.

    Of that: `judged` (its id), `judged_execution`, `judged_summary`, `author_id` and `author`, and of what a second
    person said of it last `reviewer`, `note` and `reviewed_at`. What `person` wrote does not wait for their own
    review, and what was returned to them comes first.
    """
    return _firsts(person, cities, Cutoff().day())


@lru_cache(maxsize=64)
def _firsts(person: int, cities: tuple[str, ...], day: date) -> Question:
    """The question, put together once a day."""
    parts = (_first(work, place, person, day, cities) for place, work in enumerate(lists(day)))
    found = union_all(*parts).subquery("firsts")
    judged, author, reviewer = aliased(StatusAssessment), aliased(User), aliased(User)
    return (
        select(
            found,
            Commitment.id,
            Commitment.code,
            Commitment.title_zh,
            Commitment.title_en,
            judged.execution.label("judged_execution"),
            judged.summary.label("judged_summary"),
            judged.analyst_id.label("author_id"),
            author.name.label("author"),
            reviewer.name.label("reviewer"),
            Review.note,
            Review.recorded_at.label("reviewed_at"),
        )
        .join(Commitment, Commitment.id == found.c.commitment_id)
        .outerjoin(judged, judged.id == found.c.judged)
        .outerjoin(author, author.id == judged.analyst_id)
        .outerjoin(Review, Review.id == _last_review(found.c.judged))
        .outerjoin(reviewer, reviewer.id == Review.reviewer_id)
        .order_by(found.c.rank, found.c.place)
    )


def _first(work: WorkList, press: int, person: int, day: date, cities: tuple[str, ...]) -> Any:
    """The first rows of one list. Only those that are left are numbered: to number all would be to read all."""
    walks = (walk.subquery().select() for walk in _walks(work, person, day, cities))
    c = union_all(*walks).subquery().c
    order = [*_pressing(work, c, person), c.document_id, c.position]
    columns = {
        "list": literal(work.name),
        "rank": literal(press),
        "place": func.row_number().over(order_by=order),
        "judged": _newest(c) if work.name == "returned" else c.assessment_id,
        "due_on": case((c.deadline_kind == DeadlineKind.COMPLETION, c.window_end)),
        "horizon_until": case((c.deadline_kind == DeadlineKind.HORIZON, c.window_end)),
    }
    shown = [columns[name] if name in columns else c[name] for name in ("commitment_id", *_STANDS)]
    named = zip(("commitment_id", *_STANDS), shown, strict=True)
    keys = (columns[name].label(name) for name in ("list", "rank", "place", "judged"))
    return (
        select(*keys, *(column.label(name) for name, column in named)).order_by(*order).limit(SHOWN).subquery().select()
    )


def _walks(work: WorkList, person: int, day: date, cities: tuple[str, ...]) -> list[Select[Any]]:
    """The first rows of a list, in the order in which they press, each walk along an index of `CurrentStanding`."""
    row, soon = CurrentStanding, day + timedelta(days=SOON)
    conditions: dict[str, tuple[str, tuple[Any, ...]]] = {
        "awaiting": ("awaiting", (row.analyst_id != person,)),
        "overdue": ("due", (row.window_end < day,)),
        "due_soon": ("due", (row.window_end.between(day, soon),)),
        "look_again": ("look_again", (row.next_check <= day,)),
        "stale": ("stale", (row.reviewed_up_to < day - timedelta(days=STALE),)),
        "horizon": ("horizon", (row.window_end.between(day, soon),)),
    }
    name, fits = conditions.get(work.name, (work.name, ()))
    rows = select(row).where(waiting(name), *fits, row.publication_state != PublicationState.WITHDRAWN)
    if cities:
        rows = rows.where(row.jurisdiction_id.in_(select(Jurisdiction.id).where(Jurisdiction.code.in_(cities))))
    place, by_others = (row.document_id, row.position), _by_others(work, person)
    if work.name == "returned":
        # Mine, then those of others; what stands by no assessment has no instant, and comes last.
        return [
            of_whom.order_by(*order, *place).limit(most)
            for written, most in ((row.returned_to == person, SHOWN), (row.returned_to != person, by_others))
            for of_whom, order in (
                (rows.where(written, row.recorded_at.is_not(None)), (row.recorded_at,)),
                (rows.where(written, row.recorded_at.is_(None)), ()),
            )
        ]
    if work.name != "never":
        return [rows.order_by(*_pressing(work, row, person), *place).limit(by_others)]
    # One walk for each stretch of the index in which the days run on.
    walks = []
    for checkability, kind in product(Checkability, DeadlineKind):
        of_stretch = rows.where(row.checkability == checkability, row.deadline_kind == kind)
        if kind is DeadlineKind.NONE:
            # It has no day, which is said here for the database to take these in the order of the index.
            of_stretch = of_stretch.where(row.window_end.is_(None))
        ends = (row.window_end,) if kind in {DeadlineKind.COMPLETION, DeadlineKind.HORIZON} else ()
        walks.append(of_stretch.order_by(*ends, *place).limit(SHOWN))
    return walks


def _by_others(work: WorkList, person: int) -> Any:
    """How many rows are looked for that others wrote: of one who wrote all, none, as else each would be passed by."""
    if work.name not in {"awaiting", "returned"}:
        return SHOWN
    number = getattr(AuthorCount, work.name)
    return case((exists().where(AuthorCount.analyst_id != person, number > 0), SHOWN), else_=0)


def _newest(rows: Any) -> Any:
    """The assessment of a commitment that was written last: what was returned does not stand."""
    written = select(StatusAssessment.id).where(StatusAssessment.commitment_id == rows.commitment_id)
    return written.order_by(StatusAssessment.id.desc()).limit(1).scalar_subquery()


def _last_review(assessment_id: Any) -> Any:
    """Id of what a second person said last of an assessment; null where nobody has."""
    said = aliased(Review)
    rows = select(said.id).where(said.assessment_id == assessment_id)
    return rows.order_by(said.recorded_at.desc(), said.id.desc()).limit(1).scalar_subquery()


def _pressing(work: WorkList, row: Any, person: int) -> list[Any]:
    """What comes first on a list: the earliest day; of what nobody looked at, what can be checked best."""
    if work.name == "never":
        ends = case((row.deadline_kind.in_([DeadlineKind.COMPLETION, DeadlineKind.HORIZON]), row.window_end))
        return [ends.asc().nulls_last(), rank(row.checkability, Checkability)]
    if work.name == "returned":
        return [case((row.returned_to == person, 0), else_=1), row.recorded_at.asc().nulls_last()]
    return [row.window_end if work.since in {"due_on", "horizon_until"} else getattr(row, work.since)]
