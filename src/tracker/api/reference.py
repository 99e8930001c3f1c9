"""The reference page: the OpenAPI document, as people read it, from our own files."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import render_template

from tracker.api import described, problems
from tracker.api.cursors import whole
from tracker.api.operations import Operation
from tracker.language import current, t


def page(operations: Sequence[Operation]) -> str:
    """The page, in the language of the request."""
    document = described.document(operations, whole(problems.BASE))
    return render_template(
        "api.html",
        title=t("数据接口", "API"),
        document=document,
        tags=described.TAGS,
        operations=operations,
        kinds=problems.KINDS,
        base=whole(problems.BASE),
        curl=curl,
        in_words=in_words,
        type_of=type_of,
        as_json=lambda value: json.dumps(value, ensure_ascii=False, indent=2),
        examples=described.examples(),
    )


def in_words(text: str) -> str:
    """The half of a text in two languages that this request reads."""
    zh, _, en = text.partition(" / ")
    return zh if current() == "zh" else en or zh


def type_of(schema: dict[str, Any]) -> str:
    """What a schema takes, in few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(type_of(one) for one in schema["anyOf"])
    if schema["type"] == "array":
        return f"[{type_of(schema['items'])}]"
    if "enum" in schema:
        return " | ".join("null" if one is None else str(one) for one in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return " | ".join(str(schema.get("format", kind)) if kind == "string" else str(kind) for kind in kinds)


def curl(one: Operation) -> str:
    """How the operation is asked for on a command line."""
    path = one.path
    for each in one.parameters:
        if each.place == "path":
            path = path.replace(f"{{{each.name}}}", str(each.example))
    address = whole(problems.BASE) + path + (f"?{urlencode(one.example)}" if one.example else "")
    lines = [f"curl {shlex.quote(address)}" if one.is_read else f"curl -X {one.method} {shlex.quote(address)}"]
    if one.role is not None:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    lines += [f"-H {shlex.quote(f'{each.name}: {each.example}')}" for each in one.parameters
              if each.place == "header" and each.example]  # fmt: skip
    if one.takes:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(described.examples()[one.takes], ensure_ascii=False, indent=2))}")
    return " \\\n  ".join(lines)
