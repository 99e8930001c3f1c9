"""Published texts that commitments are from."""

from __future__ import annotations

from typing import Any

from flask import Response

from tracker import sources
from tracker.api import answers, cursors
from tracker.api.asked import Asked
from tracker.api.operations import Operation
from tracker.api.parameters import CUTOFF, PAGED, in_path
from tracker.api.problems import Problem
from tracker.codebook import LicenceMode
from tracker.models import SourceDocument


def listed(asked: Asked) -> Response:
    """The texts, without their words, in the order they were loaded."""
    every = sources.texts(unpublished=asked.as_the_desk)
    rows = cursors.from_there(every, [SourceDocument.id], asked.after(int)).limit(asked.limit() + 1)
    found = [dict(row) for row in asked.session.execute(rows).mappings()]
    return answers.cut(found, asked, key=lambda row: [row["id"]], hidden=("id",))


def one(asked: Asked, key: str) -> Response:
    """A text with its words, as far as its licence lets them be shown."""
    asked.cutoff()
    return answers.answer(told(asked, key, unpublished=asked.as_the_desk))


def told(asked: Asked, key: str, *, unpublished: bool) -> dict[str, Any]:
    """A document as it is published. Raises `Problem` (404)."""
    rows = sources.texts(with_text=True, unpublished=unpublished).where(SourceDocument.key == key)
    found = asked.session.execute(rows).mappings().one_or_none()
    if found is None:
        raise Problem(404, f"没有“{key[:100]}”这篇文献", f"there is no document “{key[:100]}”")
    document = dict(found)
    turns = asked.session.execute(sources.turns(document.pop("id"))).mappings()
    text = document.pop("text")
    is_free = document["licence_mode"] is LicenceMode.FULL_TEXT
    return {**document, "text": text if is_free else None, "turns": [dict(turn) for turn in turns]}


KEY = in_path("key", "文献号", "key of the document", "chenzhou-2020")

OPERATIONS = (
    Operation(
        "documents",
        "GET",
        "/documents",
        "documents",
        "列出文献",
        "The published texts",
        listed,
        "DocumentPage",
        (*CUTOFF, *PAGED),
        more_zh="著录信息，不含正文。文本一经装入不再改动。",
        more_en="What is known of each, without its words. A text never changes once it is loaded.",
    ),
    Operation(
        "document",
        "GET",
        "/documents/{key}",
        "documents",
        "一篇文献及其正文",
        "One text with its words",
        one,
        "DocumentWithText",
        (KEY, *CUTOFF),
        more_zh="正文只在 licence_mode 为 full_text 时给出；位置按 Unicode 码点计，从 0 起。",
        more_en="The words only where `licence_mode` is `full_text`; positions count Unicode code points from 0.",
    ),
)
