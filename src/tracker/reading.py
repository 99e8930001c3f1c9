"""A document as it is read: its text in runs, each with the commitments whose words it is.

Quotes overlap: a head's holds those of its parts, and parts may share one and differ by their focus. The text is cut
at every boundary, so that each run is held by the same passages from its first character to its last.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, TypeVar

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, joinedload, raiseload

from tracker import columns, coverage, queries
from tracker.codebook import LicenceMode, MarkReason
from tracker.coverage import Coverage
from tracker.filters import CommitmentFilter
from tracker.models import Commitment, Passage, PassageMark, SourceDocument, Turn
from tracker.passages import audible
from tracker.standings import Cutoff

_Holder = TypeVar("_Holder")

#: Start, end, and what holds the text between them.
Span = tuple[int, int, _Holder]


class Holding(enum.Enum):
    """What holds a run of an answer."""

    #: words of a commitment that is followed up
    COMMITMENT = "commitment"
    #: words of a head that are none of its parts’ own
    HEAD = "head"
    #: marked as background, opinion and the like
    CONTEXT = "context"
    #: punctuation, and words that only tie sentences together
    SILENT = "silent"
    #: no row holds it
    NOTHING = "nothing"
    #: no part of an answer
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Stretch:
    """A run as it is shown."""

    text: str
    holding: Holding
    #: the commitment whose words these are most closely
    row: Row[Any] | None = None
    #: codes of all whose quote holds the run, in the order of the document
    codes: tuple[str, ...] = ()
    #: codes of those whose own words begin here
    begins: tuple[str, ...] = ()
    reason: MarkReason | None = None


@dataclass(frozen=True)
class Block:
    """What begins in one paragraph: a head (none where it began before) and those of its parts."""

    head: Row[Any] | None
    parts: tuple[Row[Any], ...]


@dataclass(frozen=True)
class Paragraph:
    """A line of the text, what it holds, and whether it is the question."""

    stretches: tuple[Stretch, ...]
    blocks: tuple[Block, ...]
    is_question: bool


@dataclass(frozen=True)
class Section:
    """A question with its answer, or (`turn` is none) what stands outside of them."""

    turn: Turn | None
    paragraphs: list[Paragraph]


@dataclass(frozen=True)
class Reading:
    """A document with the standing of its commitments at a cut-off."""

    document: SourceDocument
    sections: list[Section]
    rows: Sequence[Row[Any]]
    coverage: Coverage


@dataclass(frozen=True)
class _Said:
    """A commitment in the text: its quote, and the stretch of it that is its own."""

    row: Row[Any]
    quote: tuple[int, int]
    own: tuple[int, int]


def _said(row: Row[Any]) -> _Said:
    quote = row.start, row.end
    return _Said(row, quote, quote if row.focus_start is None else (row.focus_start, row.focus_end))


def runs(within: tuple[int, int], spans: Sequence[Span[_Holder]]) -> list[tuple[int, int, tuple[_Holder, ...]]]:
    """`within` cut at every boundary of `spans`: start, end, and the holders of all spans that cover it, in order."""
    first, last = within
    near = [span for span in spans if span[0] < last and span[1] > first]
    bounds = {first, last} | {bound for span in near for bound in span[:2] if first < bound < last}
    return [
        (start, end, tuple(holder for left, right, holder in near if left <= start and end <= right))
        for start, end in pairwise(sorted(bounds))
    ]


def reading(session: Session, key: str, cutoff: Cutoff) -> Reading | None:
    """The document with that key at `cutoff`, in four queries; none where there is none.

    What its licence does not allow to be shown is not in it: without the full text only the words of commitments,
    with metadata alone no words at all.
    """
    document = session.scalars(_documents().where(SourceDocument.key == key)).one_or_none()
    if document is None:
        return None
    asked = queries.commitments(CommitmentFilter(cutoff=cutoff)).where(Commitment.document_id == document.id)
    of_its_own = columns.focus.start.label("focus_start"), columns.focus.end.label("focus_end")
    rows = session.execute(asked.add_columns(*of_its_own)).all()
    said = [_said(row) for row in rows]
    turns = session.scalars(_turns(document)).all()
    marks = [(start, end, reason) for start, end, reason in session.execute(_marks(document)) if reason.is_context]
    answers = [(turn.answer_start, turn.answer_end) for turn in turns]
    held = coverage.measured(document, answers, [one.quote for one in said], [mark[:2] for mark in marks])
    lines = _Lines(document, turns, said, marks)
    sections = [Section(turn, list(part)) for turn, part in lines.by_turn()]
    return Reading(document, sections, rows, held)


class _Lines:
    """The lines of a document, each in its runs."""

    def __init__(
        self, document: SourceDocument, turns: Sequence[Turn], said: list[_Said], marks: list[Span[MarkReason]]
    ) -> None:
        self.text, self.licence = document.text, document.licence_mode
        self.turns, self.said = turns, said
        answers = [(turn.answer_start, turn.answer_end, turn) for turn in turns]
        quotes = [(*one.quote, one) for one in said]
        focuses = [(*one.own, None) for one in said if one.own != one.quote]
        self.spans: list[Span[Any]] = [*quotes, *focuses, *marks, *answers]

    def by_turn(self) -> Iterator[tuple[Turn | None, Iterator[Paragraph]]]:
        """Each turn with its lines; what stands before the first has none."""
        position, lines = 0, []
        for line in self.text.split("\n"):
            lines.append((position, position + len(line)))
            position += len(line) + 1
        for turn, part in groupby((line for line in lines if line[0] < line[1]), key=self._turn):
            yield turn, (self._paragraph(line, turn) for line in part)

    def _turn(self, line: tuple[int, int]) -> Turn | None:
        """The turn whose question or answer a line holds some of."""
        for turn in self.turns:
            if line[0] < turn.answer_end and line[1] > (turn.question_start or turn.answer_start):
                return turn
        return None

    def _paragraph(self, line: tuple[int, int], turn: Turn | None) -> Paragraph:
        begun = [one for one in self.said if line[0] <= one.own[0] < line[1]]
        stretches = () if self.licence is LicenceMode.METADATA_ONLY else tuple(self._stretches(line))
        is_question = bool(turn and turn.question_end and line[0] < turn.question_end)
        return Paragraph(stretches, tuple(_blocks(one.row for one in begun)), is_question)

    def _stretches(self, line: tuple[int, int]) -> Iterator[Stretch]:
        for start, end, holders in runs(line, self.spans):
            text = self.text[start:end]
            said = [holder for holder in holders if isinstance(holder, _Said)]
            if said:
                begins = tuple(one.row.code for one in said if one.own[0] == start)
                row = min(said, key=lambda one: _nearness(one, start, end)).row
                holding = Holding.COMMITMENT if row.is_leaf or row.stands_alone else Holding.HEAD
                yield Stretch(text, holding, row, tuple(one.row.code for one in said), begins)
            elif self.licence is LicenceMode.FULL_TEXT or not audible(text):
                reason = next((holder for holder in holders if isinstance(holder, MarkReason)), None)
                yield Stretch(text, _unsaid(text, reason, holders), reason=reason)
            else:
                yield Stretch("……", Holding.OUTSIDE)


def _nearness(one: _Said, start: int, end: int) -> tuple[bool, int, int]:
    """How far a run is from being a commitment’s own: first whose own words hold it, then the shortest, parts first."""
    is_own = one.own[0] <= start and end <= one.own[1]
    left, right = one.own if is_own else one.quote
    # Where several share a quote and none claims the words as its own, they are the first's: the head's.
    return not is_own, right - left, -one.row.position if is_own else one.row.position


def _unsaid(text: str, reason: MarkReason | None, holders: tuple[Any, ...]) -> Holding:
    if not any(isinstance(holder, Turn) for holder in holders):
        return Holding.OUTSIDE
    if reason:
        return Holding.CONTEXT
    return Holding.NOTHING if audible(text) else Holding.SILENT


def _blocks(rows: Iterable[Row[Any]]) -> Iterator[Block]:
    for _, group in groupby(rows, key=lambda row: row.parent or row.code):
        block = list(group)
        head = next((row for row in block if not row.parent), None)
        yield Block(head, tuple(row for row in block if row.parent))


def _documents() -> Any:
    return select(SourceDocument).options(joinedload(SourceDocument.jurisdiction), raiseload("*"))


def _turns(document: SourceDocument) -> Any:
    return select(Turn).where(Turn.document_id == document.id).order_by(Turn.position).options(raiseload("*"))


def _marks(document: SourceDocument) -> Any:
    rows = select(Passage.start, Passage.end, PassageMark.reason).join(Passage, Passage.id == PassageMark.passage_id)
    return rows.where(PassageMark.document_id == document.id).order_by(Passage.start, PassageMark.id)
