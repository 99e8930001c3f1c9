"""The words that tests are written in: a database, the ledger as seeded, and people who sign."""

from __future__ import annotations

import gc
import os
import re
import shutil
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Connection, Engine, create_engine, delete, insert, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from following import ANALYST, obstacle, record
from tracker import audit, config, db, seed, stored
from tracker.app import create_app
from tracker.codebook import Execution, Role
from tracker.findings import Search
from tracker.models import Base, SetupLink, StatusAssessment, guards
from visiting import Program, Somebody, account, programs, signed_in

#: Server on which PostgreSQL tests make databases of their own.
POSTGRESQL = os.environ.get("TRACKER_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

#: Properties are tried on a few examples, the same in every run, or on many (`--hypothesis-profile=thorough`). Each
#: example rolls back what it writes, so that all can share a session.
_SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "suite", max_examples=8, derandomize=True, database=None, deadline=None, suppress_health_check=_SHARED,
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
settings.register_profile("thorough", max_examples=300, deadline=None, print_blob=True, suppress_health_check=_SHARED)
settings.load_profile("suite")


def pytest_collection_finish() -> None:
    """What is there by now stays: to look through it for waste again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded (`record_property`): of slow checks, the number counts."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


class CalledAbroad(BaseException):
    """Something in this process called another machine. No `except Exception` of the product keeps it quiet."""


@pytest.fixture(scope="session", autouse=True)
def _nobody_is_called() -> Iterator[None]:
    """W15: neither the product nor a test calls another machine, nor asks for its address."""
    is_near = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1|0\.0\.0\.0|::|")

    def guarded(real: Callable[..., Any], place: int) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            there = given[place]
            host = there[0] if isinstance(there, tuple) else there
            # A path, and none at all, are of this machine.
            if isinstance(host, str) and not host.startswith("/") and not is_near.fullmatch(host):
                raise CalledAbroad(host)
            return real(*given, **named)

        return call

    with pytest.MonkeyPatch.context() as patched:
        for name in ("connect", "connect_ex"):
            patched.setattr(socket.socket, name, guarded(getattr(socket.socket, name), 1))
        patched.setattr(socket, "getaddrinfo", guarded(socket.getaddrinfo, 0))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("TRACKER_") and "TEST" not in name]:
        if name != "TRACKER_REQUIRE_POSTGRESQL":
            del os.environ[name]
    os.environ["TRACKER_SECRET_KEY"] = "kZ3wq8VtR1nYb6Xs0LmPd4HuTg7JfC9a-tests-only"
    os.environ["TRACKER_CHECKPOINT_KEY"] = str(tmp_path_factory.mktemp("keys") / "checkpoint.key")


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test makes an application of its own; its templates are compiled once for all of them."""
    compiled = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": compiled}


@pytest.fixture(scope="session")
def server() -> Iterator[Engine]:
    """A PostgreSQL server; a test that needs one is skipped where none answers and none is required."""
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        server.connect().close()
    except OperationalError:
        if os.environ.get("TRACKER_REQUIRE_POSTGRESQL"):
            raise
        pytest.skip(f"no PostgreSQL answers at {POSTGRESQL} (set TRACKER_TEST_POSTGRESQL)")
    yield server
    server.dispose()


@pytest.fixture(scope="session")
def make_database(request: pytest.FixtureRequest) -> Iterator[Callable[..., str]]:
    """Makes databases on the PostgreSQL server, empty or like another, and drops them in the end; returns the address."""
    made: list[str] = []

    def make(like: str = "template1") -> str:
        server: Engine = request.getfixturevalue("server")
        made.append(f"tracker_test_{uuid.uuid4().hex}")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]} TEMPLATE {like.rpartition('/')[2]}"))
            # No test pulls the plug: waiting for the disk at each commit would double the time of the suite.
            connection.execute(text(f"ALTER DATABASE {made[-1]} SET synchronous_commit = off"))
        return server.url.set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    if made:
        server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            for name in made:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each test that uses a database runs once on each engine."""
    return str(request.param)


@pytest.fixture
def url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'tracker.db'}"
    return str(request.getfixturevalue("make_database")())


def _migrated(url: str, files: Path | None) -> str:
    engine = db.connect(url)
    db.upgrade(engine)
    if files:
        with db.writing(engine, actor=seed.ACTOR) as session:
            seed.load(session, files)
    return url


@pytest.fixture(scope="session")
def interviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed without its follow-ups: both interviews as nobody has looked at them yet."""
    return Path(
        shutil.copytree(
            seed.folder(), tmp_path_factory.mktemp("interviews") / "seed", ignore=shutil.ignore_patterns("followups")
        )
    )


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory, interviews: Path) -> Path:
    """An SQLite database with both interviews; copied for each test that changes it."""
    path = tmp_path_factory.mktemp("seeded") / "tracker.db"
    _migrated(f"sqlite:///{path}", interviews)
    return path


