"""The document that a table is: its rows, one line each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import raiseload

from tracker.codebook import DocumentKind, LicenceMode, SourceTier
from tracker.importing.stock import Stock
from tracker.models import SourceDocument

_CHINESE = re.compile(r"[\u4e00-\u9fff]")

#: What a further part of a table has from the first.
_SHARED = ("kind", "language", "publisher", "date", "url", "source_tier", "licence_mode", "jurisdiction_id")


def text(words: Iterable[str]) -> tuple[str, dict[str, int]]:
    """Lines as one text, each once, and where each begins."""
    starts: dict[str, int] = {}
    end = 0
    for line in dict.fromkeys(words):
        starts[line] = end
        end += len(line) + 1
    return "\n".join(starts), starts


def document(stock: Stock, key: str, text: str, said: dict[str, Any], *, place: int, made: int) -> tuple[int, int]:
    """Make the next document of a table, of which `made` have been; returns its id and how many there are now.

    The first has the key of the table, the others `key-2`, `key-3` …: a text that is loaded never changes, so what is
    new to a table that is there becomes one more.
    """
    first, part = stock.text(key), made + 1
    while stock.text(_key(key, part)):
        part += 1
    row = SourceDocument(
        key=_key(key, part),
        title=said.get("document_title") or key,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    if first:
        shared = stock.session.get_one(SourceDocument, first.id, options=[raiseload("*")])
        facts = {name: getattr(shared, name) for name in _SHARED}
        row.title = shared.title
    else:
        facts = {
            "kind": said.get("document_kind") or DocumentKind.TASK_TABLE,
            "language": said.get("document_language") or ("zh" if _CHINESE.search(text) else "en"),
            "publisher": said["document_publisher"],
            "date": said["document_date"],
            "url": said.get("document_url"),
            "source_tier": said.get("document_source_tier") or SourceTier.SECONDARY,
            "licence_mode": said.get("document_licence") or LicenceMode.FULL_TEXT,
            "jurisdiction_id": place,
        }
    for name, value in facts.items():
        setattr(row, name, value)
    if part > 1:
        row.title = f"{row.title} ({part})"
    stock.session.add(row)
    stock.session.flush()
    stock.forget_text(row.key)
    return row.id, part


def _key(key: str, part: int) -> str:
    return key if part == 1 else f"{key}-{part}"
