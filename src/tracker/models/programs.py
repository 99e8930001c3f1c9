"""What programs that use the API have: tokens of accounts, and what they were answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.codebook import Role
from tracker.models.base import Base, coded
from tracker.models.users import User


class ApiToken(Base):
    """A token by which a program acts for an account. The token itself is nowhere: who has it shows it."""

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", "has_a_name"),
        CheckConstraint("length(digest) = 64", "digest_is_hex"),
        CheckConstraint("made_at < expires_at", "expires_after_it_was_made"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    #: what its owner calls it
    name: Mapped[str]
    #: the most that it lets do; never more than the account may by then
    role: Mapped[Role] = mapped_column(coded(Role, "role"))
    #: SHA-256 of the token; tokens are random, so a slow hash would add nothing
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    #: to the hour: it is not written at each request
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return self.name


class ApiAnswer(Base):
    """What a program was answered that named its request, so that the same one, sent again, does nothing twice."""

    __table_args__ = (
        CheckConstraint("length(mark) = 64", "is_a_digest"),
        CheckConstraint("length(request) = 64", "request_is_a_digest"),
        Index(None, "at"),
    )

    #: SHA-256 over the account and the name that the program gave (`Idempotency-Key`)
    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: SHA-256 over what was asked: another request under the same name is refused
    request: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    status: Mapped[int]
    location: Mapped[str | None]
    etag: Mapped[str | None]
    body: Mapped[bytes] = mapped_column(LargeBinary)

    def __str__(self) -> str:
        return self.mark[:8]
