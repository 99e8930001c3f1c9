"""What the ledger holds, in the form in which files of the seed speak of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, raiseload

from tracker.models import (
    Jurisdiction,
    Organisation,
    Person,
    Post,
    SourceDocument,
    Term,
    Turn,
    Vocabulary,
)
from tracker.seed.documents import DocumentData, TurnData
from tracker.seed.entries import Entry
from tracker.seed.place_rows import Ids
from tracker.seed.places import (
    JurisdictionData,
    OrganisationData,
    PersonData,
    Places,
    PostData,
    TermData,
    VocabularyData,
)


def places(session: Session) -> tuple[Places, Ids]:
    """Places, people, offices, units and vocabularies by their codes, and the primary keys of all."""
    ids = Ids()
    held = {model: session.scalars(_all(model)).all() for model in (Jurisdiction, Organisation, Person, Post)}
    ids.jurisdictions = {row.code: row.id for row in held[Jurisdiction]}
    ids.organisations = {row.code: row.id for row in held[Organisation]}
    ids.people = {row.code: row.id for row in held[Person]}
    ids.posts = {row.code: row.id for row in held[Post]}
    place = {key: code for code, key in ids.jurisdictions.items()}
    unit = {key: code for code, key in ids.organisations.items()}
    return Places(
        vocabularies=_vocabularies(session, ids),
        jurisdictions={
            row.code: JurisdictionData(
                row.code, row.iso_code, row.slug, row.name_zh, row.name_en, row.level, place.get(row.parent_id)
            )
            for row in held[Jurisdiction]
        },
        organisations={
            row.code: OrganisationData(
                row.code, row.kind, row.name_zh, row.name_en, place.get(row.jurisdiction_id), unit.get(row.parent_id)
            )
            for row in held[Organisation]
        },
        people={row.code: PersonData(row.code, row.name_zh, row.name_en) for row in held[Person]},
        posts={
            row.code: PostData(
                row.code, row.name_zh, row.name_en, place.get(row.jurisdiction_id), unit.get(row.organisation_id)
            )
            for row in held[Post]
        },
        holdings=[],
    ), ids


def _all(model: Any) -> Any:
    return select(model).options(raiseload("*")).order_by(model.id)


def _vocabularies(session: Session, ids: Ids) -> dict[str, VocabularyData]:
    found: dict[str, list[TermData]] = {}
    names: dict[str, Vocabulary] = {}
    rows = select(Vocabulary, Term).outerjoin(Term, Term.vocabulary_id == Vocabulary.id).options(raiseload("*"))
    for vocabulary, term in session.execute(rows.order_by(Vocabulary.id, Term.position)):
        names[vocabulary.code] = vocabulary
        held = found.setdefault(vocabulary.code, [])
        if term is not None:
            held.append(TermData(term.code, term.name_zh, term.name_en, term.position))
            ids.terms[f"{vocabulary.code}/{term.code}"] = term.id
    return {
        code: VocabularyData(code, names[code].name_zh, names[code].name_en, tuple(terms))
        for code, terms in found.items()
    }


def document(session: Session, key: str, entry: Entry, ids: Ids) -> DocumentData | None:
    """A document of the ledger, with its turns, for a file (`entry`) that speaks of it; none where there is none."""
    row = session.scalar(select(SourceDocument).where(SourceDocument.key == key).options(raiseload("*")))
    if row is None:
        return None
    turns = session.scalars(select(Turn).where(Turn.document_id == row.id).order_by(Turn.position)).all()
    ids.documents[key] = row.id
    ids.turns |= {(key, turn.position): turn.id for turn in turns}
    same = ("key", "kind", "language", "publisher", "author", "title", "kicker", "headline", "byline", "date", "url",
            "date_note_zh", "date_note_en", "archived_url", "source_tier", "licence_mode", "text", "sha256",
            "raw_sha256")  # fmt: skip
    where = ("position", "question_start", "question_end", "answer_start", "answer_end", "question_head_missing")
    return DocumentData(
        **{name: getattr(row, name) for name in same},
        entry=entry,
        jurisdiction=None,
        supersedes=None,
        turns=tuple(TurnData(**{name: getattr(turn, name) for name in where}) for turn in turns),
    )
