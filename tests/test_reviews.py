"""A second person approves or returns, and the database holds that it is a second one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from following import ANALYST, commitment, record, reviewer
from tracker import audit, db, filters, queries
from tracker.codebook import Execution, Role, Verdict
from tracker.filters import CommitmentFilter
from tracker.models import StatusAssessment
from tracker.reviews import review
from tracker.rules import RuleBroken
from tracker.standings import Cutoff

CODE = "CZ-2020-21.1"


def standing(session: Session, cutoff: Cutoff = filters.NOW) -> tuple[str, str | None]:
    row = session.execute(queries.commitments(CommitmentFilter(code=CODE, cutoff=cutoff))).one()
    return row.execution, row.verdict


def at(day: int) -> datetime:
    return datetime(2021, 3, day, tzinfo=UTC)


def test_an_assessment_waits_for_a_second_person(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS)
    assert standing(desk) == ("in_progress", None)
    review(desk, made, Verdict.APPROVE, reviewer=reviewer(desk))
    assert standing(desk) == ("in_progress", "approve")


def test_the_author_does_not_review(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS)
    author = audit.signer(desk, ANALYST)
    author.role = Role.ADMIN
    with pytest.raises(RuleBroken, match="须由另一人复核"):
        review(desk, made, Verdict.APPROVE, reviewer=author)


def test_the_database_lets_no_author_review_whoever_asks(ledger: Engine, recorded: StatusAssessment) -> None:
    own = (
        "INSERT INTO review (assessment_id, verdict, reviewer_id, recorded_at)"
        " SELECT id, 'approve', analyst_id, '2999-01-01 00:00:00' FROM status_assessment"
    )
    assert recorded.id
    with pytest.raises(DBAPIError, match="of their own"), ledger.execution_options(**db.WRITES).begin() as connection:
        connection.execute(text(own))


def test_an_analyst_does_not_review(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS)
    with pytest.raises(RuleBroken, match="不能复核"):
        review(desk, made, Verdict.APPROVE, reviewer=audit.signer(desk, "另一位分析员"))


def test_a_return_says_why(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS)
    with pytest.raises(RuleBroken, match="退回须写明理由"):
        review(desk, made, Verdict.RETURN, reviewer=reviewer(desk), note=" ")


def test_what_was_returned_does_not_stand_and_the_one_before_does(desk: Session) -> None:
    record(desk, CODE, Execution.PLANNED)
    made = record(desk, CODE, Execution.COMPLETED, effective_on=date(2021, 1, 5))
    assert standing(desk)[0] == "completed"
    review(desk, made, Verdict.RETURN, reviewer=reviewer(desk), note="所引文章未提竣工")
    assert standing(desk)[0] == "planned"


def test_the_latest_verdict_holds(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS)
    review(desk, made, Verdict.RETURN, reviewer=reviewer(desk), note="缺依据")
    review(desk, made, Verdict.APPROVE, reviewer=reviewer(desk))
    assert standing(desk) == ("in_progress", "approve")


def test_a_verdict_counts_from_the_day_it_was_written_down(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS, now=at(1))
    review(desk, made, Verdict.RETURN, reviewer=reviewer(desk), note="缺依据", now=at(5))
    assert standing(desk, Cutoff(recorded_by=date(2021, 3, 4)))[0] == "in_progress"
    assert standing(desk, Cutoff(recorded_by=date(2021, 3, 5)))[0] == "not_reviewed"


def test_readers_of_approved_work_see_nothing_else(desk: Session) -> None:
    made = record(desk, CODE, Execution.IN_PROGRESS)
    assert standing(desk, Cutoff(approved_only=True)) == ("not_reviewed", None)
    review(desk, made, Verdict.APPROVE, reviewer=reviewer(desk))
    assert standing(desk, Cutoff(approved_only=True)) == ("in_progress", "approve")


def test_an_assessment_is_never_written_into_the_past_of_its_commitment(desk: Session) -> None:
    record(desk, CODE, Execution.PLANNED, now=at(5))
    with pytest.raises(DBAPIError, match="past of the record"):
        record(desk, CODE, Execution.IN_PROGRESS, now=at(4))
    desk.rollback()
    assert commitment(desk, CODE).code == CODE
