"""Policy documents of the seed: lines of a 惠企政策清单. What no source says stays empty."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tracker.seed.entries import Entry, read_file
from tracker.seed.places import Places

_FILE = "policy-documents.yaml"


@dataclass(frozen=True)
class PolicyData:
    """One policy document; `jurisdiction`, `unit` and `commitments` are codes."""

    jurisdiction: str
    title: str
    number: str | None
    valid_from: date | None
    valid_to: date | None
    url: str | None
    unit: str | None
    responsible_person: str | None
    contact: str | None
    commitments: tuple[str, ...]


def read_policies(folder: Path, places: Places, codes: Collection[str]) -> list[PolicyData]:
    """Read `policy-documents.yaml`, where there is one; `codes` are those of all commitments."""
    if not (folder / _FILE).is_file():
        return []
    file = read_file(folder, _FILE)
    file.allow("policy_documents")
    found: dict[tuple[str, str], PolicyData] = {}
    for entry in file.entries("policy_documents"):
        policy = _policy(entry, places, codes)
        if (policy.jurisdiction, policy.title) in found:
            raise entry.error("this jurisdiction has a policy document of this title; leave one of them out", "title")
        found[policy.jurisdiction, policy.title] = policy
    return list(found.values())


def _policy(entry: Entry, places: Places, codes: Collection[str]) -> PolicyData:
    entry.allow("jurisdiction", "title", "number", "valid_from", "valid_to", "url", "unit", "responsible_person",
                "contact", "commitments")  # fmt: skip
    commitments = entry.texts("commitments") if entry.has("commitments") else []
    for code in commitments:
        if code not in codes:
            raise entry.error(f"{code} is no commitment of the coding files; mend the code", "commitments")
    valid_from, valid_to = entry.maybe_day("valid_from"), entry.maybe_day("valid_to")
    if valid_from and valid_to and valid_from > valid_to:
        raise entry.error("“valid_to” lies before “valid_from”; mend one of them", "valid_to")
    return PolicyData(
        jurisdiction=entry.one_of("jurisdiction", places.jurisdictions),
        title=entry.text("title"),
        number=entry.maybe_text("number"),
        valid_from=valid_from,
        valid_to=valid_to,
        url=entry.maybe_text("url"),
        unit=entry.maybe_one_of("unit", places.organisations, "organisation"),
        responsible_person=entry.maybe_text("responsible_person"),
        contact=entry.maybe_text("contact"),
        commitments=tuple(commitments),
    )
