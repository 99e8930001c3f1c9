"""Cities that have commitments."""

from __future__ import annotations

from flask import Response

from tracker import queries
from tracker.api import answers, cursors
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CUTOFF, PAGED
from tracker.models import Jurisdiction


def listed(asked: Asked) -> Response:
    """The cities of which a commitment is published, by their codes."""
    rows = cursors.from_there(queries.cities(), [Jurisdiction.code], asked.after(str)).limit(asked.limit() + 1)
    found = [dict(row) for row in asked.session.execute(rows).mappings()]
    return answers.cut(found, asked, key=lambda row: [row["code"]])


OPERATIONS = (
    Operation(
        "cities",
        "GET",
        "/cities",
        "cities",
        "列出有承诺的城市",
        "The cities that have commitments",
        listed,
        "CityPage",
        (*CUTOFF, *PAGED),
        more_zh="按行政区划代码排列。",
        more_en="In the order of their GB/T 2260 codes.",
    ),
)
