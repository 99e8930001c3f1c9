"""The words that tests are written in: a database, a session that signs, and the ledger as seeded."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tracker import audit, db

#: Server on which PostgreSQL tests make databases of their own.
POSTGRESQL = os.environ.get("TRACKER_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


def _server() -> Engine | None:
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        server.connect().close()
    except OperationalError:
        if os.environ.get("TRACKER_REQUIRE_POSTGRESQL"):
            raise
        return None
    return server


@pytest.fixture(scope="session")
def server() -> Iterator[Engine]:
    """A PostgreSQL server; a test that needs one is skipped where none answers and none is required."""
    found = _server()
    if found is None:
        pytest.skip("no PostgreSQL at TRACKER_TEST_POSTGRESQL")
    yield found
    found.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'tracker.db'}"
        return
    server: Engine = request.getfixturevalue("server")
    name = f"tracker_test_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An empty database at the newest revision."""
    engine = db.connect(url)
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session that 测试员 signs; what it flushes is rolled back unless the test commits."""
    with db.sessions(engine)() as session:
        yield audit.signed_by(session, "测试员")
