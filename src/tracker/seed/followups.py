"""Follow-ups of the seed: evidence, searches and judgements, each with the analyst who made them."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tracker import audit
from tracker.codebook import (
    Attribution,
    Confidence,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
)
from tracker.findings import Finding, Search, Source
from tracker.rules import LONGEST_TEXT
from tracker.seed.entries import Entry, read_files


@dataclass(frozen=True)
class FollowUpData:
    """One file: who looked, what they searched for, and what they found; commitments by their codes."""

    analyst: str
    searches: list[tuple[str, Search]]
    #: with the entry that each stands in, for whoever refuses it
    findings: list[tuple[str, Finding, Entry]]


def read_followups(folder: Path, followable: Collection[str]) -> list[FollowUpData]:
    """Read `followups/`, where there is one; `followable` are the codes that can be assessed."""
    return [read_followup_file(file, followable) for file in read_files(folder, "followups")]


def read_followup_file(file: Entry, followable: Collection[str]) -> FollowUpData:
    """One file of follow-ups."""
    file.allow("document", "analyst", "evidence", "searches", "assessments")
    analyst = file.text("analyst")
    if not audit.can_sign(analyst):
        raise file.error(f"“{analyst}” cannot sign; write the name of a person or a team", "analyst")
    sources: dict[str, Source] = {}
    for entry in file.entries("evidence"):
        key = entry.text("key")
        if key in sources:
            raise entry.error(f"“{key}” stands twice; give each piece of evidence a key of its own", "key")
        sources[key] = _source(entry)
    return FollowUpData(
        analyst=analyst,
        searches=[found for entry in file.entries("searches") for found in _searches(entry, followable)],
        findings=[
            (entry.one_of("commitment", followable, "followable commitment"), _finding(entry, sources), entry)
            for entry in file.entries("assessments")
        ],
    )


def _source(entry: Entry) -> Source:
    entry.allow("key", "url", "title", "publisher", "published_on", "retrieved_on", "origin", "reports", "fact_date",
                "shows_zh", "shows_en", "caveat_zh", "caveat_en", "excerpt")  # fmt: skip
    shows_zh, shows_en = entry.pair("shows", LONGEST_TEXT)
    caveat_zh, caveat_en = entry.pair("caveat", LONGEST_TEXT)
    return Source(
        url=entry.text("url", 2000),
        title=entry.maybe_text("title"),
        publisher=entry.maybe_text("publisher"),
        published_on=entry.maybe_day("published_on"),
        retrieved_on=entry.maybe_day("retrieved_on"),
        origin=entry.choice("origin", EvidenceOrigin),
        reports=entry.choice("reports", EvidenceReports),
        fact_date=entry.edtf("fact_date") or None,
        excerpt=entry.maybe_text("excerpt", LONGEST_TEXT),
        shows_zh=shows_zh,
        shows_en=shows_en,
        caveat_zh=caveat_zh,
        caveat_en=caveat_en,
    )


def _searches(entry: Entry, followable: Collection[str]) -> Iterator[tuple[str, Search]]:
    entry.allow("commitments", "searched_in", "searched_on", "queries")
    for code in entry.texts("commitments"):
        if code not in followable:
            raise entry.error(f"{code} is no followable commitment of the coding files; mend the code", "commitments")
        for query in entry.texts("queries"):
            yield code, Search(entry.text("searched_in"), query, entry.day("searched_on"))


def _finding(entry: Entry, sources: dict[str, Source]) -> Finding:
    entry.allow("commitment", "execution", "effective_on", "reviewed_up_to", "summary_zh", "summary_en", "progress",
                "problems", "next_steps", "outcome", "official_claim", "official_claim_source", "reason",
                "attribution", "confidence", "evidence")  # fmt: skip
    summary, summary_en = entry.pair("summary", LONGEST_TEXT)
    effective_on, precision = _effective(entry)
    claim = entry.maybe_one_of("official_claim_source", sources, "evidence key")
    return Finding(
        execution=entry.choice("execution", Execution),
        effective_on=effective_on,
        effective_precision=precision,
        reviewed_up_to=entry.day("reviewed_up_to"),
        summary=summary or "",
        summary_en=summary_en,
        evidence=tuple(
            replace(
                sources[cited.one_of("key", sources, "evidence key")],
                relation=cited.choice("relation", EvidenceRelation),
            )
            for cited in entry.entries("evidence")
        ),
        outcome=entry.choice("outcome", Outcome, Outcome.UNKNOWN),
        official_claim=entry.maybe_choice("official_claim", Execution),
        claim_source=sources[claim].url if claim else None,
        reason=entry.maybe_choice("reason", Reason),
        attribution=entry.maybe_choice("attribution", Attribution),
        confidence=entry.maybe_choice("confidence", Confidence),
        progress=entry.maybe_text("progress", LONGEST_TEXT),
        problems=entry.maybe_text("problems", LONGEST_TEXT),
        next_steps=entry.maybe_text("next_steps", LONGEST_TEXT),
    )


def _effective(entry: Entry) -> tuple[date, Precision | None]:
    """The day, or the last day of the month or year where no more is known."""
    parts = [int(part) for part in entry.edtf("effective_on").split("-") if part.isdigit()]
    match parts:
        case [year]:
            return date(year, 12, 31), Precision.YEAR
        case [year, month]:
            return date(year, month, calendar.monthrange(year, month)[1]), Precision.MONTH
        case _:
            return entry.day("effective_on"), None
