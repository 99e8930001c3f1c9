"""How a commitment stands is stored, and is what its history gives, whatever is written and in whatever order."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from following import PAGE, commitment, record, reviewer
from tracker import audit, db, filters, queries, stored
from tracker.codebook import DeadlineKind, DeadlineRule, EvidenceRelation, EvidenceReports, Execution, Verdict
from tracker.filters import CommitmentFilter
from tracker.findings import Source
from tracker.reviews import review
from tracker.schedules import revise_deadline
from tracker.standings import Cutoff
from tracker.verification import verify

CODE = "CZ-2020-21.1"

STORED = "Stored standings are what the history gives"


def wrong(session: Session) -> tuple[str, ...]:
    """The commitments, and the triggers, that the check of the stored standings names."""
    return next(check.faults for check in verify(session) if check.en == STORED)


def row(session: Session, cutoff: Cutoff = filters.NOW) -> dict[str, object]:
    """The row of the list."""
    return dict(session.execute(queries.commitments(CommitmentFilter(code=CODE, cutoff=cutoff))).mappings().one())


def test_what_is_stored_follows_the_history_step_by_step(desk: Session) -> None:
    second, steps = reviewer(desk), []

    def step(field: str) -> None:
        desk.flush()
        assert wrong(desk) == ()
        # Asked of a day to come, the past is everything: then the history answers, not what is stored.
        assert row(desk) == row(desk, Cutoff(recorded_by=date(2999, 1, 1)))
        steps.append(row(desk)[field])

    now = datetime.now().astimezone()
    step("execution")
    first = record(desk, CODE, Execution.IN_PROGRESS, now=now)
    step("execution")
    review(desk, first, Verdict.RETURN, reviewer=second, note="依据不足", now=now + timedelta(seconds=1))
    step("execution")
    both = (
        Source(PAGE, reports=EvidenceReports.DELIVERY),
        Source(PAGE + "0", relation=EvidenceRelation.CONTRADICTS),
    )
    done = record(desk, CODE, Execution.COMPLETED, evidence=both, now=now + timedelta(seconds=2))
    step("disputed")
    review(desk, done, Verdict.APPROVE, reviewer=second, now=now + timedelta(seconds=3))
    step("verdict")
    moved = {"until": date(2020, 11, 30), "text": "11月底前", "announced_on": date(2020, 10, 8)}
    revise_deadline(
        desk, done.commitment, **moved, kind=DeadlineKind.COMPLETION, source=both[0],
        analyst=audit.signer(desk, "李明"), now=now + timedelta(seconds=4),
    )  # fmt: skip
    step("timeliness")
    record(desk, CODE, Execution.NO_EVIDENCE_FOUND, now=now + timedelta(seconds=5))
    step("execution")
    record(desk, CODE, Execution.PLANNED, corrects=done.id, now=now + timedelta(seconds=6))
    step("execution")
    assert steps == [
        Execution.NOT_REVIEWED, "in_progress", "not_reviewed", True, "approve", "done_late", "completed", "planned",
    ]  # fmt: skip


def test_a_deadline_that_is_coded_anew_is_in_force_at_once(desk: Session) -> None:
    edited = commitment(desk, CODE)
    edited.deadline_text, edited.deadline_kind, edited.deadline_rule = (
        "全年",
        DeadlineKind.COMPLETION,
        DeadlineRule.CALENDAR_YEAR,
    )
    edited.window_start, edited.window_end = date(2020, 1, 1), date(2020, 12, 31)
    desk.flush()
    assert (row(desk)["timeliness"], row(desk)["due_on"]) == ("overdue", date(2020, 12, 31))
    assert wrong(desk) == ()


def test_approved_alone_is_stored_beside(desk: Session) -> None:
    approved = Cutoff(approved_only=True)
    made = record(desk, CODE, Execution.IN_PROGRESS)
    assert (row(desk)["execution"], row(desk, approved)["execution"]) == ("in_progress", "not_reviewed")
    review(desk, made, Verdict.APPROVE, reviewer=reviewer(desk))
    assert row(desk, approved)["execution"] == "in_progress"


@pytest.mark.parametrize("change", ["SET execution = 'completed'", "SET done_on = '2020-12-31'", "SET returned = TRUE"])
def test_a_standing_that_was_altered_is_named_and_made_anew_by_an_upgrade(ledger: Engine, change: str) -> None:
    of = "(SELECT id FROM commitment WHERE code = 'CZ-2020-21.1')"
    with ledger.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(f"UPDATE current_standing {change} WHERE approved_only AND commitment_id = {of}"))
    with db.reading(ledger) as session:
        assert wrong(session) == (CODE,)
    db.upgrade(ledger)
    with db.reading(ledger) as session:
        assert wrong(session) == ()


def test_a_trigger_that_is_gone_is_named(ledger: Engine) -> None:
    with ledger.execution_options(**db.WRITES).begin() as connection:
        on = ' ON "review"' if ledger.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER keep_standing_review{on}"))
        assert stored.missing(connection) == ["keep_standing_review"]
    assert "trigger missing: keep_standing_review" in db.differences(ledger)
