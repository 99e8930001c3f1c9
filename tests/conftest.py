"""The words that tests are written in: a database, the ledger as seeded, and people who sign."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from following import ANALYST, record
from tracker import audit, db, seed
from tracker.codebook import Execution
from tracker.findings import Search
from tracker.models import Base, StatusAssessment, guards

#: Server on which PostgreSQL tests make databases of their own.
POSTGRESQL = os.environ.get("TRACKER_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session", autouse=True)
def _own_settings() -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in [name for name in os.environ if name.startswith("TRACKER_") and "TEST" not in name]:
        if name != "TRACKER_REQUIRE_POSTGRESQL":
            del os.environ[name]
    os.environ["TRACKER_SECRET_KEY"] = "a key for tests"


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
def make_database(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes empty databases on the PostgreSQL server, and drops them in the end; returns the address."""
    made: list[str] = []

    def make() -> str:
        server: Engine = request.getfixturevalue("server")
        made.append(f"tracker_test_{uuid.uuid4().hex}")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]}"))
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


def _migrated(url: str, *, seeded: bool) -> str:
    engine = db.connect(url)
    db.upgrade(engine)
    if seeded:
        with db.writing(engine, actor=seed.ACTOR) as session:
            seed.load(session, seed.folder())
    return url


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the seed; copied for each test that changes it."""
    path = tmp_path_factory.mktemp("seeded") / "tracker.db"
    _migrated(f"sqlite:///{path}", seeded=True)
    return path


@pytest.fixture(scope="session")
def seeded_server(make_database: Callable[[], str]) -> Pristine:
    """A PostgreSQL database with the seed; put back after each test that changes it."""
    return Pristine(_migrated(make_database(), seeded=True))


@pytest.fixture(scope="session")
def migrated_server(make_database: Callable[[], str]) -> Pristine:
    """A PostgreSQL database without a row; put back after each test."""
    return Pristine(_migrated(make_database(), seeded=False))


class Pristine:
    """A database on the server that is put back in place, because making one for each test takes too long."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = db.connect(url)
        with self.engine.begin() as connection:
            tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            self.tables = list(connection.scalars(text(tables)))
            connection.execute(text("CREATE SCHEMA pristine"))
            for table in self.tables:
                connection.execute(text(f'CREATE TABLE pristine."{table}" AS TABLE public."{table}"'))

    def put_back(self) -> None:
        """Every row as it was, past the guards, which no user of the ledger can do."""
        every = ", ".join(f'public."{table}"' for table in self.tables)
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"TRUNCATE {every} RESTART IDENTITY"))
            for table in self.tables:
                connection.execute(text(f'INSERT INTO public."{table}" TABLE pristine."{table}"'))
                if table != "alembic_version" and "id" in Base.metadata.tables[table].columns:
                    row = f'(SELECT coalesce(max(id), 0) + 1 FROM public."{table}")'
                    connection.execute(
                        text(f"SELECT setval(pg_get_serial_sequence('public.\"{table}\"', 'id'), {row}, false)")
                    )
            if guards.missing(connection):
                guards.install(connection)


@pytest.fixture
def engine(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database at the newest revision."""
    if dialect == "sqlite":
        yield db.connect(_migrated(f"sqlite:///{tmp_path / 'tracker.db'}", seeded=False))
        return
    pristine: Pristine = request.getfixturevalue("migrated_server")
    yield pristine.engine
    pristine.put_back()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the empty database, signed; what it flushes is rolled back unless the test commits."""
    with db.sessions(engine)() as session:
        yield audit.signed_by(session, ANALYST)


@pytest.fixture
def ledger_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the seed loaded, which the test may change as it likes."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("seeded_file"), tmp_path / "ledger.db")
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    pristine: Pristine = request.getfixturevalue("seeded_server")
    yield pristine.url
    pristine.put_back()


@pytest.fixture
def ledger(ledger_url: str) -> Engine:
    """Both interviews, as seeded."""
    return db.connect(ledger_url)


@pytest.fixture
def desk(dialect: str, request: pytest.FixtureRequest) -> Iterator[Session]:
    """A signed session on a ledger that tests share: it can flush what it likes and is rolled back."""
    if dialect == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('seeded_file')}"
    else:
        url = request.getfixturevalue("seeded_server").url
    with db.sessions(db.connect(url))() as session:
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
