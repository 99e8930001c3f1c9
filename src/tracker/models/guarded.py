"""What the guards hold: tables that are written once, and conditions under which a row is refused."""

from __future__ import annotations

from tracker.codebook import EvidenceRelation, EvidenceReports, Execution

#: Tables whose rows are written once.
APPEND_ONLY = (
    "source_document",
    "turn",
    "passage",
    "evidence",
    "search_log",
    "status_assessment",
    "assessment_evidence",
    "audit_event",
)

_PROGRESS = ", ".join(f"'{code}'" for code in Execution if code.is_progress)
_NEEDS_EVIDENCE = ", ".join(f"'{code}'" for code in Execution if code.needs_evidence)
_SUPPORT = (
    "SELECT 1 FROM assessment_evidence JOIN evidence ON evidence.id = evidence_id"
    f" WHERE assessment_id = NEW.id AND relation = '{EvidenceRelation.SUPPORTS}'"
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

#: name → (table, operation, condition under which a row is refused, what is said)
RULES: dict[str, tuple[str, str, str | dict[str, str], str]] = {
    "guard_commitment_id": ("commitment", "UPDATE", "OLD.id <> NEW.id", "a commitment keeps its history"),
    "guard_user_name": (
        "user",
        "UPDATE",
        "OLD.name <> NEW.name OR OLD.id <> NEW.id",
        "a name that signs is kept: make another account",
    ),
    "guard_user_delete": ("user", "DELETE", "TRUE", "an account is never deleted: let nobody sign in with it"),
    "guard_assessment_dates": (
        "status_assessment",
        "INSERT",
        _BAD_DATES,
        "an assessment is of a day from 1949-10-01 on, and its cut-off is not after it was written down",
    ),
    "guard_commitment_code": (
        "commitment",
        "UPDATE",
        "OLD.code <> NEW.code",
        "a commitment keeps its code for ever",
    ),
    "guard_commitment_delete": (
        "commitment",
        "DELETE",
        "TRUE",
        "a commitment is never deleted: withdraw it, so that its code stays taken",
    ),
    "guard_passage_fits": (
        "passage",
        "INSERT",
        'NEW."end" > (SELECT length(text) FROM source_document WHERE id = NEW.document_id)',
        "a passage ends within its document",
    ),
    "guard_turn_fits": (
        "turn",
        "INSERT",
        "NEW.answer_end > (SELECT length(text) FROM source_document WHERE id = NEW.document_id)",
        "an answer ends within its document",
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
            f" AND (reports IS NULL OR reports <> '{EvidenceReports.ANNOUNCEMENT}'))"
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
