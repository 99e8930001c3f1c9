"""Readers are served by streaming replicas, and nobody reads less than they have written, nor notices that one is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import current_user
from sqlalchemy import event, select

import test_cli
from servers import Replicated, Server, replicated_ledger, select_nothing
from test_cli import Run
from tracker import config, db, health
from tracker.app import create_app
from tracker.codebook import Role
from tracker.models import User
from visiting import account, programs, send, signed_in

anywhere = test_cli.anywhere

TOKEN = "a token for the tests of replicas"
#: How far a replica may be behind in seconds: in most tests for as long as they last.
LAG = 3600.0

PAGE = "/commitments/CZ-2020-02"
FORM = "/desk/commitment/record/?code=CZ-2020-02"


@pytest.fixture(scope="module")
def servers(seeded_server: Any) -> Iterator[Replicated]:
    """A primary that holds both interviews, with two replicas."""
    with replicated_ledger(seeded_server.made_ready()) as made:
        with db.writing(db.connect(made.primary.url("tracker")), actor="测试") as session:
            for role in Role:
                account(session, f"某{role.zh}", role, f"{role}@example.org")
        made.await_all()
        yield made


@pytest.fixture(scope="module")
def app(servers: Replicated) -> Iterator[Flask]:
    """The application on the primary, with its replicas."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TRACKER_REPLICA_URLS", " ".join(one.url("tracker") for one in servers.replicas))
        patched.setenv("TRACKER_REPLICA_LAG_SECONDS", str(LAG))
        patched.setenv("TRACKER_METRICS_TOKEN", TOKEN)
        patched.setenv("TRACKER_BACKUP_HOURS", "0")
        patched.setenv("TRACKER_DISK_PERCENT", "0")
        app = create_app(servers.primary.url("tracker"))
        app.config["HEALTH_SECONDS"] = 0
        yield app
        app.extensions["replicas"].close()
        app.extensions["engine"].dispose()


@pytest.fixture
def served(app: Flask, servers: Replicated) -> Callable[[], dict[str, int]]:
    """What readers were served by since the last look; every replica follows and is known to."""
    servers.await_all()
    list(app.extensions["replicas"].states())
    counted = app.extensions["replicas"].served
    counted.clear()

    def since() -> dict[str, int]:
        found = dict(counted)
        counted.clear()
        return found

    return since


@contextmanager
def paused(*replicas: Server) -> Iterator[None]:
    """Replicas that take in what is written and do not show it."""
    for replica in replicas:
        replica.ask("SELECT pg_wal_replay_pause()", "tracker")
        while replica.ask("SELECT pg_get_wal_replay_pause_state()", "tracker") != "paused":
            select_nothing()
    try:
        yield
    finally:
        for replica in replicas:
            replica.ask("SELECT pg_wal_replay_resume()", "tracker")


def recorded(analyst: FlaskClient, summary: str, code: str = "CZ-2020-02") -> str:
    found = {
        "execution": "in_progress", "effective_on": "2020-12-31", "reviewed_up_to": "2021-01-31", "summary": summary,
        "evidence-0-url": "https://example.org/a", "evidence-0-reports": "start", "searched_in": "郴州市人民政府网站", "query": code,
    }  # fmt: skip
    answer = send(analyst, f"/desk/commitment/record/?code={code}", found)
    assert answer.status_code == 302, answer.text
    return summary


def test_readers_are_served_by_replicas_and_the_desk_by_the_primary(
    app: Flask, served: Callable[[], dict[str, int]]
) -> None:
    reader, analyst = app.test_client(), signed_in(app, "某分析员")
    for address in ("/", PAGE, "/commitments?format=csv", "/data/ledger.db", "/api/v1/commitments"):
        assert reader.get(address).status_code == 200
    assert set(served()) == {"replica"}
    assert reader.get("/sign-in").status_code == 200
    assert analyst.get("/desk/").status_code == 200
    assert analyst.get(FORM).status_code == 200
    assert programs(app)("reader", "GET", "/api/v1/commitments").status_code == 200
    assert served() == {}


def test_who_has_recorded_reads_it_at_once_while_the_replicas_are_behind(
    app: Flask, servers: Replicated, served: Callable[[], dict[str, int]]
) -> None:
    reader, analyst = app.test_client(), signed_in(app, "某分析员")
    with paused(*servers.replicas):
        said = recorded(analyst, "两个副本都还不知道")
        assert said in analyst.get(PAGE).text
        for _ in range(100):
            assert said in analyst.get(f"{PAGE}?format=json").text
        assert served() == {"primary": 101}
        analyst.post("/sign-out")
        assert said in analyst.get(PAGE).text
        assert said not in reader.get(PAGE).text
        assert served() == {"primary": 1, "replica": 1}
    servers.await_all()
    assert said in reader.get(PAGE).text
    assert said in analyst.get(PAGE).text
    assert served() == {"replica": 2}


