"""One file in the form of the seed, read against what the ledger holds: a document, a coding, follow-ups, or places."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.models import Commitment
from tracker.seed import holdings
from tracker.seed.coding import read_coding_file, read_links
from tracker.seed.commitment_rows import write_commitments, write_figures, write_links, write_marks
from tracker.seed.document_rows import write_documents, write_passages
from tracker.seed.documents import read_document
from tracker.seed.entries import Entry, read_file
from tracker.seed.followup_rows import write_followups
from tracker.seed.followups import read_followup_file
from tracker.seed.place_rows import Ids, write_places, write_vocabularies
from tracker.seed.places import Places, read_more_places
from tracker.seed.synchronising import Changes, Synchroniser


def load_file(session: Session, path: Path, *, actor: str) -> Changes:
    """Bring the ledger in line with one file; the same file twice changes nothing.

    The session is signed as `actor`; the caller commits, or rolls back on `SeedError`, which names file and line.
    """
    file = read_file(path.parent, path.name)
    places, ids = holdings.places(session)
    writer = Synchroniser(session, actor=actor)
    if file.has("body"):
        found = read_document(file, path.parent, places)
        if found.supersedes:
            holdings.document(session, found.supersedes, file, ids)
        write_documents(writer, [found], ids)
    elif file.has("commitments"):
        _write_coding(writer, file, places, ids)
    elif file.has("assessments") or file.has("searches"):
        write_followups(writer, [read_followup_file(file, _followable(session))])
    else:
        read_more_places(file, places)
        write_vocabularies(writer, places, ids)
        write_places(writer, places, ids)
    session.flush()
    return writer.changes()


def _write_coding(writer: Synchroniser, file: Entry, places: Places, ids: Ids) -> None:
    key = file.text("document")
    document = holdings.document(writer.session, key, file, ids)
    if document is None:
        raise file.error(f"there is no document “{key}”; import its file first", "document")
    coding = read_coding_file(file, places, {key: document}, {})
    # Ties may lead to commitments of other files.
    stored = {row.code: row for row in writer.session.scalars(select(Commitment))}
    links = read_links([coding], also=stored)
    write_passages(writer, [coding], ids)
    commitments = stored | write_commitments(writer, [coding], ids)
    write_figures(writer, [coding], ids, commitments)
    write_marks(writer, [coding], ids)
    write_links(writer, links, [coding], ids, commitments, are_all=False)


def _followable(session: Session) -> set[str]:
    """Codes of what can be assessed: parts, and heads that promise something no part covers."""
    part = aliased(Commitment)
    rows = select(Commitment.code).where(or_(Commitment.stands_alone, ~exists().where(part.parent_id == Commitment.id)))
    return set(session.scalars(rows))
