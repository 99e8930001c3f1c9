"""The history of a commitment in a terminal: judgements, verdicts, moved deadlines, and who changed what."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker import audit
from tracker.cli.tables import both
from tracker.codebook import AuditAction
from tracker.models import AuditEvent, Commitment, DeadlineRevision, StatusAssessment
from tracker.standings import Cutoff, dated, written_assessments


def history(session: Session, commitment: Commitment, cutoff: Cutoff) -> Iterator[str]:
    """Every assessment at `cutoff`, newest first, corrected ones marked; then deadlines, then who changed what."""
    yield "\n评估 Assessments"
    found = session.scalars(written_assessments([commitment.id], cutoff)).all()
    corrected = {one.corrects_id: one.id for one in found if one.corrects_id}
    for one in found:
        by = f"  ✗ 已被更正 corrected by № {corrected[one.id]}" if one.id in corrected else ""
        since = dated(one.effective_on, one.effective_precision)
        yield f"  № {one.id} {since}  {both(one.execution)} · {one.summary}{by}"
        yield from _grounds(one)
        yield from _verdicts(one, cutoff)
    if not found:
        yield "  尚无 none yet"
    yield from _deadlines(session, commitment, cutoff)
    yield "\n修改 Changes"
    changes = audit.changes("commitment", commitment.id).where(*cutoff.written(AuditEvent.at))
    for event in session.scalars(changes):
        fields = "" if event.action is AuditAction.INSERT else " · " + ", ".join(_change(event))
        yield f"  {event.at:%Y-%m-%d %H:%M} UTC  {event.actor} · {both(event.action)}{fields}"


def _grounds(one: StatusAssessment) -> Iterator[str]:
    yield f"    核查至 up to {one.reviewed_up_to} · {one.analyst} · {one.recorded_at:%Y-%m-%d %H:%M} UTC"
    if one.reason and one.attribution:
        yield f"    原因 Reason: {both(one.reason)} · 归因 Attribution: {both(one.attribution)}"
    if one.official_claim:
        yield f"    官方说法 Official claim: {both(one.official_claim)}"
    for citation in one.citations:
        page = citation.evidence
        yield f"    {both(citation.relation)}: {page.url} · {both(page.reports)} · {both(page.origin)}"
        if page.shows_zh:
            yield f"      {page.shows_zh}"
        if page.caveat_zh:
            yield f"      但 but: {page.caveat_zh}"


def _verdicts(one: StatusAssessment, cutoff: Cutoff) -> Iterator[str]:
    for row in one.reviews:
        if cutoff.recorded_by and row.recorded_at.date() > cutoff.recorded_by:
            continue
        said = f" · {row.note}" if row.note else ""
        yield f"    {both(row.verdict)} · {row.reviewer} · {row.recorded_at:%Y-%m-%d %H:%M} UTC{said}"


def _deadlines(session: Session, commitment: Commitment, cutoff: Cutoff) -> Iterator[str]:
    rows = select(DeadlineRevision).where(
        DeadlineRevision.commitment_id == commitment.id, *cutoff.written(DeadlineRevision.recorded_at)
    )
    if cutoff.as_of:
        rows = rows.where(DeadlineRevision.announced_on <= cutoff.as_of)
    found = session.scalars(rows.order_by(DeadlineRevision.announced_on, DeadlineRevision.id)).all()
    if found:
        yield "\n期限调整 Deadlines set anew"
    for row in found:
        yield (
            f"  {row.announced_on}  “{row.deadline_text}” → {both(row.deadline_kind)} {row.window_end}"
            f" · {row.evidence.url} · {row.analyst}"
        )


def _change(event: AuditEvent) -> Iterator[str]:
    for name, (old, new) in event.changes.items():
        yield f"{name}: {old} → {new}"
