"""How the declared shapes are written: a few words for the parts of JSON Schema (2020-12) that the API speaks."""

from __future__ import annotations

from typing import Any

from tracker.codebook import Coded
from tracker.models import LINE

#: A JSON Schema. What is sent is checked by the very one that is published.
Schema = dict[str, Any]

TRUTH: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time"}


def words(most: int = LINE, *, least: int = 0, pattern: str = "") -> Schema:
    """A text that is sent, with its bounds in characters."""
    bounds: Schema = {"maxLength": most}
    if least:
        bounds["minLength"] = least
    return {"type": "string", **bounds, **({"pattern": pattern} if pattern else {})}


def between(least: float, most: float, kind: str = "integer") -> Schema:
    """A number within bounds, both of which it may be."""
    return {"type": kind, "minimum": least, "maximum": most}


def code(codes: type[Coded]) -> Schema:
    """A code of a closed vocabulary."""
    return {"type": "string", "enum": [one.value for one in codes]}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    null = {**schema, "type": [schema["type"], "null"]}
    return {**null, "enum": [*schema["enum"], None]} if "enum" in schema else null


def rows(items: Schema, most: int = 0) -> Schema:
    """A list."""
    return {"type": "array", "items": items, **({"maxItems": most} if most else {})}


def thing(fields: dict[str, Schema], *, needed: tuple[str, ...] | None = None) -> Schema:
    """An object of these fields and no other; all are needed where nothing else is said."""
    return {
        "type": "object",
        "properties": fields,
        "required": [*(fields if needed is None else needed)],
        "additionalProperties": False,
    }


def said(schema: Schema, zh: str, en: str) -> Schema:
    """The same with what it means, in both languages."""
    return {**schema, "description": f"{zh} / {en}"}


def ref(name: str) -> Schema:
    """One of the shapes by its name."""
    return {"$ref": f"#/components/schemas/{name}"}
