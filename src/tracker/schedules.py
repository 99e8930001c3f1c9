"""Time as it goes: a deadline that is set anew, and steps with a date. What the text said stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from tracker.codebook import DeadlineKind, EvidenceReports, Reason
from tracker.evidence import cite
from tracker.findings import Source
from tracker.models import LINE, Commitment, DeadlineRevision, Milestone, MilestoneReached, User
from tracker.rules import Fault, RuleBroken, addressed, not_in_future, too_long


def revise_deadline(
    session: Session,
    commitment: Commitment,
    *,
    until: date,
    text: str,
    announced_on: date,
    source: Source,
    analyst: User,
    kind: DeadlineKind = DeadlineKind.COMPLETION,
    reason: Reason | None = None,
    note: str | None = None,
    now: datetime | None = None,
) -> DeadlineRevision:
    """Append a new last day for `commitment`, in the words `text` of its source; flushed, not committed.

    A later row announced on the same day takes the place of an earlier one. Raises `RuleBroken`.
    """
    _refuse(
        *_said(text, "text", "新期限的原话", "the words that set it"),
        *_sets_a_date(commitment, kind, until),
        *not_in_future(announced_on, "announced_on", "宣布日期", "the day it was announced"),
        *addressed(source),
        *too_long(note, "note"),
    )
    row = DeadlineRevision(
        commitment_id=commitment.id,
        deadline_kind=kind,
        deadline_text=text.strip(),
        window_end=until,
        announced_on=announced_on,
        reason=reason,
        note=(note or "").strip() or None,
        evidence_id=_cited(session, source),
        analyst_id=analyst.id,
        recorded_at=now or datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return row


def plan_milestone(
    session: Session,
    commitment: Commitment,
    *,
    title_zh: str,
    planned_on: date,
    source: Source,
    analyst: User,
    title_en: str | None = None,
    now: datetime | None = None,
) -> Milestone:
    """Append a step of `commitment` with its planned day; flushed, not committed. Raises `RuleBroken`."""
    _refuse(*_said(title_zh, "title_zh", "节点名称", "what the step is"), *addressed(source))
    row = Milestone(
        commitment_id=commitment.id,
        title_zh=title_zh.strip(),
        title_en=(title_en or "").strip() or None,
        planned_on=planned_on,
        evidence_id=_cited(session, source),
        analyst_id=analyst.id,
        recorded_at=now or datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return row


def reach_milestone(
    session: Session,
    milestone: Milestone,
    *,
    reached_on: date,
    source: Source,
    analyst: User,
    now: datetime | None = None,
) -> MilestoneReached:
    """Append that `milestone` was reached, and what shows it; flushed, not committed. Raises `RuleBroken`."""
    _refuse(
        *not_in_future(reached_on, "reached_on", "达到日期", "the day it was reached"),
        *addressed(source),
        *_more_than_announced(source),
    )
    row = MilestoneReached(
        milestone_id=milestone.id,
        reached_on=reached_on,
        evidence_id=_cited(session, source),
        analyst_id=analyst.id,
        recorded_at=now or datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    return row


def _refuse(*faults: Fault) -> None:
    if faults:
        raise RuleBroken(list(faults))


def _cited(session: Session, source: Source) -> int:
    evidence = cite(session, source)
    session.flush()
    return evidence.id


def _said(text: str, field: str, zh: str, en: str) -> Iterator[Fault]:
    if not 0 < len(text.strip()) <= LINE:
        yield Fault(f"{field}-said", field, f"请写明{zh}，至多 {LINE} 字", f"say {en}, in {LINE} characters at most")


def _sets_a_date(commitment: Commitment, kind: DeadlineKind, until: date) -> Iterator[Fault]:
    if kind not in {DeadlineKind.COMPLETION, DeadlineKind.HORIZON}:
        yield Fault(
            "revision-kind",
            "kind",
            "新期限须为完成期限或行动时段",
            "a deadline set anew is a completion date or a horizon",
        )
    if commitment.window_start and until < commitment.window_start:
        yield Fault(
            "revision-forward", "until",
            f"新期限 {until} 早于时段起始日 {commitment.window_start}",
            f"the new last day {until} lies before the window begins, {commitment.window_start}",
        )  # fmt: skip


def _more_than_announced(source: Source) -> Iterator[Fault]:
    if source.reports is EvidenceReports.ANNOUNCEMENT:
        yield Fault(
            "reached-announcement", "evidence",
            "仅有宣布不能说明节点已达到：请补充开工、交付或统计的依据",
            "an announcement does not show that a step was reached: cite a start, a delivery or statistics",
        )  # fmt: skip
