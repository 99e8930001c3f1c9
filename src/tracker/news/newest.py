"""The newest of each sort and of all, of the commitments that are asked for; each with the status before and now."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Row, String, cast, exists, or_, select
from sqlalchemy.orm import Session, aliased

from tracker import queries
from tracker.codebook import DeadlineKind, Execution, Kind, Precision, PublicationState, Verdict
from tracker.filters import CommitmentFilter
from tracker.models import AuditEvent, Commitment, StatusAssessment
from tracker.news.happenings import JUDGED, SORTS, Sort
from tracker.standings import Cutoff, Question, valid_assessments

#: Statuses that say what is known and not what happened.
_NOTHING = (Execution.NOT_REVIEWED, Execution.NO_EVIDENCE_FOUND)

#: How far back a table is looked through before the commitments asked for are asked for their own rows.
_LATELY = 1000

_PUBLICATION = "publication"

#: What is told of the commitment itself.
_NAMED = "code title_zh title_en city city_en kind window_end".split()  # noqa: SIM905


@dataclass(frozen=True)
class News:
    """One thing that was written down of a commitment. What a sort does not tell is none."""

    #: `assessment`, `review`, `revision`, `step` or `publication`
    what: str
    #: of its table: permanent, with `what` unique in the ledger
    number: int
    recorded_at: datetime
    code: str
    title_zh: str
    title_en: str
    city: str
    city_en: str
    kind: Kind
    #: who wrote it
    by: str | None = None
    #: status by this judgement, or that the verdict is on; and the status that stood before it
    execution: Execution | None = None
    before: Execution | None = None
    #: status of the judgement that this one corrects
    corrected: Execution | None = None
    effective_on: date | None = None
    effective_precision: Precision | None = None
    summary: str | None = None
    summary_en: str | None = None
    verdict: Verdict | None = None
    note: str | None = None
    #: the last day that was set, what it means, the one before it, and when it was announced
    until: date | None = None
    until_kind: DeadlineKind | None = None
    was: date | None = None
    announced_on: date | None = None
    #: the milestone that was reached
    step_zh: str | None = None
    step_en: str | None = None
    planned_on: date | None = None
    reached_on: date | None = None
    #: that the commitment became public, or no longer is
    state: PublicationState | None = None
    state_before: PublicationState | None = None


def latest(
    session: Session,
    asked: CommitmentFilter,
    most: int = 10,
    *,
    sorts: Collection[str] = tuple(JUDGED),
    before: Mapping[str, int] | None = None,
) -> list[News]:
    """The latest of these sorts, the newest first, as far as readers see them; `before`: sort → number to go on from.

    Rows of a table come in the order of their numbers, so that who goes on from the last ones misses none.
    """
    told: list[list[News]] = []
    for name in sorts:
        rows = _newest(session, name, asked, most, (before or {}).get(name), _since(told, most))
        past = _past(session, {row.commitment_id for row in rows}, asked.cutoff) if name == "assessment" else {}
        told.append([_said(name, row, past) for row in rows])
    return list(islice(heapq.merge(*told, key=lambda one: one.recorded_at, reverse=True), most))


def _since(told: list[list[News]], most: int) -> datetime | None:
    """When what is told already would fill the answer: nothing older need be looked for."""
    instants = sorted((one.recorded_at for rows in told for one in rows), reverse=True)
    return instants[most - 1] if len(instants) >= most else None


def _said(what: str, row: Row[Any], past: Mapping[int, Sequence[Row[Any]]]) -> News:
    values = dict(row._mapping)  # noqa: SLF001 - the public name of a row's columns in SQLAlchemy
    of_text = values.pop("window_end")
    if what == "assessment":
        values["before"] = _before(past[row.commitment_id], row.number)
    elif what == "revision":
        values["was"] = row.was or of_text
    elif what == _PUBLICATION:
        values["state"] = PublicationState(row.state)
        values["state_before"] = PublicationState(row.state_before) if row.state_before else None
        if values["state"] is PublicationState.WITHDRAWN:
            # What was withdrawn is not told of again, not even by its title.
            values |= {"title_zh": "", "title_en": ""}
    return News(what=what, **{field.name: values[field.name] for field in fields(News) if field.name in values})


def _newest(
    session: Session, name: str, asked: CommitmentFilter, most: int, before: int | None, since: datetime | None
) -> Sequence[Row[Any]]:
    """The newest rows of a sort, by their numbers.

    Of all commitments, the history is walked back from its end until there are enough. Of some, so is its last
    stretch only: they may have nothing in it, and to go on would be to read all of it. Then their own rows are read.
    """
    sort, every = SORTS[name], CommitmentFilter(cutoff=asked.cutoff)
    rows = sort.rows(asked.cutoff)
    rows = rows if before is None else rows.where(sort.number < before)
    if name == _PUBLICATION and asked.search:
        # Of a search, what was withdrawn is not told: it would tell which words it holds.
        rows = rows.where(rows.selected_columns.state == PublicationState.PUBLISHED.value)
    if asked == every:
        if name == _PUBLICATION and since:
            rows = rows.where(AuditEvent.at >= since)
        walked = rows if name == _PUBLICATION else rows.where(_published(sort))
        # By the instant where one is known, by the number else.
        order = sort.number + 0 if name == _PUBLICATION and since else sort.number
        return session.execute(_of(name, walked.order_by(order.desc()).limit(most), every)).all()
    lately = rows.where(sort.number.in_(_last(sort, before)))
    found = session.execute(_of(name, lately, asked).limit(most)).all()
    if len(found) == most:
        return found
    # By the sum, which no index holds: in the order of the numbers, all would be read.
    own = rows.where(*_theirs(sort, asked)).order_by((sort.number + 0).desc()).limit(most)
    return session.execute(_of(name, own, every)).all()


def _last(sort: Sort, before: int | None) -> Any:
    """The numbers of the last rows of a table."""
    row = aliased(sort.number.class_)
    numbers = select(row.id).order_by(row.id.desc()).limit(_LATELY)
    return numbers if before is None else numbers.where(row.id < before)


def _published(sort: Sort) -> Any:
    """Found before they are joined: a database that began with the commitments would read the whole history."""
    return exists().where(
        Commitment.id == sort.commitment_id, Commitment.publication_state == PublicationState.PUBLISHED
    )


def _theirs(sort: Sort, asked: CommitmentFilter) -> list[Any]:
    """That a row is of a commitment that is asked for."""
    if sort.commitment_id is not None:
        return [sort.commitment_id.in_(queries.commitments(asked, only=("id",)).order_by(None))]
    ids = queries.commitments(replace(asked, unpublished=True), only=("id",)).order_by(None)
    keys = ids.with_only_columns(cast(Commitment.id, String))
    return [AuditEvent.table_name == Commitment.__tablename__, AuditEvent.row_key.in_(keys)]


def _of(name: str, rows: Question, asked: CommitmentFilter) -> Question:
    """Rows of a sort that are of a commitment asked for, with what it is called; the last written first."""
    told = rows.subquery("told")
    public = name == _PUBLICATION
    named = queries.commitments(replace(asked, unpublished=public), only=_NAMED).order_by(None)
    named = named.add_columns(*told.c).join(told, told.c.commitment_id == Commitment.id)
    return (named.where(_may_be_told(told)) if public else named).order_by(told.c.number.desc())


def _may_be_told(told: Any) -> Any:
    """Of what was withdrawn, only that."""
    gone = Commitment.publication_state == PublicationState.WITHDRAWN
    return or_(
        Commitment.publication_state == PublicationState.PUBLISHED,
        gone & (told.c.state == PublicationState.WITHDRAWN.value),
    )


def _past(session: Session, ids: set[int], cutoff: Cutoff) -> dict[int, list[Row[Any]]]:
    """Every judgement of these commitments that stands at the cut-off."""
    valid = valid_assessments(cutoff).where(StatusAssessment.commitment_id.in_(ids)).subquery("valid").c
    rows: Question = select(valid.id, valid.commitment_id, valid.execution, valid.effective_on, valid.recorded_at)
    past: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(rows).all():
        past[row.commitment_id].append(row)
    return past


def _before(past: Sequence[Row[Any]], number: int) -> Execution:
    """The status of a commitment before the judgement of that number was written, as `standings.standing` finds it."""
    earlier = [row for row in past if row.id < number]
    if not earlier:
        return Execution.NOT_REVIEWED
    last = max(earlier, key=lambda row: (row.execution not in _NOTHING, row.effective_on, row.recorded_at, row.id))
    return Execution(last.execution)
