"""The words that tests are written in: a database, the ledger as seeded, and people who sign."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker import audit, db, seed
from tracker.assessments import record_assessment
from tracker.codebook import EvidenceReports, Execution
from tracker.findings import Finding, Search, Source
from tracker.models import Commitment, StatusAssessment

#: Server on which PostgreSQL tests make databases of their own.
POSTGRESQL = os.environ.get("TRACKER_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")

#: Who signs in tests.
ANALYST = "测试员"

#: An address that evidence can be cited by.
PAGE = "https://example.org/news/1"

#: What a finding says at least.
FOUND = {"effective_on": date(2020, 12, 31), "reviewed_up_to": date(2021, 1, 31), "summary": "园区已动工"}


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
    """Makes databases on the PostgreSQL server, empty or as copies, and drops them in the end."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        server: Engine = request.getfixturevalue("server")
        made.append(f"tracker_test_{uuid.uuid4().hex}")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]} TEMPLATE {template}"))
        return made[-1]

    yield make
    if made:
        server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            for name in made:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def _on_server(server: Engine, database: str) -> str:
    return server.url.set(database=database).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each test that uses a database runs once on each engine."""
    return str(request.param)


@pytest.fixture
def url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'tracker.db'}"
    return _on_server(request.getfixturevalue("server"), request.getfixturevalue("make_database")())


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An empty database at the newest revision."""
    engine = db.connect(url)
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the empty database, signed; what it flushes is rolled back unless the test commits."""
    with db.sessions(engine)() as session:
        yield audit.signed_by(session, ANALYST)


def _seeded(url: str) -> None:
    engine = db.connect(url)
    db.upgrade(engine)
    with db.writing(engine, actor="seed") as session:
        seed.load(session, seed.folder())
    engine.dispose()


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the seed; copied for each test that changes it."""
    path = tmp_path_factory.mktemp("seeded") / "tracker.db"
    _seeded(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def seeded_database(server: Engine, make_database: Callable[..., str]) -> str:
    """A PostgreSQL database with the seed; the template of each test's own."""
    name = make_database()
    _seeded(_on_server(server, name))
    return name


@pytest.fixture
def ledger_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of the test's own, with the seed loaded."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("seeded_file"), tmp_path / "ledger.db")
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    template = request.getfixturevalue("seeded_database")
    return _on_server(request.getfixturevalue("server"), request.getfixturevalue("make_database")(template))


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Engine]:
    """Both interviews, as seeded."""
    engine = db.connect(ledger_url)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(dialect: str, request: pytest.FixtureRequest) -> Iterator[Session]:
    """A signed session on a ledger that tests share: it can flush what it likes and is rolled back."""
    if dialect == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('seeded_file')}"
    else:
        url = _on_server(request.getfixturevalue("server"), request.getfixturevalue("seeded_database"))
    engine = db.connect(url)
    with db.sessions(engine)() as session:
        yield audit.signed_by(session, ANALYST)
    engine.dispose()


def commitment(session: Session, code: str) -> Commitment:
    """The commitment with a code."""
    return session.scalars(select(Commitment).where(Commitment.code == code)).one()


def record(session: Session, code: str, execution: Execution, **found: object) -> StatusAssessment:
    """Record a finding that says as little as it may; what it must rest on is filled in."""
    grounds: dict[str, object] = {}
    if execution.needs_evidence:
        grounds["evidence"] = (Source(PAGE, reports=EvidenceReports.DELIVERY),)
    if execution is Execution.NO_EVIDENCE_FOUND:
        grounds["searches"] = (Search("郴州市人民政府网站", "有色产业园"),)
    finding = Finding(execution=execution, **{**FOUND, **grounds, **found})  # type: ignore[arg-type]
    analyst = audit.signer(session, ANALYST)
    return record_assessment(session, commitment(session, code), finding, analyst=analyst)


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
