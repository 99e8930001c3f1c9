"""`tracker verify` finds what the guards could not keep out: here, what somebody with the database file did."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import Engine, text

from following import ANALYST, follow_through
from tracker import db
from tracker.models import StatusAssessment, guards
from tracker.verification import verify


def broken(engine: Engine) -> dict[str, tuple[str, ...]]:
    """The checks that fail."""
    with db.reading(engine) as session:
        return {check.en: check.faults for check in verify(session) if check.faults}


def tampered(engine: Engine, *statements: str) -> None:
    """Change rows behind the guards' back, which are made anew afterwards."""
    with engine.execution_options(**db.WRITES).begin() as connection:
        for name, table in present(connection, engine):
            connection.execute(text(f"DROP TRIGGER {name}" + (f' ON "{table}"' if table else "")))
        for statement in statements:
            connection.execute(text(statement))
        guards.install(connection)


def present(connection: object, engine: Engine) -> Iterable[tuple[str, str]]:
    found = guards.present(connection)  # type: ignore[arg-type]
    return [(name, table if engine.dialect.name == "postgresql" else "") for name, table in found.items()]


def test_a_ledger_as_seeded_is_whole(ledger: Engine) -> None:
    assert broken(ledger) == {}


def test_a_followed_up_ledger_is_whole(ledger: Engine, recorded: StatusAssessment) -> None:
    assert recorded.id
    assert broken(ledger) == {}


@pytest.mark.parametrize(
    ("statement", "check", "named"),
    [
        ("UPDATE review SET reviewer_id = (SELECT analyst_id FROM status_assessment)",
         "Reviews are by a second person", "review 1"),
        ("UPDATE evidence SET reports = 'announcement'", "Reviews are by a second person", "milestone_reached 1"),
        ("UPDATE evidence SET reports = 'announcement'", "Assessments rest on what they must", "more than an announcement"),
        ("UPDATE archived_copy SET sha256 = '" + "0" * 64 + "'",
         "Kept copies fit their hash and hold their excerpt", "sha256"),
        ("UPDATE evidence SET excerpt = '已竣工'", "Kept copies fit their hash and hold their excerpt", "已竣工"),
        ("UPDATE measurement SET value = 41", "History is as the audit says it was written", "measurement 1"),
        ("UPDATE status_assessment SET summary = ' '", "Assessments rest on what they must", "summary"),
    ],
)  # fmt: skip
def test_a_rule_that_a_row_breaks_is_found_whoever_broke_it(
    ledger: Engine, recorded: StatusAssessment, statement: str, check: str, named: str
) -> None:
    with db.writing(ledger, actor=ANALYST) as session:
        follow_through(session, session.get_one(StatusAssessment, recorded.id))
    assert broken(ledger) == {}
    tampered(ledger, statement)
    assert any(named in fault for fault in broken(ledger)[check])


@pytest.mark.parametrize(
    ("statement", "check", "named"),
    [
        (
            "UPDATE source_document SET text = replace(text, '12个项目', '21个项目') WHERE id = 1",
            "Documents fit their hashes",
            "chenzhou-2020",
        ),
        (
            (
                "UPDATE commitment SET passage_id = (SELECT min(passage_id) FROM commitment WHERE document_id = 2)"
                " WHERE code = 'JZ-2020-25'"
            ),
            "Quotes stand exactly once, in their answer",
            "JZ-2020-25",
        ),
        (
            "UPDATE commitment SET window_end = '2021-12-31' WHERE deadline_text = '全年目标'",
            "Windows equal what their rules make",
            "annual-target",
        ),
        (
            "DELETE FROM passage_mark WHERE reason = 'date'",
            "Every number of the answers is accounted for",
            "chenzhou-2020",
        ),
        ("DELETE FROM passage_mark WHERE reason = 'opinion'", "No text of the answers is left out", "jingzhou-2020"),
    ],
)
def test_what_was_tampered_with_is_named(ledger: Engine, statement: str, check: str, named: str) -> None:
    tampered(ledger, statement)
    assert named in " ".join(broken(ledger)[check])


def test_a_judgement_whose_evidence_was_taken_away_is_named(ledger: Engine, recorded: StatusAssessment) -> None:
    tampered(ledger, "UPDATE assessment_evidence SET relation = 'contradicts'")
    found = broken(ledger)
    assert found["Assessments rest on what they must"] == (f"{recorded.id}: in_progress − evidence",)
    assert found["History is as the audit says it was written"] == ("assessment_evidence 1,1",)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE status_assessment SET summary = '改写'", "DELETE FROM search_log", "UPDATE evidence SET reports = NULL"],
)
def test_history_that_was_changed_past_the_guards_is_named(
    ledger: Engine, recorded: StatusAssessment, statement: str
) -> None:
    assert recorded.id
    tampered(ledger, statement)
    assert list(broken(ledger)) == ["History is as the audit says it was written"]
