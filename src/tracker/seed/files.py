"""The seed as it stands in files: read whole and checked whole before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tracker
from tracker.seed.coding import CodingData, LinkData, read_coding, read_links
from tracker.seed.crosswalk import SchemeData, read_crosswalk
from tracker.seed.documents import DocumentData, read_documents
from tracker.seed.followups import FollowUpData, read_followups
from tracker.seed.places import Places, read_places
from tracker.seed.policies import PolicyData, read_policies


@dataclass(frozen=True)
class Counts:
    """How many rows of which kind the seed files hold."""

    documents: int
    turns: int
    heads: int
    parts: int
    terms: int
    figures: int
    marks: int
    links: int
    policy_documents: int
    schemes: int
    searches: int
    assessments: int


@dataclass(frozen=True)
class Seed:
    """Everything that the seed files say."""

    places: Places
    documents: dict[str, DocumentData]
    codings: list[CodingData]
    links: list[LinkData]
    policies: list[PolicyData]
    schemes: list[SchemeData]
    followups: list[FollowUpData]


def folder() -> Path:
    """The folder of the seed: inside an installed package, or beside `src` in a checkout."""
    packaged = Path(tracker.__file__).parent / "_seed"
    return packaged if packaged.is_dir() else Path(tracker.__file__).parents[2] / "seed"


def read(folder: Path) -> Seed:
    """Read and check all files of a seed folder. Raises `SeedError`, which names file and line."""
    places = read_places(folder)
    documents = read_documents(folder, places)
    codings = read_coding(folder, places, documents)
    links = read_links(codings)
    codes = {row.code for coding in codings for row in coding.commitments}
    return Seed(
        places,
        documents,
        codings,
        links,
        read_policies(folder, places, codes),
        read_crosswalk(folder),
        read_followups(folder, _followable(codings)),
    )


def _followable(codings: list[CodingData]) -> set[str]:
    """Codes of the parts, and of the heads that promise something no part covers."""
    rows = [row for coding in codings for row in coding.commitments]
    heads = {row.parent for row in rows}
    return {row.code for row in rows if row.stands_alone or row.code not in heads}


def check(folder: Path) -> Counts:
    """Check all files of a seed folder, without a database. Raises `SeedError`, which names file and line."""
    seed = read(folder)
    rows = [row for coding in seed.codings for row in coding.commitments]
    return Counts(
        documents=len(seed.documents),
        turns=sum(len(document.turns) for document in seed.documents.values()),
        heads=sum(row.parent is None for row in rows),
        parts=sum(row.parent is not None for row in rows),
        terms=sum(len(row.terms) for row in rows),
        figures=sum(len(coding.figures) for coding in seed.codings),
        marks=sum(len(coding.marks) for coding in seed.codings),
        links=len(seed.links),
        policy_documents=len(seed.policies),
        schemes=len(seed.schemes),
        searches=sum(len(data.searches) for data in seed.followups),
        assessments=sum(len(data.findings) for data in seed.followups),
    )
