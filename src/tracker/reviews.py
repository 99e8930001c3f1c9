"""A second person approves an assessment or returns it; the latest verdict holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tracker.codebook import Role, Verdict
from tracker.models import Review, StatusAssessment, User
from tracker.rules import Fault, RuleBroken, too_long


def review(
    session: Session,
    assessment: StatusAssessment,
    verdict: Verdict,
    *,
    reviewer: User,
    note: str | None = None,
    now: datetime | None = None,
) -> Review:
    """Append a verdict on `assessment`; flushed, not committed.

    Raises `RuleBroken` where the reviewer wrote the assessment or may not review, or a return gives no reason.
    """
    note = (note or "").strip() or None
    faults = list(_faults(assessment, verdict, reviewer, note))
    if faults:
        raise RuleBroken(faults)
    row = Review(
        assessment_id=assessment.id,
        verdict=verdict,
        note=note,
        reviewer_id=reviewer.id,
        recorded_at=now or datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return row


def _faults(assessment: StatusAssessment, verdict: Verdict, reviewer: User, note: str | None) -> Iterator[Fault]:
    if assessment.analyst_id == reviewer.id:
        yield Fault(
            "review-second-person", "verdict",
            f"{reviewer.name} 是这条评估的作者：须由另一人复核",
            f"{reviewer.name} wrote this assessment: somebody else has to review it",
        )  # fmt: skip
    if not reviewer.role.covers(Role.REVIEWER):
        yield Fault(
            "review-role", "verdict",
            f"{reviewer.name}（{reviewer.role.zh}）不能复核：须有复核员角色",
            f"{reviewer.name} may not review: needs the role reviewer",
        )  # fmt: skip
    if verdict is Verdict.RETURN and not note:
        yield Fault("review-note", "note", "退回须写明理由", "say why it is returned")
    yield from too_long(note, "note")
