"""Questions to the problem ledgers: which obstacles a city has, and where each stood on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from tracker import ties
from tracker.codebook import ObstacleState
from tracker.models import (
    Evidence,
    Jurisdiction,
    Obstacle,
    ObstacleClosing,
    Organisation,
    Term,
    User,
    obstacle_commitment,
)
from tracker.models.base import coded, shared
from tracker.standings import Cutoff, Question

#: A line of a ledger: the columns of `obstacles`, and the codes of the `commitments` it is tied to.
Line = dict[str, Any]

#: What the record of a commitment says of each obstacle that it is tied to.
BRIEF = ("number", "title", "category", "category_zh", "category_en", "state", "raised_on", "due_on", "closed_on")

_ties = obstacle_commitment.c
_raiser, _closer = shared(User, "raiser"), shared(User, "closer")


@dataclass(frozen=True)
class ObstacleFilter:
    """Which obstacles are asked for, at a point of both time axes."""

    #: GB/T 2260 code of the city
    city_code: str | None = None
    #: open ones include the overdue
    state: ObstacleState | None = None
    cutoff: Cutoff = field(default_factory=Cutoff)


def obstacles(asked: ObstacleFilter) -> Question:
    """The obstacles asked for, one row each, by city in the order in which they were raised.

    Raised by the cutoff's day and written down by then; closed where the closing was, too. `tied` is
    how many commitments it is tied to.
    """
    cutoff, state = asked.cutoff, _state(asked.cutoff)
    tied = select(func.count()).where(_ties.obstacle_id == Obstacle.id).correlate(Obstacle).scalar_subquery()
    rows = (
        select(*_columns(), state.label("state"), tied.label("tied"))
        .where(*cutoff.written(Obstacle.recorded_at))
        .order_by(Jurisdiction.code, Obstacle.raised_on, Obstacle.id)
    )
    conditions = [
        Obstacle.raised_on <= cutoff.as_of if cutoff.as_of else None,
        Jurisdiction.code == asked.city_code if asked.city_code else None,
        _is(asked.state, state) if asked.state else None,
    ]
    return _joined(rows, cutoff).where(*(condition for condition in conditions if condition is not None))


def _columns() -> list[Any]:
    """What a line says, but for where the obstacle stands."""
    return [
        Obstacle.id.label("number"),
        Jurisdiction.name_zh.label("city"),
        Jurisdiction.name_en.label("city_en"),
        Jurisdiction.code.label("city_code"),
        Obstacle.title,
        Term.code.label("category"),
        Term.name_zh.label("category_zh"),
        Term.name_en.label("category_en"),
        Obstacle.remedy,
        Organisation.name_zh.label("unit"),
        Organisation.name_en.label("unit_en"),
        Obstacle.raised_on,
        Obstacle.due_on,
        _raiser.name.label("raised_by"),
        Obstacle.recorded_at,
        ObstacleClosing.closed_on,
        _closer.name.label("closed_by"),
        ObstacleClosing.note,
        Evidence.url.label("evidence"),
        Evidence.title.label("evidence_title"),
        ObstacleClosing.recorded_at.label("closing_recorded_at"),
    ]


def of_commitments(ids: Any, cutoff: Cutoff) -> Question:
    """The obstacles that each of some commitments is tied to, by `commitment_id`; the columns of `BRIEF`."""
    rows = obstacles(ObstacleFilter(cutoff=cutoff))
    return ties.of_commitments(rows, obstacle_commitment, _ties.obstacle_id == Obstacle.id, BRIEF, ids)


def lines(session: Session, asked: ObstacleFilter) -> Iterator[Line]:
    """The ledger asked for, line by line, each with the codes of its commitments."""
    return ties.lines(session, obstacles(asked), obstacle_commitment, _ties.obstacle_id == Obstacle.id, "number")


def _joined(rows: Question, cutoff: Cutoff) -> Question:
    closed = [ObstacleClosing.obstacle_id == Obstacle.id, *cutoff.written(ObstacleClosing.recorded_at)]
    if cutoff.as_of:
        closed.append(ObstacleClosing.closed_on <= cutoff.as_of)
    return (
        rows.select_from(Obstacle)
        .join(Jurisdiction, Obstacle.jurisdiction_id == Jurisdiction.id)
        .join(Term, Obstacle.category_id == Term.id)
        .join(_raiser, Obstacle.raised_by_id == _raiser.id)
        .outerjoin(Organisation, Obstacle.unit_id == Organisation.id)
        .outerjoin(ObstacleClosing, and_(*closed))
        .outerjoin(_closer, ObstacleClosing.closed_by_id == _closer.id)
        .outerjoin(Evidence, ObstacleClosing.evidence_id == Evidence.id)
    )


def _state(cutoff: Cutoff) -> ColumnElement[Any]:
    """Where an obstacle stands on the cutoff's day."""
    found = case(
        (ObstacleClosing.id.is_not(None), ObstacleState.CLOSED.value),
        (Obstacle.due_on < cutoff.day(), ObstacleState.OVERDUE.value),
        else_=ObstacleState.OPEN.value,
    )
    return type_coerce(found, coded(ObstacleState, "state"))


def _is(wanted: ObstacleState, state: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an obstacle is in a state; what is overdue is open."""
    if wanted is ObstacleState.OPEN:
        return or_(state == ObstacleState.OPEN, state == ObstacleState.OVERDUE)
    return state == wanted
