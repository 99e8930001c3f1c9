"""Who works on the record, and what they changed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.codebook import AuditAction, Role
from tracker.models.base import Base, coded


def new_mark() -> str:
    """A mark by which sessions know an account: 128 bits from the system, as 32 hexadecimal digits."""
    return secrets.token_hex(16)


class User(Base):
    """Somebody who signs changes. Without a password the account cannot be signed in to."""

    __table_args__ = (
        CheckConstraint("length(name) > 0", "has_a_name"),
        # What the seed signed is told from what people signed by its name: see `audit.OWN_NAMES`.
        CheckConstraint("lower(name) NOT IN ('seed', 'sign-in')", "is_no_name_of_the_program"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: the name that signs
    name: Mapped[str] = mapped_column(unique=True)
    #: for signing in
    email: Mapped[str | None] = mapped_column(unique=True)
    #: argon2 hash
    password: Mapped[str | None]
    #: whether the password is shorter than one that stands alone: it then needs a second factor
    password_is_short: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[Role] = mapped_column(coded(Role, "role"))
    #: changing it ends every session of the account
    fs_uniquifier: Mapped[str] = mapped_column(unique=True, default=new_mark)

    def __str__(self) -> str:
        return self.name


class AuditEvent(Base):
    """One change of one row, signed, written in the transaction that made it, and chained at the end of that."""

    __table_args__ = (Index(None, "table_name", "row_key"), Index(None, "actor", "id"), Index(None, "at"))

    #: has its entry in the chain by the time of the commit
    id: Mapped[int] = mapped_column(
        ForeignKey("chain_entry.event_id", deferrable=True, initially="DEFERRED"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    #: the name that signs
    actor: Mapped[str]
    action: Mapped[AuditAction] = mapped_column(coded(AuditAction, "action"))
    table_name: Mapped[str]
    #: primary key of the row; several columns joined by a comma
    row_key: Mapped[str]
    #: column → [old, new]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}"
