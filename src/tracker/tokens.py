"""Tokens of accounts, by which programs use the API: random, shown once, kept as a digest, good for a time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Select, Table, select, update
from sqlalchemy.orm import Session, joinedload

from tracker.codebook import Role
from tracker.models import ApiToken, User
from tracker.rules import Fault, RuleBroken, too_long

#: How a token begins, so that people and programs that look for leaked secrets know one.
PREFIX = "trk_"

#: Days that a token is good for, where nothing else is said, and at most.
USUAL_DAYS, MOST_DAYS = 90, 366

#: Longest name of a token, in characters.
LONGEST_NAME = 100

#: Most tokens of an account that are good at a time.
MOST = 20

#: How exactly it is noted when a token was last used.
_COARSE = timedelta(hours=1)

_TOKENS = cast("Table", ApiToken.__table__)


def make(
    session: Session, user: User, name: str, role: Role, *, days: int = USUAL_DAYS, now: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of an account and its text, which is nowhere else; flushed, not committed.

    Raises `RuleBroken` for a role that the account does not have, a time that is too long, or one token too many.
    """
    now, name = now or datetime.now(UTC), name.strip()
    faults = list(_faults(session, user, name, role, days, now))
    if faults:
        raise RuleBroken(faults)
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user_id=user.id, name=name, role=role, digest=digest(text), made_at=now, expires_at=now + timedelta(days=days)
    )
    session.add(row)
    session.flush()
    return row, text


def _faults(session: Session, user: User, name: str, role: Role, days: int, now: datetime) -> Iterator[Fault]:
    if not name:
        yield Fault("token-name", "name", "请起个名称", "give it a name")
    yield from too_long(name, "name", LONGEST_NAME)
    if not user.active:
        yield Fault("token-active", "role", f"账户 {user.name} 已停用", f"the account {user.name} is closed")
    if not user.role.covers(role):
        yield Fault(
            "token-role",
            "role",
            f"角色至多为{user.role.zh}",
            f"its role is at most that of the account, {user.role.value}",
        )
    if not 1 <= days <= MOST_DAYS:
        yield Fault("token-days", "days", f"有效期为 1 至 {MOST_DAYS} 天", f"it is good for 1 to {MOST_DAYS} days")
    if len([row for row in session.scalars(of(user.id)) if is_good(row, now)]) >= MOST:
        yield Fault("token-most", "name", f"至多 {MOST} 个有效令牌，请先作废一个", f"{MOST} at most: revoke one first")


def of(user_id: int) -> Select[ApiToken]:
    """The tokens of an account, those made last first."""
    return select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())


def every() -> Select[ApiToken]:
    """Every token with its account, by name and then the newest first."""
    rows = select(ApiToken).join(User, User.id == ApiToken.user_id).options(joinedload(ApiToken.user))
    return rows.order_by(User.name, ApiToken.id.desc())


def is_good(token: ApiToken, now: datetime) -> bool:
    """Whether a token opens anything, as far as it lies with the token."""
    return token.revoked_at is None and token.made_at <= now < token.expires_at


def revoke(token: ApiToken, now: datetime | None = None) -> None:
    """Have a token open nothing from now on. A second time changes nothing."""
    token.revoked_at = token.revoked_at or now or datetime.now(UTC)


def opened(session: Session, text: str, now: datetime | None = None) -> ApiToken | None:
    """The token with its account, where it and the account are good now; else none."""
    rows = select(ApiToken).where(ApiToken.digest == digest(text)).options(joinedload(ApiToken.user))
    found = session.scalar(rows)
    return found if found is not None and found.user.active and is_good(found, now or datetime.now(UTC)) else None


def may(token: ApiToken) -> Role:
    """What a token lets do now: no more than its own role, and no more than its account may."""
    return min(token.role, token.user.role, key=list(Role).index)


def wants_noting(token: ApiToken, now: datetime) -> bool:
    """Whether it is to be noted that a token is used: an hour after it was last."""
    return token.last_used_at is None or not token.last_used_at <= now < token.last_used_at + _COARSE


def note_use(session: Session, token_id: int, now: datetime) -> None:
    """Note that a token is used. It is no change of the ledger, so no event of the audit tells of it."""
    session.connection().execute(update(_TOKENS).where(_TOKENS.c.id == token_id).values(last_used_at=now))


def digest(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