@pytest.fixture(scope="session")
def shared_file(tmp_path_factory: pytest.TempPathFactory, seeded_file: Path) -> Path:
    """A copy of it that tests share which change nothing for good."""
    return Path(shutil.copy(seeded_file, tmp_path_factory.mktemp("shared")))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database without a row; copied for each test."""
    path = tmp_path_factory.mktemp("migrated") / "tracker.db"
    _migrated(f"sqlite:///{path}", None)
    return path


@pytest.fixture(scope="session")
def seeded_server(make_database: Callable[[], str], interviews: Path) -> Iterator[Pristine]:
    """A PostgreSQL database with both interviews; put back before whoever comes after a test that changes it."""
    pristine = Pristine(_migrated(make_database(), interviews))
    yield pristine
    pristine.keeper.dispose()


@pytest.fixture(scope="session")
def migrated_server(make_database: Callable[[], str]) -> Iterator[Pristine]:
    """A PostgreSQL database without a row; put back before each test."""
    pristine = Pristine(_migrated(make_database(), None))
    yield pristine
    pristine.keeper.dispose()


@pytest.fixture(scope="session")
def make_ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, interviews: Path
) -> Callable[[str], str]:
    """Makes a ledger of both interviews, for tests that share what they do to it; returns the address."""

    def make(dialect: str) -> str:
        if dialect == "sqlite":
            seeded = request.getfixturevalue("seeded_file")
            return f"sqlite:///{shutil.copy(seeded, tmp_path_factory.mktemp('made'))}"
        return _migrated(request.getfixturevalue("make_database")(), interviews)

    return make


class Pristine:
    """A database on the server that is put back in place, because making one for each test takes too long."""

    def __init__(self, url: str) -> None:
        self.url, self.is_changed = url, False
        self.engine = db.connect(url)
        # Kept open: a connection takes as long to make as a table to put back.
        self.keeper = create_engine(self.engine.url, pool_pre_ping=True)
        with self.keeper.begin() as connection:
            tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            self.tables = list(connection.scalars(text(tables)))
            connection.execute(text("CREATE SCHEMA pristine"))
            for table in self.tables:
                connection.execute(text(f'CREATE TABLE pristine."{table}" AS TABLE public."{table}"'))
            self.newest = {table: self._newest(connection, table) for table in self.tables}
            self.counts = {table: count for table, count, _ in self._rows(connection)}
            self.numbers = self._numbers(connection)
            self.made = self._made(connection)

    @staticmethod
    def _newest(connection: Connection, table: str) -> int:
        """The newest transaction that wrote a row of a table."""
        return connection.scalar(text(f'SELECT coalesce(max(xmin::text::bigint), 0) FROM public."{table}"')) or 0

    def _rows(self, connection: Connection) -> list[tuple[str, int, int]]:
        """Of each table how many rows are as they were, and how many were written since."""
        asked = (
            f"SELECT '{table}', count(*) FILTER (WHERE xmin::text::bigint <= {newest}),"
            f' count(*) FILTER (WHERE xmin::text::bigint > {newest}) FROM public."{table}"'
            for table, newest in self.newest.items()
        )
        return [(name, old, new) for name, old, new in connection.execute(text(" UNION ALL ".join(asked)))]

    def _numbers(self, connection: Connection) -> str:
        """The statement that has the next row of each table take the next number."""
        models = Base.metadata.tables
        following = {
            name: connection.scalar(text(f'SELECT coalesce(max(id), 0) + 1 FROM public."{name}"'))
            for name in self.tables
            if name in models and "id" in models[name].c
        }
        counters = (f"setval(pg_get_serial_sequence('public.\"{n}\"', 'id'), {k}, false)" for n, k in following.items())
        return f"SELECT {', '.join(counters)}"

    @staticmethod
    def _made(connection: Connection) -> list[object]:
        """What changes with every trigger or function that is made, changed or dropped."""
        asked = (f"SELECT count(*), max(xmin::text::bigint) FROM {catalog}" for catalog in ("pg_trigger", "pg_proc"))
        return [tuple(row) for row in connection.execute(text(" UNION ALL ".join(asked)))]

    def put_back(self) -> None:
        """Every row as it was, past the guards, which no user of the ledger can do."""
        with self.keeper.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            if self._made(connection) != self.made:
                guards.install(connection)
                stored.install(connection)
                self.made = self._made(connection)
            for table, old, new in self._rows(connection):
                if old != self.counts[table]:
                    connection.execute(text(f'DELETE FROM public."{table}"'))
                    connection.execute(text(f'INSERT INTO public."{table}" TABLE pristine."{table}"'))
                    self.newest[table] = self._newest(connection, table)
                elif new:
                    written = f'DELETE FROM public."{table}" WHERE xmin::text::bigint > {self.newest[table]}'
                    connection.execute(text(written))

    def made_ready(self) -> str:
        """The address, once every row is as it was, whatever tests that share it have written, and the next row of each
        table takes the next number, whatever others took and rolled back."""
        self.put_back()
        with self.keeper.begin() as connection:
            connection.execute(text(self.numbers))
        self.is_changed = True
        return self.url

    def shared(self) -> str:
        """The address for tests that change nothing for good, once what others have changed is put back."""
        if self.is_changed:
            self.put_back()
            self.is_changed = False
        return self.url


@pytest.fixture(scope="session")
def connected() -> Callable[..., Engine]:
    """Connects to a database; by the same engine whenever it is the same, because an engine compiles each question
    once: to do so anew in each test would take a fifth of the time of the suite. A connection keeps how long it waits
    for others, so an engine is the same only while that setting is."""

    @cache
    def made(url: str, _wait: float, *, pooled: bool) -> Engine:
        return db.connect(url, pooled=pooled)

    return lambda url, *, pooled=False: made(url, config.settings().lock_seconds, pooled=pooled)


@pytest.fixture(scope="session")
def file_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Copies an SQLite database to where nothing is left of the copy before; returns the address.

    In memory where that can be: no test pulls the plug.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
    room = Path(tempfile.mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("copies")

    def file_of(path: Path) -> str:
        folder = room / path.parent.name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return f"sqlite:///{shutil.copy(path, folder)}"

    yield file_of
    shutil.rmtree(room)


@pytest.fixture
def engine(dialect: str, request: pytest.FixtureRequest) -> Engine:
    """An empty database at the newest revision."""
    if dialect == "sqlite":
        file_of, connected = (request.getfixturevalue(name) for name in ("file_of", "connected"))
        return connected(file_of(request.getfixturevalue("migrated_file")))
    pristine: Pristine = request.getfixturevalue("migrated_server")
    pristine.made_ready()
    return pristine.engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the empty database, signed; what it flushes is rolled back unless the test commits."""
    with db.sessions(engine)() as session:
        yield audit.signed_by(session, ANALYST)


