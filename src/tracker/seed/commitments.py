"""Commitments of the seed: heads, and parts with what they take from their heads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from tracker import deadlines
from tracker.codebook import (
    Checkability,
    Confidence,
    DeadlineKind,
    DeadlineRule,
    Kind,
    PublicationState,
    Tense,
    TermBasis,
    UnitBasis,
    UnitRole,
)
from tracker.seed.documents import DocumentData, Span, TurnData
from tracker.seed.entries import Entry
from tracker.seed.places import Places
from tracker.seed.stretches import locate, require_in

_ROW = (
    "code", "kind", "secondary_kind", "quote", "focus", "title_zh", "title_en", "tense", "tense_confidence",
    "tense_words", "tense_note_zh", "tense_note_en", "deadline", "checkability", "completion_zh", "completion_en",
    "beneficiaries_zh", "beneficiaries_en", "terms", "units", "figures", "note_zh", "note_en", "publication_state",
)  # fmt: skip


@dataclass(frozen=True)
class DeadlineData:
    """A phrase of the text and the window that a rule made of it."""

    deadline_text: str | None = None
    deadline_kind: DeadlineKind = DeadlineKind.NONE
    deadline_rule: DeadlineRule | None = None
    window_start: date | None = None
    window_end: date | None = None


@dataclass(frozen=True)
class CommitmentData:
    """A head, or a part with what it takes from its head. Other things are named by their codes."""

    code: str
    parent: str | None
    position: int
    turn: TurnData | None
    span: Span
    focus: Span | None
    title_zh: str
    title_en: str
    stands_alone: bool
    kind: Kind
    secondary_kind: Kind | None
    tense: Tense
    tense_confidence: Confidence
    tense_words: str
    tense_note_zh: str | None
    tense_note_en: str | None
    deadline: DeadlineData
    checkability: Checkability
    completion_zh: str
    completion_en: str
    beneficiaries_zh: str | None
    beneficiaries_en: str | None
    note_zh: str | None
    note_en: str | None
    publication_state: PublicationState
    terms: dict[str, TermBasis]
    units: dict[tuple[str, UnitRole], UnitBasis]


class Rows:
    """Reads the commitments of one coding file. `taken` holds the codes of all files, with their entries."""

    def __init__(self, document: DocumentData, places: Places, year: int, taken: dict[str, Entry]) -> None:
        self.document, self.places, self.year, self.taken = document, places, year, taken
        self.positions = count(1)

    def read(self, file: Entry) -> Iterator[tuple[Entry, CommitmentData]]:
        """Heads and parts in the order of the file."""
        for entry in file.entries("commitments"):
            entry.allow(*_ROW, "turn", "stands_alone", "parts")
            head = self._row(entry, None)
            yield entry, head
            parts = entry.entries("parts")
            if not parts:
                raise entry.error(f"{head.code} has no part; every head has at least one that can be followed up")
            for part in parts:
                part.allow(*_ROW)
                yield part, self._row(part, head)

    def _row(self, entry: Entry, head: CommitmentData | None) -> CommitmentData:
        code = self._code(entry, head)
        turn = head.turn if head else self._turn(entry)
        span = head.span if head and not entry.has("quote") else self._quote(entry, turn)
        tense_note_zh, tense_note_en = entry.pair("tense_note", None)
        confidence = entry.choice("tense_confidence", Confidence)
        if confidence is Confidence.LOW and tense_note_zh is None:
            raise entry.error("“tense_note_zh” is missing; a reading of low confidence says why", "tense_confidence")
        beneficiaries_zh, beneficiaries_en = entry.pair("beneficiaries")
        note_zh, note_en = entry.pair("note", None)
        return CommitmentData(
            code=code,
            parent=head.code if head else None,
            position=next(self.positions),
            turn=turn,
            span=span,
            focus=self._focus(entry, span),
            title_zh=entry.text("title_zh"),
            title_en=entry.text("title_en"),
            stands_alone=entry.flag("stands_alone"),
            kind=entry.choice("kind", Kind, head.kind if head else None),
            secondary_kind=entry.maybe_choice("secondary_kind", Kind),
            tense=entry.choice("tense", Tense),
            tense_confidence=confidence,
            tense_words=require_in(self.document, self._spans(turn), entry, "tense_words", where=_where(turn)),
            tense_note_zh=tense_note_zh,
            tense_note_en=tense_note_en,
            deadline=self._deadline(entry, turn, head),
            checkability=entry.choice("checkability", Checkability),
            completion_zh=entry.text("completion_zh", None),
            completion_en=entry.text("completion_en", None),
            beneficiaries_zh=beneficiaries_zh,
            beneficiaries_en=beneficiaries_en,
            note_zh=note_zh,
            note_en=note_en,
            publication_state=entry.choice("publication_state", PublicationState, PublicationState.PUBLISHED),
            terms=self._terms(entry),
            units=self._units(entry),
        )

    def _code(self, entry: Entry, head: CommitmentData | None) -> str:
        code = entry.text("code")
        if code in self.taken:
            first = self.taken[code]
            raise entry.error(
                f"the code {code} is taken at {first.file}:{first.lines['code']}; number this row anew", "code"
            )
        if head and not code.startswith(f"{head.code}."):
            raise entry.error(f"{code} is a part of {head.code}; its code begins with {head.code}.", "code")
        self.taken[code] = entry
        return code

    def _turn(self, entry: Entry) -> TurnData | None:
        turns = self.document.turns
        if not turns and not entry.has("turn"):
            return None
        number = entry.whole("turn")
        if number > len(turns):
            raise entry.error(f"{self.document.key} has {len(turns)} turns; {number} is none of them", "turn")
        return turns[number - 1]

    def _spans(self, turn: TurnData | None) -> list[Span]:
        return turn.spans if turn else self.document.answers

    def _quote(self, entry: Entry, turn: TurnData | None) -> Span:
        start, end = locate(self.document, entry, "quote")
        if turn and not (turn.answer_start <= start and end <= turn.answer_end):
            raise entry.error(
                f"the quote does not stand in the answer of turn {turn.position}; mend “turn” or quote", "quote"
            )
        return start, end

    def _focus(self, entry: Entry, span: Span) -> Span | None:
        if not entry.has("focus"):
            return None
        words, quote = entry.text("focus", None), self.document.text[slice(*span)]
        if quote.count(words) != 1:
            raise entry.error(
                f"“{words}” stands {quote.count(words)} times in its quote; it must stand there once", "focus"
            )
        start = span[0] + quote.index(words)
        return start, start + len(words)

    def _deadline(self, entry: Entry, turn: TurnData | None, head: CommitmentData | None) -> DeadlineData:
        found = entry.values.get("deadline")
        if found is None:
            return head.deadline if head else DeadlineData()
        if found == "none":
            return DeadlineData()
        if not isinstance(found, Entry):
            raise entry.error(
                "“deadline” is neither a phrase with its rule nor none; write {text: …, rule: …}", "deadline"
            )
        found.allow("text", "rule")
        rule = found.choice("rule", DeadlineRule)
        text = require_in(self.document, self._spans(turn), found, "text", where=_where(turn))
        try:
            start, end = deadlines.interval(rule, text, self.year)
        except ValueError as error:
            raise found.error(f"{error}; take another rule or more of the phrase", "text") from error
        return DeadlineData(text, rule.kind, rule, start, end)

    def _terms(self, entry: Entry) -> dict[str, TermBasis]:
        found: dict[str, TermBasis] = {}
        for item in entry.entries("terms"):
            item.allow("term", "basis")
            term = item.text("term")
            vocabulary = term.partition("/")[0]
            if vocabulary not in self.places.vocabularies:
                item.one_of("term", [f"{code}/…" for code in self.places.vocabularies])
            item.one_of("term", [f"{vocabulary}/{code}" for code in self.places.terms(vocabulary)])
            if term in found:
                raise item.error(f"“{term}” is given twice; leave one of them out", "term")
            found[term] = item.choice("basis", TermBasis)
        return found

    def _units(self, entry: Entry) -> dict[tuple[str, UnitRole], UnitBasis]:
        found: dict[tuple[str, UnitRole], UnitBasis] = {}
        for item in entry.entries("units"):
            item.allow("unit", "role", "basis")
            unit = item.one_of("unit", self.places.organisations, "organisation"), item.choice("role", UnitRole)
            if unit in found:
                raise item.error(f"“{unit[0]}” is given twice in this role; leave one of them out", "unit")
            found[unit] = item.choice("basis", UnitBasis)
        return found


def _where(turn: TurnData | None) -> str:
    return f"turn {turn.position}" if turn else "the document"
