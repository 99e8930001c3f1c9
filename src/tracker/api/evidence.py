"""What assessments cite."""

from __future__ import annotations

from flask import Response

from tracker import journal
from tracker.api import answers, cursors
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CITY, COMMITMENT, CUTOFF, PAGED
from tracker.models import AssessmentEvidence


def listed(asked: Asked) -> Response:
    """Citations, those of the assessment that was written last first."""
    every = journal.citations(
        asked.cutoff(), cities=asked.cities(), codes=asked.said.get("commitment", ()), unpublished=asked.as_the_desk
    )
    by = [AssessmentEvidence.assessment_id, AssessmentEvidence.evidence_id]
    rows = cursors.from_there(every, by, asked.after(int, int), down=True).limit(asked.limit() + 1)
    found = [dict(row) for row in asked.session.execute(rows).mappings()]
    return answers.cut(found, asked, key=lambda row: [row["assessment"], row["id"]], hidden=("id",))


OPERATIONS = (
    Operation(
        "evidence",
        "GET",
        "/evidence",
        "evidence",
        "评估所引的依据",
        "The evidence that assessments cite",
        listed,
        "CitationPage",
        (CITY, COMMITMENT, *CUTOFF, *PAGED),
        more_zh="每次引用一条：哪次评估引用、支持还是相悖、依据说了什么。",
        more_en="One row for each citation: by which assessment, for or against, and what the evidence says.",
        example={"commitment": "CZ-2020-01.1"},
    ),
)