@pytest.fixture
def ledger_url(dialect: str, request: pytest.FixtureRequest) -> str:
    """The address of a database with the seed loaded, which the test may change as it likes."""
    if dialect == "sqlite":
        return str(request.getfixturevalue("file_of")(request.getfixturevalue("seeded_file")))
    pristine: Pristine = request.getfixturevalue("seeded_server")
    return pristine.made_ready()


@pytest.fixture
def ledger(dialect: str, ledger_url: str, connected: Callable[..., Engine]) -> Iterator[Engine]:
    """Both interviews, as seeded. Connections to a file are kept until the test ends: SQLite reads the schema anew for
    each, which takes as long as a question."""
    engine = connected(ledger_url, pooled=dialect == "sqlite")
    yield engine
    engine.dispose()


@pytest.fixture
def desk(dialect: str, request: pytest.FixtureRequest, connected: Callable[..., Engine]) -> Iterator[Session]:
    """A signed session on a ledger that tests share: it can flush what it likes and is rolled back."""
    if dialect == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('shared_file')}"
    else:
        url = request.getfixturevalue("seeded_server").shared()
    with db.sessions(connected(url))() as session:
        if dialect == "postgresql":
            # The session reads what it has not committed: counts are kept there at the end of a transaction else.
            kept = ", ".join(f"keep_counts_{event}" for event in ("insert", "delete", "update"))
            session.execute(text(f"SET CONSTRAINTS {kept} IMMEDIATE"))
        yield audit.signed_by(session, ANALYST)


