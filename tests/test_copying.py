"""A ledger moves between SQLite and PostgreSQL with its numbers, its history and its chain, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError

import test_cli
from following import ANALYST, close, coded_again, follow_through, obstacle, record
from test_cli import Run, refused
from tracker import db, stored
from tracker.backups import copying, holdings
from tracker.codebook import Execution, Role, Verdict
from tracker.comments import remark
from tracker.models import Base, Review, StatusAssessment, guards
from visiting import account

anywhere = test_cli.anywhere


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """A ledger with rows in every table of its history."""
    with db.writing(ledger, actor=ANALYST) as session:
        first = record(session, "CZ-2020-01", Execution.IN_PROGRESS)
        follow_through(session, first)
        record(session, "CZ-2020-03", Execution.NO_EVIDENCE_FOUND)
        record(session, "CZ-2020-01", Execution.COMPLETED, corrects=first.id)
        close(session, obstacle(session))
        coded_again(session)
        remark(session, first.commitment, "请看 @某管理员", author=account(session, "某管理员", Role.ADMIN))
    return ledger


@pytest.fixture
def other(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of the other kind without a ledger; on SQLite, of none at all."""
    if dialect == "postgresql":
        return f"sqlite:///{tmp_path / 'moved.db'}"
    return str(request.getfixturevalue("migrated_server").made_ready())


@pytest.fixture
def empty(dialect: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database of the kind of the ledger, at the newest revision."""
    if dialect == "sqlite":
        return str(request.getfixturevalue("file_of")(request.getfixturevalue("migrated_file")))
    return str(request.getfixturevalue("migrated_server").made_ready())


def address(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def content(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table that is not derived."""
    with engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(select(table))), key=str)
            for name, table in Base.metadata.tables.items()
            if name not in stored.tables()
        }


def holds(engine: Engine) -> holdings.Holdings:
    with engine.connect() as connection:
        return holdings.of(connection)


def test_a_ledger_moves_to_the_other_engine_and_back(
    followed: Engine, other: str, empty: str, anywhere: Run, dialect: str
) -> None:
    before, listed = content(followed), anywhere("--database", address(followed), "list", "--format", "jsonl").out
    untold = {name for name, rows in before.items() if not rows}
    assert untold.isdisjoint({*map(str, holds(followed).rows)}), untold
    assert listed

    there = anywhere("db", "copy", address(followed), other, "--verify")
    assert there.code == 0, there.err
    assert "19 checks" in there.out.decode()
    moved = db.connect(other)
    assert content(moved) == before
    assert holds(moved) == holds(followed)
    assert anywhere("--database", other, "list", "--format", "jsonl").out == listed
    assert db.differences(moved) == []

    # On PostgreSQL `empty` and `other` are one database, so that only SQLite has both to itself.
    if dialect == "sqlite":
        assert anywhere("db", "copy", other, empty).code == 0
        back = db.connect(empty)
        assert (content(back), holds(back)) == (before, holds(followed))
        assert anywhere("--database", empty, "list", "--format", "jsonl").out == listed


def test_a_copied_ledger_is_guarded_and_goes_on_by_the_next_number(followed: Engine, other: str) -> None:
    moved = db.connect(other)
    copying.copy(followed, moved)
    with moved.connect() as connection:
        last = connection.scalar(select(func.max(StatusAssessment.id)))
        assert guards.missing(connection) == stored.missing(connection) == []
        with pytest.raises(DBAPIError, match="written once"):
            connection.execute(text("UPDATE status_assessment SET summary = '改过'"))
    with db.writing(moved, actor=ANALYST) as session:
        assert record(session, "CZ-2020-04", Execution.IN_PROGRESS).id == last + 1
    assert holds(moved).chain_size > holds(followed).chain_size


def test_what_is_copied_is_told_on_the_way(followed: Engine, other: str) -> None:
    told: list[tuple[int, int]] = []
    copied = copying.copy(followed, db.connect(other), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (sum(copied.rows.values()),) * 2
    assert sorted(told) == told
    assert {total for _, total in told} == {told[-1][1]}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_ledger_is_copied_over_no_other(followed: Engine, anywhere: Run, make_ledger: Callable[[str], str]) -> None:
    held = make_ledger("sqlite")
    before = content(db.connect(held))
    said = refused(anywhere("db", "copy", address(followed), held))
    assert "目标库不是空的" in said
    assert "is not empty" in said
    assert content(db.connect(held)) == before
    assert "one and the same" in refused(anywhere("db", "copy", address(followed), address(followed)))


def test_a_ledger_that_breaks_a_rule_leaves_the_other_database_empty(
    followed: Engine, empty: str, anywhere: Run
) -> None:
    with followed.execution_options(**db.WRITES).begin() as connection:
        guards.drop(connection)
        of, own = connection.execute(select(StatusAssessment.id, StatusAssessment.analyst_id).limit(1)).one()
        praise = {"assessment_id": of, "reviewer_id": own, "verdict": Verdict.APPROVE, "recorded_at": datetime.now(UTC)}
        connection.execute(insert(Review).values(**praise))
    said = refused(anywhere("db", "copy", address(followed), empty))
    assert "review" in said
    assert "nobody reviews an assessment of their own" in said
    target = db.connect(empty)
    assert sum(map(len, content(target).values())) == 1  # the name that it was given when it was made
    with target.connect() as connection:
        assert guards.missing(connection) == stored.missing(connection) == []


def test_where_there_is_no_ledger_nothing_is_made(tmp_path: Path, anywhere: Run) -> None:
    source, target = f"sqlite:///{tmp_path / 'none.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    assert "there is no tracker database" in refused(anywhere("db", "copy", source, target))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_files_of_keys_are_named_and_stay(
    tmp_path: Path, ledger: Engine, anywhere: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key = db.beside(ledger, ".key")
    key.write_text("a key of this test", encoding="ascii")
    try:
        said = anywhere("db", "copy", address(ledger), f"sqlite:///{tmp_path / 'new.db'}").out.decode()
    finally:
        key.unlink()
    assert f"cp -p {key} {tmp_path / 'new.key'}" in said
    assert not (tmp_path / "new.key").exists()
