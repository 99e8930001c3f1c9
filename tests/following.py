"""What tests do with a commitment: find it, and record what became of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import audit
from tracker.assessments import record_assessment
from tracker.codebook import EvidenceReports, Execution
from tracker.findings import Finding, Search, Source
from tracker.models import Commitment, StatusAssessment

#: Who signs in tests.
ANALYST = "测试员"

#: An address that evidence can be cited by.
PAGE = "https://example.org/news/1"

#: What a finding says at least.
FOUND = {"effective_on": date(2020, 12, 31), "reviewed_up_to": date(2021, 1, 31), "summary": "园区已动工"}


def commitment(session: Session, code: str) -> Commitment:
    """The commitment with a code."""
    return session.scalars(select(Commitment).where(Commitment.code == code)).one()


def record(session: Session, code: str, execution: Execution, **found: object) -> StatusAssessment:
    """Record a finding that says as little as it may; what it must rest on is filled in."""
    grounds: dict[str, object] = {}
    if execution.needs_evidence:
        grounds["evidence"] = (Source(PAGE, reports=EvidenceReports.DELIVERY),)
    if execution is Execution.NO_EVIDENCE_FOUND:
        grounds["searches"] = (Search("郴州市人民政府网站", "有色产业园"),)
    finding = Finding(execution=execution, **{**FOUND, **grounds, **found})  # type: ignore[arg-type]
    analyst = audit.signer(session, ANALYST)
    return record_assessment(session, commitment(session, code), finding, analyst=analyst)
