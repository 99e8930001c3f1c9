"""A database that is locked, slow or gone: an answer in time, nothing typed lost, nothing half-written."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from addresses import CODES
from tracker import db
from tracker.cli import main
from tracker.config import settings
from tracker.models import StatusAssessment
from visiting import count, send, signed_in

FORM = f"/desk/commitment/record/?code={CODES[0]}"
FOUND = {
    "execution": "not_assessable",
    "effective_on": "2020-12-31",
    "reviewed_up_to": "2021-01-31",
    "summary": "这句话查了半天才写出来",
}

#: Another program that takes the write lock of a file and says so, until it is told to stop.
HOLDER = """
import sys
from tracker.db.sqlite import driver
connection = driver().connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@contextmanager
def locked(ledger: Engine) -> Iterator[None]:
    """Another program writes assessments, and comes to no end."""
    with ExitStack() as held:
        if ledger.dialect.name == "sqlite":
            words = [sys.executable, "-c", HOLDER, str(ledger.url.database)]
            other = held.enter_context(
                subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            held.callback(other.terminate)
        else:
            connection = held.enter_context(ledger.connect())
            connection.execute(text("LOCK TABLE status_assessment IN EXCLUSIVE MODE"))
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes waits for a moment only."""
    monkeypatch.setenv("TRACKER_LOCK_SECONDS", "0.3")


def test_C6_a_change_waits_for_ten_seconds_unless_the_setting_says_otherwise(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waits() -> str:
        asked = "PRAGMA busy_timeout" if engine.dialect.name == "sqlite" else "SHOW lock_timeout"
        opened = db.connect(address(engine), pooled=True)
        with opened.connect() as connection:
            told = str(connection.exec_driver_sql(asked).scalar_one())
        opened.dispose()
        return told

    assert waits() in {"10000", "10s"}
    monkeypatch.setenv("TRACKER_LOCK_SECONDS", "2")
    assert waits() in {"2000", "2s"}
    monkeypatch.setenv("TRACKER_LOCK_SECONDS", "16")
    with pytest.raises(ValueError, match="TRACKER_LOCK_SECONDS"):
        settings()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_C6_a_form_that_meets_a_lock_is_answered_with_when_to_send_it_again(
    app: Flask, ledger: Engine, language: str
) -> None:
    analyst = signed_in(app, "某分析员", language)
    page = analyst.get(FORM).text
    with locked(ledger):
        begun = time.monotonic()
        answer = send(analyst, FORM, FOUND, opened=page)
        assert time.monotonic() - begun < 6
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert FOUND["summary"] in answer.text
    assert {"zh": "数据库正忙", "en": "The database is busy"}[language] in answer.text
    assert "参考号" in answer.text or "Reference" in answer.text
    assert count(ledger, StatusAssessment) == 0
    assert send(analyst, FORM, FOUND, opened=page).status_code == 302
    assert count(ledger, StatusAssessment) == 1


@pytest.mark.usefixtures("impatient")
def test_C6_a_command_that_meets_a_lock_says_so_in_one_line(
    ledger: Engine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = f"tracker --database {address(ledger)} record {CODES[0]} not_assessable --effective-on 2020-12-31"
    monkeypatch.setattr(sys, "argv", [*words.split(), "--reviewed-up-to", "2021-01-31", "--summary", "查不出"])
    with locked(ledger), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert count(ledger, StatusAssessment) == 0


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_C4_readers_do_not_wait_for_a_writer(
    app: Flask, ledger: Engine, record_property: Callable[[str, object], None]
) -> None:
    analyst, took = signed_in(app, "某分析员"), []
    pages = ["/commitments", f"/commitments/{CODES[0]}", "/desk/comments/", "/desk/vocabulary/", FORM]
    with locked(ledger):
        for page in islice(cycle(pages), 100):
            begun = time.monotonic()
            assert analyst.get(page).status_code == 200, page
            took.append(time.monotonic() - begun)
    record_property("C4 p95 of 100 pages beside a writer, ms", round(1000 * sorted(took)[94]))
    assert max(took) < settings().lock_seconds


def test_C4_no_page_that_is_only_read_takes_the_lock(app: Flask, analyst: FlaskClient) -> None:
    begun: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        begun.append(statement)

    event.listen(app.extensions["engine"], "before_cursor_execute", note)
    for page in ("/", "/commitments", "/desk/", "/desk/commitment/", FORM, "/sign-in"):
        assert analyst.get(page).status_code in {200, 302}
    assert begun
    assert not [statement for statement in begun if "IMMEDIATE" in statement or " FOR UPDATE" in statement]


def test_C1_eight_writers_that_read_and_write_back_lose_no_update(engine: Engine) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text("INSERT INTO vocabulary (code, name_zh, name_en) VALUES ('count', '0', '')"))
    lock = "" if engine.dialect.name == "sqlite" else " FOR UPDATE"
    failures: list[Exception] = []

    def count_up() -> None:
        opened = db.connect(address(engine), pooled=True).execution_options(**db.WRITES)
        try:
            for _ in range(100):
                with opened.begin() as connection:
                    read = connection.scalar(text(f"SELECT name_zh FROM vocabulary WHERE code = 'count'{lock}"))
                    connection.execute(
                        text("UPDATE vocabulary SET name_zh = :n WHERE code = 'count'"), {"n": str(int(read) + 1)}
                    )
        except Exception as error:
            failures.append(error)
        opened.dispose()

    writers = [threading.Thread(target=count_up) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with engine.connect() as connection:
        assert (failures, connection.scalar(text("SELECT name_zh FROM vocabulary WHERE code = 'count'"))) == ([], "800")


def told(engine: Engine, *statements: str) -> db.Trouble | None:
    """What is said to be the matter when the last of some statements fails."""
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return db.trouble(error)
    raise AssertionError("nothing failed")


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_C6_what_postgresql_cannot_do_now_is_told_from_faults(engine: Engine) -> None:
    assert told(engine, "SET statement_timeout = 10", "SELECT pg_sleep(5)") is db.Trouble.SLOW
    assert told(engine, "SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1") is db.Trouble.GONE
    assert told(engine, "SET TRANSACTION READ ONLY", "DELETE FROM vocabulary") is db.Trouble.ONLY_READ
    assert told(engine, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$") is db.Trouble.BUSY
    assert told(engine, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$") is db.Trouble.BUSY
    assert told(engine, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$") is db.Trouble.FULL
    assert told(engine, "SELECT 1 / 0") is None
    assert told(db.connect("postgresql://nobody@127.0.0.1:1/none"), "SELECT 1") is db.Trouble.GONE


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_C6_what_sqlite_cannot_do_now_is_told_from_faults(engine: Engine) -> None:
    grow = "CREATE TABLE grown AS SELECT randomblob(4000000) AS content"
    assert told(engine, "PRAGMA max_page_count = 1", grow) is db.Trouble.FULL
    assert told(engine, "PRAGMA query_only = ON", grow) is db.Trouble.ONLY_READ
    assert told(engine, "SELECT nonsense") is None
    assert told(db.connect("sqlite:////nowhere/at/all.db"), "SELECT 1") is db.Trouble.DISK


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_C6_connections_that_broke_are_made_anew(analyst: FlaskClient, ledger: Engine) -> None:
    assert analyst.get("/desk/comments/").status_code == 200
    with ledger.connect() as connection:
        broken = connection.scalar(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert broken
    assert analyst.get("/desk/comments/").status_code == 200
