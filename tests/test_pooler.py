"""Through pgbouncer, which hands out servers by the transaction, the ledger is what it is without; and how many
connections a process holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import TimeoutError

import tracker
from following import ANALYST, record
from servers import pooler
from tracker import db
from tracker.backups import BackupRefused, taking
from tracker.codebook import Execution
from tracker.db import engine as engines
from tracker.db import postgresql
from tracker.verification import chained
from visiting import signed_in

pytestmark = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def before(server: Engine) -> Iterator[URL]:
    """A pooler before the server of the tests."""
    with pooler(server.url) as address:
        yield address


@pytest.fixture
def through(before: URL, ledger_url: str) -> str:
    """The address of the ledger through the pooler."""
    return before.set(database=make_url(ledger_url).database).render_as_string(hide_password=False)


def told(connection: psycopg.Connection, setting: str) -> str:
    return str(connection.execute(f"SHOW {setting}").fetchone()[0])


def test_a_transaction_through_a_pooler_is_told_what_a_session_would_be_and_leaves_nothing_behind(through: str) -> None:
    engine = db.connect(through, pooled=True)
    with engine.connect() as connection:
        assert postgresql.through_a_pooler(connection)
        for _ in range(8):
            assert connection.scalar(text("SHOW lock_timeout")) == "10s"
            assert connection.scalar(text("SHOW statement_timeout")) == "1min"
            assert connection.scalar(text("SHOW jit")) == "off"
            assert connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
            connection.commit()
    engine.dispose()
    with psycopg.connect(make_url(through).set(drivername="postgresql").render_as_string(hide_password=False)) as other:
        assert told(other, "lock_timeout") == "0"
        assert told(other, "statement_timeout") == "0"


@pytest.mark.usefixtures("dialect")
def test_nothing_that_the_program_asks_outlives_its_transaction() -> None:
    asked = "".join(path.read_text() for path in Path(tracker.__file__).parent.rglob("*.py"))
    outlive = r"pg_(?:try_)?advisory_lock\b|\bLISTEN\b|\bPREPARE\b|\bSET SESSION\b|CREATE TEMP|WITH HOLD|[\"']SET (?!LOCAL |CONSTRAINTS )"
    assert re.findall(outlive, asked) == []


def test_an_address_with_options_of_its_own_is_told_nothing_else(ledger_url: str) -> None:
    own = make_url(ledger_url).update_query_dict({"options": "-c lock_timeout=7s"})
    engine = db.connect(own.render_as_string(hide_password=False), pooled=True)
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "7s"
        assert connection.scalar(text("SHOW statement_timeout")) == "0"
    engine.dispose()


def test_pages_and_records_through_a_pooler_are_as_without(
    opened: Callable[..., Flask], app: Flask, ledger: Engine, through: str
) -> None:
    without = app.test_client().get("/commitments?format=json").json["rows"]
    opened(through)
    assert app.test_client().get("/commitments?format=json").json["rows"] == without

    def read_and_record(at: int) -> list[int]:
        reader = signed_in(app, "某分析员")
        answers = [reader.get(f"/commitments/CZ-2020-0{at}").status_code for _ in range(7)]
        with db.writing(app.extensions["engine"], actor=ANALYST) as session:
            record(session, f"CZ-2020-0{at}", Execution.IN_PROGRESS)
        return answers

    with ThreadPoolExecutor(4) as people:
        assert set(chain.from_iterable(people.map(read_and_record, range(1, 5)))) == {200}
    with db.reading(ledger) as session:
        assert chained.chained(session)[1] == []
    assert "推进中" in app.test_client().get("/commitments/CZ-2020-04").text


def test_a_backup_is_taken_of_the_server_itself(through: str, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="through a pooler"):
        taking.take(db.connect(through), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_process_holds_no_more_connections_than_twice_its_setting(
    ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_POOL_SIZE", "1")
    monkeypatch.setattr(engines, "_POOL_PATIENCE", 0)
    engine = db.connect(ledger_url, pooled=True)
    with engine.connect(), engine.connect(), pytest.raises(TimeoutError):
        engine.connect()
    engine.dispose()
    monkeypatch.setenv("TRACKER_POOL_SIZE", "0")
    with pytest.raises(ValueError, match=r"TRACKER_POOL_SIZE.+1 to 200"):
        db.connect(ledger_url)
