"""What is proved of the stored tables: each holds what its derivation gives, and its triggers are in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from tracker import stored
from tracker.models import Base, Commitment, CurrentStanding, SearchedText
from tracker.stored import standing, words
from tracker.verification.coding import Result


def standings(session: Session) -> Result:
    """Every commitment stands as its history says."""
    wrong = _differing(select(*CurrentStanding.__table__.columns), standing.derivation())
    return _count(session, CurrentStanding), [*stored.missing(session.connection()), *_codes(session, wrong)]


def searched(session: Session) -> Result:
    """Every commitment is found by the words that it holds."""
    kept = select(*(column for column in SearchedText.__table__.columns if column.key != "id"))
    misindexed = select(SearchedText.commitment_id).where(SearchedText.id.in_(words.misindexed(session.connection())))
    wrong = or_(_differing(kept, words.derivation()), Commitment.id.in_(misindexed))
    return _count(session, SearchedText), _codes(session, wrong)


def _differing(kept: Any, derived: Any) -> ColumnElement[bool]:
    """Whether a commitment has a row that is kept and not derived, or the other way round."""
    rows = select(*derived.subquery().columns)
    differing = [one.except_(other).subquery() for one, other in ((kept, rows), (rows, kept))]
    return or_(*(Commitment.id.in_(select(rows.c.commitment_id)) for rows in differing))


def _codes(session: Session, wrong: ColumnElement[bool]) -> list[str]:
    return list(session.scalars(select(Commitment.code).where(wrong).order_by(Commitment.code)))


def _count(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
