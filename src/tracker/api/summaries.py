"""Counts by city, each with what it is a count of."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracker import tallies, written
from tracker.api import answers
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CUTOFF, NARROWING, Parameter

#: What is counted by → the column of the record.
_COLUMNS = {"kind": "kind", "status": "execution", "timeliness": "timeliness"}

_BY = Parameter(
    "by",
    {"type": "string", "enum": [*_COLUMNS, "completion"]},
    "按什么计数，默认 status；completion 为完成数及其各个分母",
    "what is counted by, `status` where not said; `completion`: how many are completed, with every denominator",
)


def counted(asked: Asked) -> Response:
    """City × value with its denominator; or city by city, how many are completed."""
    which, by = asked.commitments(), asked.said.get("by", "status")
    rows: list[dict[str, Any]] | bytes
    if by == "completion":
        rows = tallies.completed(asked.session, which)
    elif stored := written.tally(asked.session, _COLUMNS[by], which):
        rows = stored.text
    else:
        rows = [dict(row) for row in asked.session.execute(tallies.tally(_COLUMNS[by], which)).mappings()]
    return answers.page(rows, None, which.cutoff)


OPERATIONS = (
    Operation(
        "summaries",
        "GET",
        "/summaries",
        "summaries",
        "各市计数，连同分母",
        "Counts by city, with their denominators",
        counted,
        "Summary",
        (_BY, *NARROWING, *CUTOFF),
        more_zh="同 tracker summary：只数能跟踪的承诺。整份一次给出，不分页。",
        more_en="As `tracker summary` counts: commitments that can be followed up. All at once, without pages.",
        example={"by": "completion", "as_of": "2020-12-31"},
    ),
)
