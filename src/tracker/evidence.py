"""Pieces of evidence: the same page with the same details is one row; a copy can be kept of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tracker.findings import Source
from tracker.models import ArchivedCopy, Evidence, User
from tracker.rules import Fault, RuleBroken, not_in_future

#: Details of a source beside its address.
_DETAILS = tuple(field.name for field in fields(Source) if field.name not in {"url", "relation"})

#: How many addresses are looked up at once.
_AT_ONCE = 500

_COLUMNS = [getattr(Evidence, name) for name in _DETAILS]

#: The rows of some addresses, the oldest first.
_OF_ADDRESSES = (
    select(Evidence.id, Evidence.url, *_COLUMNS)
    .where(Evidence.url.in_(bindparam("addresses", expanding=True)))
    .order_by(Evidence.id)
)

#: Largest copy that is kept, in bytes.
LARGEST_COPY = 20 * 1024 * 1024

#: What a copy may be: file name ending → media type. Those of `TEXT` are searched for the excerpt.
MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".txt": "text/plain",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
TEXT = ("text/html", "text/plain")

#: How a file of each kind that is no text begins. What begins like one, or like a program or an archive, is no text.
_BEGINNINGS = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_NO_TEXT = (*_BEGINNINGS.values(), b"MZ\x90", b"\x7fELF", b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"\xd0\xcf\x11\xe0")


def cite(session: Session, source: Source) -> Evidence:
    """The row of a piece of evidence: one that agrees with all that is given, or a new one (not flushed)."""
    for row in session.scalars(select(Evidence).where(Evidence.url == source.url).order_by(Evidence.id)):
        if _agrees({name: getattr(row, name) for name in _DETAILS}, source):
            return row
    row = Evidence(**details(source))
    session.add(row)
    return row


def details(source: Source) -> dict[str, Any]:
    """The row of a piece of evidence, without its number."""
    return {"url": source.url, **{name: getattr(source, name) for name in _DETAILS}}


class Pages:
    """The rows of some pieces of evidence: those that are there, as `cite` finds them, and those that are new."""

    def __init__(self, session: Session, sources: Iterable[Source]) -> None:
        #: address → number and details of each of its rows, the oldest first
        self._held: dict[str, list[tuple[int, dict[str, Any]]]] = {source.url: [] for source in sources}
        urls, connection = list(self._held), session.connection()
        for start in range(0, len(urls), _AT_ONCE):
            some = {"addresses": urls[start : start + _AT_ONCE]}
            for number, url, *held in connection.execute(_OF_ADDRESSES, some):
                self._held[url].append((number, dict(zip(_DETAILS, held, strict=True))))
        #: the rows of those that are new
        self.new: list[dict[str, Any]] = []

    def number(self, source: Source, numbers: Iterator[int]) -> int:
        """The number of the row that agrees with all that a source gives; where none does, the next of `numbers`."""
        held = self._held[source.url]
        for number, said in held:
            if _agrees(said, source):
                return number
        number = next(numbers)
        held.append((number, {name: getattr(source, name) for name in _DETAILS}))
        self.new.append({"id": number, **details(source)})
        return number

    def lacking(self, sources: Iterable[Source]) -> int:
        """At most so many of some sources are new."""
        return sum(not any(_agrees(said, source) for _, said in self._held[source.url]) for source in sources)


def _agrees(held: Mapping[str, Any], source: Source) -> bool:
    # What nobody said it reports is not what somebody else said it does.
    return held["reports"] == source.reports and all(
        held[name] == value for name in _DETAILS if (value := getattr(source, name)) is not None
    )


def archive(
    session: Session, evidence: Evidence, content: bytes, *, media_type: str, retrieved_on: date, analyst: User
) -> ArchivedCopy:
    """Keep a copy of `evidence` as it was retrieved; flushed, not committed. The same bytes are kept once.

    Raises `RuleBroken` where the copy is empty, too large, of another kind, or lacks the excerpt that it is to show.
    """
    faults = [
        *_copy_faults(evidence, content, media_type),
        *not_in_future(retrieved_on, "retrieved_on", "获取日期", "the day it was retrieved"),
    ]
    if faults:
        raise RuleBroken(faults)
    digest = hashlib.sha256(content).hexdigest()
    kept = select(ArchivedCopy).where(ArchivedCopy.evidence_id == evidence.id, ArchivedCopy.sha256 == digest)
    if (found := session.scalar(kept)) is not None:
        return found
    copy = ArchivedCopy(
        evidence_id=evidence.id,
        sha256=digest,
        media_type=media_type,
        content=content,
        retrieved_on=retrieved_on,
        recorded_at=datetime.now(UTC),
        analyst_id=analyst.id,
    )
    session.add(copy)
    session.flush()
    return copy


def _copy_faults(evidence: Evidence, content: bytes, media_type: str) -> list[Fault]:
    if not 0 < len(content) <= LARGEST_COPY:
        megabytes = LARGEST_COPY // 1024 // 1024
        return [
            Fault(
                "copy-size",
                "file",
                f"存档文件须有内容，且不超过 {megabytes} MB",
                f"a copy holds 1 byte to {megabytes} MB",
            )
        ]
    if media_type not in MEDIA_TYPES.values():
        allowed = ", ".join(sorted(MEDIA_TYPES))
        return [Fault("copy-kind", "file", f"存档文件须为：{allowed}", f"a copy is one of: {allowed}")]
    begins = _BEGINNINGS.get(media_type)
    if not content.startswith(begins) if begins else content.startswith(_NO_TEXT):
        return [
            Fault(
                "copy-content", "file",
                "文件内容与后缀不符：请检查这是不是要存档的文件",
                "the file is not what its ending says: check that it is the right one",
            )
        ]  # fmt: skip
    if not quote_stands(evidence.excerpt, content, media_type):
        return [
            Fault(
                "copy-excerpt", "file",
                "摘录的文字在这份文件里找不到：请核对摘录，或换成正确的文件",
                "the excerpt does not stand in this file: check the excerpt, or give the right file",
            )
        ]  # fmt: skip
    return []


def quote_stands(excerpt: str | None, content: bytes, media_type: str) -> bool:
    """Whether the words of an excerpt stand in a copy, white space aside; true where nobody can tell (no text)."""
    if not excerpt or media_type not in TEXT:
        return True
    return _solid(excerpt) in _solid(_text(content, media_type))


def _solid(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _text(content: bytes, media_type: str) -> str:
    text = _decoded(content)
    if media_type != "text/html":
        return text
    page = _Words()
    page.feed(text)
    return "".join(page.words)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("utf-8", errors="replace")


class _Words(HTMLParser):
    """The words of a page, without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        """Note where words begin that nobody reads."""
        if tag in {"script", "style"}:
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        """Note where they end."""
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._inside:
            self.words.append(data)
