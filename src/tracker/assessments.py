"""`record_assessment`: the only door to a status. A status is the latest assessment."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import codebook
from tracker.codebook import EvidenceOrigin, EvidenceReports
from tracker.findings import Finding, RuleBroken, Search, Source, faults_of, supporting
from tracker.models import AssessmentEvidence, Commitment, Evidence, SearchLog, StatusAssessment, User

#: Fields that an assessment takes over from the finding as they are.
_AS_FOUND = (
    "execution",
    "outcome",
    "official_claim",
    "effective_on",
    "reviewed_up_to",
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
    now = now or datetime.now(UTC)
    today = now.astimezone().date()
    faults = list(faults_of(session, commitment, finding, today))
    if faults:
        raise RuleBroken(faults)
    session.add_all(_logged(search, commitment, analyst, today) for search in finding.searches)
    cited = {source.url: _cite(session, source) for source in finding.evidence}
    session.flush()
    lead, claim_source = _lead(finding), _claim_source(finding)
    assessment = StatusAssessment(
        **{name: getattr(finding, name) for name in _AS_FOUND},
        commitment_id=commitment.id,
        summary=finding.summary.strip(),
        recorded_at=now,
        analyst_id=analyst.id,
        codebook_version=codebook.VERSION,
        corrects_id=finding.corrects,
        lead_evidence_id=cited[lead.url].id if lead else None,
        official_claim_source_id=cited[claim_source.url].id if claim_source else None,
    )
    session.add(assessment)
    session.flush()
    for source in finding.evidence:
        session.add(
            AssessmentEvidence(assessment_id=assessment.id, evidence_id=cited[source.url].id, relation=source.relation)
        )
    session.flush()
    return assessment


def _lead(finding: Finding) -> Source | None:
    """The evidence a judgement leads with: the first that reports more than an announcement, else the first."""
    backing = supporting(finding)
    telling = [source for source in backing if source.reports is not EvidenceReports.ANNOUNCEMENT]
    return next(iter(telling or backing), None)


def _claim_source(finding: Finding) -> Source | None:
    if finding.official_claim is None:
        return None
    official = [source for source in finding.evidence if source.origin is EvidenceOrigin.OFFICIAL]
    return next(iter(official or finding.evidence), None)


def _cite(session: Session, source: Source) -> Evidence:
    """The row of a piece of evidence: one that agrees with all that is given, or a new one."""
    given = {
        name: getattr(source, name)
        for name in ("reports", "origin", "title", "publisher", "published_on", "retrieved_on", "excerpt")
        if getattr(source, name) is not None
    }
    for row in session.scalars(select(Evidence).where(Evidence.url == source.url).order_by(Evidence.id)):
        if all(getattr(row, name) == value for name, value in given.items()):
            return row
    row = Evidence(url=source.url, **given)
    session.add(row)
    return row


def _logged(search: Search, commitment: Commitment, analyst: User, today: date) -> SearchLog:
    return SearchLog(
        commitment_id=commitment.id,
        searched_in=search.searched_in,
        query=search.query,
        searched_on=search.searched_on or today,
        results_read=search.results_read,
        analyst_id=analyst.id,
    )
