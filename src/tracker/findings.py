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
    excerpt: str | None = None


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
    #: what the city itself says; its source is the first official evidence, or the first
    official_claim: Execution | None = None
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
