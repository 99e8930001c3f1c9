"""Places, people, offices, vocabularies and policy documents of the seed go into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from tracker.models import (
    Commitment,
    Jurisdiction,
    Organisation,
    Person,
    PolicyDocument,
    Post,
    PostHolding,
    Term,
    Vocabulary,
)
from tracker.seed.documents import Span
from tracker.seed.places import JurisdictionData, OrganisationData, Places
from tracker.seed.policies import PolicyData
from tracker.seed.synchronising import Synchroniser, Wanted, columns

#: Primary keys by code; asked for no code, `get` answers none.
Codes = dict[str | None, int]

N = TypeVar("N", Jurisdiction, Organisation, Person, Post)
G = TypeVar("G", JurisdictionData, OrganisationData)


@dataclass
class Ids:
    """Primary keys by what the seed files call a row."""

    #: by `vocabulary/code`
    terms: dict[str, int] = field(default_factory=dict)
    jurisdictions: Codes = field(default_factory=dict)
    organisations: Codes = field(default_factory=dict)
    people: Codes = field(default_factory=dict)
    posts: Codes = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    #: by key of the document and position
    turns: dict[tuple[str, int], int] = field(default_factory=dict)
    #: by id of the document and offsets
    passages: dict[tuple[int, Span], int] = field(default_factory=dict)


def write_vocabularies(writer: Synchroniser, places: Places, ids: Ids) -> None:
    """Vocabularies and their terms."""
    vocabularies = writer.rows(
        Vocabulary, ["code"], [Wanted(data.code, columns(data, Vocabulary)) for data in places.vocabularies.values()]
    )
    names: dict[tuple[int, str], str] = {}
    wanted = []
    for vocabulary in places.vocabularies.values():
        vocabulary_id = vocabularies[vocabulary.code,].id
        for term in vocabulary.terms:
            name = names[vocabulary_id, term.code] = f"{vocabulary.code}/{term.code}"
            wanted.append(Wanted(name, columns(term, Term) | {"vocabulary_id": vocabulary_id}))
    terms = writer.rows(Term, ["vocabulary_id", "code"], wanted)
    ids.terms = {name: terms[key].id for key, name in names.items()}


def write_places(writer: Synchroniser, places: Places, ids: Ids) -> None:
    """Jurisdictions, organisations, people, posts and who held them."""
    for jurisdictions in _generations(places.jurisdictions):
        wanted = [
            Wanted(data.name_zh, columns(data, Jurisdiction) | {"parent_id": ids.jurisdictions.get(data.parent)})
            for data in jurisdictions
        ]
        ids.jurisdictions |= _ids(writer, Jurisdiction, wanted)
    for organisations in _generations(places.organisations):
        wanted = [
            Wanted(
                data.name_zh,
                columns(data, Organisation)
                | {
                    "jurisdiction_id": ids.jurisdictions.get(data.jurisdiction),
                    "parent_id": ids.organisations.get(data.parent),
                },
            )
            for data in organisations
        ]
        ids.organisations |= _ids(writer, Organisation, wanted)
    people = [Wanted(data.name_zh, columns(data, Person)) for data in places.people.values()]
    ids.people = _ids(writer, Person, people)
    _write_posts(writer, places, ids)


def _write_posts(writer: Synchroniser, places: Places, ids: Ids) -> None:
    posts = [
        Wanted(
            data.name_zh,
            columns(data, Post)
            | {
                "jurisdiction_id": ids.jurisdictions.get(data.jurisdiction),
                "organisation_id": ids.organisations.get(data.organisation),
            },
        )
        for data in places.posts.values()
    ]
    ids.posts = _ids(writer, Post, posts)
    holdings = [
        Wanted(
            f"{data.person} · {data.post}",
            columns(data, PostHolding) | {"person_id": ids.people[data.person], "post_id": ids.posts[data.post]},
        )
        for data in places.holdings
    ]
    writer.rows(PostHolding, ["person_id", "post_id", "start"], holdings)


def write_policies(
    writer: Synchroniser, policies: list[PolicyData], ids: Ids, commitments: dict[str, Commitment]
) -> None:
    """Policy documents, tied to the commitments that speak of them."""
    wanted = [
        Wanted(
            data.title,
            columns(data, PolicyDocument)
            | {
                "jurisdiction_id": ids.jurisdictions.get(data.jurisdiction),
                "unit_id": ids.organisations.get(data.unit),
                "commitments": [commitments[code] for code in data.commitments],
            },
        )
        for data in policies
    ]
    writer.rows(PolicyDocument, ["jurisdiction_id", "title"], wanted)


def _ids(writer: Synchroniser, model: type[N], wanted: list[Wanted]) -> Codes:
    found = writer.rows(model, ["code"], wanted)
    return {row.values["code"]: found[row.values["code"],].id for row in wanted}


def _generations(known: dict[str, G]) -> list[list[G]]:
    """Those without a parent, then their children, then theirs."""
    depth: dict[str | None, int] = {None: -1}
    for code, data in known.items():
        depth[code] = depth[data.parent] + 1
    return [[data for code, data in known.items() if depth[code] == level] for level in range(max(depth.values()) + 1)]
