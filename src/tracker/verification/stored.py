"""What is proved of the stored tables: each holds what its derivation gives, and its triggers are in force."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tracker import stored
from tracker.models import Commitment, CurrentStanding
from tracker.stored import standing
from tracker.verification.coding import Result


def standings(session: Session) -> Result:
    """Every commitment stands as its history says."""
    kept = select(*CurrentStanding.__table__.columns)
    derived = select(*standing.derivation().subquery().columns)
    differing = [one.except_(other).subquery() for one, other in ((kept, derived), (derived, kept))]
    wrong = or_(*(Commitment.id.in_(select(rows.c.commitment_id)) for rows in differing))
    codes = session.scalars(select(Commitment.code).where(wrong).order_by(Commitment.code))
    count = session.scalar(select(func.count()).select_from(CurrentStanding)) or 0
    return count, [*stored.missing(session.connection()), *codes]
