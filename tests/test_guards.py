"""What must not happen is refused by the database itself, whoever asks and however."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, delete, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from following import ANALYST, close, coded_again, commitment, follow_through, obstacle, record
from tracker import audit, db
from tracker.codebook import Execution, Role
from tracker.comments import remark
from tracker.findings import Search
from tracker.models import AuditEvent, Base, Commitment, Evidence, StatusAssessment, guards
from visiting import account

#: An assessment as raw SQL, resting on nothing.
BARE = (
    "INSERT INTO status_assessment (id, commitment_id, execution, outcome, effective_on, recorded_at, reviewed_up_to,"
    " summary, analyst_id, codebook_version) VALUES (900, 3, '{execution}', 'unknown', '2020-12-31',"
    f" '2021-01-01 00:00:00', '2020-12-31', 'x', (SELECT id FROM \"user\" WHERE name = '{ANALYST}'), '1')"
)

#: It cites the first piece of evidence.
CITING = "INSERT INTO assessment_evidence (assessment_id, evidence_id, relation) VALUES (900, {evidence}, '{relation}')"


def follow(engine: Engine) -> Engine:
    """Give a ledger one assessment, a row in every table of its history, and one obstacle that was closed."""
    with db.writing(engine, actor=ANALYST) as session:
        searches = (Search("郴州市人民政府网站", "网上签约"),)
        follow_through(session, record(session, "CZ-2020-01", Execution.IN_PROGRESS, searches=searches))
        close(session, obstacle(session))
        coded_again(session)
        colleague = account(session, "李明", Role.ANALYST)
        remark(session, commitment(session, "CZ-2020-01"), "@李明 请看依据", author=colleague)
    return engine


@pytest.fixture
def followed(ledger: Engine) -> Engine:
    """Such a ledger, to be changed."""
    return follow(ledger)


@pytest.fixture(scope="module")
def made() -> dict[str, Engine]:
    """One such ledger for each database engine."""
    return {}


@pytest.fixture
def kept(dialect: str, made: dict[str, Engine], make_ledger: Callable[[str], str]) -> Engine:
    """Such a ledger, shared by tests that change nothing: what is refused leaves it as it was."""
    if dialect not in made:
        made[dialect] = follow(db.connect(make_ledger(dialect)))
    return made[dialect]


def _execute(engine: Engine, statements: tuple[str, ...]) -> None:
    with engine.execution_options(**db.WRITES).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def refused(engine: Engine, *statements: str) -> str:
    """What the database says to the last of `statements`, or at the commit; fails where it takes them."""
    with pytest.raises(DBAPIError) as refusal:
        _execute(engine, statements)
    return str(refusal.value.orig)


@pytest.mark.parametrize("table", guards.APPEND_ONLY)
def test_history_and_documents_are_never_changed_by_raw_sql(kept: Engine, table: str) -> None:
    column = Base.metadata.tables[table].primary_key.columns[0].name
    with kept.connect() as connection:
        before = connection.execute(text(f'SELECT * FROM "{table}" ORDER BY 1')).all()
    assert before, f"{table} has no row to protect"
    assert "written once" in refused(kept, f'UPDATE "{table}" SET {column} = {column}')
    assert "written once" in refused(kept, f'DELETE FROM "{table}"')
    with kept.connect() as connection:
        assert connection.execute(text(f'SELECT * FROM "{table}" ORDER BY 1')).all() == before


@pytest.mark.parametrize("table", [*guards.APPEND_ONLY, *guards.KEPT])
def test_history_is_never_replaced_or_truncated(kept: Engine, table: str) -> None:
    if kept.dialect.name == "postgresql":
        assert "written once" in refused(kept, f'TRUNCATE "{table}" CASCADE')
    else:
        columns = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].columns)
        copy = f'INSERT OR REPLACE INTO "{table}" ({columns}) SELECT {columns} FROM "{table}" LIMIT 1'
        said = refused(kept, copy)
        assert any(
            words in said
            for words in ("never replaced", "written with it", "never changed", "no further reading", "where it ends")
        )


def test_history_is_never_changed_through_the_orm(kept: Engine) -> None:
    with db.sessions(kept)() as session:
        audit.signed_by(session, "测试员")
        assessment = session.get(StatusAssessment, 1)
        assert assessment is not None
        assessment.summary = "改写"
        with pytest.raises(DBAPIError, match="written once"):
            session.flush()


@pytest.mark.parametrize("statement", [update(StatusAssessment).values(summary="x"), delete(AuditEvent)])
def test_bulk_changes_are_refused_by_the_session(kept: Engine, statement: object) -> None:
    with db.sessions(kept)() as session, pytest.raises(audit.BulkChange):
        session.execute(statement)  # type: ignore[call-overload]


def test_a_commitment_keeps_its_code_and_is_never_deleted(ledger: Engine) -> None:
    assert "keeps its code" in refused(ledger, "UPDATE commitment SET code = 'CZ-2020-98' WHERE code = 'CZ-2020-01'")
    assert "never deleted" in refused(ledger, "DELETE FROM commitment WHERE code = 'CZ-2020-01'")


def test_a_passage_ends_within_its_document(ledger: Engine) -> None:
    assert "within its document" in refused(
        ledger, 'INSERT INTO passage (document_id, start, "end") VALUES (1, 0, 999999)'
    )


@pytest.mark.parametrize("execution", [code for code in Execution if code.needs_evidence])
def test_a_finding_without_evidence_is_refused_by_the_database(kept: Engine, execution: Execution) -> None:
    assert "rests on evidence" in refused(kept, BARE.format(execution=execution))


def test_evidence_that_contradicts_is_no_support_for_the_database(kept: Engine) -> None:
    against = CITING.format(evidence=1, relation="contradicts")
    assert "rests on evidence" in refused(kept, against, BARE.format(execution="in_progress"))


def test_an_announcement_alone_is_not_progress_for_the_database(kept: Engine) -> None:
    announced = "INSERT INTO evidence (id, url, reports) VALUES (77, 'https://example.org/a', 'announcement')"
    cited = CITING.format(evidence=77, relation="supports")
    said = refused(kept, announced, cited, BARE.format(execution="completed"))
    assert "announcement alone" in said


def test_a_halt_without_a_reason_is_refused_by_the_database(kept: Engine) -> None:
    cited = CITING.format(evidence=1, relation="supports")
    assert "a_halt_has_a_reason" in refused(kept, cited, BARE.format(execution="stalled"))


def test_no_evidence_found_without_a_search_is_refused_by_the_database(kept: Engine) -> None:
    assert "rests on a search" in refused(kept, BARE.format(execution="no_evidence_found"))


def test_evidence_cannot_be_added_to_an_assessment_that_stands(kept: Engine) -> None:
    second = "INSERT INTO evidence (id, url) VALUES (77, 'https://example.org/a')"
    late = "INSERT INTO assessment_evidence (assessment_id, evidence_id, relation) VALUES (1, 77, 'contradicts')"
    assert "written with it" in refused(kept, second, late)


def test_a_citation_without_its_assessment_is_refused_at_commit(kept: Engine) -> None:
    assert "FOREIGN KEY" in refused(kept, CITING.format(evidence=1, relation="supports")).upper()


def test_a_commitment_and_its_quote_are_of_one_document(ledger: Engine) -> None:
    other = "(SELECT max(id) FROM passage WHERE document_id = 2)"
    assert "FOREIGN KEY" in refused(ledger, f"UPDATE commitment SET passage_id = {other} WHERE id = 1").upper()


def test_a_missing_guard_is_found(ledger: Engine) -> None:
    name = "guard_commitment_delete"
    with ledger.execution_options(**db.WRITES).begin() as connection:
        on = " ON commitment" if ledger.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER {name}{on}"))
        assert guards.missing(connection) == [name]


def test_a_change_that_nobody_signs_is_refused(ledger: Engine) -> None:
    with db.sessions(ledger)() as session:
        commitment = session.get(Commitment, 1)
        assert commitment is not None
        commitment.next_check = date(2021, 1, 1)
        with pytest.raises(audit.UnsignedChange):
            session.flush()


def test_a_change_is_signed_with_old_and_new_value_in_the_same_transaction(ledger: Engine) -> None:
    with db.writing(ledger, actor="李明") as session:
        commitment = session.get(Commitment, 1)
        assert commitment is not None
        commitment.next_check = date(2021, 1, 1)
    with Session(ledger) as session:
        event = session.query(AuditEvent).order_by(AuditEvent.id.desc()).first()
        assert event is not None
        assert (event.actor, event.table_name, event.row_key) == ("李明", "commitment", "1")
        assert event.changes["next_check"] == [None, "2021-01-01"]


@pytest.mark.parametrize("name", ["seed", "Seed", "sign-in", ""])
def test_nobody_bears_a_name_of_the_program(ledger: Engine, name: str) -> None:
    statement = f"INSERT INTO \"user\" (name, active, role, fs_uniquifier) VALUES ('{name}', true, 'analyst', 'u')"
    assert "check" in refused(ledger, statement).lower()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE commitment SET id = 9999 WHERE id = 1",
        "UPDATE \"user\" SET name = '别人' WHERE id = 1",
        'DELETE FROM "user" WHERE id = 1',
    ],
)
def test_nothing_takes_a_history_away_from_its_owner(kept: Engine, statement: str) -> None:
    said = refused(kept, statement)
    assert "keeps its history" in said or "is kept" in said or "never deleted" in said


@pytest.mark.parametrize("change", ["id = 2", "position = 2, document_id = 1", "code = 'CZ-2020-02'"])
def test_an_update_never_replaces_another_commitment(ledger: Engine, change: str) -> None:
    replace = "OR REPLACE" if ledger.dialect.name == "sqlite" else ""
    assert refused(ledger, f"UPDATE {replace} commitment SET {change} WHERE id = 1")
    with ledger.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM commitment WHERE id IN (1, 2)")) == 2


@pytest.mark.parametrize(
    "dates",
    [
        ("2099-01-01", "2099-01-01", "2021-01-01 00:00:00"),
        ("2020-12-31", "2021-03-01", "2021-01-01 00:00:00"),
        ("1850-01-01", "2020-12-31", "2021-01-01 00:00:00"),
        ("2020-12-31", "2020-12-31", "2999-01-01 00:00:00"),
        ("not a date", "2020-12-31", "2021-01-01 00:00:00"),
    ],
)
def test_dates_that_cannot_be_are_refused_by_the_database(
    ledger: Engine, analyst_id: int, dates: tuple[str, str, str]
) -> None:
    effective, reviewed, recorded = dates
    statement = (
        "INSERT INTO status_assessment (commitment_id, execution, outcome, effective_on, recorded_at, reviewed_up_to,"
        f" summary, analyst_id, codebook_version) VALUES (3, 'not_reviewed', 'unknown', '{effective}', '{recorded}',"
        f" '{reviewed}', 'x', {analyst_id}, '1')"
    )
    assert refused(ledger, statement)


def test_a_guard_that_says_something_else_is_found(ledger: Engine) -> None:
    name = "guard_commitment_delete"
    with ledger.execution_options(**db.WRITES).begin() as connection:
        if ledger.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE commitment ENABLE REPLICA TRIGGER guard_commitment_delete"))
        else:
            connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(f"CREATE TRIGGER {name} BEFORE DELETE ON commitment WHEN 0 BEGIN SELECT 1; END"))
        assert guards.missing(connection) == [name]


def test_no_row_is_written_past_the_audit_by_a_statement(ledger: Engine) -> None:
    with db.sessions(ledger)() as session, pytest.raises(audit.BulkChange):
        session.execute(insert(Evidence).values(url="https://example.org"))
