"""Migrations build exactly the models, go up and down with data in them, and leave every guard in place."""

from __future__ import annotations

import shutil
import threading
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from following import coded_again, record
from tracker import db, seed
from tracker.codebook import Execution
from tracker.models import Base, guards

REVISIONS = [script.revision for script in ScriptDirectory.from_config(db.migration_config()).walk_revisions()]


@pytest.fixture
def engine(url: str) -> Engine:
    """A database of the test's own, at the newest revision."""
    engine = db.connect(url)
    db.upgrade(engine)
    return engine


@pytest.fixture(scope="module")
def filled_once() -> dict[str, str]:
    """The addresses of the databases that `filled` copies, by database engine."""
    return {}


@pytest.fixture
def filled(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, filled_once: dict[str, str]
) -> Engine:
    """A database of the test's own, with the seed, an assessment and a round of second coding in it."""
    folder = tmp_path_factory.mktemp("filled")
    if dialect not in filled_once:
        made = f"sqlite:///{folder / 'made.db'}" if dialect == "sqlite" else request.getfixturevalue("make_database")()
        filled_once[dialect] = fill(made)
    made = filled_once[dialect]
    if dialect == "postgresql":
        return db.connect(request.getfixturevalue("make_database")(like=made))
    return db.connect(f"sqlite:///{shutil.copy(made.removeprefix('sqlite:///'), folder / 'tracker.db')}")


def fill(url: str) -> str:
    engine = db.connect(url)
    db.upgrade(engine)
    with db.writing(engine, actor=seed.ACTOR) as session:
        seed.load(session, seed.folder())
        record(session, "CZ-2020-01", Execution.IN_PROGRESS)
        coded_again(session)
    return url


def downgrade(engine: Engine, target: str) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        command.downgrade(db.migration_config(connection), target)


def constraints(engine: Engine) -> dict[str, Any]:
    """Checks, keys and their options, which a comparison of columns does not see."""
    inspector = inspect(engine)
    return {
        table: (
            sorted((str(check["name"]), check["sqltext"]) for check in inspector.get_check_constraints(table)),
            sorted((str(k["constrained_columns"]), str(k["options"])) for k in inspector.get_foreign_keys(table)),
            sorted(str(unique["column_names"]) for unique in inspector.get_unique_constraints(table)),
        )
        for table in sorted(Base.metadata.tables)
    }


def test_M2_the_migrations_build_exactly_the_models(engine: Engine) -> None:
    assert db.differences(engine) == []


def test_M2_checks_and_keys_are_those_of_the_models(engine: Engine) -> None:
    migrated = constraints(engine)
    downgrade(engine, "base")
    Base.metadata.create_all(engine)
    assert constraints(engine) == migrated


def test_M2_revisions_are_numbered_in_one_line() -> None:
    assert sorted(REVISIONS, reverse=True) == REVISIONS
    assert REVISIONS[0] == db.newest_revision()


@pytest.mark.parametrize("revision", REVISIONS)
def test_M7_every_revision_goes_down_and_up_with_data_in_it(filled: Engine, revision: str) -> None:
    downgrade(filled, revision)
    downgrade(filled, "-1")
    db.upgrade(filled)
    assert db.revision(filled) == db.newest_revision()
    assert db.differences(filled) == []


def test_an_upgrade_of_a_database_that_is_up_to_date_loses_nothing(filled: Engine) -> None:
    count = text("SELECT count(*) FROM commitment")
    with filled.connect() as connection:
        before = connection.scalar(count)
    db.upgrade(filled)
    with filled.connect() as connection:
        assert connection.scalar(count) == before
        assert guards.missing(connection) == []


def test_an_upgrade_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = db.connect(url)

    def fail(_connection: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(guards, "install", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            db.upgrade(engine)
    assert inspect(engine).get_table_names() == []
    db.upgrade(engine)
    assert db.differences(engine) == []


def test_two_upgrades_at_once_both_end_well(url: str) -> None:
    failures: list[BaseException] = []

    def upgrade() -> None:
        try:
            db.upgrade(db.connect(url))
        except BaseException as error:
            failures.append(error)

    starts = [threading.Thread(target=upgrade) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert failures == []
    assert db.differences(db.connect(url)) == []
