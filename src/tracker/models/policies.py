"""Policy lists (惠企政策清单), with the columns that 郴州 says its list has."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base
from tracker.models.commitments import Commitment
from tracker.models.places import Jurisdiction, Organisation

policy_document_commitment = Table(
    "policy_document_commitment",
    Base.metadata,
    Column(
        "policy_document_id",
        ForeignKey("policy_document.id", name="fk_policy_document_commitment_policy_document"),
        primary_key=True,
    ),
    Column("commitment_id", ForeignKey("commitment.id"), primary_key=True, index=True),
)


class PolicyDocument(Base):
    """One line of a policy list. What no source says stays empty."""

    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "title"),
        CheckConstraint("valid_from <= valid_to", "validity_runs_forward"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdiction.id"))
    title: Mapped[str]
    #: 文号
    number: Mapped[str | None]
    #: 执行时限
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    url: Mapped[str | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    responsible_person: Mapped[str | None]
    contact: Mapped[str | None]

    jurisdiction: Mapped[Jurisdiction] = relationship()
    unit: Mapped[Organisation | None] = relationship()
    commitments: Mapped[list[Commitment]] = relationship(secondary=policy_document_commitment)

    def __str__(self) -> str:
        return self.title
