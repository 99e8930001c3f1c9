"""The OpenAPI 3.1 document, made of the operations themselves: what is not declared is not answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tracker.api import parameters, problems
from tracker.api.operations import Operation
from tracker.api.schemas import TEXT, WHOLE, Schema, maybe, ref, rows, said, thing
from tracker.api.shapes import SHAPES
from tracker.api.taken import TAKEN

#: What the API speaks of, in the order of the reference page.
TAGS = {
    "cities": ("城市", "Cities"),
    "documents": ("文献", "Documents"),
    "commitments": ("承诺", "Commitments"),
    "assessments": ("评估", "Assessments"),
    "evidence": ("依据", "Evidence"),
    "summaries": ("计数", "Counts"),
}

_ABOUT = (
    "官员承诺跟踪台账：承诺的原话、编码、历次评估与依据。读取不须登录；写入须有令牌（编辑台“我的账户”或 tracker"
    " token add）。"
    "列表用 next 翻页；每个答复带 ETag。"
    " / What officials promised, in whose words, and what became of it. Anybody may read; writing needs a token (the"
    " desk's page “My account”, or `tracker token add`). Lists go on at `next`; every answer has an `ETag`."
)

_ERROR = thing(
    {
        "pointer": said(TEXT, "正文中的位置", "where in the body"),
        "parameter": said(TEXT, "哪个参数", "which parameter"),
        "rule": said(TEXT, "违反的规则", "the rule that is broken"),
        "zh": TEXT,
        "en": TEXT,
    },
    needed=("zh", "en"),
)

_PROBLEM: Schema = thing(
    {
        "type": said({"type": "string", "format": "uri-reference"}, "问题的种类", "kind of problem"),
        "title": TEXT,
        "status": WHOLE,
        "detail": said(TEXT, "错在哪里、怎样办", "what is wrong and what to do"),
        "instance": said(TEXT, "请求的路径", "path of the request"),
        "reference": said(TEXT, "参考号，报告问题时请附上", "reference of the request, to report it by"),
        "errors": rows(_ERROR),
        "current": said({"type": "object"}, "现在的内容（412）", "what stands now (412)"),
        "differs": said(rows(TEXT), "与现在不同的字段（412）", "fields that differ from it (412)"),
    },
    needed=("type", "title", "status", "detail", "instance", "reference", "errors"),
)


@lru_cache
def examples() -> dict[str, Any]:
    """An example of what is sent or answered, by the name of its shape."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
    return found


def document(operations: Sequence[Operation], server: str) -> dict[str, Any]:
    """The whole document; `server` is the address that the paths are below."""
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "承诺跟踪台账 / Tracker of commitments",
            "version": version("tracker"),
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": name, "description": f"{zh} / {en}"} for name, (zh, en) in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {**SHAPES, **TAKEN, "Problem": _PROBLEM},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "个人令牌，以 trk_ 开头 / a token of an account, which begins with trk_",
                }
            },
        },
    }


def _operation(one: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": f"{one.zh} / {one.en}",
        "parameters": [_parameter(each) for each in one.every_parameter()],
        "responses": _responses(one),
        "security": [{}, {"token": []}] if one.role is None else [{"token": []}],
    }
    if one.more_zh:
        told["description"] = f"{one.more_zh} / {one.more_en}"
    if one.role is not None:
        told["x-role"] = one.role.value
    if one.takes:
        sent = {"schema": ref(one.takes), **_example(one.takes)}
        told["requestBody"] = {"required": True, "content": {"application/json": sent}}
    return told


def _parameter(one: parameters.Parameter) -> dict[str, Any]:
    schema = rows(one.schema) if one.is_many else one.schema
    told: dict[str, Any] = {
        "name": one.name,
        "in": one.place,
        "required": one.is_needed,
        "description": f"{one.zh} / {one.en}",
        "schema": schema,
    }
    if one.is_many:
        told |= {"style": "form", "explode": True}
    if one.example is not None:
        told["example"] = [one.example] if one.is_many else one.example
    return told


def _example(name: str) -> dict[str, Any]:
    return {"example": examples()[name]} if name in examples() else {}


def _header(zh: str, en: str, schema: Schema = TEXT) -> dict[str, Any]:
    return {"description": f"{zh} / {en}", "schema": schema}


def _responses(one: Operation) -> dict[str, Any]:
    headers = {"ETag": _header("这一答复的标记", "the mark of this answer")}
    if "Page" in one.answers or one.answers == "History":
        headers["Link"] = _header("下一页", "the next page", maybe(TEXT))
    if one.status == HTTPStatus.CREATED:
        headers["Location"] = _header("新的一项的网址", "address of what was made")
    if not one.is_read:
        headers["Tracker-Position"] = _header(
            "有只读副本时：读取时带上它，读到的不少于自己所写",
            "where there are replicas: sent with what is read then, nothing less than this change is read",
            maybe(TEXT),
        )
    told: dict[str, Any] = {
        str(one.status): {
            "description": HTTPStatus(one.status).phrase,
            "headers": headers,
            "content": {"application/json": {"schema": ref(one.answers), **_example(one.answers)}},
        }
    }
    if one.is_read:
        told["304"] = {"description": "没有变化 / Nothing has changed"}
    return told | {str(status): _refusal(status) for status in one.refusals()}


def _refusal(status: int) -> dict[str, Any]:
    kind = problems.KINDS[status]
    told: dict[str, Any] = {
        "description": f"{kind.zh} / {kind.en}",
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }
    if status in {429, 503}:
        told["headers"] = {"Retry-After": _header("多少秒后再试", "seconds until another try", WHOLE)}
    if status == HTTPStatus.UNAUTHORIZED:
        told["headers"] = {"WWW-Authenticate": _header("须用的令牌", "the token that is needed")}
    return told
