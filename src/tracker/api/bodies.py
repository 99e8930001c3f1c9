"""What a request sends: JSON, read strictly. What another reader might understand otherwise is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from flask import request

from tracker.api import checking
from tracker.api.problems import Problem, of_body
from tracker.api.schemas import Schema

#: Deepest that lists and objects may lie in each other.
_DEEPEST = 10

#: Most names of an object, lists and values of a body in all.
_MOST = 20_000

#: What a body may be said to be.
_TYPES = {"application/json", "application/merge-patch+json"}

#: Largest whole number that every reader of JSON takes as it is.
_LARGEST = 2**53 - 1


def body(schema: Schema) -> dict[str, Any]:
    """What the request sends, which has the shape of the schema.

    Raises `Problem`: 415 for what is no JSON, 400 for JSON that cannot be read in one way only, 422 for another shape.
    """
    if request.mimetype not in _TYPES or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Problem(415, "正文须为 application/json（UTF-8）", "a body is application/json in UTF-8")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "正文不能压缩", "a body is not compressed")
    content = _read(request.get_data())
    found = list(checking.wrongs(schema, content))
    if found:
        raise of_body(found)
    return content  # type: ignore[no-any-return]  # an object, by the schema


def _read(data: bytes) -> Any:
    try:
        content = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_float=_finite,
            parse_int=_whole,
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        if isinstance(error, _Unreadable):
            raise Problem(400, error.zh, error.en) from None
        raise Problem(400, "正文不是 JSON（UTF-8）", "the body is no JSON in UTF-8") from None
    _measure(content)
    return content


class _Unreadable(ValueError):
    """JSON that readers understand in different ways."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        shown = twice[:40].encode("ascii", "backslashreplace").decode()
        raise _Unreadable(f"“{shown}”写了两次", f"“{shown}” is said twice")
    return dict(pairs)


def _no_number(said: str) -> NoReturn:
    raise _Unreadable(f"JSON 里没有 {said}", f"JSON has no {said}")


def _finite(said: str) -> float:
    number = float(said)
    if not math.isfinite(number):
        raise _Unreadable("数太大", "a number is too large")
    return number


def _whole(said: str) -> int:
    number = int(said) if len(said) < 20 else _LARGEST + 1
    if abs(number) > _LARGEST:
        raise _Unreadable("整数太大", "a whole number is too large")
    return number


def _too_deep() -> Problem:
    return Problem(400, f"正文至多 {_DEEPEST} 层", f"a body has {_DEEPEST} levels at most")


def _measure(content: Any) -> None:
    """Refuse what lies too deep in each other, or is too much."""
    level, depth, count = [content], 0, 0
    while level:
        depth, count = depth + 1, count + len(level)
        if depth > _DEEPEST:
            raise _too_deep()
        if count > _MOST:
            raise Problem(400, f"正文至多 {_MOST} 个值", f"a body has {_MOST} values at most")
        level = [part for whole in level for part in _parts(whole)]


def _parts(whole: Any) -> list[Any]:
    return [*whole.values()] if isinstance(whole, dict) else whole if isinstance(whole, list) else []
