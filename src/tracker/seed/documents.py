"""Published texts of the seed: paragraphs become one text, and each question with its answer a turn.

The text is the paragraphs joined by a line break, labels included; offsets count code points and
leave the labels out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from tracker.codebook import DocumentKind, LicenceMode, SourceTier
from tracker.seed.entries import Entry, read_files
from tracker.seed.places import Places

Span = tuple[int, int]

_BIBLIOGRAPHY = (
    "key", "kind", "language", "jurisdiction", "publisher", "author", "title", "kicker", "headline", "byline", "date",
    "date_note_zh", "date_note_en", "url", "archived_url", "source_tier", "licence", "raw_file", "supersedes",
)  # fmt: skip


@dataclass(frozen=True)
class TurnData:
    """One question and its answer, as offsets into the text; `position` from 1."""

    position: int
    question_start: int | None
    question_end: int | None
    answer_start: int
    answer_end: int
    question_head_missing: bool

    @property
    def answer(self) -> Span:
        """Where the answer stands, without its label."""
        return self.answer_start, self.answer_end

    @property
    def spans(self) -> list[Span]:
        """Where question and answer stand."""
        if self.question_start is None or self.question_end is None:
            return [self.answer]
        return [(self.question_start, self.question_end), self.answer]


@dataclass(frozen=True)
class DocumentData:
    """A published text; `jurisdiction` and `supersedes` are codes of others."""

    entry: Entry
    key: str
    kind: DocumentKind
    language: str
    jurisdiction: str | None
    publisher: str
    author: str | None
    title: str
    kicker: str | None
    headline: str | None
    byline: str | None
    date: str
    date_note_zh: str | None
    date_note_en: str | None
    url: str | None
    archived_url: str | None
    source_tier: SourceTier
    licence_mode: LicenceMode
    text: str
    sha256: str
    raw_sha256: str | None
    supersedes: str | None
    turns: tuple[TurnData, ...]

    @property
    def answers(self) -> list[Span]:
        """Where the answers stand; a text without questions is one answer."""
        return [turn.answer for turn in self.turns] or [(0, len(self.text))]


@dataclass
class _Body:
    """The text as it grows, paragraph by paragraph."""

    question_label: str
    answer_label: str
    text: str = ""
    turns: list[TurnData] = field(default_factory=list)

    def paragraph(self, words: str, label: str = "") -> Span:
        """Add a paragraph; returns where its words stand, without the label."""
        self.text += ("\n" if self.text else "") + label + words
        return len(self.text) - len(words), len(self.text)

    def turn(self, entry: Entry) -> None:
        """Add a question and its answer."""
        entry.allow("question", "question_head_missing", "answer")
        head_missing = entry.flag("question_head_missing")
        start = end = None
        if entry.has("question"):
            words = _one_line(entry, "question", entry.text("question", None))
            start, end = self.paragraph(words, "" if head_missing else self.question_label)
        paragraphs = [_one_line(entry, "answer", words) for words in entry.texts("answer")]
        if not paragraphs:
            raise entry.error("“answer” is empty; a question without an answer is no turn", "answer")
        answer = [self.paragraph(words, "" if place else self.answer_label) for place, words in enumerate(paragraphs)]
        self.turns.append(TurnData(len(self.turns) + 1, start, end, answer[0][0], answer[-1][1], head_missing))


def read_documents(folder: Path, places: Places) -> dict[str, DocumentData]:
    """Read `documents/`; the result is by key, each after the one it corrects."""
    found: dict[str, DocumentData] = {}
    for file in read_files(folder, "documents"):
        document = read_document(file, folder / "documents", places)
        if document.key in found:
            raise file.error(f"the key “{document.key}” is taken; give this document another", "key")
        found[document.key] = document
    for document in found.values():
        document.entry.maybe_one_of("supersedes", [key for key in found if key != document.key], "other document")
    return dict(sorted(found.items(), key=lambda item: _generation(item[1], found)))


def _generation(document: DocumentData, found: dict[str, DocumentData]) -> int:
    """How many documents this one corrects, one after the other."""
    seen = {document.key}
    while document.supersedes:
        if document.supersedes in seen:
            raise document.entry.error(
                "the documents correct each other in a circle; one of them was first", "supersedes"
            )
        seen.add(document.supersedes)
        document = found[document.supersedes]
    return len(seen) - 1


def read_document(file: Entry, folder: Path, places: Places) -> DocumentData:
    """One document; the raw file that it names is looked for in the folder."""
    file.allow(*_BIBLIOGRAPHY, "question_label", "answer_label", "body")
    body = _body(file)
    note_zh, note_en = file.pair("date_note", None)
    return DocumentData(
        entry=file,
        key=file.text("key"),
        kind=file.choice("kind", DocumentKind),
        language=file.maybe_text("language") or "zh",
        jurisdiction=file.maybe_one_of("jurisdiction", places.jurisdictions),
        publisher=file.text("publisher"),
        author=file.maybe_text("author"),
        title=file.text("title"),
        kicker=file.maybe_text("kicker"),
        headline=file.maybe_text("headline"),
        byline=file.maybe_text("byline"),
        date=_date(file),
        date_note_zh=note_zh,
        date_note_en=note_en,
        url=file.maybe_text("url"),
        archived_url=file.maybe_text("archived_url"),
        source_tier=file.choice("source_tier", SourceTier),
        licence_mode=file.choice("licence", LicenceMode),
        text=body.text,
        sha256=hashlib.sha256(body.text.encode()).hexdigest(),
        raw_sha256=_raw_sha256(file, folder),
        supersedes=file.maybe_text("supersedes"),
        turns=tuple(body.turns),
    )


def _date(file: Entry) -> str:
    if not file.has("date"):
        raise file.error("“date” is missing; write at least the year, e.g. '2020'")
    return file.edtf("date")


def _body(file: Entry) -> _Body:
    body = _Body(file.maybe_text("question_label") or "", file.maybe_text("answer_label") or "")
    for entry in file.entries("body"):
        if entry.has("lead"):
            entry.allow("lead")
            body.paragraph(_one_line(entry, "lead", entry.text("lead", None)))
        else:
            body.turn(entry)
    if not body.text:
        raise file.error("“body” is missing; add the paragraphs")
    return body


def _one_line(entry: Entry, key: str, words: str) -> str:
    if words != words.strip() or "\n" in words:
        raise entry.error(
            f"“{words[:12]}…” has a line break or stray spaces; one paragraph is one text on one line", key
        )
    return words


def _raw_sha256(file: Entry, folder: Path) -> str | None:
    if not file.has("raw_file"):
        return None
    raw = folder / file.text("raw_file")
    if not raw.is_file():
        where = f"{folder.name}/{file.text('raw_file')}"
        raise file.error(f"there is no {where}; add the raw file or leave the key out", "raw_file")
    return hashlib.sha256(raw.read_bytes()).hexdigest()
