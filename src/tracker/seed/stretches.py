"""Stretches of a document that a coding file points to: quotes, figures and marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker import passages
from tracker.codebook import Comparator, FigureRole, MarkReason
from tracker.seed.documents import DocumentData, Span
from tracker.seed.entries import Entry
from tracker.seed.places import Places

_FIGURE = ("at", "value", "unit", "comparator", "what_zh", "what_en", "period", "role", "note_zh", "note_en")
_NUMERALS = {numeral: place for place, numeral in enumerate("零一二三四五六七八九十")} | {"两": 2}


@dataclass(frozen=True)
class FigureData:
    """A number in the text; `unit` is a code of `measure-unit`, `commitment` a code or empty."""

    commitment: str | None
    span: Span
    value: float
    unit: str
    comparator: Comparator
    what_zh: str
    what_en: str
    period: str | None
    role: FigureRole
    note_zh: str | None
    note_en: str | None


@dataclass(frozen=True)
class MarkData:
    """Why a stretch holds no commitment, or why a number in it is no figure."""

    span: Span
    reason: MarkReason
    note_zh: str | None
    note_en: str | None


def locate(document: DocumentData, entry: Entry, key: str) -> Span:
    """Where the words under `key` stand in the document; they must stand there exactly once."""
    quote = entry.text(key, None)
    try:
        return passages.locate(document.text, quote)
    except passages.QuoteNotFound as error:
        raise entry.error(
            f"“{quote}” does not stand in {document.key}; copy the words as they stand there", key
        ) from error
    except passages.QuoteAmbiguous as error:
        raise entry.error(
            f"“{quote}” stands in {document.key} more than once; quote more of the sentence", key
        ) from error


def require_in(document: DocumentData, spans: list[Span], entry: Entry, key: str, *, where: str) -> str:
    """The words under `key`, which must stand in one of the `spans`; `where` says what these are."""
    words = entry.text(key)
    if not any(words in document.text[start:end] for start, end in spans):
        raise entry.error(f"“{words}” does not stand in {where}; copy the words as they stand there", key)
    return words


def read_figures(
    owner: Entry, document: DocumentData, places: Places, commitment: str | None
) -> Iterator[tuple[Entry, FigureData]]:
    """The `figures` of a commitment, or of the whole file."""
    for entry in owner.entries("figures"):
        entry.allow(*_FIGURE)
        span, value = locate(document, entry, "at"), entry.number("value")
        if value not in _numbers(entry.text("at", None)):
            raise entry.error(f"the number {value:g} does not stand in “at”; quote the words around it", "value")
        note_zh, note_en = entry.pair("note")
        yield (
            entry,
            FigureData(
                commitment=commitment,
                span=span,
                value=value,
                unit=entry.one_of("unit", places.terms("measure-unit"), "unit of the vocabulary measure-unit"),
                comparator=entry.choice("comparator", Comparator),
                what_zh=entry.text("what_zh"),
                what_en=entry.text("what_en"),
                period=_period(entry, document),
                role=entry.choice("role", FigureRole),
                note_zh=note_zh,
                note_en=note_en,
            ),
        )


def _period(entry: Entry, document: DocumentData) -> str | None:
    if not entry.has("period"):
        return None
    return require_in(document, [(0, len(document.text))], entry, "period", where=document.key)


def _numbers(words: str) -> set[float]:
    """The numbers in a stretch: in digits, or one Chinese numeral up to ten."""
    digits = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", words)}
    return digits | {float(_NUMERALS[numeral]) for numeral in words if numeral in _NUMERALS}


def read_context(file: Entry, document: DocumentData) -> Iterator[tuple[Entry, MarkData]]:
    """The stretches of answers that hold no commitment."""
    reasons = [reason for reason in MarkReason if reason.is_context]
    for entry in file.entries("context"):
        entry.allow("text", "reason", "note_zh", "note_en")
        span = locate(document, entry, "text")
        if not any(start <= span[0] and span[1] <= end for start, end in document.answers):
            raise entry.error("the text stands in no answer; only answers need a mark", "text")
        yield entry, _mark(entry, span, MarkReason(entry.one_of("reason", reasons)))


def read_names(file: Entry, document: DocumentData) -> Iterator[tuple[Entry, MarkData]]:
    """Every place of an answer where a number is part of a name or of a date."""
    reasons = [MarkReason.NAME, MarkReason.DATE]
    listed: set[str] = set()
    for entry in file.entries("names_with_numbers"):
        entry.allow("text", "reason", "note_zh", "note_en")
        words = require_in(document, document.answers, entry, "text", where="any answer")
        if words in listed:
            raise entry.error(f"“{words}” is listed twice; each entry covers every place where it stands", "text")
        listed.add(words)
        reason = MarkReason(entry.one_of("reason", reasons)) if entry.has("reason") else MarkReason.NAME
        for start, end in document.answers:
            for match in re.finditer(re.escape(words), document.text[start:end]):
                yield entry, _mark(entry, (start + match.start(), start + match.end()), reason)


def _mark(entry: Entry, span: Span, reason: MarkReason) -> MarkData:
    note_zh, note_en = entry.pair("note")
    return MarkData(span, reason, note_zh, note_en)
