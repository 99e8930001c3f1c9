"""What is told of the installation: the right state for each fault, nothing to strangers, and an alarm where it is due."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, make_url

from following import ANALYST, record
from tracker import audit, chain, cli, db, health
from tracker.backups import taking
from tracker.codebook import Execution
from tracker.models import guards

TOKEN = "a token for the tests of health"

Fault = Callable[[Engine], None]


@pytest.fixture
def watched(
    opened: Callable[..., Flask], ledger: Engine, ledger_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Flask:
    """The application with a fresh backup, and with nothing kept of an earlier look."""
    monkeypatch.setenv("TRACKER_BACKUPS", str(tmp_path / "kept"))
    monkeypatch.setenv("TRACKER_DISK_PERCENT", "0")
    monkeypatch.setenv("TRACKER_BACKUP_HOURS", "26")
    taking.take_into(ledger, tmp_path / "kept")
    app = opened(ledger_url)
    monkeypatch.setitem(app.config, "HEALTH_SECONDS", 0)
    monkeypatch.setitem(app.config, "METRICS_TOKEN", TOKEN)
    return app


def asked(app: Flask, *, told: bool = False) -> tuple[int, str, dict[str, object]]:
    headers = {"Authorization": f"Bearer {TOKEN}"} if told else {}
    answer = app.test_client().get("/readyz", headers=headers)
    return answer.status_code, answer.json["status"], answer.json["checks"]


def drawn(app: Flask) -> dict[str, float]:
    """The metrics as a program reads them."""
    text = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in text.splitlines() if line[0] != "#")
    }


def test_O3_all_is_well(watched: Flask) -> None:
    code, status, checks = asked(watched)
    assert (code, status) == (200, "ready"), checks
    assert set(checks.values()) == {"ok"}
    assert watched.test_client().get("/healthz").json == {"status": "alive"}


def gone(engine: Engine) -> None:
    Path(str(make_url(engine.url).database)).unlink()


def damaged(engine: Engine) -> None:
    with Path(str(make_url(engine.url).database)).open("r+b") as file:
        file.write(b"no database any more")


def unguarded(engine: Engine) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_audit_event_delete")


def older(engine: Engine) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")


def old_backup(_engine: Engine) -> None:
    os.environ["TRACKER_BACKUP_HOURS"] = "0.0000001"


def no_backup(_engine: Engine) -> None:
    shutil.rmtree(os.environ["TRACKER_BACKUPS"])


def little_room(_engine: Engine) -> None:
    os.environ["TRACKER_DISK_PERCENT"] = "100"


def unverified(engine: Engine) -> None:
    health.remember_verification(engine, 3, "CZ-2020-01: “…” × 0")


def clock_back(engine: Engine) -> None:
    """Something is written while the clock is fast, and then the clock is set right."""

    class Fast(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=90)

    with pytest.MonkeyPatch.context() as clock:
        for module in (audit, chain):
            clock.setattr(module, "datetime", Fast)
        with db.writing(engine, actor=ANALYST) as session:
            record(session, "CZ-2020-01", Execution.IN_PROGRESS)


def chain_broken(engine: Engine) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_audit_event_update")
        connection.exec_driver_sql("UPDATE audit_event SET actor = '别人' WHERE id = (SELECT max(id) FROM audit_event)")
        guards.install(connection)


#: Each fault: what fails or warns, and how the whole is then.
FAULTS: dict[str, tuple[Fault, str, str, int]] = {
    "the database is gone": (gone, "database", "failed", 503),
    "the file is no database": (damaged, "database", "failed", 503),
    "a guard is missing": (unguarded, "guards", "failed", 503),
    "the chain is broken": (chain_broken, "chain", "failed", 503),
    "the revision is an older one": (older, "database", "failed", 503),
    "the backup is too old": (old_backup, "backup", "warning", 200),
    "there is no backup": (no_backup, "backup", "warning", 200),
    "the disk is below its limit": (little_room, "disk", "warning", 200),
    "the last verification failed": (unverified, "verification", "warning", 200),
    "the clock went back": (clock_back, "clock", "warning", 200),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_O3_a_fault_is_told_by_its_check(watched: Flask, ledger: Engine, fault: str) -> None:
    inject, name, state, code = FAULTS[fault]
    inject(ledger)
    found, status, checks = asked(watched)
    assert (found, status) == (code, "unready" if code == 503 else "degraded")
    assert checks[name] == state
    assert asked(watched, told=True)[2][name]["why"]
    assert watched.test_client().get("/healthz").status_code == 200


def test_O3_a_server_that_does_not_answer_is_told_at_once() -> None:
    found = health.look(db.connect("postgresql://nobody@127.0.0.1:1/nothing"))
    assert found.state is health.State.FAILED
    assert {check.name for check in found.checks if check.state is health.State.FAILED} >= {"database", "writing"}


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Another process holds the lock, and says so when it has it."""
    holds = f"""
import sys
from tracker.db import sqlite
connection = sqlite.driver().connect({str(make_url(engine.url).database)!r}, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", holds], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.communicate()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_O3_a_lock_that_somebody_keeps_is_told_and_its_end_too(watched: Flask, ledger: Engine) -> None:
    with locked(ledger):
        code, status, checks = asked(watched)
        assert (code, status) == (503, "unready")
        assert (checks["writing"], checks["database"], checks["guards"]) == ("failed", "ok", "ok")
    assert asked(watched)[:2] == (200, "ready")


def test_O3_a_look_leaves_nothing_behind(watched: Flask, ledger: Engine) -> None:
    before = everything(ledger)
    asked(watched)
    assert everything(ledger) == before


def everything(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*), max(id) FROM audit_event").one(), db.revision(engine)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_O3_strangers_are_told_states_and_nothing_more(
    watched: Flask, ledger: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_backup(ledger)
    client = watched.test_client()
    told = client.get("/readyz").text
    for secret in (os.environ["TRACKER_BACKUPS"], str(db.newest_revision()), "ledger.db", "seconds", "size"):
        assert secret not in told
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer another token for it"}).status_code == 401
    assert (
        client.get("/metrics", headers={"Authorization": "Bearer 中文".encode().decode("latin-1")}).status_code == 401
    )
    monkeypatch.setitem(watched.config, "METRICS_TOKEN", "")
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_O3_metrics_count_requests_by_names_of_our_own(watched: Flask) -> None:
    client = watched.test_client()
    count = 'tracker_requests_total{endpoint="pages.method",method="GET",status="200"}'
    unknown = 'tracker_requests_total{endpoint="none",method="other",status="404"}'
    before = drawn(watched)
    client.get("/method")
    client.open("/no-such-page", method="BREW")
    after = drawn(watched)
    assert after[count] - before.get(count, 0) == 1
    assert after[unknown] - before.get(unknown, 0) == 1
    assert after['tracker_request_seconds_count{endpoint="pages.method"}'] >= 1
    refused = 'tracker_security_events_total{event="refused"}'
    assert after[refused] > before[refused]
    assert after["tracker_backup_age_seconds"] < 3600
    assert after["tracker_guards_missing"] == 0


#: What has to raise an alarm, by the check that raises it.
ALARMS: dict[str, Fault] = {"backup": old_backup, "verification": unverified, "disk": little_room, "clock": clock_back}


@pytest.mark.parametrize("alarm", ALARMS)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_O6_an_alarm_is_raised_by_exit_code_and_metric(
    watched: Flask, ledger: Engine, alarm: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    metric = f'tracker_check{{check="{alarm}"}}'
    assert drawn(watched)[metric] == 0
    ALARMS[alarm](ledger)
    assert drawn(watched)[metric] == 1
    monkeypatch.setattr(sys, "argv", ["tracker", "--database", str(ledger.url), "health"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert f"! {alarm}" in capsys.readouterr().out


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_O6_a_sqlite_that_can_damage_the_file_raises_an_alarm(ledger_url: str, tmp_path: Path) -> None:
    (tmp_path / "pysqlite3").mkdir()
    (tmp_path / "pysqlite3" / "__init__.py").touch()
    (tmp_path / "pysqlite3" / "dbapi2.py").write_text(
        "from sqlite3.dbapi2 import *\nsqlite_version = '3.40.1'\nsqlite_version_info = (3, 40, 1)\n"
    )
    words = [sys.executable, "-c", "from tracker.cli import main; main()", "--database", ledger_url, "health"]
    path = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        words, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False, encoding="utf-8"
    )
    assert (done.returncode, "! sqlite" in done.stdout, "3.40.1" in done.stdout) == (1, True, True), done
