"""A quote as it is shown: in its place, with the rest of its sentences around it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker import passages
from tracker.codebook import DocumentKind
from tracker.models import Commitment, SourceDocument


@dataclass(frozen=True)
class Words:
    """A quote in its place: what stands before, the quote in three stretches (the middle its focus), what after."""

    before: str
    lead: str
    focus: str
    rest: str
    after: str


def words(session: Session, commitment: Commitment) -> Words:
    """The words of a commitment, with one sentence more on each side, inside the answer they were given in.

    A line of a table stands by itself: what is above and below it says nothing of it.
    """
    document = session.get_one(SourceDocument, commitment.document_id)
    text = document.text
    start, end = commitment.passage.start, commitment.passage.end
    turn = commitment.turn
    first, last = (turn.answer_start, turn.answer_end) if turn else (0, len(text))
    before, after = "", ""
    if document.kind is not DocumentKind.TASK_TABLE:
        before, after = passages.sentence_around(text[first:last], start - first, end - first)
    focus = commitment.focus
    inner = (focus.start, focus.end) if focus else (start, start)
    return Words(before, text[start : inner[0]], text[inner[0] : inner[1]], text[inner[1] : end], after)