def test_a_replica_that_is_not_behind_serves_who_has_recorded(
    app: Flask, servers: Replicated, served: Callable[[], dict[str, int]]
) -> None:
    analyst = signed_in(app, "某分析员")
    behind, follows = servers.replicas
    with paused(behind):
        said = recorded(analyst, "一个副本还不知道")
        Replicated(servers.primary, [follows]).await_all()
        for _ in range(6):
            assert said in analyst.get(PAGE).text
        assert served() == {"replica": 6}


@pytest.mark.usefixtures("served")
def test_a_program_sends_back_the_position_that_it_was_told(app: Flask, servers: Replicated) -> None:
    program, reader = programs(app), app.test_client()
    with paused(*servers.replicas):
        body = {"execution": "in_progress", "effective_on": "2020-12-31", "reviewed_up_to": "2021-01-31",
                "summary": "程序所记", "evidence": [{"url": "https://example.org/b", "reports": "start"}]}  # fmt: skip
        written = program("analyst", "POST", "/api/v1/commitments/CZ-2020-02/assessments", body)
        assert written.status_code == 201, written.text
        address, position = "/api/v1/commitments/CZ-2020-02/assessments", written.headers["Tracker-Position"]
        assert "程序所记" in program("analyst", "GET", address).text
        assert "程序所记" in reader.get(address, headers={"Tracker-Position": position}).text
        assert "程序所记" not in reader.get(address).text
        assert "程序所记" not in reader.get(address, headers={"Tracker-Position": "'; DROP"}).text


def test_whom_an_administrator_shuts_out_is_out_whatever_the_replicas_know(app: Flask, servers: Replicated) -> None:
    with db.writing(app.extensions["engine"], actor="测试") as session:
        account(session, "新来的", Role.ANALYST)
    with paused(*servers.replicas), signed_in(app, "新来的") as client:
        client.get(PAGE)
        assert current_user.is_authenticated
        with db.writing(app.extensions["engine"], actor="测试") as session:
            session.scalars(select(User).where(User.name == "新来的")).one().active = False
        client.get(PAGE)
        assert not current_user.is_authenticated


def test_how_far_a_replica_is_behind_is_known_also_while_nobody_writes(app: Flask, servers: Replicated) -> None:
    behind, follows = app.extensions["replicas"].all
    primary = app.extensions["engine"]
    with paused(servers.replicas[0]):
        recorded(signed_in(app, "某分析员"), "隔了一会儿")
        Replicated(servers.primary, servers.replicas[1:]).await_all()
        behind.look(primary)
        known = behind.fresh_as_of
        for _ in range(3):
            behind.look(primary)
            follows.look(primary)
        assert behind.fresh_as_of == known < follows.fresh_as_of
        app.extensions["replicas"].most = (behind.lag + follows.lag) / 2
        try:
            states = [why for _, _, why in app.extensions["replicas"].states()]
        finally:
            app.extensions["replicas"].most = LAG
        assert "behind" in states[0]
        assert states[1] == ""


@contextmanager
def at_the_third_question(app: Flask, act: Callable[[Any], None]) -> Iterator[list[str]]:
    """Has something happen to a replica in the middle of a request, once."""
    asked: list[str] = []
    me = get_ident()

    def look(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if get_ident() == me:  # not one that looks at how the replica is
            asked.append(statement)
            if len(asked) == 3:
                act(connection)

    engines = [one.engine for one in app.extensions["replicas"].all]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", look)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", look)


@pytest.fixture
def breaks(servers: Replicated) -> dict[str, Callable[[Any], None]]:
    """What can happen to the connection of a request to a replica."""

    def behind(connection: Any) -> tuple[Server, int]:
        info = connection.connection.dbapi_connection.info
        (server,) = (one for one in servers.replicas if one.port == info.port)
        return server, info.backend_pid

    def cut_off(connection: Any) -> None:
        server, process = behind(connection)
        server.ask(f"SELECT pg_terminate_backend({process}, 5000)")

    def replayed_over(connection: Any) -> None:
        server, process = behind(connection)
        servers.primary.ask("BEGIN; LOCK TABLE commitment IN ACCESS EXCLUSIVE MODE; COMMIT", "tracker")
        while server.ask(f"SELECT count(*) FROM pg_stat_activity WHERE pid = {process}"):
            select_nothing()

    return {"cut off": cut_off, "replayed over": replayed_over}


@pytest.mark.parametrize("how", ["cut off", "replayed over"])
def test_a_replica_that_breaks_within_a_request_is_not_noticed(
    app: Flask, breaks: dict[str, Callable[[Any], None]], served: Callable[[], dict[str, int]], how: str
) -> None:
    expected = app.test_client().get(PAGE).text
    served()
    with at_the_third_question(app, breaks[how]) as asked:
        answer = app.test_client().get(PAGE)
    assert len(asked) == 3
    assert (answer.status_code, answer.text) == (200, expected)
    assert served() == {"replica": 1, "anew": 1}


