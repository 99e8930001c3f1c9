"""What happened to a commitment, in one line of time: each thing on its own day in the world, the newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from enum import IntEnum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, raiseload

from tracker import histories
from tracker.models import (
    Commitment,
    Evidence,
    Measurement,
    Milestone,
    MilestoneReached,
    StatedFigure,
    StatusAssessment,
)
from tracker.standings import Cutoff


class What(IntEnum):
    """What happened; of one day, what rests on the others comes later."""

    EVIDENCE = 0
    PLANNED = 1
    SEARCH = 2
    DEADLINE = 3
    REACHED = 4
    MEASUREMENT = 5
    ASSESSMENT = 6
    REVIEW = 7


class Happening(NamedTuple):
    """One thing that happened: on which day, what it is, and its row; of evidence, which assessments cite it."""

    day: date
    what: What
    id: int
    row: Any
    cited_by: tuple[int, ...] = ()


def timeline(
    session: Session,
    commitment: Commitment,
    cutoff: Cutoff,
    assessments: Sequence[StatusAssessment],
) -> list[Happening]:
    """Everything with a day, the newest first; five queries. What has no day has no place."""
    revisions = session.scalars(histories.revisions(commitment.id, cutoff))
    searches = session.scalars(histories.searches(commitment.id, cutoff))
    found = [
        *(Happening(row.effective_on, What.ASSESSMENT, row.id, row) for row in assessments),
        *_cited(assessments),
        *_reviewed(assessments, cutoff),
        *(Happening(row.announced_on, What.DEADLINE, row.id, row) for row in revisions),
        *(Happening(row.searched_on, What.SEARCH, row.id, row) for row in searches),
        *_dated(session, commitment, cutoff),
    ]
    return sorted(found, key=lambda one: (one.day, one.what, one.id), reverse=True)


def _cited(assessments: Sequence[StatusAssessment]) -> Iterator[Happening]:
    """Evidence on the day it was published, once, however many assessments cite it."""
    pages: dict[int, Evidence] = {}
    cited_by: dict[int, list[int]] = defaultdict(list)
    for judgement in assessments:
        for citation in judgement.citations:
            pages[citation.evidence_id] = citation.evidence
            cited_by[citation.evidence_id].append(judgement.id)
    for page in pages.values():
        if page.published_on:
            yield Happening(page.published_on, What.EVIDENCE, page.id, page, tuple(sorted(cited_by[page.id])))


def _reviewed(assessments: Sequence[StatusAssessment], cutoff: Cutoff) -> Iterator[Happening]:
    for review in (review for judgement in assessments for review in judgement.reviews):
        day = review.recorded_at.date()
        if not cutoff.recorded_by or day <= cutoff.recorded_by:
            yield Happening(review.recorded_at.astimezone().date(), What.REVIEW, review.id, review)


def _dated(session: Session, commitment: Commitment, cutoff: Cutoff) -> Iterator[Happening]:
    """Milestones as planned and as reached, and values found for the figures of the text."""
    steps = select(Milestone).where(Milestone.commitment_id == commitment.id, *cutoff.written(Milestone.recorded_at))
    reached = (
        select(MilestoneReached)
        .join(MilestoneReached.milestone)
        .where(Milestone.commitment_id == commitment.id, *cutoff.written(MilestoneReached.recorded_at))
        .options(joinedload(MilestoneReached.milestone), *_signed(MilestoneReached))
    )
    found = (
        select(Measurement)
        .join(Measurement.figure)
        .where(StatedFigure.commitment_id == commitment.id, *cutoff.written(Measurement.recorded_at))
        .options(joinedload(Measurement.figure).joinedload(StatedFigure.unit), *_signed(Measurement))
    )
    if cutoff.as_of:
        reached = reached.where(MilestoneReached.reached_on <= cutoff.as_of)
        found = found.where(Measurement.as_of <= cutoff.as_of)
    for step in session.scalars(steps.options(*_signed(Milestone))):
        yield Happening(step.planned_on, What.PLANNED, step.id, step)
    for arrival in session.scalars(reached):
        yield Happening(arrival.reached_on, What.REACHED, arrival.id, arrival)
    for value in session.scalars(found):
        yield Happening(value.as_of, What.MEASUREMENT, value.id, value)


def _signed(model: Any) -> tuple[Any, ...]:
    return joinedload(model.evidence), joinedload(model.analyst), raiseload("*")
