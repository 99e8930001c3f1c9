"""Work lists: which commitments want somebody's attention, the most pressing first.

Each list but one is a `CommitmentFilter`, so that its count is what the list of commitments shows for the same
question. Withdrawn rows are left out: nobody follows them up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from tracker import filters, queries
from tracker.codebook import Checkability, Execution, PublicationState, ReviewState, Timeliness
from tracker.filters import CommitmentFilter, Standing
from tracker.models import Commitment, Review, StatusAssessment, User
from tracker.standings import Cutoff, Question
from tracker.tallies import rank

#: Days ahead that a date counts as soon.
SOON = 30

#: Days after which a search is old.
STALE = 90

#: Rows shown of a list.
SHOWN = 8

_OPEN_TIMELINESS = (Timeliness.NOT_DUE, Timeliness.AHEAD, Timeliness.ON_SCHEDULE, Timeliness.BEHIND)
_DONE = [code.value for code in Execution if code.is_done]

#: What is read of each commitment.
_READ = """
    id document_id position code title_zh title_en city_code kind publication_state checkability is_leaf stands_alone
    execution timeliness due_on horizon_until next_check reviewed_up_to recorded_at effective_on disputed verdict
    returned assessment analyst_id
""".split()  # noqa: SIM905 - names are read more easily as lines

#: What is shown of each row.
_ROW = """
    id code title_zh title_en execution due_on horizon_until next_check reviewed_up_to recorded_at effective_on
""".split()  # noqa: SIM905


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
    # What is completed need not be searched for again and again.
    open_still = tuple(code for code in Execution if code is not Execution.NOT_REVIEWED and not code.is_done)
    soon, stale = day + timedelta(days=SOON), day - timedelta(days=STALE)
    return [
        WorkList("returned", replace(asked, review_states=(ReviewState.RETURNED,)), "recorded_at"),
        WorkList("awaiting", replace(asked, review_states=(ReviewState.AWAITING,)), "recorded_at"),
        WorkList("overdue", replace(asked, timeliness=(Timeliness.OVERDUE,)), "due_on"),
        WorkList("due_soon", replace(asked, timeliness=_OPEN_TIMELINESS, due_by=soon), "due_on"),
        WorkList("look_again", replace(asked, next_check_by=day), "next_check"),
        WorkList("disputed", replace(asked, disputed=True), "effective_on"),
        WorkList("stale", replace(asked, executions=open_still, not_checked_since=stale), "reviewed_up_to"),
        WorkList("horizon", None, "horizon_until"),
        WorkList("never", replace(asked, executions=(Execution.NOT_REVIEWED,)), "horizon_until"),
    ]


def counts(person: int) -> Question:
    """City code × kind: how many commitments stand on each list, a column for each.

    `awaiting_mine` and `returned_mine` are those of which `person` (a user's id) wrote the assessment.
    """
    day = Cutoff().day()
    rows = _rows()
    on_list = {work.name: _on(work, rows, day) for work in lists(day)}
    on_list["awaiting_mine"] = and_(on_list["awaiting"], rows.c.analyst_id == person)
    on_list["returned_mine"] = and_(on_list["returned"], _newest(rows, StatusAssessment.analyst_id) == person)
    sums = [
        cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer).label(name)
        for name, condition in on_list.items()
    ]
    return _of(rows, rows.c.city_code, rows.c.kind, *sums).group_by(rows.c.city_code, rows.c.kind)


def firsts(person: int, *, cities: tuple[str, ...] = ()) -> Question:
    """The first rows of each list (`list`), the most pressing first; `judged` is the assessment that it is about.

    What `person` wrote does not wait for their own review, and what was returned to them comes first.
    """
    day = Cutoff().day()
    rows = _rows(cities)
    parts = []
    for place, work in enumerate(lists(day)):
        condition, newest = _on(work, rows, day), _newest(rows, StatusAssessment.analyst_id)
        if work.name == "awaiting":
            condition = and_(condition, rows.c.analyst_id != person)
        first = [case((newest == person, 0), else_=1)] if work.name == "returned" else []
        order = [*first, *_pressing(work, rows), rows.c.document_id, rows.c.position]
        judged = _newest(rows, StatusAssessment.id) if work.name == "returned" else rows.c.assessment
        part = _of(
            rows,
            literal(work.name).label("list"),
            literal(place).label("rank"),
            func.row_number().over(order_by=order).label("place"),
            judged.label("judged"),
            *(rows.c[name] for name in _ROW),
        )
        parts.append(select(part.where(condition).order_by(*order).limit(SHOWN).subquery()))
    found = union_all(*parts).subquery("firsts")
    return select(found).order_by(found.c.rank, found.c.place)


def judgements(ids: Iterable[int]) -> Question:
    """Assessments by id with analyst and summary, a row for each review, the latest last; null where there is none."""
    analyst, reviewer = aliased(User), aliased(User)
    return (
        select(
            StatusAssessment.id,
            StatusAssessment.execution,
            StatusAssessment.summary,
            StatusAssessment.analyst_id,
            analyst.name.label("analyst"),
            reviewer.name.label("reviewer"),
            Review.note,
            Review.recorded_at.label("reviewed_at"),
        )
        .join(analyst, analyst.id == StatusAssessment.analyst_id)
        .outerjoin(Review, Review.assessment_id == StatusAssessment.id)
        .outerjoin(reviewer, reviewer.id == Review.reviewer_id)
        .where(StatusAssessment.id.in_(ids))
        .order_by(StatusAssessment.id, Review.recorded_at, Review.id)
    )


def _rows(cities: tuple[str, ...] = ()) -> Any:
    """Every commitment with what decides on which lists it stands; read once by the database, used by every list."""
    asked = CommitmentFilter(cities=cities, unpublished=True)
    return queries.commitments(asked, only=_READ).order_by(None).cte("work")


def _of(rows: Any, *columns: Any) -> Question:
    followed = rows.c.publication_state != PublicationState.WITHDRAWN
    return select(*columns).select_from(rows).join(Commitment, Commitment.id == rows.c.id).where(followed)


def _on(work: WorkList, rows: Any, day: date) -> ColumnElement[bool]:
    """Whether a commitment stands on a list."""
    if work.which is None:
        ends = rows.c.horizon_until.between(day, day + timedelta(days=SOON))
        return and_(ends, rows.c.execution.not_in(_DONE))
    c = rows.c
    columns = {field.name: c[field.name] for field in fields(Standing) if field.name != "is_timely"}
    found = Standing(c.timeliness.in_, **columns)
    asked = filters.narrowing(work.which, found)
    # A head that only groups its parts is followed up by them.
    return and_(*asked, or_(c.is_leaf, c.stands_alone)) if work.name == "never" else and_(*asked)


def _pressing(work: WorkList, rows: Any) -> list[Any]:
    """What comes first on a list: the earliest day; of what nobody looked at, what can be checked best."""
    if work.name == "never":
        ends = func.coalesce(rows.c.due_on, rows.c.horizon_until)
        return [ends.asc().nulls_last(), rank(rows.c.checkability, Checkability)]
    return [rows.c[work.since].asc().nulls_last()]


def _newest(rows: Any, column: Any) -> Any:
    """A column of the assessment of a commitment that was written last."""
    written = select(column).where(StatusAssessment.commitment_id == rows.c.id)
    return written.order_by(StatusAssessment.id.desc()).limit(1).correlate(rows).scalar_subquery()
