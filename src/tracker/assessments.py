"""`record_assessment`: the only door to a status. A status is the latest assessment."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker import codebook
from tracker.codebook import EvidenceOrigin
from tracker.evidence import cite
from tracker.findings import Finding, Search, Source
from tracker.models import AssessmentEvidence, Commitment, SearchLog, StatusAssessment, User
from tracker.rules import RuleBroken, faults_of

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
    session.add_all(logged(search, commitment, analyst) for search in finding.searches)
    cited = {source.url: cite(session, source) for source in finding.evidence}
    session.flush()
    # Citations go in before their assessment: see `AssessmentEvidence`.
    number = _next_number(session)
    session.add_all(
        AssessmentEvidence(assessment_id=number, evidence_id=cited[source.url].id, relation=source.relation)
        for source in finding.evidence
    )
    session.flush()
    claim_source = _claim_source(finding)
    assessment = StatusAssessment(
        **{name: getattr(finding, name) for name in _AS_FOUND},
        id=number,
        commitment_id=commitment.id,
        summary=finding.summary.strip(),
        recorded_at=now,
        analyst_id=analyst.id,
        codebook_version=codebook.VERSION,
        corrects_id=finding.corrects,
        official_claim_source_id=cited[claim_source.url].id if claim_source else None,
    )
    session.add(assessment)
    session.flush()
    return assessment


def _now(session: Session, commitment: Commitment) -> datetime:
    """The time it is; never before what was last written down of the commitment, whatever the clocks say."""
    last = select(func.max(StatusAssessment.recorded_at)).where(StatusAssessment.commitment_id == commitment.id)
    return max(datetime.now(UTC), session.scalar(last) or datetime.min.replace(tzinfo=UTC))


def _next_number(session: Session) -> int:
    """The id of the next assessment."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence("status_assessment", "id")
        return int(session.execute(select(func.nextval(sequence))).scalar_one())
    # SQLite has one writer at a time, and this transaction is it.
    return int(session.execute(select(func.coalesce(func.max(StatusAssessment.id), 0) + 1)).scalar_one())


def _claim_source(finding: Finding) -> Source | None:
    if finding.official_claim is None:
        return None
    if finding.claim_source:
        return next(source for source in finding.evidence if source.url == finding.claim_source)
    official = [source for source in finding.evidence if source.origin is EvidenceOrigin.OFFICIAL]
    return next(iter(official or finding.evidence), None)


def logged(search: Search, commitment: Commitment, analyst: User) -> SearchLog:
    """The row of a search (not added to the session)."""
    return SearchLog(
        commitment_id=commitment.id,
        searched_in=search.searched_in,
        query=search.query,
        searched_on=search.searched_on or datetime.now().astimezone().date(),
        results_read=search.results_read,
        analyst_id=analyst.id,
    )
