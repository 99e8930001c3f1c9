"""Second coding: samples that another analyst codes again without seeing the first. All of it is appended only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import Coded, CodedField
from tracker.models.base import Base, coded
from tracker.models.commitments import Commitment
from tracker.models.places import Jurisdiction
from tracker.models.users import User


def _of_its_field(column: str) -> CheckConstraint:
    """A check that a value is a code of the row's field."""
    allowed = {field: ", ".join(f"'{code}'" for code in field.codes) for field in CodedField}
    rules = [f"(field = '{field}' AND {column} IN ({codes}))" for field, codes in allowed.items()]
    return CheckConstraint(" OR ".join(rules), f"{column}_is_of_its_field")


class CodingRound(Base):
    """A sample of commitments, drawn to be coded a second time."""

    __table_args__ = (
        CheckConstraint("length(name) > 0", "has_a_name"),
        CheckConstraint("seed BETWEEN 0 AND 2147483647", "seed_is_a_whole_number"),
        CheckConstraint("population > 0", "is_drawn_from_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    #: what the sample and its order were made from: the same ledger and seed give the same sample
    seed: Mapped[int]
    #: the city that it was drawn from; none for all
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdiction.id"))
    #: how many commitments could have been drawn
    population: Mapped[int]
    #: the codebook that is tried
    codebook_version: Mapped[str]
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    jurisdiction: Mapped[Jurisdiction | None] = relationship()
    drawn_by: Mapped[User] = relationship()
    items: Mapped[list[CodingItem]] = relationship(back_populates="round", order_by="CodingItem.position")

    def __str__(self) -> str:
        return self.name


class CodingItem(Base):
    """One field of one commitment of a sample, with the code it had when the sample was drawn."""

    __table_args__ = (
        UniqueConstraint("round_id", "commitment_id", "field"),
        UniqueConstraint("round_id", "position"),
        UniqueConstraint("id", "field"),
        _of_its_field("first_value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("coding_round.id"))
    commitment_id: Mapped[int] = mapped_column(ForeignKey("commitment.id"))
    field: Mapped[CodedField] = mapped_column(coded(CodedField, "field"))
    #: place in the shuffled order, from 1
    position: Mapped[int]
    #: the code of the first coder; later changes of the ledger leave it as it is
    first_value: Mapped[str] = mapped_column(String(32))
    #: who gave it, where that is known; none for the coding that came with the seed
    first_coder_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    round: Mapped[CodingRound] = relationship(back_populates="items")
    commitment: Mapped[Commitment] = relationship()
    first_coder: Mapped[User | None] = relationship()
    readings: Mapped[list[CodingReading]] = relationship(back_populates="item", order_by="CodingReading.id")
    adjudications: Mapped[list[Adjudication]] = relationship(back_populates="item", order_by="Adjudication.id")

    @property
    def first(self) -> Coded:
        """The first value as a code of its vocabulary."""
        return self.field.vocabulary(self.first_value)

    def __str__(self) -> str:
        return f"{self.position} {self.field}"


class CodingReading(Base):
    """What another coder read, without seeing the first value."""

    __table_args__ = (
        UniqueConstraint("item_id", "coder_id"),
        ForeignKeyConstraint(["item_id", "field"], ["coding_item.id", "coding_item.field"]),
        _of_its_field("value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column()
    field: Mapped[CodedField] = mapped_column(coded(CodedField, "field"))
    coder_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    value: Mapped[str] = mapped_column(String(32))
    #: the coder's doubt
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime]

    item: Mapped[CodingItem] = relationship(back_populates="readings")
    coder: Mapped[User] = relationship()

    @property
    def code(self) -> Coded:
        """The value as a code of its vocabulary."""
        return self.field.vocabulary(self.value)


class Adjudication(Base):
    """What was decided about an item that was coded again. A later one replaces it; the ledger is not changed."""

    __table_args__ = (
        ForeignKeyConstraint(["item_id", "field"], ["coding_item.id", "coding_item.field"]),
        CheckConstraint("length(note) > 0", "says_why"),
        _of_its_field("value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(index=True)
    field: Mapped[CodedField] = mapped_column(coded(CodedField, "field"))
    value: Mapped[str] = mapped_column(String(32))
    #: why it was decided so
    note: Mapped[str] = mapped_column(Text)
    adjudicator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime]

    item: Mapped[CodingItem] = relationship(back_populates="adjudications")
    adjudicator: Mapped[User] = relationship()

    @property
    def code(self) -> Coded:
        """The value as a code of its vocabulary."""
        return self.field.vocabulary(self.value)
