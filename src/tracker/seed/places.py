"""Places, people, offices and vocabularies of the seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tracker.codebook import JurisdictionLevel, OrganisationKind
from tracker.seed.entries import Entry, read_file, read_files

_ORGANISATIONS = "vocabularies/organisations.yaml"


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


D = TypeVar("D", bound=_Coded)


@dataclass(frozen=True)
class TermData:
    """One entry of a vocabulary; `position` from 1."""

    code: str
    name_zh: str
    name_en: str
    position: int


@dataclass(frozen=True)
class VocabularyData:
    """A list of terms."""

    code: str
    name_zh: str
    name_en: str
    terms: tuple[TermData, ...]


@dataclass(frozen=True)
class JurisdictionData:
    """A province or a city; `parent` is a code."""

    code: str
    iso_code: str | None
    slug: str
    name_zh: str
    name_en: str
    level: JurisdictionLevel
    parent: str | None


@dataclass(frozen=True)
class OrganisationData:
    """A unit; `jurisdiction` and `parent` are codes."""

    code: str
    kind: OrganisationKind
    name_zh: str
    name_en: str
    jurisdiction: str | None
    parent: str | None


@dataclass(frozen=True)
class PersonData:
    """Somebody who holds or held an office."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class PostData:
    """An office; `jurisdiction` and `organisation` are codes."""

    code: str
    name_zh: str
    name_en: str
    jurisdiction: str | None
    organisation: str | None


@dataclass(frozen=True)
class HoldingData:
    """Who held which office; `person` and `post` are codes, `start` and `end` EDTF or empty."""

    person: str
    post: str
    start: str
    end: str
    note_zh: str | None
    note_en: str | None


@dataclass(frozen=True)
class Places:
    """Everything that documents and commitments refer to, by code, each after its parent."""

    vocabularies: dict[str, VocabularyData]
    jurisdictions: dict[str, JurisdictionData]
    organisations: dict[str, OrganisationData]
    people: dict[str, PersonData]
    posts: dict[str, PostData]
    holdings: list[HoldingData]

    def terms(self, vocabulary: str) -> list[str]:
        """Codes of a vocabulary's terms."""
        found = self.vocabularies.get(vocabulary)
        return [term.code for term in found.terms] if found else []


def add(kept: dict[str, D], entry: Entry, data: D) -> None:
    """Keep what was read under its code; a code that is taken is refused."""
    if data.code in kept:
        raise entry.error(f"the code “{data.code}” is taken; give this entry another", "code")
    kept[data.code] = data


def read_places(folder: Path) -> Places:
    """Read `places.yaml` and `vocabularies/`."""
    places = Places({}, {}, {}, {}, {}, [])
    for entry in read_files(folder, "vocabularies"):
        if entry.file != _ORGANISATIONS:
            add(places.vocabularies, entry, _vocabulary(entry))
    file = read_file(folder, "places.yaml")
    file.allow("jurisdictions", "people", "posts", "post_holdings")
    for entry in file.entries("jurisdictions"):
        add(places.jurisdictions, entry, _jurisdiction(entry, places))
    for entry in _organisation_entries(folder):
        add(places.organisations, entry, _organisation(entry, places))
    for entry in file.entries("people"):
        add(places.people, entry, _person(entry))
    for entry in file.entries("posts"):
        add(places.posts, entry, _post(entry, places))
    for entry in file.entries("post_holdings"):
        places.holdings.append(_holding(entry, places))
    return places


def read_more_places(file: Entry, places: Places) -> None:
    """Add what one file says of places, units, people and offices, or of a vocabulary, in place of what is known."""
    file.allow("jurisdictions", "organisations", "people", "posts", "post_holdings", "vocabulary", "name_zh", "name_en",
               "terms")  # fmt: skip
    if file.has("vocabulary"):
        vocabulary = _vocabulary(file)
        places.vocabularies[vocabulary.code] = vocabulary
    readers: tuple[tuple[str, dict[str, Any], Callable[[Entry, Places], Any]], ...] = (
        ("jurisdictions", places.jurisdictions, _jurisdiction),
        ("organisations", places.organisations, _organisation),
        ("people", places.people, lambda entry, _: _person(entry)),
        ("posts", places.posts, _post),
    )
    for key, known, read in readers:
        said: dict[str, Any] = {}
        for entry in file.entries(key):
            data = read(entry, places)
            add(said, entry, data)
            known[data.code] = data
    places.holdings.extend(_holding(entry, places) for entry in file.entries("post_holdings"))


def _organisation_entries(folder: Path) -> list[Entry]:
    if not (folder / _ORGANISATIONS).is_file():
        return []
    file = read_file(folder, _ORGANISATIONS)
    file.allow("organisations")
    return file.entries("organisations")


def _vocabulary(file: Entry) -> VocabularyData:
    file.allow("vocabulary", "name_zh", "name_en", "terms")
    terms: dict[str, TermData] = {}
    for position, entry in enumerate(file.entries("terms"), start=1):
        add(terms, entry, _term(entry, position))
    return VocabularyData(file.text("vocabulary"), file.text("name_zh"), file.text("name_en"), tuple(terms.values()))


def _term(entry: Entry, position: int) -> TermData:
    entry.allow("code", "zh", "en")
    return TermData(entry.text("code"), entry.text("zh"), entry.text("en"), position)


def _jurisdiction(entry: Entry, places: Places) -> JurisdictionData:
    entry.allow("code", "iso_code", "slug", "name_zh", "name_en", "level", "parent")
    code = entry.text("code")
    if not re.fullmatch(r"\d{6}", code):
        raise entry.error(f"“{code}” is no GB/T 2260 code; write six digits in quotes", "code")
    return JurisdictionData(
        code=code,
        iso_code=entry.maybe_text("iso_code"),
        slug=entry.text("slug"),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        level=entry.choice("level", JurisdictionLevel),
        parent=entry.maybe_one_of(
            "parent", places.jurisdictions, "jurisdiction that stands above this one in the file"
        ),
    )


def _organisation(entry: Entry, places: Places) -> OrganisationData:
    entry.allow("code", "kind", "zh", "en", "jurisdiction", "parent")
    return OrganisationData(
        code=entry.text("code"),
        kind=entry.choice("kind", OrganisationKind),
        name_zh=entry.text("zh"),
        name_en=entry.text("en"),
        jurisdiction=entry.maybe_one_of("jurisdiction", places.jurisdictions),
        parent=entry.maybe_one_of(
            "parent", places.organisations, "organisation that stands above this one in the file"
        ),
    )


def _person(entry: Entry) -> PersonData:
    entry.allow("code", "name_zh", "name_en")
    return PersonData(entry.text("code"), entry.text("name_zh"), entry.text("name_en"))


def _post(entry: Entry, places: Places) -> PostData:
    entry.allow("code", "name_zh", "name_en", "jurisdiction", "organisation")
    return PostData(
        code=entry.text("code"),
        name_zh=entry.text("name_zh"),
        name_en=entry.text("name_en"),
        jurisdiction=entry.maybe_one_of("jurisdiction", places.jurisdictions),
        organisation=entry.maybe_one_of("organisation", places.organisations),
    )


def _holding(entry: Entry, places: Places) -> HoldingData:
    entry.allow("person", "post", "start", "end", "note_zh", "note_en")
    note_zh, note_en = entry.pair("note")
    return HoldingData(
        person=entry.one_of("person", places.people),
        post=entry.one_of("post", places.posts),
        start=entry.edtf("start"),
        end=entry.edtf("end"),
        note_zh=note_zh,
        note_en=note_en,
    )
