"""What a request may bring: how large it may be, and what is refused before any page sees it."""

from __future__ import annotations

from flask import Flask, abort, request

from tracker.evidence import LARGEST_COPY
from tracker.language import t
from tracker.security import references
from tracker.uploads import LARGEST


def install(app: Flask) -> None:
    """Look at every request before its page does."""
    app.before_request(references.note_who)
    app.before_request(_few_enough)
    app.before_request(_without_nul)


def room_for_a_copy() -> None:
    """Let the one form that takes a file take a large one, and those that take many rows all that is sent."""
    if request.endpoint == "follow.archive":
        request.max_content_length = LARGEST_COPY + 64 * 1024
    if request.endpoint == "importing.index":
        request.max_content_length = LARGEST + 64 * 1024
    if request.blueprint == "bulk":
        # A browser sends nine bytes for a Chinese character.
        request.max_form_memory_size = request.max_content_length


def _few_enough() -> None:
    """Refuse a form of more fields than any has; of those sent in parts, the parser has done so."""
    if sum(len(values) for values in request.form.listvalues()) > (request.max_form_parts or 1000):
        abort(413)


def _without_nul() -> None:
    """Refuse a NUL character anywhere: no person types one, and PostgreSQL stores none."""
    if any("\x00" in text for text in (*request.args.values(), *request.form.values())):
        abort(400, t("内容含有空字符（NUL）。", "There is a NUL character in it."))
