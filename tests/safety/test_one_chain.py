"""The chain: every event has its place, whoever writes at once, and whatever the clocks say."""

from __future__ import annotations

import json
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from following import ANALYST
from tracker import audit, chain, db
from tracker.codebook import Role
from tracker.models import AuditEvent, ChainEntry, User
from tracker.verification import chained

WRITERS, EACH = 8, 100

#: An event that nobody's session wrote.
FORGED = (
    "INSERT INTO audit_event (id, at, actor, action, table_name, row_key, changes)"
    " VALUES (9000, '2026-01-01 00:00:00', '李明', 'update', 'commitment', '1', '{}')"
)
ENTRY = (
    "INSERT INTO chain_entry (seq, at, event_id, hash) VALUES ({seq}, '2026-01-01 00:00:00', {event}, '"
    + "0" * 64
    + "')"
)


def account(name: str) -> User:
    return User(name=name, active=False, role=Role.ANALYST, fs_uniquifier=uuid.uuid4().hex)


def change(engine: Engine, name: str) -> None:
    """The smallest change that somebody signs, in a transaction of its own."""
    with db.sessions(engine.execution_options(**db.WRITES)).begin() as session:
        audit.signed_by(session, ANALYST).add(account(name))


def misfits(engine: Engine) -> list[str]:
    with db.reading(engine) as session:
        return chained.chained(session)[1]


def test_C5_the_chain_never_forks_when_many_write_at_once(engine: Engine) -> None:
    def write(writer: int) -> None:
        own = db.connect(engine.url.render_as_string(hide_password=False), pooled=True)
        for number in range(EACH):
            change(own, f"{writer} {number}")
        own.dispose()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with engine.connect() as connection:
        order = connection.scalars(select(ChainEntry.seq).order_by(ChainEntry.seq)).all()
        assert connection.scalar(text('SELECT count(*) FROM "user"')) == WRITERS * EACH
    assert order == list(range(WRITERS * EACH + 1))
    assert misfits(engine) == []


def test_Z10_no_event_is_committed_that_is_not_chained(engine: Engine) -> None:
    with (
        pytest.raises(DBAPIError, match=r"(?i)foreign key"),
        engine.execution_options(**db.WRITES).begin() as connection,
    ):
        connection.execute(text(FORGED))
    assert misfits(engine) == []


@pytest.mark.parametrize(
    ("seq", "event", "said"),
    [(0, 9000, "where it ends"), (3, 9000, "where it ends"), (2, 9001, "an event of the audit")],
)
def test_Z10_the_chain_grows_at_its_end_and_by_events_alone(engine: Engine, seq: int, event: int, said: str) -> None:
    change(engine, "李明")
    with engine.execution_options(**db.WRITES).connect() as connection, connection.begin():
        connection.execute(text(FORGED))
        with pytest.raises(DBAPIError, match=said):
            connection.execute(text(ENTRY.format(seq=seq, event=event)))
        connection.rollback()


def test_I7_the_order_is_that_of_the_chain_when_the_clock_goes_back_a_day(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # noqa: ARG003 - as it is called
            return datetime.now(UTC) - timedelta(days=1)

    change(engine, "before")
    with monkeypatch.context() as clock, caplog.at_level(logging.INFO, "tracker.events"):
        clock.setattr(audit, "datetime", Yesterday)
        clock.setattr(chain, "datetime", Yesterday)
        change(engine, "after")
    ordered = select(AuditEvent).join(ChainEntry, ChainEntry.event_id == AuditEvent.id).order_by(ChainEntry.seq)
    with db.reading(engine) as session:
        first, second = session.scalars(ordered)
    assert [first.changes["name"][1], second.changes["name"][1]] == ["before", "after"]
    assert first.at - second.at > timedelta(hours=23)
    assert misfits(engine) == []
    said = [json.loads(line) for line in caplog.messages]
    assert [(line["event"], line["what"]) for line in said] == [("clock_back", "seq 2")]
    assert said[0]["before"] > said[0]["now"]


def test_C5_what_a_savepoint_takes_back_is_not_chained(engine: Engine) -> None:
    with db.writing(engine, actor=ANALYST) as session:
        savepoint = session.begin_nested()
        session.add(account("a"))
        session.flush()
        savepoint.rollback()
        with session.begin_nested():
            session.add(account("b"))
        session.add(account("c"))
    with db.reading(engine) as session:
        assert [event.changes["name"][1] for event in session.scalars(select(AuditEvent))] == ["b", "c"]
    assert misfits(engine) == []


def test_E6_entries_are_hashed_as_canonical_json_with_texts_in_nfc_and_times_in_utc() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    said = chain.canonical(chain.content(0, at.astimezone(), instance="Cafe\u0301"))
    assert said == '{"at":"2026-01-02T03:04:05.000000Z","instance":"Café","seq":0}'.encode()
    assert chain.canonical({"b": 1e21, "a": 41.0}) == b'{"a":41,"b":1e+21}'
