"""What is proved of the history: the rules hold for every row, whoever wrote it and however."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker import audit, stored
from tracker.chain import Misfit
from tracker.codebook import EvidenceRelation, EvidenceReports, Execution
from tracker.evidence import quote_stands
from tracker.models import (
    ArchivedCopy,
    AssessmentEvidence,
    AuditEvent,
    Base,
    ChainEntry,
    Evidence,
    MilestoneReached,
    Obstacle,
    ObstacleClosing,
    Review,
    SearchLog,
    StatusAssessment,
    guards,
)
from tracker.models.guarded import APPEND_ONLY
from tracker.verification.coding import Result


def grounds(session: Session) -> Result:
    """What is refused at the door holds for every assessment that is inside."""
    cited = selectinload(StatusAssessment.citations).joinedload(AssessmentEvidence.evidence)
    rows = session.scalars(select(StatusAssessment).options(cited).order_by(StatusAssessment.id)).all()
    searched = dict(
        session.execute(
            select(SearchLog.commitment_id, func.max(SearchLog.searched_on)).group_by("commitment_id")
        ).all()
    )
    last: dict[int, StatusAssessment] = {}
    faults = []
    for row in rows:
        faults += [f"{row.id}: {row.execution.value} − {what}" for what in _missing(row)]
        if row.execution is Execution.NO_EVIDENCE_FOUND and not (
            row.commitment_id in searched and searched[row.commitment_id] >= row.reviewed_up_to
        ):
            faults.append(f"{row.id}: {row.execution.value} − search")
        before = last.setdefault(row.commitment_id, row)
        if before.recorded_at > row.recorded_at:
            faults.append(f"{row.id}: recorded before {before.id}")
        last[row.commitment_id] = row
    return len(rows), faults


def _missing(row: StatusAssessment) -> Iterator[str]:
    """What an assessment should rest on and does not, by itself."""
    backing = [cited.evidence for cited in row.citations if cited.relation is EvidenceRelation.SUPPORTS]
    if row.execution.needs_evidence and not backing:
        yield "evidence"
    elif row.execution.is_progress and all(page.reports is EvidenceReports.ANNOUNCEMENT for page in backing):
        yield "more than an announcement"
    if row.execution.needs_reason and not (row.reason and row.attribution):
        yield "reason"
    if row.official_claim and row.official_claim_source_id not in {cited.evidence_id for cited in row.citations}:
        yield "source of the claim"
    if not row.effective_on <= row.reviewed_up_to:
        yield "cut-off"
    if not row.summary.strip():
        yield "summary"


def second_persons(session: Session) -> Result:
    """Nobody reviewed an assessment of their own, and no milestone was reached by announcement."""
    own = select(Review.id).join(StatusAssessment).where(StatusAssessment.analyst_id == Review.reviewer_id)
    announced = select(MilestoneReached.id).join(Evidence).where(Evidence.reports == EvidenceReports.ANNOUNCEMENT)
    faults = [f"review {number}" for number in session.scalars(own)]
    faults += [f"milestone_reached {number}" for number in session.scalars(announced)]
    return sum(
        session.scalar(select(func.count()).select_from(model)) or 0 for model in (Review, MilestoneReached)
    ), faults


def closings(session: Session) -> Result:
    """Every obstacle was closed by somebody other than who raised it, not before it was raised."""
    rows = session.execute(select(Obstacle, ObstacleClosing).join(ObstacleClosing.obstacle)).all()
    return len(rows), [
        f"№ {obstacle.id}: {closing.closed_on}"
        for obstacle, closing in rows
        if closing.closed_by_id == obstacle.raised_by_id or closing.closed_on < obstacle.raised_on
    ]


def copies(session: Session) -> Result:
    """Every copy that is kept fits its hash, and the excerpt of its evidence stands in it."""
    count, faults = 0, []
    rows = select(ArchivedCopy).options(joinedload(ArchivedCopy.evidence)).order_by(ArchivedCopy.id)
    for row in session.scalars(rows.execution_options(yield_per=10)):
        count += 1
        if hashlib.sha256(row.content).hexdigest() != row.sha256:
            faults.append(f"archived_copy {row.id}: sha256")
        elif not quote_stands(row.evidence.excerpt, row.content, row.media_type):
            faults.append(f"archived_copy {row.id}: “{row.evidence.excerpt}”")
    return count, faults


#: Tables of history by their names; what the audit itself holds, the chain proves.
_WRITTEN_ONCE: tuple[type[Base], ...] = tuple(
    mapper.class_
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__tablename__)
    if mapper.class_.__tablename__ in set(APPEND_ONLY) - {"audit_event", "chain_entry"}
)


def signed(session: Session) -> Result:
    """Every row of the history is as the audit says it was written."""
    count, faults = 0, []
    for model in _WRITTEN_ONCE:
        count += session.scalar(select(func.count()).select_from(model)) or 0
        faults += [f"{model.__tablename__} {key}" for key in audit.unsigned(session, model)]
    return count, faults


def misfits(session: Session) -> Iterator[Misfit]:
    """Rows of the history that are not as the audit says, each at the place of its event, else at the end."""
    end = session.scalar(select(func.max(ChainEntry.seq))) or 0
    for model in _WRITTEN_ONCE:
        table = model.__tablename__
        for key in audit.unsigned(session, model):
            place = select(func.min(ChainEntry.seq)).join(AuditEvent, AuditEvent.id == ChainEntry.event_id)
            seq = session.scalar(place.where(AuditEvent.table_name == table, AuditEvent.row_key == key))
            why = "is not as it was written" if seq else "was never written by anybody who signed"
            yield Misfit(seq or end + 1, table, key, why)


def ties(session: Session) -> Result:
    """No row points to one that is not there (PostgreSQL holds this by itself)."""
    if session.connection().dialect.name != "sqlite":
        return 0, []
    broken = session.execute(text("PRAGMA foreign_key_check")).all()
    return len(broken), [f"{table} {row} → {target}" for table, row, target, _ in broken]


def guarded(session: Session) -> Result:
    """The guards of the database are in force, and nothing else runs when a row is written."""
    connection = session.connection()
    made = guards.expected(connection)
    strange = guards.triggers(connection) - set(made) - stored.expected(connection)
    faults = [f"{name}: is no trigger of this program" for name in sorted(strange)]
    return len(made), guards.missing(connection) + faults