def test_a_replica_that_breaks_after_the_last_question_of_a_request_is_not_noticed(
    app: Flask, breaks: dict[str, Callable[[Any], None]], served: Callable[[], dict[str, int]]
) -> None:
    broken: list[Any] = []

    def end(connection: Any) -> None:
        if get_ident() == me and not broken:
            broken.append(connection)
            breaks["cut off"](connection)

    me, engines = get_ident(), [one.engine for one in app.extensions["replicas"].all]
    for engine in engines:
        event.listen(engine, "rollback", end)
    try:
        assert app.test_client().get(PAGE).status_code == 200
    finally:
        for engine in engines:
            event.remove(engine, "rollback", end)
    assert len(broken) == 1
    assert app.test_client().get(PAGE).status_code == 200
    assert served() == {"replica": 2}


@pytest.mark.usefixtures("served")
def test_a_replica_that_is_killed_under_load_fails_no_reader_and_shows_nobody_less_than_they_wrote(
    app: Flask, servers: Replicated
) -> None:
    victim, ended, pages = servers.replicas[0], Event(), ("/", PAGE, "/cities/chenzhou", "/api/v1/cities")
    analyst = signed_in(app, "某分析员")

    def read(at: int) -> list[int]:
        reader, answers = app.test_client(), []
        while not ended.is_set():
            answers.append(reader.get(pages[at % len(pages)]).status_code)
        return answers

    def write_and_read() -> list[bool]:
        seen = []
        for at in range(4):
            said = recorded(analyst, f"副本出事前后所记之{at}")
            seen += [said in analyst.get(PAGE).text for _ in range(3)]
            if at == 1:
                victim.kill()
        return seen

    with ThreadPoolExecutor(5) as people:
        readers = [people.submit(read, at) for at in range(4)]
        try:
            seen = people.submit(write_and_read).result()
        finally:
            ended.set()
        answers = [status for reader in readers for status in reader.result()]
    assert set(answers) == {200}
    assert set(seen) == {True}
    states = list(app.extensions["replicas"].states())
    assert [bool(why) for _, _, why in states] == [True, False]
    assert app.test_client().get(PAGE).status_code == 200
    checks = app.test_client().get("/readyz", headers={"Authorization": f"Bearer {TOKEN}"}).json["checks"]
    assert checks["replicas"]["state"] == "warning"
    assert str(victim.port) in checks["replicas"]["why"]
    victim.start()
    servers.await_all()
    assert [why for _, _, why in app.extensions["replicas"].states()] == ["", ""]


@pytest.mark.usefixtures("served")
def test_readers_go_on_reading_while_the_primary_is_away(app: Flask, servers: Replicated) -> None:
    servers.primary.kill()
    try:
        list(app.extensions["replicas"].states())
        assert {app.test_client().get(PAGE).status_code for _ in range(4)} == {200}
        assert app.test_client().get("/sign-in").status_code == 200
        assert app.test_client().get("/readyz").status_code == 503
    finally:
        servers.primary.start()
    servers.await_all()
    recorded(signed_in(app, "某分析员"), "主库回来之后")


def test_a_command_reads_from_the_replica_that_it_is_told_of(servers: Replicated, anywhere: Run) -> None:
    of = [
        anywhere("--database", one.url("tracker"), "list", "--format", "csv")
        for one in (servers.primary, *servers.replicas)
    ]
    assert [one.code for one in of] == [0, 0, 0]
    assert of[0].out == of[1].out == of[2].out


@pytest.mark.usefixtures("served")
def test_health_and_metrics_tell_of_the_replicas(
    app: Flask, servers: Replicated, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.test_client().get(PAGE).status_code == 200
    drawn = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert "tracker_replicas 2.0" in drawn
    assert "tracker_replicas_out 0.0" in drawn
    assert 'tracker_readers_total{by="replica"} 1.0' in drawn
    assert app.test_client().get("/readyz").json["checks"]["replicas"] == "ok"
    # The command looks by itself.
    monkeypatch.setenv(
        "TRACKER_REPLICA_URLS", f"{servers.replicas[0].url('tracker')}, {servers.primary.url('tracker')}"
    )
    (check,) = (one for one in health.look(app.extensions["engine"]).checks if one.name == "replicas")
    assert (check.state, check.figures["replicas_out"]) == (health.State.WARNING, 1)
    assert "no standby" in check.why
    assert str(servers.primary.port) in check.why


def test_a_replica_of_another_ledger_serves_nobody(
    app: Flask, servers: Replicated, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.primary.ask("CREATE DATABASE another")
    servers.primary.ask(f"CREATE TABLE alembic_version AS SELECT '{db.newest_revision()}' AS version_num", "another")
    servers.primary.ask("CREATE TABLE chain_entry AS SELECT 0 AS seq, 'tracker/another' AS instance", "another")
    servers.await_all()
    monkeypatch.setenv("TRACKER_REPLICA_URLS", servers.replicas[0].url("another"))
    wrong = db.Replicas(app.extensions["engine"], config.settings())
    assert ["another ledger" in why for _, _, why in wrong.states()] == [True]
    assert wrong.session(db.sessions(app.extensions["engine"])) is None
    wrong.close()


def test_replicas_are_of_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_REPLICA_URLS", f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(db.DatabaseNotReady, match="streaming replicas of a PostgreSQL database"):
        db.Replicas(db.connect(f"sqlite:///{tmp_path / 'b.db'}"), config.settings())
    assert list(tmp_path.iterdir()) == []
