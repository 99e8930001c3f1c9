"""What is proved of the texts and their coding."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from tracker import deadlines
from tracker.codebook import DocumentKind, MarkReason, PublicationState
from tracker.coverage import coverage
from tracker.models import Commitment, Passage, PassageMark, SourceDocument, StatedFigure, Turn

_DIGITS = re.compile(r"\d+(?:\.\d+)?")

#: Over how many rows, and each that fails.
Result = tuple[int, list[str]]


def hashes(session: Session) -> Result:
    """Documents fit their hashes."""
    documents = session.scalars(select(SourceDocument)).all()
    return len(documents), [
        f"{document.key}: sha256 {document.sha256}"
        for document in documents
        if hashlib.sha256(document.text.encode()).hexdigest() != document.sha256
    ]


def quotes(session: Session) -> Result:
    """A quote stands exactly once in its document, inside the answer it was given in; in a table it is one line."""
    rows = session.execute(
        select(Commitment.code, Passage.start, Passage.end, SourceDocument, Turn.answer_start, Turn.answer_end)
        .join(Passage, Commitment.passage_id == Passage.id)
        .join(SourceDocument, Passage.document_id == SourceDocument.id)
        .outerjoin(Turn, Commitment.turn_id == Turn.id)
    ).all()
    faults = []
    for code, start, end, document, first, last in rows:
        quote = document.text[start:end]
        count = _times(quote, document)
        if not quote.strip() or count != 1:
            faults.append(f"{code}: “{quote}” × {count}")
        elif first is not None and not first <= start < end <= last:
            faults.append(f"{code}: “{quote}” ∉ {first}–{last}")
    return len(rows), faults


def _times(quote: str, document: SourceDocument) -> int:
    """How often a quote stands in its document. A line of a table may say what is part of another line."""
    if document.kind is DocumentKind.TASK_TABLE:
        return document.text.split("\n").count(quote)
    return document.text.count(quote)


def focuses(session: Session) -> Result:
    """A focus lies within its quote."""
    quote, focus = aliased(Passage), aliased(Passage)
    rows = session.execute(
        select(Commitment.code, quote.start, quote.end, focus.start, focus.end)
        .join(quote, Commitment.passage_id == quote.id)
        .join(focus, Commitment.focus_id == focus.id)
    ).all()
    return len(rows), [f"{code}: {s}–{e} ∉ {a}–{b}" for code, a, b, s, e in rows if not a <= s < e <= b]


def windows(session: Session) -> Result:
    """A window is what its rule makes of its phrase."""
    rows = session.execute(
        select(Commitment, SourceDocument.date)
        .join(SourceDocument, Commitment.document_id == SourceDocument.id)
        .where(Commitment.deadline_rule.is_not(None))
    ).all()
    faults = []
    for row, published in rows:
        rule, phrase = row.deadline_rule, row.deadline_text
        if rule is None or phrase is None:  # the query leaves these out
            continue
        made = deadlines.interval(rule, phrase, int(published[:4]))
        if (row.window_start, row.window_end) != made or row.deadline_kind is not rule.kind:
            faults.append(f"{row.code}: {row.window_start}–{row.window_end}, {rule.value} → {made}")
    return len(rows), faults


def _is_coded() -> ColumnElement[bool]:
    """Whether something of a document is published: before that, it is being coded, and nothing of it is whole yet."""
    published = Commitment.publication_state == PublicationState.PUBLISHED
    return exists().where(Commitment.document_id == SourceDocument.id, published)


def digits(session: Session) -> Result:
    """Every number of the answers is in a figure, or marked as part of a name or date."""
    count, faults = 0, []
    for document in session.scalars(select(SourceDocument).where(_is_coded())):
        figures = select(Passage.start, Passage.end).join(StatedFigure, StatedFigure.passage_id == Passage.id)
        marks = select(Passage.start, Passage.end).join(PassageMark, PassageMark.passage_id == Passage.id)
        marks = marks.where(PassageMark.reason.in_([MarkReason.NAME, MarkReason.DATE]))
        held = [
            (start, end)
            for spans in (figures, marks)
            for start, end in session.execute(spans.where(Passage.document_id == document.id))
        ]
        for turn in session.scalars(select(Turn).where(Turn.document_id == document.id)):
            for number in _DIGITS.finditer(document.text, turn.answer_start, turn.answer_end):
                count += 1
                if not any(start <= number.start() and number.end() <= end for start, end in held):
                    faults.append(f"{document.key} {number.start()}: {number[0]}")
    return count, faults


def covered(session: Session) -> Result:
    """No text of the answers is left out."""
    coded = set(session.scalars(select(SourceDocument.key).where(_is_coded())))
    found = [row for row in coverage(session) if row.document in coded]
    return len(found), [f"{row.document} {start}: {words}" for row in found for start, words in row.missing]


def heads(session: Session) -> Result:
    """Every head of an interview has a part, unless it is a draft; what a table lists may stand alone."""
    part = aliased(Commitment)
    rows = session.execute(
        select(Commitment.code, func.count(part.id))
        .join(SourceDocument, Commitment.document_id == SourceDocument.id)
        .outerjoin(part, part.parent_id == Commitment.id)
        .where(Commitment.parent_id.is_(None), SourceDocument.kind == DocumentKind.INTERVIEW)
        .where(Commitment.publication_state == PublicationState.PUBLISHED)
        .group_by(Commitment.code)
    ).all()
    return len(rows), [code for code, parts in rows if not parts]
