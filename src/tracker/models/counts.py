"""How many commitments stand how, city by city: derived, and stored so that nobody counts them all."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.codebook import Execution, Kind, PublicationState
from tracker.models.base import Base, coded


class StandingCount(Base):
    """How many commitments of a city and a kind have a status. Triggers write it (`tracker.stored`), nobody else."""

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy declares it

    #: by which assessments they stand, as in `current_standing`
    approved_only: Mapped[bool] = mapped_column(primary_key=True)
    publication_state: Mapped[PublicationState] = mapped_column(
        coded(PublicationState, "publication_state"), primary_key=True
    )
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"), primary_key=True)
    execution: Mapped[Execution] = mapped_column(coded(Execution, "execution"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(coded(Kind, "kind"), primary_key=True)
    #: all of them, and heads that only group their parts left out
    commitments: Mapped[int]
    followable: Mapped[int]
    #: of the followable, those that a document, a count or an indicator can settle, and whose judgement is approved
    checkable: Mapped[int]
    approved: Mapped[int]
    #: of all, those whose judgement waits for a second person, whose last one was returned, whose sources disagree
    awaiting: Mapped[int]
    returned: Mapped[int]
    disputed: Mapped[int]


class DayCount(Base):
    """How many commitments of a city have the same day. Triggers write it, nobody else."""

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy declares it

    approved_only: Mapped[bool] = mapped_column(primary_key=True)
    publication_state: Mapped[PublicationState] = mapped_column(
        coded(PublicationState, "publication_state"), primary_key=True
    )
    #: which day it is: one of `stored.counts.DAYS`, or the timeliness of what falls due on it while it is not past
    what: Mapped[str] = mapped_column(String(32), primary_key=True)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"), primary_key=True)
    #: `stored.counts.NEVER` where there is none
    day: Mapped[date] = mapped_column(primary_key=True)
    #: all of them, and heads that only group their parts left out
    commitments: Mapped[int]
    followable: Mapped[int]


class AuthorCount(Base):
    """How many judgements of an analyst wait for a second person, or for himself. Triggers write it, nobody else."""

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy declares it

    publication_state: Mapped[PublicationState] = mapped_column(
        coded(PublicationState, "publication_state"), primary_key=True
    )
    analyst_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"), primary_key=True)
    #: commitments that stand by a judgement of theirs which nobody has reviewed
    awaiting: Mapped[int]
    #: commitments of which the last judgement was theirs and was returned
    returned: Mapped[int]
