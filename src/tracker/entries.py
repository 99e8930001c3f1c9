"""What a program enters one by one: a place, a published text; `promises` enters a commitment in it.

What the seed and files bring is read and synchronised elsewhere; the rules are the same, and the database holds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models import Base, Jurisdiction, SourceDocument, Turn
from tracker.rules import Fault, RuleBroken, is_web_address

_Row = TypeVar("_Row", bound=Base)

Span = tuple[int, int]


@dataclass(frozen=True)
class Answer:
    """A question and its answer in a text, by positions; a question may be missing."""

    answer: Span
    question: Span | None = None
    question_head_missing: bool = False


def enter_city(session: Session, *, parent: str | None = None, **said: Any) -> Jurisdiction:
    """A province or a city; `parent` is the code of what it lies in. Flushed, not committed. Raises `RuleBroken`."""
    above = named(session, Jurisdiction, parent, "parent")
    refuse(taken(session, Jurisdiction, said, ("code", "slug")))
    return added(session, Jurisdiction(parent_id=above.id if above else None, **said))


def enter_document(
    session: Session,
    *,
    text: str,
    city: str | None = None,
    supersedes: str | None = None,
    turns: Sequence[Answer] = (),
    **said: Any,
) -> SourceDocument:
    """A published text, which never changes afterwards; `city` and `supersedes` name other rows.

    Flushed, not committed. Raises `RuleBroken`: a text or key that is there already, an address that is none, an answer
    that does not lie in the text.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    place, corrected = (
        named(session, Jurisdiction, city, "city"),
        named(session, SourceDocument, supersedes, "supersedes", by="key"),
    )
    refuse(
        [
            *taken(session, SourceDocument, {**said, "sha256": digest}, ("key", "sha256")),
            *_unlinked(said),
            *_misplaced(turns, len(text)),
        ]
    )
    row = SourceDocument(
        text=text,
        sha256=digest,
        jurisdiction_id=place.id if place else None,
        supersedes_id=corrected.id if corrected else None,
        **said,
    )
    added(session, row)
    session.add_all(_turn(row.id, number, turn) for number, turn in enumerate(turns, 1))
    session.flush()
    return row


def _turn(document_id: int, number: int, turn: Answer) -> Turn:
    start, end = turn.question or (None, None)
    return Turn(
        document_id=document_id,
        position=number,
        question_start=start,
        question_end=end,
        answer_start=turn.answer[0],
        answer_end=turn.answer[1],
        question_head_missing=turn.question_head_missing,
    )


def added(session: Session, row: _Row) -> _Row:
    """Put a row into the ledger; flushed, not committed."""
    session.add(row)
    session.flush()
    return row


def refuse(faults: Collection[Fault] | Iterator[Fault]) -> None:
    """Raise `RuleBroken` where there is a fault."""
    if found := list(faults):
        raise RuleBroken(found)


def named(session: Session, model: type[_Row], code: str | None, field: str, *, by: str = "code") -> _Row | None:
    """The row that a code names; none where none does. Raises `RuleBroken` where there is no such row."""
    return None if code is None else needed(session, model, code, field, by=by)


def needed(session: Session, model: type[_Row], code: str, field: str, *, by: str = "code") -> _Row:
    """The same where a code is given."""
    found = session.scalar(select(model).where(getattr(model, by) == code))
    if found is None:
        raise RuleBroken([Fault(f"{field}-known", field, f"没有“{code}”", f"there is no “{code}”")])
    return found


def taken(session: Session, model: Any, said: Mapping[str, Any], columns: Sequence[str]) -> Iterator[Fault]:
    """A fault for each of some columns whose value another row has."""
    for column in columns:
        if session.scalar(select(model.id).where(getattr(model, column) == said[column])) is not None:
            field = "text" if column == "sha256" else column
            yield Fault(f"{field}-new", field, "已经有了", "is there already")


def _unlinked(said: Mapping[str, Any]) -> Iterator[Fault]:
    for name in ("url", "archived_url"):
        if said.get(name) and not is_web_address(said[name]):
            yield Fault("address", name, "须以 http:// 或 https:// 开头", "begins with http:// or https://")


def _misplaced(turns: Sequence[Answer], length: int) -> Iterator[Fault]:
    """A fault for each turn that does not lie in the text, after the one before it."""
    last = 0
    for place, turn in enumerate(turns):
        bounds = [last, *(turn.question or ()), *turn.answer, length]
        pairs = [span for span in (turn.question, turn.answer) if span]
        if sorted(bounds) != bounds or any(start >= end for start, end in pairs):
            yield Fault(
                "turn-in-text", f"turns/{place}", "位置不在正文里，或次序不对", "does not lie in the text in order"
            )
        last = max(turn.answer[1], last)
