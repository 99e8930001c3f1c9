"""What is proved of the stored tables: each holds what its derivation gives, and its triggers are in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import Session

from tracker import stored
from tracker.models import Base, Commitment, CurrentStanding, SearchedText
from tracker.stored import counts, standing, words
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


def counted(session: Session) -> Result:
    """What is counted city by city is what stands there."""
    wrong: list[str] = []
    for table in counts.TABLES:
        derived = select(*counts.derivation(table).subquery().columns)
        for one, other in ((counts.kept(table), derived), (derived, counts.kept(table))):
            wrong += [_named(table, row) for row in session.execute(one.except_(other))]
    return sum(_count(session, table) for table in counts.TABLES), sorted(set(wrong))


def _named(table: type[Base], row: Row[Any]) -> str:
    """A row of counts by its key."""
    key = [column.name for column in table.__table__.primary_key]
    return " ".join([table.__tablename__, *(str(row._mapping[name]) for name in key)])  # noqa: SLF001 - its public name


def _differing(kept: Any, derived: Any) -> ColumnElement[bool]:
    """Whether a commitment has a row that is kept and not derived, or the other way round."""
    rows = select(*derived.subquery().columns)
    differing = [one.except_(other).subquery() for one, other in ((kept, rows), (rows, kept))]
    return or_(*(Commitment.id.in_(select(rows.c.commitment_id)) for rows in differing))


def _codes(session: Session, wrong: ColumnElement[bool]) -> list[str]:
    return list(session.scalars(select(Commitment.code).where(wrong).order_by(Commitment.code)))


def _count(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
