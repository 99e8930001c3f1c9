"""`record_assessment`: the only door to a status. A status is the latest assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, make_transient_to_detached

from tracker import codebook, loading
from tracker.codebook import EvidenceOrigin
from tracker.evidence import Pages
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

#: When something was last written down of a commitment.
_LAST = select(func.max(StatusAssessment.recorded_at)).where(StatusAssessment.commitment_id == bindparam("commitment"))


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
    rows = rows_of(session, [(commitment.id, finding)], analyst=analyst, now=now)
    loading.put(session, rows)
    return _in_session(session, rows["status_assessment"][0])


def rows_of(
    session: Session, found: Sequence[tuple[int, Finding]], *, analyst: User, now: datetime
) -> dict[str, list[Row]]:
    """The rows of judgements, by table, with what each rests on: of findings by the number of their commitment.

    They break no rule: whoever puts them in has asked `faults_of`, as `record_assessment` does.
    """
    sources = [source for _, finding in found for source in finding.evidence]
    pages, connection = Pages(session, sources), session.connection()
    fresh = iter(loading.numbers(connection, "evidence", pages.lacking(sources)))
    searches = [_logged(one, number, analyst) for number, finding in found for one in finding.searches]
    rows: dict[str, list[Row]] = {"assessment_evidence": [], "status_assessment": []}
    for number, (of, finding) in zip(loading.numbers(connection, "status_assessment", len(found)), found, strict=True):
        # Citations go in before their assessment: see `AssessmentEvidence`.
        cited = {source.url: pages.number(source, fresh) for source in finding.evidence}
        rows["assessment_evidence"] += [
            {"assessment_id": number, "evidence_id": cited[source.url], "relation": source.relation}
            for source in finding.evidence
        ]
        rows["status_assessment"].append(_judged(number, of, finding, cited, analyst) | {"recorded_at": now})
    numbers = loading.numbers(connection, "search_log", len(searches))
    logs: list[Row] = [{"id": number, **search} for number, search in zip(numbers, searches, strict=True)]
    return {"evidence": [*pages.new], "search_log": logs, **rows}


def _judged(number: int, of: int, finding: Finding, cited: Mapping[str, int], analyst: User) -> dict[str, Any]:
    said = {name: getattr(finding, name) for name in _AS_FOUND}
    claim_source = _claim_source(finding)
    return {
        **{name: composed(value) if type(value) is str else value for name, value in said.items()},
        "id": number,
        "commitment_id": of,
        "summary": composed(finding.summary.strip()),
        "analyst_id": analyst.id,
        "codebook_version": codebook.VERSION,
        "corrects_id": finding.corrects,
        "official_claim_source_id": cited[claim_source.url] if claim_source else None,
    }


def _in_session(session: Session, row: Row) -> StatusAssessment:
    """The assessment of a row that is in the ledger, without reading it."""
    found = StatusAssessment(**row)
    make_transient_to_detached(found)
    session.add(found)
    return found


def _now(session: Session, commitment: Commitment) -> datetime:
    """The time it is; never before what was last written down of the commitment, whatever the clocks say."""
    last = session.connection().scalar(_LAST, {"commitment": commitment.id})
    return max(datetime.now(UTC), last or datetime.min.replace(tzinfo=UTC))


def _claim_source(finding: Finding) -> Source | None:
    if finding.official_claim is None:
        return None
    if finding.claim_source:
        return next(source for source in finding.evidence if source.url == finding.claim_source)
    official = [source for source in finding.evidence if source.origin is EvidenceOrigin.OFFICIAL]
    return next(iter(official or finding.evidence), None)


def logged(search: Search, commitment: Commitment, analyst: User) -> SearchLog:
    """The row of a search (not added to the session)."""
    return SearchLog(**_logged(search, commitment.id, analyst))


def _logged(search: Search, commitment_id: int, analyst: User) -> dict[str, Any]:
    return {
        "commitment_id": commitment_id,
        "searched_in": search.searched_in,
        "query": search.query,
        "searched_on": search.searched_on or datetime.now().astimezone().date(),
        "results_read": search.results_read,
        "analyst_id": analyst.id,
    }
