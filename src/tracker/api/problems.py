"""What went wrong, as RFC 9457 has it: `application/problem+json`, in Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, default_exceptions

from tracker import events
from tracker.api.checking import Wrong
from tracker.rules import Fault

#: Below this address everything is answered as JSON, errors too.
ROOT = "/api/"
BASE = "/api/v1"

#: Seconds after which it is worth a try, where nothing better is known.
_LATER = 60


class Kind(NamedTuple):
    """A kind of problem: its name in addresses, its title, and what to do about it."""

    slug: str
    zh: str
    en: str
    advice_zh: str
    advice_en: str


#: Status → the kind of problem that it tells of. Each has its paragraph on the reference page.
KINDS: dict[int, Kind] = {
    400: Kind(
        "bad-request",
        "请求有误",
        "The request is not understood",
        "参数名、参数值、游标或 JSON 写错了。errors 逐项写明错在哪里、可以写什么。",
        "A parameter, a value, a cursor or the JSON is wrong. `errors` says of each what is allowed.",
    ),
    401: Kind(
        "no-token",
        "须有有效的令牌",
        "A valid token is needed",
        "请在 Authorization 头里写 Bearer 和令牌。令牌过期、作废或账户停用后立即失效。",
        "Send `Authorization: Bearer` and the token. One that expired, was revoked, or whose account is closed"
        " opens nothing.",
    ),
    403: Kind(
        "forbidden",
        "无权这样做",
        "Not allowed",
        "令牌的角色不够，或账户现在的角色不够；读者读，分析员写，复核员复核。",
        "The role of the token, or of its account by now, does not cover this: readers read, analysts write,"
        " reviewers review.",
    ),
    404: Kind(
        "not-found", "没有这一项", "There is no such thing", "请核对编号或网址。", "Check the code or the address."
    ),
    405: Kind(
        "method-not-allowed",
        "此处不能用这个方法",
        "Not with this method",
        "Allow 头列出可用的方法。",
        "The `Allow` header names what can be used.",
    ),
    409: Kind(
        "conflict",
        "与已有的内容冲突",
        "In conflict with what is there",
        "同样的编号、键或文本已经有了，或同时有人在写。",
        "The same code, key or text is there already, or somebody writes it just now.",
    ),
    410: Kind(
        "gone",
        "已撤下",
        "Withdrawn",
        "发布后撤下的承诺，编号不会另作他用。",
        "Published and withdrawn; its code is never used again.",
    ),
    412: Kind(
        "stale",
        "已被别人改过",
        "Somebody changed it meanwhile",
        "current 是现在的内容，differs 列出与您所写不同的字段；看过之后，用新的 ETag 再发。",
        "`current` is what stands now, `differs` which of your fields it says otherwise; look, and send it again"
        " with the new ETag.",
    ),
    413: Kind("too-large", "太大", "Too large", "请求正文至多 2 MB。", "A body has 2 MB at most."),
    415: Kind(
        "no-json",
        "须为 JSON",
        "JSON only",
        "请写 Content-Type: application/json，正文用 UTF-8。",
        "Send `Content-Type: application/json`, in UTF-8.",
    ),
    422: Kind(
        "refused",
        "不合规则，没有写入",
        "Refused; nothing was written",
        "errors 逐项写明哪个字段违反了哪条规则、怎样改。",
        "`errors` says which field breaks which rule, and how to meet it.",
    ),
    428: Kind(
        "no-version",
        "须写明改的是哪个版本",
        "Say which version you change",
        "先读取这一项，把答复的 ETag 写进 If-Match。",
        "Read it first, and send its `ETag` as `If-Match`.",
    ),
    429: Kind(
        "too-often",
        "试得太频繁",
        "Too many tries",
        "过了 Retry-After 的秒数再试。",
        "Try again after `Retry-After` seconds.",
    ),
    500: Kind(
        "fault",
        "程序出错",
        "A fault of ours",
        "错在我们这边，已记入日志，没有写完的不会留下。请报告参考号。",
        "It has been logged, and nothing half-written is left. Report it with its reference.",
    ),
    503: Kind(
        "unavailable",
        "暂时不能",
        "Not now",
        "过了 Retry-After 的秒数再试；没有写入。",
        "Try again after `Retry-After` seconds; nothing was written.",
    ),
}


class Problem(HTTPException):
    """What a request is refused with. `more` are members of the answer beside those of every problem."""

    def __init__(
        self,
        status: int,
        zh: str,
        en: str,
        errors: Iterable[dict[str, str]] = (),
        *,
        headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = status
        self.errors, self.headers, self.more = [*errors], headers or {}, more or {}


def of_body(found: Sequence[Wrong], status: int = 422) -> Problem:
    """The problem of a body of which so much is wrong."""
    errors = [{"pointer": one.at, "zh": one.zh, "en": one.en} for one in found]
    return Problem(status, f"正文有 {len(errors)} 处错误", f"{len(errors)} errors in the body", errors)


def of_rules(faults: Sequence[Fault], places: dict[str, str] | None = None) -> Problem:
    """The problem of a finding that breaks rules; `places` are fields of the body by those of the rules."""
    errors = [
        {"pointer": f"#/{(places or {}).get(one.field, one.field)}", "rule": one.rule, "zh": one.zh, "en": one.en}
        for one in faults
    ]
    return Problem(422, "；".join(one.zh for one in faults), "; ".join(one.en for one in faults), errors)


def of_parameter(name: str, zh: str, en: str) -> Problem:
    """The problem of an address that says what is not understood."""
    error = {"parameter": name[:100], "zh": zh, "en": en}
    return Problem(400, f"{name[:100]}：{zh}", f"{name[:100]}: {en}", [error])


def is_asked() -> bool:
    """Whether the request is one to the API, at whatever address of it."""
    return request.path.startswith(ROOT)


def answer(error: HTTPException) -> Response:
    """The answer that tells of an error, whoever raised it."""
    status = error.code or 500
    body = told(status, _detail(error, status), error)
    response = Response(body, status=status, content_type="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    response.headers.extend(getattr(error, "headers", {}))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tracker"'
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    if status in {429, 503}:
        response.headers.setdefault("Retry-After", str(_LATER))
    return response


def told(status: int, detail: str, error: Any = None) -> str:
    """The members of a problem, as JSON; needs neither template nor database."""
    kind = KINDS.get(status)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    members: dict[str, Any] = {
        "type": f"{BASE}/#problem-{kind.slug}" if kind else "about:blank",
        "title": f"{kind.zh} / {kind.en}" if kind else phrase,
        "status": status,
        "detail": detail,
        "instance": (events.REQUEST.get() or {}).get("path", ""),
        "reference": (events.REQUEST.get() or {}).get("reference", ""),
        "errors": getattr(error, "errors", []),
        **getattr(error, "more", {}),
    }
    return json.dumps(members, ensure_ascii=False) + "\n"


def _detail(error: HTTPException, status: int) -> str:
    """What is said of the case: by whoever raised the error, else of its kind."""
    usual = getattr(default_exceptions.get(status), "description", None)
    if error.description and error.description != usual and not isinstance(error, MethodNotAllowed):
        return error.description
    kind = KINDS.get(status)
    return f"{kind.advice_zh} / {kind.advice_en}" if kind else (error.description or "")
