"""Cities that have commitments."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracker import sources
from tracker.api import answers, cursors
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CUTOFF, PAGED, in_path
from tracker.api.problems import Problem
from tracker.models import Jurisdiction


def listed(asked: Asked) -> Response:
    """The cities of which a commitment is published, by their codes."""
    every = sources.places(unpublished=asked.as_the_desk)
    rows = cursors.from_there(every, [Jurisdiction.code], asked.after(str)).limit(asked.limit() + 1)
    found = [dict(row) for row in asked.session.execute(rows).mappings()]
    return answers.cut(found, asked, key=lambda row: [row["code"]])


def one(asked: Asked, name: str) -> Response:
    """One of them."""
    return answers.answer(told(asked, name, unpublished=asked.as_the_desk))


def told(asked: Asked, name: str, *, unpublished: bool) -> dict[str, Any]:
    """A city by GB/T code, slug or Chinese name. Raises `Problem` (404)."""
    rows = sources.places(unpublished=unpublished).where(sources.called(name))
    found = asked.session.execute(rows).mappings().first()
    if found is None:
        raise Problem(404, f"没有“{name[:100]}”", f"there is no “{name[:100]}”")
    return dict(found)


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
    Operation(
        "city",
        "GET",
        "/cities/{name}",
        "cities",
        "一个城市",
        "One city",
        one,
        "City",
        (in_path("name", "行政区划代码、拼音或中文名", "GB/T 2260 code, slug or Chinese name", "chenzhou"), *CUTOFF),
    ),
)
