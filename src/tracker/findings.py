"""What an analyst found about a commitment, before it is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True)
class Source:
    """A published thing as an analyst cites it. Only the address is required."""

    url: str
    relation: EvidenceRelation = EvidenceRelation.SUPPORTS
    reports: EvidenceReports | None = None
    origin: EvidenceOrigin | None = None
    title: str | None = None
    publisher: str | None = None
    published_on: date | None = None
    retrieved_on: date | None = None
    #: words of the source
    excerpt: str | None = None
    #: the time that the reported fact is of, as EDTF
    fact_date: str | None = None
    #: what it shows and what it does not, in our words
    shows_zh: str | None = None
    shows_en: str | None = None
    caveat_zh: str | None = None
    caveat_en: str | None = None


@dataclass(frozen=True)
class Search:
    """A search for evidence; made today unless it says otherwise."""

    searched_in: str
    query: str
    searched_on: date | None = None
    results_read: int | None = None


@dataclass(frozen=True)
class Finding:
    """What an analyst found about one commitment: the four required things first."""

    execution: Execution
    #: the day it is true of
    effective_on: date
    #: cut-off day of the search it rests on
    reviewed_up_to: date
    summary: str
    evidence: tuple[Source, ...] = ()
    searches: tuple[Search, ...] = ()
    outcome: Outcome = Outcome.UNKNOWN
    summary_en: str | None = None
    #: where `effective_on` is only known to the month or year, of which it is the last day
    effective_precision: Precision | None = None
    #: what the city itself says
    official_claim: Execution | None = None
    #: address of the cited evidence that says so; without it the first official one, or the first
    claim_source: str | None = None
    progress: str | None = None
    problems: str | None = None
    next_steps: str | None = None
    #: achieved share, 0 to 1
    progress_share: float | None = None
    reason: Reason | None = None
    attribution: Attribution | None = None
    confidence: Confidence | None = None
    #: id of the earlier assessment of the same commitment that this one corrects
    corrects: int | None = None
