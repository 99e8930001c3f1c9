"""Places, people and offices, named as in Popolo."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import JurisdictionLevel, OrganisationKind
from tracker.models.base import Base, coded


class Jurisdiction(Base):
    """A country, a province or a city."""

    __table_args__ = (CheckConstraint("length(code) BETWEEN 2 AND 6", "code_is_short"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: GB/T 2260 code, six digits; outside China the code of ISO 3166: `US`, `CA-ON`
    code: Mapped[str] = mapped_column(unique=True)
    #: ISO 3166-2 code; provinces only
    iso_code: Mapped[str | None]
    #: name in addresses and on the command line
    slug: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    level: Mapped[JurisdictionLevel] = mapped_column(coded(JurisdictionLevel, "level"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdiction.id"))

    parent: Mapped[Jurisdiction | None] = relationship(remote_side="Jurisdiction.id")

    def __str__(self) -> str:
        return self.name_zh


class Organisation(Base):
    """A unit that can be responsible."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[OrganisationKind] = mapped_column(coded(OrganisationKind, "kind"))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdiction.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    jurisdiction: Mapped[Jurisdiction | None] = relationship()
    parent: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")

    def __str__(self) -> str:
        return self.name_zh


class Person(Base):
    """Somebody who holds or held an office."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]

    def __str__(self) -> str:
        return self.name_zh


class Post(Base):
    """An office. Commitments name it beside the speaker, so that a successor inherits them."""

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdiction.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    jurisdiction: Mapped[Jurisdiction | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    def __str__(self) -> str:
        return self.name_zh


class PostHolding(Base):
    """Who held which office from when to when."""

    __table_args__ = (UniqueConstraint("person_id", "post_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    #: first day known, as EDTF (`2019-05`, `../2020`); empty string where no source says
    start: Mapped[str] = mapped_column(default="")
    #: last day known, as EDTF; empty string where no source says
    end: Mapped[str] = mapped_column(default="")
    #: what the dates, or their absence, rest on
    note_zh: Mapped[str | None]
    note_en: Mapped[str | None]

    person: Mapped[Person] = relationship()
    post: Mapped[Post] = relationship()

    def __str__(self) -> str:
        return f"{self.person} · {self.post}"
