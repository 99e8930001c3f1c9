"""Where the words of a new commitment stand: in a text of the ledger, or in the document that the table itself is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from tracker import passages
from tracker.importing.givens import Given
from tracker.importing.stock import Stock, Text, slug
from tracker.rules import Fault

#: A date as a document carries it: EDTF, from a year to a day.
_DATE = re.compile(r"[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")

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
    found = Place(key, text.year if text else 2000, " ".join(raw.split()), text)
    if not found.words:
        found.faults.append(Fault("quote", "quote", "没有原话", "the words are missing"))
    elif text and not text.is_table:
        _in_text(found, raw, text)
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
    if text and (span := line(text.text, found.words)):
        found.span = span
        return
    # A text never changes once it is loaded: what is new to a table goes into a document of its own.
    found.text = None
    for name, zh, en in () if text else _NEEDED:
        if not said.get(name):
            found.faults.append(Fault("document", name, f"新文献须写明{zh}", f"a new document needs {en}"))
    day = said.get("document_date", "")
    if day and not _DATE.fullmatch(day):
        found.faults.append(
            Fault("document", "document_date", f"“{day}”不是日期：写作 2023、2023-05 或 2023-05-22",
                  f"“{day}” is no date: write 2023, 2023-05 or 2023-05-22")
        )  # fmt: skip
    elif day:
        found.year = int(day[:4])


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
