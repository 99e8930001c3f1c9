"""What the page of a commitment shows: its words in their place, its tree, its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from tracker import passages, queries, records
from tracker.models import AssessmentEvidence, Commitment, SearchLog, SourceDocument, StatusAssessment
from tracker.queries import CommitmentFilter


@dataclass(frozen=True)
class Words:
    """A quote in its place: what stands before, the quote in three stretches (the middle its focus), what after."""

    before: str
    lead: str
    focus: str
    rest: str
    after: str


@dataclass(frozen=True)
class Page:
    """All that the page of a commitment shows."""

    commitment: Commitment
    record: records.Record
    words: Words
    #: the head and its parts, in order
    tree: list[Row[Any]]
    #: the latest first
    assessments: list[StatusAssessment]
    searches: list[SearchLog]
    #: ids of assessments that a later one corrects → id of that one
    corrected: dict[int, int]
    previous: str | None
    following: str | None


def page(session: Session, commitment: Commitment) -> Page:
    """The page of a commitment; nine queries, whatever its history."""
    which = CommitmentFilter(code=commitment.code, unpublished=True)
    judgements = history(session, commitment)
    return Page(
        commitment=commitment,
        record=next(records.records(session, which)),
        words=_words(session, commitment),
        tree=_tree(session, commitment),
        assessments=judgements,
        searches=_searches(session, commitment),
        corrected={row.corrects_id: row.id for row in judgements if row.corrects_id is not None},
        previous=_neighbour(session, commitment, after=False),
        following=_neighbour(session, commitment, after=True),
    )


def _words(session: Session, commitment: Commitment) -> Words:
    text = session.scalars(select(SourceDocument.text).where(SourceDocument.id == commitment.document_id)).one()
    start, end = commitment.passage.start, commitment.passage.end
    turn = commitment.turn
    first, last = (turn.answer_start, turn.answer_end) if turn else (0, len(text))
    before, after = passages.sentence_around(text[first:last], start - first, end - first)
    focus = commitment.focus
    inner = (focus.start, focus.end) if focus else (start, start)
    return Words(before, text[start : inner[0]], text[inner[0] : inner[1]], text[inner[1] : end], after)


def _tree(session: Session, commitment: Commitment) -> list[Row[Any]]:
    head = commitment.parent_id or commitment.id
    rows = queries.commitments(CommitmentFilter(unpublished=True))
    return list(session.execute(rows.where(or_(Commitment.id == head, Commitment.parent_id == head))).all())


def history(session: Session, commitment: Commitment) -> list[StatusAssessment]:
    """Every assessment with its analyst and evidence; the one that was true last comes first."""
    rows = (
        select(StatusAssessment)
        .where(StatusAssessment.commitment_id == commitment.id)
        .options(
            joinedload(StatusAssessment.analyst),
            selectinload(StatusAssessment.citations).joinedload(AssessmentEvidence.evidence),
            raiseload("*"),
        )
        .order_by(StatusAssessment.effective_on.desc(), StatusAssessment.recorded_at.desc(), StatusAssessment.id.desc())
    )
    return list(session.scalars(rows))


def _searches(session: Session, commitment: Commitment) -> list[SearchLog]:
    rows = select(SearchLog).where(SearchLog.commitment_id == commitment.id).options(joinedload(SearchLog.analyst))
    return list(session.scalars(rows.order_by(SearchLog.searched_on.desc(), SearchLog.id.desc())))


def _neighbour(session: Session, commitment: Commitment, *, after: bool) -> str | None:
    """Code of the commitment before or after this one in its document."""
    position = Commitment.position
    beyond = position > commitment.position if after else position < commitment.position
    rows = select(Commitment.code).where(Commitment.document_id == commitment.document_id, beyond)
    return session.scalars(rows.order_by(position if after else position.desc()).limit(1)).first()
