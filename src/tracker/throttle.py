"""How often somebody may try to sign in: counted in the database, so that all workers count together.

A try is counted before the password is compared, as one that failed, and taken back when it succeeds: so tries that
come at once cannot outrun the count. What is refused is not counted, so nobody is locked out for ever.
"""

from __future__ import annotations

import enum
import hashlib
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, insert, select, text
from sqlalchemy.orm import Session

from tracker.models import SignInTry


class Counted(enum.Enum):
    """What is counted: most failures, and within how many seconds."""

    #: the account that is tried, whether there is one or not
    ACCOUNT = ("account", 10, 300)
    #: where the tries come from
    ADDRESS = ("address", 50, 300)
    #: second factors of an account whose password was right: a code has six figures only
    FACTOR = ("factor", 5, 900)
    #: tokens of programs, by where they come from
    TOKEN = ("token", 20, 300)
    #: a challenge to a passkey, which is answered once
    CHALLENGE = ("challenge", 1, 900)

    def __init__(self, kind: str, most: int, seconds: int) -> None:
        self.kind, self.most, self.seconds = kind, most, seconds


#: What a try counts against: by account and by address, for example.
Marks = tuple[tuple[Counted, str], ...]

#: Rows older than any limit looks back, and rows that a clock set back has left in the future.
_LONGEST = timedelta(seconds=max(counted.seconds for counted in Counted))

#: Number of the lock under which tries are counted on PostgreSQL; SQLite writes one at a time anyway.
_LOCK = 7232469

_TRIES = cast("Table", SignInTry.__table__)


def wait(session: Session, marks: Marks) -> int:
    """Seconds until another try is taken; 0 where it is now."""
    now = datetime.now(UTC)
    return max(_wait(session, counted, key, now) for counted, key in marks)


def _wait(session: Session, counted: Counted, key: str, now: datetime) -> int:
    since = now - timedelta(seconds=counted.seconds)
    times = list(
        session.scalars(
            select(SignInTry.at)
            .where(SignInTry.kind == counted.kind, SignInTry.mark == _mark(counted, key))
            .where(SignInTry.at > since, SignInTry.at < now + _LONGEST)
            .order_by(SignInTry.at.desc())
            .limit(counted.most)
        )
    )
    # The place of the oldest of them is free again when it leaves the window.
    return 0 if len(times) < counted.most else max(1, int((times[-1] - since).total_seconds()) + 1)


def take(session: Session, marks: Marks) -> tuple[int, ...] | None:
    """Count a try; returns what takes it back, or none where it is one too many. Leaves committing to the caller."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if wait(session, marks):
        return None
    now, connection = datetime.now(UTC), session.connection()
    connection.execute(delete(_TRIES).where((_TRIES.c.at < now - _LONGEST) | (_TRIES.c.at > now + _LONGEST)))
    return tuple(
        connection.execute(
            insert(_TRIES).values(kind=counted.kind, mark=_mark(counted, key), at=now).returning(_TRIES.c.id)
        ).scalar_one()
        for counted, key in marks
    )


def give_back(session: Session, tries: tuple[int, ...]) -> None:
    """Forget a try that succeeded."""
    session.connection().execute(delete(_TRIES).where(_TRIES.c.id.in_(tries)))


def _mark(counted: Counted, key: str) -> str:
    # Not the e-mail itself: people type their password into the wrong field.
    return hashlib.sha256(f"{counted.kind} {key}".encode()).hexdigest()
