"""What is sent is checked by the shape that is published: every fault with its place, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.api.schemas import Schema
from tracker.texts import is_unstorable

#: Years that a day can lie in.
_YEARS = range(1900, 3000)

#: What a type is called.
_TYPES: dict[str, tuple[str, str]] = {
    "string": ("文本", "a text"),
    "integer": ("整数", "a whole number"),
    "number": ("数", "a number"),
    "boolean": ("true 或 false", "true or false"),
    "array": ("列表", "a list"),
    "object": ("对象", "an object"),
    "null": ("null", "null"),
}


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong with what was sent: where, and how to set it right."""

    #: where in a body, as a JSON pointer in a fragment: `#/evidence/0/url`
    at: str
    zh: str
    en: str


def wrongs(schema: Schema, value: Any, at: str = "#") -> Iterator[Wrong]:
    """All that is wrong with a value by its schema."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(kind, value) for kind in kinds):
        zh, en = zip(*(_TYPES[kind] for kind in kinds), strict=True)
        yield Wrong(at, f"须为{'或'.join(zh)}", f"has to be {' or '.join(en)}")
    elif "enum" in schema and value not in schema["enum"]:
        allowed = ", ".join(str(one) for one in schema["enum"] if one is not None)
        yield Wrong(at, f"不在代码表内；可用：{allowed}", f"is no such code; allowed: {allowed}")
    elif isinstance(value, str):
        yield from _text(schema, value, at)
    elif isinstance(value, list):
        yield from _list(schema, value, at)
    elif isinstance(value, dict):
        yield from _object(schema, value, at)
    elif isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        least, most = schema["minimum"], schema["maximum"]
        yield Wrong(at, f"须在 {least} 与 {most} 之间", f"lies between {least} and {most}")


def _is(kind: str, value: Any) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return value is None


def _text(schema: Schema, value: str, at: str) -> Iterator[Wrong]:
    if is_unstorable(value):
        yield Wrong(at, "含有无法保存的字符，请删去", "leave out the character that cannot be stored")
    elif len(value) > schema.get("maxLength", len(value)):
        most = schema["maxLength"]
        yield Wrong(at, f"至多 {most} 字", f"{most} characters at most")
    elif len(value.strip()) < schema.get("minLength", 0):
        yield Wrong(at, "不能为空", "must not be empty")
    elif schema.get("format") == "date" and not is_day(value):
        yield Wrong(at, "不是日期：请写成 2020-12-31 的样子", "is no date: write it like 2020-12-31")
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield Wrong(at, f"写法不合：{schema['pattern']}", f"is not written like {schema['pattern']}")


def is_day(value: str) -> bool:
    """Whether a text is a day, written in the one way that the ledger takes."""
    try:
        # fromisoformat takes 20201231 as well; a day is written in one way here.
        day = date.fromisoformat(value)
    except ValueError:
        return False
    return day.year in _YEARS and day.isoformat() == value


def _list(schema: Schema, value: list[Any], at: str) -> Iterator[Wrong]:
    if len(value) > schema.get("maxItems", len(value)):
        most = schema["maxItems"]
        yield Wrong(at, f"至多 {most} 项", f"{most} entries at most")
        return
    for place, item in enumerate(value):
        yield from wrongs(schema["items"], item, f"{at}/{place}")


def _object(schema: Schema, value: dict[str, Any], at: str) -> Iterator[Wrong]:
    fields = schema["properties"]
    for name in schema["required"]:
        if name not in value:
            yield Wrong(f"{at}/{name}", "必填", "is required")
    for name, item in value.items():
        where = f"{at}/{_escaped(name)}"
        if name in fields:
            yield from wrongs(fields[name], item, where)
        else:
            allowed = ", ".join(fields)
            yield Wrong(where, f"没有这个字段；可用：{allowed}", f"is no field; allowed: {allowed}")
    if len(value) < schema.get("minProperties", 0):
        yield Wrong(at, "没有要改的内容", "says nothing to change")


def _escaped(name: str) -> str:
    """A name as part of a JSON pointer; of a long one its beginning."""
    return name[:100].encode("ascii", "backslashreplace").decode().replace("~", "~0").replace("/", "~1")
