"""Who a program acts for: the account whose token it bears. A cookie counts for nothing here."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from flask import current_app, request
from sqlalchemy.exc import SQLAlchemyError

from tracker import throttle, tokens
from tracker.api.problems import Problem
from tracker.auth import proving
from tracker.codebook import Role
from tracker.events import Event, say
from tracker.models import ApiToken
from tracker.throttle import Counted

#: Longest that a token can be, in characters.
_LONGEST = 200


class Bearer(NamedTuple):
    """Whose token was sent, and what it lets do."""

    user_id: int
    name: str
    role: Role


def bearer() -> Bearer | None:
    """Whoever the request acts for; none where it bears no token. Raises `Problem`: 401, or 429 after many tries.

    Looked up in a transaction of its own: the write lock is not waited for until somebody may write.
    """
    if "Authorization" not in request.headers:
        return None
    kind, _, text = request.headers["Authorization"].partition(" ")
    if kind.lower() != "bearer":
        raise Problem(401, "须用 Bearer 令牌", "only Bearer tokens are taken")
    counted = ((Counted.TOKEN, proving.address()),)
    with proving.reading() as session:
        seconds = throttle.wait(session, counted)
        found = None if seconds or len(text) > _LONGEST else tokens.opened(session, text.strip())
    if found is None:
        raise _refused(seconds, counted)
    _note(found)
    return Bearer(found.user.id, found.user.name, tokens.may(found))


def _refused(seconds: int, counted: throttle.Marks) -> Problem:
    """What is said to who bears a token that opens nothing; the try is counted and logged, never the token."""
    if not seconds and not current_app.config["READ_ONLY"]:
        with proving.writing() as session:
            throttle.take(session, counted)
    if seconds:
        say(Event.SIGN_IN_THROTTLED, what="token", seconds=seconds)
        return Problem(
            429, "无效的令牌太多", "too many tokens that open nothing", headers={"Retry-After": str(seconds)}
        )
    say(Event.SIGN_IN_FAILED, what="token")
    return Problem(401, "令牌无效：写错、过期、作废，或账户已停用",
                   "the token opens nothing: mistyped, expired, revoked, or its account is closed")  # fmt: skip


def _note(token: ApiToken) -> None:
    """Note, once an hour, that a token is used. Where that cannot be written now, it is not worth an error."""
    now = datetime.now(UTC)
    if not tokens.wants_noting(token, now) or current_app.config["READ_ONLY"]:
        return
    with suppress(SQLAlchemyError), proving.writing() as session:
        tokens.note_use(session, token.id, now)
