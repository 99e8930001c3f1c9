"""`record_assessment`: the only door to a status. A status is the latest assessment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session, make_transient_to_detached

from tracker import codebook, loading
from tracker.codebook import EvidenceOrigin
from tracker.evidence import details, known
from tracker.findings import Finding, Search, Source
from tracker.loading import Row
from tracker.models import Commitment, SearchLog, StatusAssessment, User
from tracker.rules import RuleBroken, faults_of
from tracker.texts import composed

#: Fields that an assessment takes over from the finding as they are.
_AS_FOUND = (
    "execution",
    "outcome",
    "official_claim",
    "effective_on",
    "effective_precision",
    "reviewed_up_to",
    "summary_en",
    "progress",
    "problems",
    "next_steps",
    "progress_share",
    "reason",
    "attribution",
    "confidence",
)


def record_assessment(
    session: Session, commitment: Commitment, finding: Finding, *, analyst: User, now: datetime | None = None
) -> StatusAssessment:
    """Append a judgement of `commitment` with its evidence and searches; flushed, not committed.

    Raises `RuleBroken`, before anything is written, when the finding breaks a rule of the method.
    """
    now = now or _now(session, commitment)
    today = now.astimezone().date()
    faults = list(faults_of(session, commitment, finding, today))
    if faults:
        raise RuleBroken(faults)
    session.flush()
    connection, cited = session.connection(), known(session, finding.evidence)
    (number,) = loading.numbers(connection, "status_assessment", 1)
    new = [source for source in finding.evidence if source.url not in cited]
    pages = loading.numbers(connection, "evidence", len(new)) if new else ()
    cited |= {source.url: page for source, page in zip(new, pages, strict=True)}
    row = appended(number, commitment.id, finding, cited=cited, analyst=analyst, now=now)
    loading.put(
        session,
        {
            "evidence": [{"id": cited[source.url], **details(source)} for source in new],
            "search_log": list(_searches(connection, finding, commitment, analyst)),
            "assessment_evidence": citations(number, finding, cited),
            "status_assessment": [row],
        },
    )
    return _in_session(session, row)


def appended(
    number: int, commitment_id: int, finding: Finding, *, cited: Mapping[str, int], analyst: User, now: datetime
) -> Row:
    """The row of an assessment, whose evidence is `cited`: address → number."""
    said = {name: getattr(finding, name) for name in _AS_FOUND}
    claim_source = _claim_source(finding)
    return {
        **{name: composed(value) if type(value) is str else value for name, value in said.items()},
        "id": number,
        "commitment_id": commitment_id,
        "summary": composed(finding.summary.strip()),
        "recorded_at": now,
        "analyst_id": analyst.id,
        "codebook_version": codebook.VERSION,
        "corrects_id": finding.corrects,
        "official_claim_source_id": cited[claim_source.url] if claim_source else None,
    }


def citations(number: int, finding: Finding, cited: Mapping[str, int]) -> list[Row]:
    """The rows of what an assessment cites."""
    return [
        {"assessment_id": number, "evidence_id": cited[source.url], "relation": source.relation}
        for source in finding.evidence
    ]


def _in_session(session: Session, row: Row) -> StatusAssessment:
    """The assessment of a row that is in the ledger, without reading it."""
    found = StatusAssessment(**row)
    make_transient_to_detached(found)
    session.add(found)
    return found


def _searches(connection: Connection, finding: Finding, commitment: Commitment, analyst: User) -> Iterator[Row]:
    searches = finding.searches
    numbers = loading.numbers(connection, "search_log", len(searches)) if searches else ()
    for number, search in zip(numbers, searches, strict=True):
        yield {"id": number, **searched(search, commitment.id, analyst)}


def _now(session: Session, commitment: Commitment) -> datetime:
    """The time it is; never before what was last written down of the commitment, whatever the clocks say."""
    last = select(func.max(StatusAssessment.recorded_at)).where(StatusAssessment.commitment_id == commitment.id)
    return max(datetime.now(UTC), session.scalar(last) or datetime.min.replace(tzinfo=UTC))


def _claim_source(finding: Finding) -> Source | None:
    if finding.official_claim is None:
        return None
    if finding.claim_source:
        return next(source for source in finding.evidence if source.url == finding.claim_source)
    official = [source for source in finding.evidence if source.origin is EvidenceOrigin.OFFICIAL]
    return next(iter(official or finding.evidence), None)


def logged(search: Search, commitment: Commitment, analyst: User) -> SearchLog:
    """The row of a search (not added to the session)."""
    return SearchLog(**searched(search, commitment.id, analyst))


def searched(search: Search, commitment_id: int, analyst: User) -> Row:
    """The same as a row of a load, without its number."""
    return {
        "commitment_id": commitment_id,
        "searched_in": search.searched_in,
        "query": search.query,
        "searched_on": search.searched_on or datetime.now().astimezone().date(),
        "results_read": search.results_read,
        "analyst_id": analyst.id,
    }
