"""Documents of the seed, their turns and passages go into the database; all of these are written once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from tracker.models import Passage, SourceDocument, Turn
from tracker.seed.coding import CodingData
from tracker.seed.documents import DocumentData, Span
from tracker.seed.place_rows import Ids
from tracker.seed.synchronising import Synchroniser, Wanted, columns


def write_documents(writer: Synchroniser, documents: Iterable[DocumentData], ids: Ids) -> None:
    """Add the documents that are missing, with their turns. One that differs from the loaded one is refused."""
    for document in documents:
        values = columns(document, SourceDocument) | {
            "jurisdiction_id": ids.jurisdictions.get(document.jurisdiction),
            "supersedes_id": ids.documents[document.supersedes] if document.supersedes else None,
        }
        among = SourceDocument.key == document.key
        turns = [columns(turn, Turn) for turn in document.turns]
        stored = writer.session.scalar(select(SourceDocument).where(among))
        if stored:
            _refuse_changed(document, stored, values, turns)
        row = writer.rows(SourceDocument, ["key"], [Wanted(document.key, values)], among=among)[document.key,]
        ids.documents[document.key] = row.id
        found = writer.rows(
            Turn,
            ["document_id", "position"],
            [Wanted("", turn | {"document_id": row.id}) for turn in turns],
            among=Turn.document_id == row.id,
        )
        ids.turns |= {(document.key, turn.position): turn.id for turn in found.values()}


def _refuse_changed(
    document: DocumentData, stored: SourceDocument, values: dict[str, Any], turns: list[dict[str, Any]]
) -> None:
    differing = [name for name, value in values.items() if getattr(stored, name) != value]
    if [{name: getattr(turn, name) for name in turns[0]} if turns else {} for turn in stored.turns] != turns:
        differing.append("turns")
    if differing:
        raise document.entry.error(
            f"{document.key} is loaded with other content ({', '.join(differing)}) and never changes; "
            f"load this as a new document: another key, and supersedes: {document.key}",
            "body" if differing[0] in {"text", "sha256", "turns"} else differing[0],
        )


def write_passages(writer: Synchroniser, codings: list[CodingData], ids: Ids) -> None:
    """Add the passages that quotes, figures and marks point to."""
    wanted = []
    for coding in codings:
        document_id = ids.documents[coding.document.key]
        wanted += [
            Wanted("", {"document_id": document_id, "start": start, "end": end})
            for start, end in sorted(_spans(coding))
        ]
    among = Passage.document_id.in_([ids.documents[coding.document.key] for coding in codings])
    found = writer.rows(Passage, ["document_id", "start", "end"], wanted, among=among)
    ids.passages = {(row.document_id, (row.start, row.end)): row.id for row in found.values()}


def _spans(coding: CodingData) -> set[Span]:
    rows = coding.commitments
    return (
        {row.span for row in rows}
        | {row.focus for row in rows if row.focus}
        | {figure.span for figure in coding.figures}
        | {mark.span for mark in coding.marks}
    )
