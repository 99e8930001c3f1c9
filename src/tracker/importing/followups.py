"""The follow-ups of a row: what is to be recorded, what is there already, and which rules they break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, raiseload, selectinload

from tracker import pasted
from tracker.codebook import Execution
from tracker.findings import Finding
from tracker.importing.coding import shortened
from tracker.importing.givens import Given
from tracker.models import AssessmentEvidence, Commitment, StatusAssessment
from tracker.rules import Fault, faults_of

#: Facts of an assessment by which it is known again, beside its evidence; those that a row says are compared.
_COMPARED = (
    "execution", "effective_on", "effective_precision", "summary", "summary_en", "outcome", "official_claim",
    "progress", "problems", "next_steps", "progress_share", "reason", "attribution", "confidence",
)  # fmt: skip

#: What says nothing of a commitment that nobody has looked at.
_NOTHING = {"execution", "outcome", "reviewed_up_to", "confidence"}


def of_row(given: Given) -> Iterator[tuple[int, dict[str, Any]]]:
    """The follow-ups of a row, by number, with what is said of each; what says nothing is none."""
    for number, said in sorted(given.followups.items()):
        stands = said.get("execution") not in {None, Execution.NOT_REVIEWED}
        if stands or any(value and name not in _NOTHING for name, value in said.items()):
            # A ledger of the field has 进展 and no sentence of its own that sums it up.
            told = {"summary": shortened(said["progress"])} if said.get("progress") and not said.get("summary") else {}
            yield number, said | told


def gaps(given: Given, said: dict[str, Any]) -> list[Fault]:
    """What a follow-up lacks."""
    return [fault for fault in pasted.gaps({**said, "code": given.code}) if fault.field != "code" or not given.code]


def finding(said: dict[str, Any]) -> Finding:
    """The finding of a follow-up that has no gaps; searched up to the day it is true of, where not said."""
    return pasted.found(said, said.get("url") or [], said["effective_on"])


def is_there(said: dict[str, Any], recorded: Iterable[StatusAssessment]) -> bool:
    """Whether an assessment of its commitment says all that the follow-up says, and cites the same pages."""
    return any(_says(row, said) for row in recorded) and (
        said.get("reviewed_up_to") is None or said["reviewed_up_to"] <= max(row.reviewed_up_to for row in recorded)
    )


def _says(row: StatusAssessment, said: dict[str, Any]) -> bool:
    cited = {cited.evidence.url for cited in row.citations}
    return cited.issuperset(said.get("url") or []) and all(
        _same(getattr(row, name), said[name]) for name in _COMPARED if said.get(name) is not None
    )


def _same(stored: Any, said: Any) -> bool:
    return stored.strip() == said.strip() if isinstance(stored, str) and isinstance(said, str) else bool(stored == said)


def recorded(session: Session, ids: Iterable[int]) -> dict[int, list[StatusAssessment]]:
    """Commitment → its assessments, with what they cite."""
    rows = select(StatusAssessment).where(StatusAssessment.commitment_id.in_(list(ids))).order_by(StatusAssessment.id)
    cited = selectinload(StatusAssessment.citations).options(joinedload(AssessmentEvidence.evidence))
    found: dict[int, list[StatusAssessment]] = {}
    for row in session.scalars(rows.options(cited, raiseload("*"))):
        found.setdefault(row.commitment_id, []).append(row)
    return found


def faults(session: Session, commitment: Commitment, found: Finding, today: date | None = None) -> list[Fault]:
    """The rules that a finding breaks."""
    return list(faults_of(session, commitment, found, today or datetime.now().astimezone().date()))
