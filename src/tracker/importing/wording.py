"""Where the words of a new commitment stand: in a text of the ledger, or in the document that the table itself is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tracker import passages
from tracker.codebook import DocumentKind
from tracker.importing.givens import Given
from tracker.importing.stock import Stock, Text, slug
from tracker.rules import Fault, is_web_address

#: A date as a document carries it: EDTF, from a year to a day.
_DATE = re.compile(r"[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")

#: Key of a document.
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")

#: What must be known of a document that is made.
_NEEDED = (
    ("document_publisher", "文献发布者", "who published the document"),
    ("document_date", "文献日期", "its date, at least the year"),
)


@dataclass
class Place:
    """Where the words stand."""

    #: key of the document
    document: str
    #: of its date
    year: int = 2000
    #: the words, on one line where the table itself is the document
    words: str = ""
    #: a text of the ledger that holds them; none: a document is made
    text: Text | None = None
    span: tuple[int, int] | None = None
    focus: tuple[int, int] | None = None
    turn: int | None = None
    faults: list[Fault] = field(default_factory=list)


def place(given: Given, file: str, stock: Stock) -> Place:
    """Where the words of a row stand, in a table from a file of this name."""
    said, raw = given.said, given.said.get("quote", "")
    key = said.get("document") or slug(Path(file).stem) or "table"
    text = stock.text(key)
    # A line that breaks within Chinese words goes on without a blank.
    raw_line = re.sub(r"(?<=[\u3000-\uffef])[ \t]*\n\s*(?=[\u3000-\uffef])", "", raw)
    found = Place(key, text.year if text else 2000, " ".join(raw_line.split()), text)
    if not found.words:
        found.faults.append(Fault("quote", "quote", "没有原话", "the words are missing"))
    elif text and not text.is_table:
        _in_text(found, raw, text)
    elif text and text.place is not None and said.get("city") and stock.place(said["city"]) != text.place:
        found.faults.append(
            Fault("document", "document", f"文献“{key}”是另一城市的，请另写文献标识",
                  f"the document “{key}” is another city’s: give this one a key of its own")
        )  # fmt: skip
    else:
        _in_table(found, said, text)
    if said.get("focus") and not found.faults:
        _focus(found, said["focus"])
    return found


def _in_text(found: Place, raw: str, text: Text) -> None:
    """Find words in a text where they must stand once, and within one answer where it has any."""
    key, words = text.key, next((one for one in (raw, found.words) if one in text.text), raw)
    try:
        found.span = passages.locate(text.text, words)
    except passages.QuoteNotFound:
        said = f"在文献“{key}”里找不到，请照原文抄录", f"does not stand in the document “{key}”: copy it exactly"
    except passages.QuoteAmbiguous:
        said = f"在文献“{key}”里不止一处，请多引几个字", f"stands in the document “{key}” more than once: quote more"
    else:
        start, end = found.span
        found.words = words
        found.turn = next((turn for turn, first, last in text.turns if first <= start and end <= last), None)
        if not text.turns or found.turn is not None:
            return
        said = f"不在文献“{key}”的任何一段回答里", f"stands in no answer of the document “{key}”"
    found.faults.append(Fault("quote", "quote", f"原话{said[0]}", f"the quote {said[1]}"))


def _in_table(found: Place, said: dict[str, str], text: Text | None) -> None:
    """A line of a table that is there; else a line of the document that is made of the rows."""
    if said.get("tense_words") and said["tense_words"] not in found.words:
        found.faults.append(
            Fault("tense", "tense_words", "时态依据不在原话里", "the words of the tense do not stand in the quote")
        )
    if text and (span := line(text.text, found.words)):
        found.span = span
        return
    # A text never changes once it is loaded: what is new to a table goes into a document of its own.
    found.text = None
    if text:
        return
    for name, zh, en in _NEEDED:
        if not said.get(name):
            found.faults.append(Fault("document", name, f"新文献须写明{zh}", f"a new document needs {en}"))
    found.faults += _of_document(found.document, said)
    day = said.get("document_date", "")
    if day and not _is_date(day):
        found.faults.append(
            Fault("document", "document_date", f"“{day}”不是日期：写作 2023、2023-05 或 2023-05-22",
                  f"“{day}” is no date: write 2023, 2023-05 or 2023-05-22")
        )  # fmt: skip
    elif day:
        found.year = int(day[:4])


def _of_document(key: str, said: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the facts of a document that is to be made."""
    if not _KEY.fullmatch(key):
        yield Fault(
            "document", "document", f"“{key[:40]}”不能作文献标识：用小写字母、数字和连字符，至多 80 个",
            f"“{key[:40]}” is no key of a document: lower-case letters, digits, hyphens, 80 at most",
        )  # fmt: skip
    if said.get("document_kind", DocumentKind.TASK_TABLE) is not DocumentKind.TASK_TABLE:
        yield Fault(
            "document", "document_kind", "表格导入的新文献是任务分解表；访谈、报告的全文请先装入",
            "a document that is made of a table is a task table; load the text of an interview first",
        )  # fmt: skip
    if said.get("document_url") and not is_web_address(said["document_url"]):
        yield Fault("document", "document_url", "不是网址：须以 http:// 或 https:// 开头", "is no web address")
    if said.get("document_language") and not re.fullmatch("[a-z]{2}", said["document_language"]):
        yield Fault("document", "document_language", "写作 zh、en 等两个字母", "two letters, such as zh or en")


def _is_date(day: str) -> bool:
    """Whether a date of a document is one that there was."""
    try:
        parts = [int(part) for part in day.split("-")]
        return bool(_DATE.fullmatch(day)) and bool(date(*[*parts, 1, 1][:3]))
    except ValueError:
        return False


def line(text: str, words: str) -> tuple[int, int] | None:
    """Where words stand as a whole line of a table, or none."""
    around = f"\n{text}\n"
    start = around.find(f"\n{words}\n")
    return (start, start + len(words)) if start >= 0 else None


def _focus(found: Place, words: str) -> None:
    if found.words.count(words) != 1:
        found.faults.append(
            Fault(
                "focus", "focus", "“其中”的文字须在原话里恰好出现一次", "the focus must stand in the quote exactly once"
            )
        )
        return
    start = found.words.index(words)
    found.focus = start, start + len(words)
