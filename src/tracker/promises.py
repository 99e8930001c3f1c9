"""A commitment is marked in a text that is loaded: its quote stands there exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker import deadlines
from tracker.codebook import DeadlineKind, DeadlineRule, TermBasis, UnitBasis, UnitRole
from tracker.entries import Span, added, named, needed, refuse, taken
from tracker.models import (
    Base,
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Jurisdiction,
    Organisation,
    Passage,
    Person,
    Post,
    SourceDocument,
    Term,
    Turn,
    Vocabulary,
)
from tracker.passages import QuoteAmbiguous, QuoteError, locate
from tracker.rules import Fault, RuleBroken


@dataclass(frozen=True)
class Promise:
    """A commitment as it is entered: where it stands, who said it, how it was coded. Codes name other rows."""

    code: str
    document: str
    city: str
    #: stands exactly once in the document
    quote: str
    #: neither where the text names nobody
    speaker: str | None = None
    post: str | None = None
    focus: str | None = None
    parent: str | None = None
    #: the phrase of the text, and the rule that makes a window of it
    deadline: tuple[str, DeadlineRule] | None = None
    #: codes of units, with their part and how that is known
    units: tuple[tuple[str, UnitRole, UnitBasis], ...] = ()
    #: `vocabulary/term` and on what ground
    terms: tuple[tuple[str, TermBasis], ...] = ()


def enter_commitment(session: Session, promise: Promise, **coding: Any) -> Commitment:
    """A commitment in a text that is loaded, with its passages, units and terms, behind those that are there.

    `coding` are further columns of it. Flushed, not committed. Raises `RuleBroken` where the quote does not stand
    exactly once, or something that it names is not there.
    """
    document = needed(session, SourceDocument, promise.document, "document", by="key")
    refuse(taken(session, Commitment, {"code": promise.code}, ("code",)))
    head = _head(session, promise.parent, document)
    span = _span(document.text, promise.quote, "quote")
    focus = _span(document.text, promise.focus, "focus", span) if promise.focus else None
    last = session.scalar(select(func.max(Commitment.position)).where(Commitment.document_id == document.id))
    row = Commitment(
        code=promise.code,
        document_id=document.id,
        jurisdiction_id=needed(session, Jurisdiction, promise.city, "city").id,
        speaker_id=_id(named(session, Person, promise.speaker, "speaker")),
        post_id=_id(named(session, Post, promise.post, "post")),
        turn_id=_turn(session, document.id, span),
        parent_id=_id(head),
        passage_id=_passage(session, document.id, span),
        focus_id=_passage(session, document.id, focus) if focus else None,
        position=(last or 0) + 1,
        **_deadline(promise, document),
        **coding,
    )
    added(session, row)
    session.add_all(_ties(session, promise, row.id))
    session.flush()
    return row


def _id(row: Person | Post | Commitment | None) -> int | None:
    return row.id if row else None


def _head(session: Session, parent: str | None, document: SourceDocument) -> Commitment | None:
    head = named(session, Commitment, parent, "parent")
    if head is not None and (head.document_id != document.id or head.parent_id is not None):
        said = "须是同一文献的总项", "has to be a head of the same document"
        raise RuleBroken([Fault("parent-is-head", "parent", *said)])
    return head


def _span(text: str, words: str, field: str, within: Span | None = None) -> Span:
    """Where words stand, exactly once. Raises `RuleBroken`."""
    try:
        return locate(text, words, within=within)
    except QuoteAmbiguous:
        said = "在原文中不止一处，请多引几个字", "stands in the text more than once: quote more of the sentence"
    except QuoteError:
        said = "在原文中找不到，须逐字照引", "does not stand in the text: quote it word for word"
    raise RuleBroken([Fault("quote-stands-once", field, *said)])


def _turn(session: Session, document_id: int, span: Span) -> int | None:
    """The turn in whose answer a stretch lies."""
    asked = select(Turn.id).where(
        Turn.document_id == document_id, Turn.answer_start <= span[0], Turn.answer_end >= span[1]
    )
    return session.scalar(asked)


def _passage(session: Session, document_id: int, span: Span) -> int:
    start, end = span
    asked = select(Passage.id).where(Passage.document_id == document_id, Passage.start == start, Passage.end == end)
    known = session.scalar(asked)
    return known or added(session, Passage(document_id=document_id, start=start, end=end)).id


def _deadline(promise: Promise, document: SourceDocument) -> dict[str, Any]:
    """The phrase, its rule and the window that it makes; none of them where the text sets no date."""
    if promise.deadline is None:
        return {"deadline_kind": DeadlineKind.NONE}
    phrase, rule = promise.deadline
    if phrase not in document.text:
        raise RuleBroken([Fault("deadline-stands", "deadline/text", "在原文中找不到", "does not stand in the text")])
    try:
        start, end = deadlines.interval(rule, phrase, int(document.date[:4]))
    except ValueError:
        said = "这条规则得不出日期", "this rule makes no day of the phrase"
        raise RuleBroken([Fault("deadline-rule", "deadline/rule", *said)]) from None
    return {
        "deadline_text": phrase, "deadline_kind": rule.kind, "deadline_rule": rule, "window_start": start,
        "window_end": end,
    }  # fmt: skip


def _ties(session: Session, promise: Promise, row_id: int) -> Iterator[Base]:
    for code, role, basis in promise.units:
        unit = needed(session, Organisation, code, "units")
        yield CommitmentUnit(commitment_id=row_id, organisation_id=unit.id, role=role, basis=basis)
    for term_code, ground in promise.terms:
        vocabulary, _, code = term_code.partition("/")
        asked = select(Term.id).join(Vocabulary).where(Vocabulary.code == vocabulary, Term.code == code)
        term = session.scalar(asked)
        if term is None:
            raise RuleBroken([Fault("term-known", "terms", f"没有“{term_code}”", f"there is no “{term_code}”")])
        yield CommitmentTerm(commitment_id=row_id, term_id=term, basis=ground)
