"""A request that names itself does once what it asks, however often it is sent: its answer is committed with what it
changed, and given again. As with forms of the desk (`sent_forms`), whoever sends it at the same moment waits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.orm import Session

from tracker import sent_forms
from tracker.models import ApiAnswer

#: How long an answer is kept.
REMEMBERED = timedelta(days=2)

_ANSWERS = cast("Table", ApiAnswer.__table__)


@dataclass(frozen=True)
class Answer:
    """What was answered to a request, as far as it is sent again."""

    status: int
    location: str | None
    etag: str | None
    body: bytes


class OtherRequest(ValueError):
    """The name was given to another request before."""


def earlier(session: Session, mark: str, request: str, now: datetime | None = None) -> Answer | None:
    """The answer to the request with this mark, if it was sent before; else none, and until the session ends nobody
    else goes on with the same mark.

    `request` is the digest of what is asked. Raises `OtherRequest` where that was something else.
    """
    sent_forms.one_at_a_time(session, mark)
    since = (now or datetime.now(UTC)) - REMEMBERED
    row = session.execute(select(_ANSWERS).where(_ANSWERS.c.mark == mark, _ANSWERS.c.at > since)).one_or_none()
    if row is None:
        return None
    if row.request != request:
        raise OtherRequest(mark)
    return Answer(row.status, row.location, row.etag, row.body)


def keep(session: Session, mark: str, request: str, answer: Answer, now: datetime | None = None) -> None:
    """Keep an answer with what the session commits, and drop those that are old."""
    now, connection = now or datetime.now(UTC), session.connection()
    connection.execute(delete(_ANSWERS).where(_ANSWERS.c.at <= now - REMEMBERED))
    connection.execute(
        insert(_ANSWERS).values(
            mark=mark, request=request, at=now, status=answer.status, location=answer.location, etag=answer.etag,
            body=answer.body,
        )
    )  # fmt: skip


def mark_of(account_id: int, key: str) -> str:
    """The mark of the requests that an account names so."""
    return hashlib.sha256(f"{account_id} {key}".encode()).hexdigest()
