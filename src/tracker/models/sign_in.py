"""What signing in needs beside the account: second factors, counted tries, and the link of the first account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base
from tracker.models.users import User


class AuthenticatorApp(Base):
    """An app that shows a new code every thirty seconds (TOTP, RFC 6238); one for each account."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), unique=True)
    #: the seed of its codes, encrypted with a key that is not in the database
    secret: Mapped[str]
    #: the thirty seconds, counted from 1970, of the last code that was used: no code is good twice
    last_step: Mapped[int]
    added_at: Mapped[datetime]
    user: Mapped[User] = relationship()


class Passkey(Base):
    """A key that never leaves a device or a security key (WebAuthn); here is its public half."""

    __table_args__ = (CheckConstraint("length(name) BETWEEN 1 AND 100", "has_a_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    #: what its owner calls it
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: how often it has signed, where it counts: a copy of it would count apart
    sign_count: Mapped[int]
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class RecoveryCode(Base):
    """A code for the day when the other factor is lost; good once."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    #: SHA-256 of the code; codes are random, so a slow hash would add nothing
    digest: Mapped[str] = mapped_column(unique=True)
    used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class SignInTry(Base):
    """A try to sign in that failed, or is not decided yet; counted for some minutes and then dropped."""

    __table_args__ = (Index(None, "kind", "mark", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    #: what is counted: by account, by address …
    kind: Mapped[str]
    #: SHA-256 of the account or address that was tried
    mark: Mapped[str]
    at: Mapped[datetime]


class SetupLink(Base):
    """The one-time link that makes the first administrator; at most one, and none once somebody can sign in."""

    __table_args__ = (CheckConstraint("id = 1", "is_the_only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str]
    made_at: Mapped[datetime]