@pytest.fixture
def recorded(ledger: Engine) -> StatusAssessment:
    """The first commitment of 郴州 followed up: in progress, with a search and a piece of evidence."""
    with db.writing(ledger, actor=ANALYST) as session:
        return record(
            session, "CZ-2020-01", Execution.IN_PROGRESS, searches=(Search("郴州市人民政府网站", "网上签约"),)
        )


@pytest.fixture
def analyst_id(ledger: Engine) -> int:
    """Somebody who may sign."""
    with db.writing(ledger, actor=ANALYST) as session:
        return audit.signer(session, ANALYST).id


@pytest.fixture(scope="session")
def application() -> dict[str, Flask]:
    """Where the one application of all tests is kept: making one for each would double the time of the suite."""
    return {}


@pytest.fixture
def opened(application: dict[str, Flask], connected: Callable[..., Engine]) -> Iterator[Callable[..., Flask]]:
    """Opens the application on the database at an address, with settings of the test's own."""
    engines: list[Engine] = []

    def opened(url: str, *, setup_token: str = "", readers_see: str = "all") -> Flask:
        if setup_token:
            with db.connect(url).begin() as connection:
                connection.execute(delete(SetupLink))
                connection.execute(insert(SetupLink).values(id=1, token=setup_token, made_at=datetime.now(UTC)))
        if not application:
            application["app"] = create_app(url)
            application["app"].extensions["engine"].dispose()
        engines.append(connected(url, pooled=True))
        application["app"].extensions["engine"] = engines[-1]
        application["app"].config.update(READERS_SEE=readers_see)
        return application["app"]

    yield opened
    for engine in engines:
        engine.dispose()


@pytest.fixture
def app(opened: Callable[..., Flask], ledger: Engine, ledger_url: str) -> Flask:
    """The application on the seeded ledger, with somebody of each role."""
    with db.writing(ledger, actor="测试") as session:
        obstacle(session)
        for role in Role:
            account(session, f"某{role.zh}", role, f"{role}@example.org")
    return opened(ledger_url)


@pytest.fixture
def somebody(app: Flask) -> Somebody:
    """A browser in which somebody with a role is signed in."""
    return lambda role: signed_in(app, f"某{Role(role).zh}")


@pytest.fixture
def analyst(somebody: Somebody) -> FlaskClient:
    return somebody("analyst")


@pytest.fixture
def admin(somebody: Somebody) -> FlaskClient:
    return somebody("admin")


@pytest.fixture
def program(app: Flask) -> Program:
    """Sends what a program with a role sends to the API."""
    return programs(app)
