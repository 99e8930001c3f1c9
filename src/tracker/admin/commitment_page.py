"""What the page of a commitment shows: its words in their place, its tree, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker import histories, queries, records, surroundings
from tracker.admin.timeline import Happening, timeline
from tracker.models import Commitment
from tracker.quotes import Words, words
from tracker.standings import Cutoff


@dataclass(frozen=True)
class Page:
    """All that the page of a commitment shows."""

    commitment: Commitment
    record: records.Record
    words: Words
    #: the head and its parts, in order
    tree: Sequence[Row[Any]]
    #: what happened, the newest first
    timeline: list[Happening]
    is_assessed: bool
    #: ids of assessments that a later one corrects → id of that one
    corrected: dict[int, int]
    #: codes of the commitments `before` and `after` it in its document
    neighbours: Row[Any]


def page(session: Session, commitment: Commitment, cutoff: Cutoff) -> Page:
    """The page of a commitment as it stood at `cutoff`; some twenty queries, whatever its history."""
    rows = session.execute(*queries.coded(commitment.code, cutoff)).all()
    assessments = session.scalars(histories.assessments(commitment.id, cutoff)).all()
    return Page(
        commitment=commitment,
        record=next(records.of_rows(session, rows, cutoff, unpublished=True)),
        words=words(session, commitment),
        tree=session.execute(*surroundings.family(commitment, cutoff, unpublished=True, only=surroundings.TOLD)).all(),
        is_assessed=bool(assessments),
        timeline=timeline(session, commitment, cutoff, assessments),
        corrected={row.corrects_id: row.id for row in assessments if row.corrects_id is not None},
        neighbours=session.execute(*surroundings.neighbours(commitment, unpublished=True)).one(),
    )
