"""What the ledger holds of what a table names: places, people, offices, units, subjects, documents, commitments.

Names are looked up as the ledger spells them, in either language, or as they look; what is not there can be made.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, raiseload, selectinload

from tracker.codebook import OrganisationKind
from tracker.models import (
    Base,
    Commitment,
    CommitmentTerm,
    CommitmentUnit,
    Jurisdiction,
    Organisation,
    Passage,
    Person,
    Post,
    SourceDocument,
    Term,
    Turn,
    Vocabulary,
)
from tracker.models.base import shared
from tracker.texts import skeleton

N = TypeVar("N", Organisation, Person)

_parent, _focus = shared(Commitment, "head_of_it"), shared(Passage, "focus_of_it")


@dataclass(frozen=True)
class Text:
    """A document of the ledger."""

    id: int
    key: str
    #: of its date
    year: int
    is_table: bool
    #: id of the city that it is of
    place: int | None
    text: str
    turns: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Held:
    """A commitment of the ledger, with what a row may name otherwise."""

    row: Commitment
    quote: str
    focus: str | None
    document: str
    document_year: int
    parent: str | None
    city: Jurisdiction
    speaker: Person | None
    post: Post | None


@dataclass
class Stock:
    """Rows by what they are called. Ids only where the session may be emptied in between."""

    session: Session
    places: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    posts: dict[tuple[int | None, str], int] = field(default_factory=dict)
    terms: dict[tuple[str, str], int] = field(default_factory=dict)
    #: what a unit looks like → how it is written
    spelled: dict[str, str] = field(default_factory=dict)
    _texts: dict[str, Text | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place in self.session.scalars(select(Jurisdiction).options(raiseload("*"))):
            self._know_place(place)
        for unit in self.session.scalars(select(Organisation).options(raiseload("*"))):
            self._know_unit(unit)
        for person in self.session.scalars(select(Person)):
            self._know(self.people, person)
        for post in self.session.scalars(select(Post).options(raiseload("*"))):
            for name in (post.name_zh, post.name_en, post.code):
                self.posts.setdefault((post.jurisdiction_id, name.casefold()), post.id)
        self._know_terms()

    def _know_terms(self) -> None:
        terms = select(Vocabulary.code, Term).join(Term, Term.vocabulary_id == Vocabulary.id).options(raiseload("*"))
        for vocabulary, term in self.session.execute(terms):
            for name in (term.name_zh, term.name_en, term.code):
                self.terms.setdefault((vocabulary, name.casefold()), term.id)

    def _know_place(self, place: Jurisdiction) -> None:
        for name in (place.name_zh, f"{place.name_zh}市", place.name_en, place.slug, place.code):
            self.places.setdefault(name.casefold(), place.id)

    def _know_unit(self, unit: Organisation) -> None:
        self._know(self.units, unit)
        self.spelled.setdefault(skeleton(unit.name_zh), unit.name_zh)

    def _know(self, known: dict[str, int], row: N) -> None:
        for name in (row.name_zh, row.name_en, row.code):
            known.setdefault(name.casefold(), row.id)

    def text(self, key: str) -> Text | None:
        """The document of a key, or none."""
        if key not in self._texts:
            if len(self._texts) > 50:  # texts are long
                self._texts.clear()
            row = self.session.scalar(select(SourceDocument).where(SourceDocument.key == key).options(raiseload("*")))
            self._texts[key] = self._as_text(row) if row else None
        return self._texts[key]

    def _as_text(self, row: SourceDocument) -> Text:
        turns = select(Turn.id, Turn.answer_start, Turn.answer_end).where(Turn.document_id == row.id)
        found = tuple((key, start, end) for key, start, end in self.session.execute(turns.order_by(Turn.position)))
        return Text(row.id, row.key, int(row.date[:4]), row.kind == "task_table", row.jurisdiction_id, row.text, found)

    def forget_text(self, key: str) -> None:
        """A document of this key was made."""
        self._texts.pop(key, None)

    def commitments(self, codes: Iterable[str]) -> dict[str, Held]:
        """Those commitments of some codes that there are."""
        rows = (
            select(
                Commitment, Jurisdiction, Person, Post, SourceDocument.key, SourceDocument.date, _parent.code,
                func.substr(SourceDocument.text, Passage.start + 1, Passage.end - Passage.start),
                func.substr(SourceDocument.text, _focus.start + 1, _focus.end - _focus.start),
            )
            .join(Jurisdiction, Jurisdiction.id == Commitment.jurisdiction_id)
            .join(SourceDocument, SourceDocument.id == Commitment.document_id)
            .join(Passage, Passage.id == Commitment.passage_id)
            .outerjoin(_focus, _focus.id == Commitment.focus_id)
            .outerjoin(Person, Person.id == Commitment.speaker_id)
            .outerjoin(Post, Post.id == Commitment.post_id)
            .outerjoin(_parent, _parent.id == Commitment.parent_id)
            .where(Commitment.code.in_(list(codes)))
            .options(
                selectinload(Commitment.units).joinedload(CommitmentUnit.organisation),
                selectinload(Commitment.terms).joinedload(CommitmentTerm.term).joinedload(Term.vocabulary),
                raiseload("*"),
            )
        )  # fmt: skip
        return {
            row.code: Held(row, quote, focus, key, int(day[:4]), parent, city, speaker, post)
            for row, city, speaker, post, key, day, parent, quote, focus in self.session.execute(rows)
        }

    def place(self, name: str) -> int | None:
        """Id of the place called so, by code, slug or name."""
        return self.places.get(name.casefold())

    def make_place(self, code: str, name_zh: str, name_en: str, level: Any) -> int:
        """A new place."""
        slug = self._code(Jurisdiction.slug, name_en)
        row = Jurisdiction(code=code, slug=slug, name_zh=name_zh, name_en=name_en, level=level)
        self._add(row)
        self._know_place(row)
        return row.id

    def unit(self, name: str) -> int:
        """Id of the unit called so, which is made where there is none."""
        if (found := self.units.get(name.casefold())) is not None:
            return found
        row = Organisation(
            code=self._code(Organisation.code, name), kind=OrganisationKind.OTHER, name_zh=name, name_en=name
        )
        self._add(row)
        self._know_unit(row)
        return row.id

    def person(self, zh: str, en: str) -> int:
        """Id of the person called so, who is made where there is none."""
        if (found := self.people.get(zh.casefold())) is not None:
            return found
        row = Person(code=self._code(Person.code, en or zh), name_zh=zh, name_en=en or zh)
        self._add(row)
        self._know(self.people, row)
        return row.id

    def post(self, place: int, zh: str, en: str) -> int:
        """Id of the office called so, of a place or of none, which is made where there is none."""
        for of in (place, None):
            if (found := self.posts.get((of, zh.casefold()))) is not None:
                return found
        row = Post(code=self._code(Post.code, en or zh), name_zh=zh, name_en=en or zh, jurisdiction_id=place)
        self._add(row)
        self.posts[place, zh.casefold()] = row.id
        return row.id

    def term(self, vocabulary: str, name: str) -> int:
        """Id of the term called so of a vocabulary; both are made where there is none."""
        if (found := self.terms.get((vocabulary, name.casefold()))) is not None:
            return found
        held = self.session.scalar(select(Vocabulary).where(Vocabulary.code == vocabulary))
        if held is None:
            self._add(held := Vocabulary(code=vocabulary, name_zh=vocabulary, name_en=vocabulary))
        last = self.session.scalar(select(func.max(Term.position)).where(Term.vocabulary_id == held.id)) or 0
        row = Term(
            vocabulary_id=held.id, code=self._code(Term.code, name), name_zh=name, name_en=name, position=last + 1
        )
        self._add(row)
        self.terms[vocabulary, name.casefold()] = row.id
        return row.id

    def _add(self, row: Base) -> None:
        self.session.add(row)
        self.session.flush()

    def _code(self, column: Any, name: str) -> str:
        """A code that is not taken, made from a name: its Latin letters, or a digest of it."""
        made = slug(name) or f"n-{hashlib.sha256(name.encode()).hexdigest()[:10]}"
        taken = set(self.session.scalars(select(column).where(column.like(f"{made}%"))))
        return next(code for code in (made, *(f"{made}-{n}" for n in range(2, len(taken) + 3))) if code not in taken)


def slug(name: str) -> str:
    """The Latin letters and digits of a name, as a code; empty where it has none."""
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold()))[:60].strip("-")
