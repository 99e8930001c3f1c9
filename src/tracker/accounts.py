"""Accounts: who can sign in, how the first one is made, and what a new password does."""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, exists, insert, select, text
from sqlalchemy.orm import Session

from tracker.codebook import Role
from tracker.models import SetupLink, User
from tracker.models.users import new_mark
from tracker.passwords import Kept

#: How long the one-time link of the first administrator is good for.
SETUP_LASTS = timedelta(hours=1)

#: Number of the lock under which the first administrator is made on PostgreSQL.
_LOCK = 7232470

_LINK = cast("Table", SetupLink.__table__)


def somebody_can_sign_in(session: Session) -> bool:
    """Whether there is an account with a password."""
    return bool(session.scalar(select(exists().where(User.password.is_not(None), User.active))))


def make_account(session: Session, *, name: str, email: str, password: Kept, role: Role) -> User:
    """An account that can be signed in to; a name that has only signed so far gets its password.

    Flushed, not committed.
    """
    user = session.scalar(select(User).where(User.name == name, User.password.is_(None)))
    if user is None:
        user = User(name=name)
        session.add(user)
    user.email, user.role, user.active = email, role, True
    set_password(user, password)
    session.flush()
    return user


def set_password(user: User, password: Kept) -> None:
    """Give an account another password, which ends every session of it."""
    user.password, user.password_is_short = password.hash, password.is_short
    end_sessions(user)


def end_sessions(user: User) -> None:
    """End every session of an account: a cookie that somebody kept opens nothing."""
    user.fs_uniquifier = new_mark()


def is_last_administrator(session: Session, user: User) -> bool:
    """Whether nobody else could manage accounts. Locks who can: two of them cannot demote each other at once."""
    able = select(User.id).where(User.role == Role.ADMIN, User.active, User.password.is_not(None))
    return list(session.scalars(able.order_by(User.id).with_for_update())) == [user.id]


def setup_link(session: Session) -> str:
    """The token of the link that makes the first administrator; empty where somebody can sign in.

    Programs that start at once on one database get the same link. Leaves committing to the caller.
    """
    one_at_a_time(session)
    if somebody_can_sign_in(session):
        return ""
    link, now = session.get(SetupLink, 1), datetime.now(UTC)
    if link is not None and _lasts(link, now):
        return link.token
    token, connection = secrets.token_urlsafe(24), session.connection()
    connection.execute(delete(_LINK))
    connection.execute(insert(_LINK).values(id=1, token=token, made_at=now))
    return token


def opens_setup(session: Session, token: str) -> bool:
    """Whether a token makes the first administrator."""
    link = session.get(SetupLink, 1)
    return (
        link is not None
        and _lasts(link, datetime.now(UTC))
        and hmac.compare_digest(token.encode(), link.token.encode())
        and not somebody_can_sign_in(session)
    )


def close_setup(session: Session) -> None:
    """Take the link away."""
    session.connection().execute(delete(_LINK))


def one_at_a_time(session: Session) -> None:
    """Wait until nobody else makes the first account; SQLite writes one at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _lasts(link: SetupLink, now: datetime) -> bool:
    return abs(now - link.made_at) < SETUP_LASTS
