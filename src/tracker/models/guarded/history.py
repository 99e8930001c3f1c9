"""Rules of what became of a commitment: what each judgement rests on, and in which order it was written down."""

from __future__ import annotations

from tracker.codebook import EvidenceRelation, EvidenceReports, Execution
from tracker.models.guarded.rule import Rule, bad_day

_PROGRESS = ", ".join(f"'{code}'" for code in Execution if code.is_progress)
_NEEDS_EVIDENCE = ", ".join(f"'{code}'" for code in Execution if code.needs_evidence)
_SUPPORT = (
    f"SELECT 1 FROM assessment_evidence WHERE assessment_id = NEW.id AND relation = '{EvidenceRelation.SUPPORTS}'"
)

#: Condition under which the dates of an assessment are refused, in the words of each engine.
_BAD_DATES = {
    "sqlite": (
        "NEW.effective_on IS NOT date(NEW.effective_on) OR NEW.reviewed_up_to IS NOT date(NEW.reviewed_up_to)"
        " OR NEW.effective_on < '1949-10-01' OR NEW.reviewed_up_to > date(NEW.recorded_at, '+1 day')"
        " OR datetime(NEW.recorded_at) IS NULL OR datetime(NEW.recorded_at) > datetime('now', '+1 day')"
    ),
    "postgresql": (
        "NOT isfinite(NEW.effective_on) OR NOT isfinite(NEW.reviewed_up_to) OR NEW.effective_on < DATE '1949-10-01'"
        " OR NEW.reviewed_up_to > (NEW.recorded_at AT TIME ZONE 'UTC')::date + 1"
        " OR NEW.recorded_at > now() + INTERVAL '1 day'"
    ),
}


def _written_before(table: str, of: str) -> str:
    """Condition: what a row is about has a row that was written down later."""
    return f"EXISTS (SELECT 1 FROM {table} WHERE {of} = NEW.{of} AND recorded_at > NEW.recorded_at)"


RULES: dict[str, Rule] = {
    "guard_assessment_dates": (
        "status_assessment",
        "INSERT",
        _BAD_DATES,
        "an assessment is of a day from 1949-10-01 on, and its cut-off is not after it was written down",
    ),
    "guard_assessment_order": (
        "status_assessment",
        "INSERT",
        _written_before("status_assessment", "commitment_id"),
        "an assessment is written down after the ones before it: the past of the record does not change",
    ),
    "guard_review_second": (
        "review",
        "INSERT",
        "EXISTS (SELECT 1 FROM status_assessment WHERE id = NEW.assessment_id AND analyst_id = NEW.reviewer_id)",
        "nobody reviews an assessment of their own",
    ),
    "guard_review_order": (
        "review",
        "INSERT",
        (
            "EXISTS (SELECT 1 FROM status_assessment WHERE id = NEW.assessment_id AND recorded_at > NEW.recorded_at)"
            f" OR {_written_before('review', 'assessment_id')}"
        ),
        "a review comes after its assessment and after the reviews before it",
    ),
    "guard_measurement_day": (
        "measurement",
        "INSERT",
        bad_day("as_of"),
        "a value is not measured after the day it was written down",
    ),
    "guard_revision_day": (
        "deadline_revision",
        "INSERT",
        bad_day("announced_on"),
        "a deadline is not announced after the day it was written down",
    ),
    "guard_reached_day": (
        "milestone_reached",
        "INSERT",
        bad_day("reached_on"),
        "a milestone is not reached after the day it was written down",
    ),
    "guard_measurement_order": (
        "measurement",
        "INSERT",
        _written_before("measurement", "figure_id"),
        "a value is written down after the ones before it: the past of the record does not change",
    ),
    "guard_revision_order": (
        "deadline_revision",
        "INSERT",
        _written_before("deadline_revision", "commitment_id"),
        "a deadline is set anew after the ones before it: the past of the record does not change",
    ),
    "guard_milestone_order": (
        "milestone",
        "INSERT",
        _written_before("milestone", "commitment_id"),
        "a milestone is planned after the ones before it: the past of the record does not change",
    ),
    "guard_reached_order": (
        "milestone_reached",
        "INSERT",
        _written_before("milestone_reached", "milestone_id"),
        "a milestone is reached anew after the time before: the past of the record does not change",
    ),
    "guard_reached_announcement": (
        "milestone_reached",
        "INSERT",
        f"EXISTS (SELECT 1 FROM evidence WHERE id = NEW.evidence_id AND reports = '{EvidenceReports.ANNOUNCEMENT}')",
        "an announcement alone does not show that a milestone was reached",
    ),
    "guard_assessment_search": (
        "status_assessment",
        "INSERT",
        (
            f"NEW.execution = '{Execution.NO_EVIDENCE_FOUND}' AND NOT EXISTS (SELECT 1 FROM search_log"
            " WHERE commitment_id = NEW.commitment_id AND searched_on >= NEW.reviewed_up_to)"
        ),
        "no_evidence_found rests on a search made on or after its cut-off date",
    ),
    "guard_assessment_evidence": (
        "status_assessment",
        "INSERT",
        f"NEW.execution IN ({_NEEDS_EVIDENCE}) AND NOT EXISTS ({_SUPPORT})",
        "a finding rests on evidence that supports it",
    ),
    "guard_assessment_announcement": (
        "status_assessment",
        "INSERT",
        (
            f"NEW.execution IN ({_PROGRESS}) AND EXISTS ({_SUPPORT}) AND NOT EXISTS ({_SUPPORT}"
            # Not joined: a database that knows nothing yet of the tables might begin with all evidence.
            " AND coalesce((SELECT reports FROM evidence WHERE id = evidence_id), '')"
            f" <> '{EvidenceReports.ANNOUNCEMENT}')"
        ),
        "an announcement alone is not progress: it supports planned at most",
    ),
    "guard_assessment_claim": (
        "status_assessment",
        "INSERT",
        (
            "NEW.official_claim IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assessment_evidence"
            " WHERE assessment_id = NEW.id AND evidence_id = NEW.official_claim_source_id)"
        ),
        "the source of an official claim is among the evidence cited",
    ),
    "guard_assessment_evidence_frozen": (
        "assessment_evidence",
        "INSERT",
        "EXISTS (SELECT 1 FROM status_assessment WHERE id = NEW.assessment_id)",
        "the evidence of an assessment is written with it: record another assessment",
    ),
}
