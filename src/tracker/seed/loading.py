"""The seed goes into the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from tracker.seed.commitment_rows import write_commitments, write_figures, write_links, write_marks
from tracker.seed.crosswalk import write_crosswalk
from tracker.seed.document_rows import write_documents, write_passages
from tracker.seed.files import read
from tracker.seed.followup_rows import write_followups
from tracker.seed.place_rows import Ids, write_places, write_policies, write_vocabularies
from tracker.seed.synchronising import Changes, Synchroniser
from tracker.stored import words


def load(session: Session, folder: Path) -> Changes:
    """Bring the database in line with the seed files; loading the same files twice changes nothing.

    The session is signed as `ACTOR`; the caller commits, or rolls back on `SeedError`, which names
    file and line. It is raised when a file is wrong (before anything is written), when a document
    differs from the loaded one, and when a commitment is loaded and no longer in its file.
    """
    seed = read(folder)
    writer, ids = Synchroniser(session), Ids()
    write_vocabularies(writer, seed.places, ids)
    write_places(writer, seed.places, ids)
    write_documents(writer, seed.documents.values(), ids)
    write_passages(writer, seed.codings, ids)
    commitments = write_commitments(writer, seed.codings, ids)
    write_figures(writer, seed.codings, ids, commitments)
    write_marks(writer, seed.codings, ids)
    write_links(writer, seed.links, seed.codings, ids, commitments)
    write_policies(writer, seed.policies, ids, commitments)
    write_crosswalk(writer, seed.schemes)
    write_followups(writer, seed.followups)
    session.flush()
    words.catch_up(session.connection())
    return writer.changes()
