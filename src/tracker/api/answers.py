"""What the API answers with: JSON under an ETag, and 304 where whoever asks has it already."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from typing import Any

from flask import Response, request

from tracker import export
from tracker.api import cursors
from tracker.api.asked import Asked
from tracker.standings import Cutoff


def answer(
    content: Any, *, status: int = 200, version: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Content as JSON, under an ETag; 304 where the request names that. Bytes are JSON already.

    A `version` that a change has to name stands at the beginning of the ETag: `"3.5f0c…"`.
    """
    body = (content if isinstance(content, bytes) else export.as_json(content).encode()) + b"\n"
    response = Response(body, status=status, content_type="application/json")
    response.headers.extend(headers or {})
    digest = hashlib.sha256(body)
    mark = digest.hexdigest()[:32]
    response.set_etag(mark if version is None else f"{version}.{mark}")
    response.headers["Content-Digest"] = f"sha-256=:{b64encode(digest.digest()).decode()}:"
    # To be asked for anew each time, which costs little where nothing has changed. What a token opens is its own.
    response.headers["Cache-Control"] = "private, no-cache" if request.authorization else "no-cache"
    response.vary.add("Authorization")
    return response.make_conditional(request) if request.method in {"GET", "HEAD"} else response  # type: ignore[return-value]  # itself


def page(
    items: Sequence[Any] | bytes, following: Sequence[cursors.Key] | None, cutoff: Cutoff, **more: Any
) -> Response:
    """A page of rows, or of what those are as JSON; `following` is the key of its last row where more come after it."""
    address = None if following is None else cursors.following(following)
    content: Any = {
        "items": [] if isinstance(items, bytes) else items,
        "next": address,
        "as_of": cutoff.day(),
        "recorded_by": cutoff.recorded_by,
        "approved_only": cutoff.approved_only,
        **more,
    }
    if isinstance(items, bytes):
        content = export.as_json(content).encode().replace(b"[]", b"[%b]" % items, 1)
    return answer(content, headers={"Link": f'<{address}>; rel="next"'} if address else None)


def cut(
    rows: Sequence[dict[str, Any]],
    asked: Asked,
    *,
    key: Callable[[dict[str, Any]], list[cursors.Key]],
    hidden: Collection[str] = (),
) -> Response:
    """A page of rows of which one more was read than it holds; `key` is that of a row, `hidden` what is not told."""
    shown = rows[: asked.limit()]
    items = [{name: value for name, value in row.items() if name not in hidden} for row in shown]
    return page(items, key(shown[-1]) if len(rows) > len(shown) else None, asked.cutoff())
