"""Work lists: which commitments want somebody's attention, the most pressing first.

Each list but one is a `CommitmentFilter`, so that its count is what the list of commitments shows for the same
question. Withdrawn rows are left out: nobody follows them up.
"""

from __future__ import annotations

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
    rows = _listed(day)
    c = rows.c
    on_list = {
        **{work.name: c[f"on_{work.name}"] for work in lists(day)},
        "awaiting_mine": case((c.analyst_id == person, c.on_awaiting), else_=0),
        "returned_mine": case(
            (and_(c.on_returned == 1, _newest(rows, StatusAssessment.analyst_id) == person), 1), else_=0
        ),
    }
    sums = [cast(func.sum(stands), Integer).label(name) for name, stands in on_list.items()]
    return select(c.city_code, c.kind, *sums).group_by(c.city_code, c.kind)


def firsts(person: int, *, cities: tuple[str, ...] = ()) -> Question:
    """The first rows of each list (`list`), the most pressing first, with the assessment that it is about.

    Of that: `judged` (its id), `judged_execution`, `judged_summary`, `author_id` and `author`, and of what a second
    person said of it last `reviewer`, `note` and `reviewed_at`. What `person` wrote does not wait for their own
    review, and what was returned to them comes first.
    """
    day = Cutoff().day()
    rows = _listed(day, cities)
    parts = (_first(work, place, rows, person) for place, work in enumerate(lists(day)))
    found = union_all(*parts).subquery("firsts")
    judged, author, reviewer = aliased(StatusAssessment), aliased(User), aliased(User)
    return (
        select(
            found,
            judged.execution.label("judged_execution"),
            judged.summary.label("judged_summary"),
            judged.analyst_id.label("author_id"),
            author.name.label("author"),
            reviewer.name.label("reviewer"),
            Review.note,
            Review.recorded_at.label("reviewed_at"),
        )
        .outerjoin(judged, judged.id == found.c.judged)
        .outerjoin(author, author.id == judged.analyst_id)
        .outerjoin(Review, Review.id == _last_review(found.c.judged))
        .outerjoin(reviewer, reviewer.id == Review.reviewer_id)
        .order_by(found.c.rank, found.c.place)
    )


def _first(work: WorkList, rank: int, rows: Any, person: int) -> Any:
    """The first rows of one list."""
    c = rows.c
    waits = [c.analyst_id != person] if work.name == "awaiting" else []
    returned = work.name == "returned"
    mine = [case((_newest(rows, StatusAssessment.analyst_id) == person, 0), else_=1)] if returned else []
    order = [*mine, *_pressing(work, rows), c.document_id, c.position]
    return (
        select(
            literal(work.name).label("list"),
            literal(rank).label("rank"),
            func.row_number().over(order_by=order).label("place"),
            (_newest(rows, StatusAssessment.id) if returned else c.assessment).label("judged"),
            *(c[name] for name in _ROW),
        )
        .where(c[f"on_{work.name}"] == 1, *waits)
        .order_by(*order)
        .limit(SHOWN)
        .subquery()
        .select()
    )


def _listed(day: date, cities: tuple[str, ...] = ()) -> Any:
    """Every commitment that is followed up, with a column for each list that is 1 where it stands on it, else 0.

    `work` is written out once: put into the conditions of every list, each status would be found anew for each of them.
    """
    asked = CommitmentFilter(cities=cities, unpublished=True)
    rows = queries.commitments(asked, only=_READ).order_by(None).cte("work").prefix_with("MATERIALIZED")
    stands = (case((_on(work, rows, day), 1), else_=0).label(f"on_{work.name}") for work in lists(day))
    return (
        select(rows, *stands)
        .join(Commitment, Commitment.id == rows.c.id)
        .where(rows.c.publication_state != PublicationState.WITHDRAWN)
        .cte("listed")
    )


def _newest(rows: Any, column: Any) -> Any:
    """A column of the assessment of a commitment that was written last: what was returned does not stand."""
    written = select(column).where(StatusAssessment.commitment_id == rows.c.id)
    return written.order_by(StatusAssessment.id.desc()).limit(1).correlate(rows).scalar_subquery()


def _last_review(assessment_id: Any) -> Any:
    """Id of what a second person said last of an assessment; null where nobody has."""
    said = aliased(Review)
    rows = select(said.id).where(said.assessment_id == assessment_id)
    return rows.order_by(said.recorded_at.desc(), said.id.desc()).limit(1).scalar_subquery()


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
