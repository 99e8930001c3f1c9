"""`record_assessment` is the only door to a status, and each of its rules can be met."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from following import PAGE, commitment, record
from tracker import filters, queries
from tracker.codebook import (
    Attribution,
    EvidenceOrigin,
    EvidenceRelation,
    EvidenceReports,
    Execution,
    Outcome,
    Precision,
    Reason,
)
from tracker.findings import Search, Source
from tracker.models import Evidence, SearchLog, StatusAssessment
from tracker.rules import RuleBroken
from tracker.standings import Cutoff

CODE = "CZ-2020-21.1"

ANNOUNCED = Source(PAGE, reports=EvidenceReports.ANNOUNCEMENT)
DELIVERED = Source(PAGE + "0", reports=EvidenceReports.DELIVERY)


def status(session: Session, code: str = CODE, cutoff: Cutoff = filters.NOW) -> Execution:
    """The status of a commitment at a point of both axes."""
    asked = filters.CommitmentFilter(code=code, cutoff=cutoff)
    return Execution(session.execute(queries.commitments(asked)).one().execution)


def cited(assessment: StatusAssessment) -> set[int]:
    return {citation.evidence_id for citation in assessment.citations}


def rules(refusal: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {fault.rule for fault in refusal.value.faults}


def test_every_commitment_starts_as_not_reviewed(desk: Session) -> None:
    rows = desk.execute(queries.commitments(filters.CommitmentFilter())).all()
    assert {row.execution for row in rows} == {Execution.NOT_REVIEWED}
    assert desk.scalar(select(func.count()).select_from(StatusAssessment)) == 0


def test_a_recorded_assessment_is_the_status(desk: Session) -> None:
    record(desk, CODE, Execution.IN_PROGRESS)
    assert status(desk) is Execution.IN_PROGRESS


@pytest.mark.parametrize("execution", [code for code in Execution if code.needs_evidence])
def test_a_finding_without_evidence_is_refused_and_nothing_is_written(desk: Session, execution: Execution) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, execution, evidence=(), reason=Reason.MONEY, attribution=Attribution.CITY)
    assert "evidence" in rules(refusal)
    assert desk.scalar(select(func.count()).select_from(Evidence)) == 0


@pytest.mark.parametrize("execution", [code for code in Execution if code.is_progress])
def test_an_announcement_alone_is_not_progress(desk: Session, execution: Execution) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, execution, evidence=(ANNOUNCED,))
    assert rules(refusal) == {"announcement"}


def test_an_announcement_supports_planned(desk: Session) -> None:
    record(desk, CODE, Execution.PLANNED, evidence=(ANNOUNCED,))
    assert status(desk) is Execution.PLANNED


def test_an_announcement_beside_a_delivery_supports_progress(desk: Session) -> None:
    record(desk, CODE, Execution.COMPLETED, evidence=(ANNOUNCED, DELIVERED))
    assert status(desk) is Execution.COMPLETED


@pytest.mark.parametrize("execution", [code for code in Execution if code.needs_reason])
def test_a_halt_needs_a_reason_and_an_attribution(desk: Session, execution: Execution) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, execution, reason=Reason.MONEY)
    assert rules(refusal) == {"reason"}
    record(desk, CODE, execution, reason=Reason.MONEY, attribution=Attribution.CITY)
    assert status(desk) is execution


def test_no_evidence_found_rests_on_a_search_up_to_its_cut_off(desk: Session) -> None:
    early = Search("郴州市人民政府网站", "有色产业园", searched_on=date(2021, 1, 30))
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, Execution.NO_EVIDENCE_FOUND, searches=(early,))
    assert rules(refusal) == {"search"}
    record(desk, CODE, Execution.NO_EVIDENCE_FOUND)
    assert status(desk) is Execution.NO_EVIDENCE_FOUND


def test_a_search_that_was_logged_before_is_enough(desk: Session) -> None:
    record(desk, CODE, Execution.NO_EVIDENCE_FOUND)
    record(desk, CODE, Execution.NO_EVIDENCE_FOUND, searches=())
    assert desk.scalar(select(func.count()).select_from(SearchLog)) == 1


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        ({"effective_on": date(2021, 2, 1)}, "effective-by-cut-off"),
        ({"reviewed_up_to": date(2999, 1, 1)}, "cut-off-not-in-future"),
        ({"summary": " \n"}, "summary"),
        ({"progress_share": 1.2}, "progress-share"),
        ({"evidence": (Source("javascript:alert(1)"),)}, "evidence-address"),
        ({"evidence": (Source("https://"),)}, "evidence-address"),
        ({"evidence": (DELIVERED, DELIVERED)}, "evidence-once"),
        ({"corrects": 4711}, "corrects"),
        ({"searches": (Search("x", "y", searched_on=date(2999, 1, 1)),)}, "search-not-in-future"),
        ({"effective_on": date(2020, 12, 15), "effective_precision": Precision.MONTH}, "effective-last-day"),
        ({"effective_on": date(2020, 11, 30), "effective_precision": Precision.YEAR}, "effective-last-day"),
        ({"evidence": (replace(DELIVERED, title="长" * 501),)}, "text-length"),
        ({"evidence": (replace(DELIVERED, excerpt="长" * 4001),)}, "text-length"),
        ({"summary": "已\0动工"}, "text-characters"),
        ({"searches": (Search("x", "\ud800"),)}, "text-characters"),
    ],
)
def test_a_finding_that_breaks_a_rule_is_refused(desk: Session, found: dict[str, object], rule: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, Execution.IN_PROGRESS, **found)
    assert rules(refusal) == {rule}
    assert status(desk) is Execution.NOT_REVIEWED


def test_every_broken_rule_is_named_at_once(desk: Session) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, Execution.STALLED, evidence=(), summary="")
    assert rules(refusal) == {"evidence", "reason", "summary"}


def test_an_official_claim_takes_the_official_source(desk: Session) -> None:
    official = Source(PAGE + "9", origin=EvidenceOrigin.OFFICIAL, relation=EvidenceRelation.CONTRADICTS)
    made = record(desk, CODE, Execution.IN_PROGRESS, evidence=(DELIVERED, official), official_claim=Execution.COMPLETED)
    assert desk.get_one(Evidence, made.official_claim_source_id).url == official.url


def test_an_official_claim_without_any_source_is_refused(desk: Session) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, Execution.NOT_ASSESSABLE, official_claim=Execution.COMPLETED)
    assert rules(refusal) == {"claim-source"}


def test_sources_that_disagree_mark_the_commitment_as_disputed(desk: Session) -> None:
    against = Source(PAGE + "1", relation=EvidenceRelation.CONTRADICTS)
    record(desk, CODE, Execution.IN_PROGRESS, evidence=(DELIVERED, against))
    assert desk.execute(queries.commitments(filters.CommitmentFilter(code=CODE))).one().disputed


def test_evidence_that_contradicts_does_not_support(desk: Session) -> None:
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, Execution.COMPLETED, evidence=(Source(PAGE, relation=EvidenceRelation.CONTRADICTS),))
    assert rules(refusal) == {"evidence"}


def test_the_same_page_cited_twice_is_one_piece_of_evidence(desk: Session) -> None:
    first = record(desk, CODE, Execution.IN_PROGRESS, evidence=(DELIVERED,))
    second = record(desk, "CZ-2020-21.2", Execution.IN_PROGRESS, evidence=(DELIVERED,))
    assert cited(first) == cited(second)


def test_a_page_read_in_another_way_is_another_piece_of_evidence(desk: Session) -> None:
    first = record(desk, CODE, Execution.PLANNED, evidence=(ANNOUNCED,))
    second = record(desk, CODE, Execution.IN_PROGRESS)
    assert cited(first) != cited(second)


def test_an_assessment_of_an_earlier_day_does_not_change_the_status(desk: Session) -> None:
    record(desk, CODE, Execution.COMPLETED, effective_on=date(2020, 12, 31))
    record(desk, CODE, Execution.IN_PROGRESS, effective_on=date(2020, 10, 1))
    assert status(desk) is Execution.COMPLETED


def test_of_two_assessments_of_one_day_the_later_written_counts(desk: Session) -> None:
    record(desk, CODE, Execution.COMPLETED)
    record(desk, CODE, Execution.PARTLY_COMPLETED)
    assert status(desk) is Execution.PARTLY_COMPLETED


def test_as_of_asks_what_was_true_on_that_day(desk: Session) -> None:
    record(desk, CODE, Execution.IN_PROGRESS, effective_on=date(2020, 9, 1))
    record(desk, CODE, Execution.COMPLETED, effective_on=date(2020, 12, 1))
    assert status(desk, cutoff=Cutoff(as_of=date(2020, 8, 31))) is Execution.NOT_REVIEWED
    assert status(desk, cutoff=Cutoff(as_of=date(2020, 11, 30))) is Execution.IN_PROGRESS
    assert status(desk, cutoff=Cutoff(as_of=date(2020, 12, 1))) is Execution.COMPLETED


def test_recorded_by_asks_what_had_been_written_down(desk: Session) -> None:
    record(desk, CODE, Execution.IN_PROGRESS)
    today = datetime.now(UTC).date()
    assert status(desk, cutoff=Cutoff(recorded_by=date(2021, 1, 1))) is Execution.NOT_REVIEWED
    assert status(desk, cutoff=Cutoff(recorded_by=today)) is Execution.IN_PROGRESS


def test_a_corrected_assessment_no_longer_counts(desk: Session) -> None:
    wrong = record(desk, CODE, Execution.COMPLETED, effective_on=date(2020, 12, 31))
    record(desk, CODE, Execution.IN_PROGRESS, effective_on=date(2020, 10, 1), corrects=wrong.id)
    assert status(desk) is Execution.IN_PROGRESS


def test_an_assessment_corrects_only_one_of_its_own_commitment(desk: Session) -> None:
    other = record(desk, "CZ-2020-21.2", Execution.COMPLETED)
    with pytest.raises(RuleBroken) as refusal:
        record(desk, CODE, Execution.IN_PROGRESS, corrects=other.id)
    assert rules(refusal) == {"corrects"}


def test_outcome_and_execution_are_apart(desk: Session) -> None:
    record(desk, CODE, Execution.COMPLETED, outcome=Outcome.NOT_ACHIEVED)
    row = desk.execute(queries.commitments(filters.CommitmentFilter(code=CODE))).one()
    assert (row.execution, row.outcome) == (Execution.COMPLETED, Outcome.NOT_ACHIEVED)


def test_a_head_can_be_followed_up_too(desk: Session) -> None:
    record(desk, "CZ-2020-18", Execution.IN_PROGRESS)
    assert commitment(desk, "CZ-2020-18").stands_alone
    assert status(desk, "CZ-2020-18") is Execution.IN_PROGRESS


def test_to_have_found_nothing_never_undoes_what_was_found(desk: Session) -> None:
    record(desk, CODE, Execution.NO_EVIDENCE_FOUND, effective_on=date(2021, 1, 31))
    assert status(desk) is Execution.NO_EVIDENCE_FOUND
    record(desk, CODE, Execution.IN_PROGRESS, effective_on=date(2020, 12, 31))
    assert status(desk) is Execution.IN_PROGRESS
    record(desk, CODE, Execution.NO_EVIDENCE_FOUND, effective_on=date(2021, 1, 31))
    assert status(desk) is Execution.IN_PROGRESS
    assert status(desk, cutoff=Cutoff(as_of=date(2020, 12, 30))) is Execution.NOT_REVIEWED
