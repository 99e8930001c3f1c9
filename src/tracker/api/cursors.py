"""A list page by page: a cursor says after which row a page begins, and to which question it belongs.

Pages are found by the key of their last row and not by counting: none is shown twice or left out while others write.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from sqlalchemy import literal, tuple_

from tracker.api.checking import is_day
from tracker.api.problems import of_parameter
from tracker.standings import Question

#: What does not belong to a question: where a page of it begins, and how long it is.
_PAGING = {"cursor", "limit"}

#: Largest number that a key can be.
_LARGEST = 2**31 - 1

#: A value that a page begins after: part of the key of a row.
Key = int | str


def after(cursor: str, kinds: Sequence[type]) -> list[Key]:
    """The key of the row that a page begins after, of so many values of these kinds. Raises `Problem` (400)."""
    try:
        mark, *key = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        mark, key = None, []
    if mark != _mark():
        raise of_parameter(
            "cursor",
            "不是这个问题的游标：请从第一页重新开始",
            "is no cursor of this question: begin with the first page",
        )
    if len(key) != len(kinds) or not all(_is(kind, value) for kind, value in zip(kinds, key, strict=True)):
        raise of_parameter("cursor", "不是游标：请照抄 next 里的", "is no cursor: take it from `next` as it stands")
    return list(key)


def _is(kind: type, value: Any) -> bool:
    if kind is int:
        return type(value) is int and 0 <= value <= _LARGEST
    return isinstance(value, str) and (is_day(value) or (value.isascii() and value.isalnum()))


def following(key: Sequence[Key]) -> str:
    """The whole address of the page that begins after a row."""
    cursor = urlsafe_b64encode(json.dumps([_mark(), *key]).encode()).decode().rstrip("=")
    asked = {name: values for name, values in request.args.to_dict(flat=False).items() if name != "cursor"}
    return f"{whole(request.path)}?{urlencode({**asked, 'cursor': cursor}, doseq=True)}"


def whole(path: str) -> str:
    """The whole address of a path of this site."""
    base: str = current_app.config["BASE_URL"] or request.root_url.rstrip("/")
    return base + path


def _mark() -> str:
    """What tells the question that the request asks from every other."""
    asked = sorted(pair for pair in request.args.items(multi=True) if pair[0] not in _PAGING)
    return hashlib.sha256(json.dumps([request.path, asked]).encode()).hexdigest()[:16]


def from_there(rows: Question, by: Sequence[Any], key: Sequence[Key], *, down: bool = False) -> Question:
    """The rows in the order of some columns, unique together, that come after a key; all where it is empty."""
    rows = rows.order_by(None).order_by(*(column.desc() if down else column for column in by))
    if not key:
        return rows
    here, there = tuple_(*by), tuple_(*(literal(value, column.type) for value, column in zip(key, by, strict=True)))
    return rows.where(here < there if down else here > there)
