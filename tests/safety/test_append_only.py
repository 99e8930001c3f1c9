"""History is appended to and in no other way changed, whatever is tried with SQL, also by the role that the program runs as."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from test_one_chain import change

from test_cli import anywhere, run
from test_guards import followed
from tracker import audit, db
from tracker.cli import serving
from tracker.models import Base, Commitment, guards
from tracker.models.guarded import APPEND_ONLY
from tracker.verification import verify

__all__ = ["anywhere", "followed", "run"]


#: What is said by a guard, and by a server to a role without the right; anything else is a mistake of the attempt.
REFUSED = (
    "written once", "never replaced", "never changed", "written with it", "where it ends", "no further reading",
    "permission denied",
)  # fmt: skip


def attempts(table: str, dialect: str) -> list[str]:
    """Every way to change or take away a row that is there."""
    owner = Base.metadata.tables[table]
    key = [column.name for column in owner.primary_key]
    columns = ", ".join(f'"{column.name}"' for column in owner.columns)
    first = f'SELECT {columns} FROM "{table}" LIMIT 1'
    upsert = f'INSERT INTO "{table}" ({columns}) {first.replace(" LIMIT", " WHERE true LIMIT")} ON CONFLICT ({", ".join(key)})'
    tried = [
        f'UPDATE "{table}" SET "{key[0]}" = "{key[0]}"',
        f'DELETE FROM "{table}"',
        f'{upsert} DO UPDATE SET "{key[0]}" = excluded."{key[0]}"',
    ]
    if dialect == "postgresql":
        return [*tried, f'TRUNCATE "{table}" CASCADE']
    return [
        *tried,
        f'INSERT OR REPLACE INTO "{table}" ({columns}) {first}',
        f'UPDATE OR REPLACE "{table}" SET "{key[0]}" = "{key[0]}"',
        f'UPDATE "{table}" SET rowid = rowid + 1000',
    ]


def taken(engine: Engine, tables: tuple[str, ...]) -> list[str]:
    """Which attempts the database took."""
    found = []
    for table in tables:
        for attempt in attempts(table, engine.dialect.name):
            with engine.execution_options(**db.WRITES).connect() as connection:
                try:
                    connection.execute(text(attempt))
                except DBAPIError as error:
                    if any(words in str(error.orig) for words in REFUSED):
                        continue
                found.append(attempt)
                connection.rollback()
    return found


def contents(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table: sorted(str(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"')))
            for table in APPEND_ONLY
        }


def test_Z9_O4_nothing_changes_or_takes_away_a_row_of_the_history(followed: Engine) -> None:
    before = contents(followed)
    assert all(before.values()), "a table has no row to protect"
    assert taken(followed, APPEND_ONLY) == []
    assert contents(followed) == before


@pytest.fixture
def application(followed: Engine, dialect: str) -> Iterator[Engine]:
    """The same ledger, as the role that the program runs as sees it."""
    if dialect == "sqlite":
        pytest.skip("SQLite knows no roles")
    role = f"tracker_app_{uuid.uuid4().hex[:12]}"
    with followed.begin() as connection:
        for statement in [f"CREATE ROLE {role} LOGIN", *db.grants(role)]:
            connection.execute(text(statement))
    engine = db.connect(followed.url.set(username=role).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with followed.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))


def test_Z9_the_role_of_the_program_could_not_even_without_the_guards_and_can_work(
    application: Engine, followed: Engine
) -> None:
    with followed.begin() as connection:
        for name, table in guards.present(connection).items():
            connection.execute(text(f'DROP TRIGGER {name} ON "{table}"'))
    assert taken(application, APPEND_ONLY) == []
    with followed.begin() as connection:
        guards.install(connection)
    change(application, "王芳")
    with db.writing(application, actor="李明") as session:
        session.get_one(Commitment, 1).title_en = "Another title"
    with db.reading(application) as session:
        assert next(event.actor for event in session.scalars(audit.changes("commitment", 1))) == "李明"


def test_Z10_a_trigger_that_somebody_added_is_named(desk: Session) -> None:
    body = "BEGIN UPDATE commitment SET title_en = 'x' WHERE id = 1; END"
    if desk.get_bind().dialect.name == "postgresql":
        empty = "LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        desk.execute(text(f"CREATE FUNCTION slip() RETURNS trigger {empty}"))
        body = "FOR EACH ROW EXECUTE FUNCTION slip()"
    assert [fault for check in verify(desk) for fault in check.faults] == []
    desk.execute(text(f"CREATE TRIGGER slip AFTER INSERT ON review {body}"))
    assert [fault for check in verify(desk) for fault in check.faults] == ["slip: is no trigger of this program"]


def test_Z10_M5_guards_that_were_dropped_are_made_anew_at_the_start_and_it_is_said(
    followed: Engine, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tracker.events")
    with followed.execution_options(**db.WRITES).begin() as connection:
        for name, table in guards.present(connection).items():
            if table in ("review", "chain_entry"):
                on = f' ON "{table}"' if followed.dialect.name == "postgresql" else ""
                connection.execute(text(f"DROP TRIGGER {name}{on}"))
    serving._guard(followed)
    said = capsys.readouterr().err
    assert "guard_chain_sequence" in said
    assert "guard_review_second" in said
    assert '"event": "guards_made_anew"' in caplog.text
    with followed.connect() as connection:
        assert guards.missing(connection) == []
    assert taken(followed, ("review", "chain_entry")) == []
    caplog.clear()
    serving._guard(followed)
    assert (capsys.readouterr().err, caplog.text) == ("", "")
