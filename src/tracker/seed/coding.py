"""Coding files of the seed: the commitments of a document, their ties, and what accounts for the rest of the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracker.codebook import LinkRelation
from tracker.seed.commitments import CommitmentData, Rows
from tracker.seed.documents import DocumentData, Span
from tracker.seed.entries import Entry, read_files
from tracker.seed.places import Places
from tracker.seed.stretches import FigureData, MarkData, read_context, read_figures, read_names


@dataclass(frozen=True)
class LinkData:
    """Two commitments are tied; `a` and `b` are codes in either order."""

    a: str
    b: str
    relation: LinkRelation
    note_zh: str | None
    note_en: str | None


@dataclass(frozen=True)
class CodingData:
    """One coding file. `speaker`, `post` and `jurisdiction` are codes; commitments come in order of the document."""

    file: Entry
    document: DocumentData
    jurisdiction: str
    speaker: str
    post: str
    commitments: tuple[CommitmentData, ...]
    figures: tuple[FigureData, ...]
    marks: tuple[MarkData, ...]


def read_coding(folder: Path, places: Places, documents: dict[str, DocumentData]) -> list[CodingData]:
    """Read `coding/`. Codes are unique across the files, and a document has one file."""
    found: list[CodingData] = []
    taken: dict[str, Entry] = {}
    for file in read_files(folder, "coding"):
        coding = read_coding_file(file, places, documents, taken)
        if any(other.document is coding.document for other in found):
            raise file.error("another file codes this document; put the commitments there", "document")
        found.append(coding)
    return found


def read_links(codings: list[CodingData], also: Iterable[str] = ()) -> list[LinkData]:
    """The ties of all files; both ends may stand in another file, or be one of the codes of `also`."""
    codes = {row.code for coding in codings for row in coding.commitments} | set(also)
    found: dict[tuple[frozenset[str], LinkRelation], LinkData] = {}
    for entry in (entry for coding in codings for entry in coding.file.entries("links")):
        entry.allow("a", "b", "relation", "note_zh", "note_en")
        a, b = entry.one_of("a", codes, "commitment"), entry.one_of("b", codes, "commitment")
        relation = entry.choice("relation", LinkRelation)
        if a == b:
            raise entry.error(f"{a} cannot be tied to itself; name another commitment", "b")
        if (frozenset((a, b)), relation) in found:
            raise entry.error(f"{a} and {b} are tied so already; leave one of the two out", "a")
        found[frozenset((a, b)), relation] = LinkData(a, b, relation, *entry.pair("note"))
    return list(found.values())


def read_coding_file(
    file: Entry, places: Places, documents: dict[str, DocumentData], taken: dict[str, Entry]
) -> CodingData:
    """One coding file; `taken` are the codes of the files before it."""
    file.allow("document", "jurisdiction", "speaker", "post", "year", "commitments", "links", "figures", "context",
               "names_with_numbers")  # fmt: skip
    document = documents[file.one_of("document", documents)]
    rows = list(Rows(document, places, file.whole("year"), taken).read(file))
    context = list(read_context(file, document))
    _refuse_overlap(context, [row.span for _, row in rows])
    marks = [*context, *read_names(file, document)]
    _refuse_twice((entry, "text", (mark.span, mark.reason)) for entry, mark in marks)
    figures = [found for entry, row in rows for found in read_figures(entry, document, places, row.code)]
    figures += read_figures(file, document, places, None)
    _refuse_twice((entry, "at", (figure.span, figure.what_zh)) for entry, figure in figures)
    return CodingData(
        file=file,
        document=document,
        jurisdiction=file.one_of("jurisdiction", places.jurisdictions),
        speaker=file.one_of("speaker", places.people, "person"),
        post=file.one_of("post", places.posts),
        commitments=tuple(row for _, row in rows),
        figures=tuple(figure for _, figure in figures),
        marks=tuple(mark for _, mark in marks),
    )


def _refuse_overlap(context: Iterable[tuple[Entry, MarkData]], quotes: list[Span]) -> None:
    taken = list(quotes)
    for entry, mark in context:
        start, end = mark.span
        if any(start < right and left < end for left, right in taken):
            raise entry.error(
                "the text overlaps with a quote or with other context; leave out what is held there", "text"
            )
        taken.append(mark.span)


def _refuse_twice(found: Iterable[tuple[Entry, str, object]]) -> None:
    seen: set[object] = set()
    for entry, key, identity in found:
        if identity in seen:
            raise entry.error("this stretch is given twice for the same thing; leave one of them out", key)
        seen.add(identity)
