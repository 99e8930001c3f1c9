"""How much of the answers the ledger holds, and the text that no row holds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.codebook import MarkReason
from tracker.models import Commitment, Passage, PassageMark, SourceDocument, Turn
from tracker.passages import audible, gaps


@dataclass(frozen=True)
class Coverage:
    """What holds the text of a document's answers; characters without punctuation and connectives."""

    document: str
    title: str
    #: characters of the answers
    total: int
    #: of these, in the quote of a commitment
    held: int
    #: of these, marked as context and in no quote
    context: int
    #: stretches that neither holds, in order: (start, words)
    missing: tuple[tuple[int, str], ...]

    @property
    def share(self) -> float:
        """Share of the answers held by commitments, 0 to 1."""
        return self.held / self.total if self.total else 0.0


def coverage(session: Session, key: str | None = None) -> list[Coverage]:
    """The coverage of one document, or of each. An unknown key gives an empty list."""
    documents = select(SourceDocument).order_by(SourceDocument.id)
    if key:
        documents = documents.where(SourceDocument.key == key)
    return [_of(session, document) for document in session.scalars(documents)]


def _of(session: Session, document: SourceDocument) -> Coverage:
    quoted = select(Passage.start, Passage.end).join(Commitment, Commitment.passage_id == Passage.id)
    marked = (
        select(Passage.start, Passage.end)
        .join(PassageMark, PassageMark.passage_id == Passage.id)
        .where(PassageMark.reason.in_([reason for reason in MarkReason if reason.is_context]))
    )
    quotes, context = (
        [(start, end) for start, end in session.execute(spans.where(Passage.document_id == document.id))]
        for spans in (quoted, marked)
    )
    answers = session.execute(
        select(Turn.answer_start, Turn.answer_end).where(Turn.document_id == document.id).order_by(Turn.position)
    )
    return measured(document, [(start, end) for start, end in answers], quotes, context)


def measured(
    document: SourceDocument,
    answers: list[tuple[int, int]],
    quotes: list[tuple[int, int]],
    context: list[tuple[int, int]],
) -> Coverage:
    """The coverage of a document by these quotes and marks of context: starts and ends in code points."""
    total = unquoted = 0
    missing: list[tuple[int, str]] = []
    for start, end in answers:
        total += len(audible(document.text[start:end]))
        unquoted += sum(len(audible(document.text[a:b])) for a, b in gaps(quotes, (start, end)))
        for a, b in gaps(quotes + context, (start, end)):
            if audible(document.text[a:b]):
                missing.append((a, document.text[a:b].strip()))
    silent = sum(len(audible(words)) for _, words in missing)
    return Coverage(document.key, document.title, total, total - unquoted, unquoted - silent, tuple(missing))
