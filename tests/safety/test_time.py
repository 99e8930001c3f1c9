"""Instants are stored in UTC and come back the same, whatever the offset or the server's zone."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import StatementError

from following import ANALYST, commitment
from tracker import audit, comments, db
from tracker.models import Comment, SavedList

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.fixture
def kept(ledger: Engine) -> int:
    """A row with an instant that may be changed."""
    with db.writing(ledger, actor=ANALYST) as session:
        row = SavedList(owner_id=audit.signer(session, ANALYST).id, name="x", question="", saved_at=NOON)
        session.add(row)
        session.flush()
        return row.id


def stored(ledger: Engine, kept: int, instant: datetime) -> datetime:
    """An instant as it comes back from the database."""
    with db.writing(ledger, actor=ANALYST) as session:
        session.get_one(SavedList, kept).saved_at = instant
    with db.reading(ledger) as session:
        return session.get_one(SavedList, kept).saved_at


@pytest.mark.parametrize(
    "instant",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=8))),
        NOON.astimezone(timezone(-timedelta(hours=11, minutes=30))),
        NOON.astimezone(ZoneInfo("Asia/Shanghai")),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1991, 4, 14, 3, tzinfo=ZoneInfo("Asia/Shanghai")),
    ],
    ids=str,
)
def test_I6_an_instant_comes_back_the_same_and_in_utc(ledger: Engine, kept: int, instant: datetime) -> None:
    found = stored(ledger, kept, instant)
    assert found.utcoffset() == timedelta(0)
    assert found == instant.astimezone(UTC)


def test_I6_the_hour_that_comes_twice_stays_two_instants(ledger: Engine, kept: int) -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert stored(ledger, kept, first.replace(fold=1)) - stored(ledger, kept, first) == timedelta(hours=1)


def test_I6_a_time_without_a_zone_is_refused(ledger: Engine, kept: int) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        stored(ledger, kept, datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_I6_a_server_whose_zone_is_changed_reads_the_same(ledger: Engine, ledger_url: str) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        comments.remark(session, commitment(session, "CZ-2020-01"), "一", author=audit.signer(session, ANALYST))
        written = session.scalars(select(Comment.recorded_at)).one()
    code = (
        "import sys; from sqlalchemy import select; from tracker import db; from tracker.models import Comment\n"
        "with db.reading(db.connect(sys.argv[1])) as session: print(session.scalars(select(Comment.recorded_at)).one().isoformat())"
    )
    for zone in ("Asia/Shanghai", "America/New_York"):
        ran = subprocess.run(
            [sys.executable, "-c", code, ledger_url],
            env={"TZ": zone, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert datetime.fromisoformat(ran.stdout.strip()) == written


def test_I6_what_is_stored_is_utc(ledger: Engine, kept: int) -> None:
    stored(ledger, kept, NOON.astimezone(ZoneInfo("Asia/Shanghai")))
    with ledger.connect() as connection:
        if ledger.dialect.name == "postgresql":
            connection.execute(text("SET TIME ZONE 'UTC'"))
        assert str(connection.execute(text("SELECT saved_at FROM saved_list")).scalar())[:19] == "2026-03-29 12:00:00"
