"""Follow-ups of the seed go through the same door as everybody's; what is there already is not recorded again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker import audit
from tracker.assessments import logged, record_assessment
from tracker.findings import Finding
from tracker.models import AssessmentEvidence, Commitment, SearchLog, StatusAssessment, User
from tracker.rules import RuleBroken
from tracker.seed.followups import FollowUpData
from tracker.seed.synchronising import Synchroniser

#: What an assessment takes over from a finding, beside its day and its summary.
_SAID = (
    "execution",
    "effective_precision",
    "reviewed_up_to",
    "summary_en",
    "outcome",
    "official_claim",
    "confidence",
    "progress",
    "problems",
    "next_steps",
    "reason",
    "attribution",
)


def write_followups(writer: Synchroniser, followups: Iterable[FollowUpData]) -> None:
    """Record every search and finding that its analyst has not yet recorded.

    A finding that its file has changed since is recorded anew and corrects the earlier one, unless somebody
    corrected that meanwhile. Raises `SeedError` at the finding that breaks a rule.
    """
    session = writer.session
    for data in followups:
        analyst = audit.signer(session, data.analyst)
        codes = {code for code, *_ in (*data.searches, *data.findings)}
        found = session.scalars(select(Commitment).where(Commitment.code.in_(codes)))
        commitments = {row.code: row for row in found}
        _write_searches(writer, data, analyst, commitments)
        _write_findings(writer, data, analyst, commitments)


def _write_searches(
    writer: Synchroniser, data: FollowUpData, analyst: User, commitments: dict[str, Commitment]
) -> None:
    stored = {
        (row.commitment_id, row.searched_in, row.query, row.searched_on)
        for row in writer.session.scalars(select(SearchLog).where(SearchLog.analyst_id == analyst.id))
    }
    for code, search in data.searches:
        commitment = commitments[code]
        if (commitment.id, search.searched_in, search.query, search.searched_on) in stored:
            writer.kept += 1
            continue
        writer.session.add(logged(search, commitment, analyst))
        writer.added += 1
    writer.session.flush()


def _write_findings(
    writer: Synchroniser, data: FollowUpData, analyst: User, commitments: dict[str, Commitment]
) -> None:
    earlier = _earlier(writer.session, analyst)
    corrected = set(writer.session.scalars(select(StatusAssessment.corrects_id)))
    for code, finding, entry in data.findings:
        commitment = commitments[code]
        rows = [row for row in earlier.get(commitment.id, []) if row.effective_on == finding.effective_on]
        if any(_same(row, finding) for row in rows):
            writer.kept += 1
            continue
        if rows and rows[-1].id in corrected:
            writer.kept += 1
            writer.notices.append(f"{code} of {finding.effective_on} was corrected meanwhile; kept")
            continue
        try:
            corrects = rows[-1].id if rows else None
            record_assessment(writer.session, commitment, replace(finding, corrects=corrects), analyst=analyst)
        except RuleBroken as broken:
            raise entry.error("; ".join(fault.en for fault in broken.faults)) from broken
        writer.added += 1


def _earlier(session: Session, analyst: User) -> dict[int, list[StatusAssessment]]:
    """What the analyst recorded, by commitment, in order."""
    found: dict[int, list[StatusAssessment]] = {}
    rows = select(StatusAssessment).where(StatusAssessment.analyst_id == analyst.id).order_by(StatusAssessment.id)
    cited = selectinload(StatusAssessment.citations).joinedload(AssessmentEvidence.evidence)
    for row in session.scalars(rows.options(cited)):
        found.setdefault(row.commitment_id, []).append(row)
    return found


def _same(row: StatusAssessment, finding: Finding) -> bool:
    """Whether an assessment says what the finding says, and cites the same pages for the same."""
    cited = {(cited.evidence.url, cited.evidence.shows_zh, cited.relation) for cited in row.citations}
    return (
        row.summary == finding.summary.strip()
        and all(getattr(row, name) == getattr(finding, name) for name in _SAID)
        and cited == {(source.url, source.shows_zh, source.relation) for source in finding.evidence}
    )
