"""A row of a table, read: what it says of a commitment and of its follow-ups, and all that is wrong in it."""

from __future__ import annotations

import calendar
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tracker import cells
from tracker.codebook import Execution, Precision
from tracker.importing.mappings import Reading
from tracker.importing.tables import Line, Table
from tracker.importing.targets import SHARED, Target, target
from tracker.importing.words import Meaning, Words
from tracker.models import LINE, LONG
from tracker.stated_dates import in_figures
from tracker.texts import composed, is_unseen, is_unstorable

#: What parts several things in one cell. Not a comma: names hold commas.
_PARTED = re.compile(r"[;；、|\n]")
_ADDRESS = re.compile(r"https?://[^\s<>\"'“”，。；、（）)【】]+", re.IGNORECASE)
_PARTIAL_DAY = re.compile(r"([12]\d{3})(?:[-/.年](\d{1,2})月?|年)?", re.ASCII)
_SHARE = re.compile(r"0?\.\d+|[01]\.0+|0|1", re.ASCII)

#: A code that an address can hold.
_CODE = re.compile(r"[^\W_][\w.-]{0,59}")

#: Targets that may be as long as the record takes; all others are lines.
_LONG = {
    "quote", "parent_title", "focus", "tense_note_zh", "tense_note_en", "completion_zh", "completion_en", "note_zh",
    "note_en", "summary", "summary_en", "progress", "problems", "next_steps", "excerpt", "url", "units", "terms",
    "unit_lead", "unit_responsible", "unit_support", "unit_supervising", "units_lead_first", "term",
}  # fmt: skip

#: Targets that hold several things.
_SEVERAL = SHARED - {"url"} | {"units_lead_first"}


@dataclass(frozen=True)
class Trouble:
    """What is wrong in a row, under which heading."""

    row: int
    column: str
    zh: str
    en: str


@dataclass
class Given:
    """What a row says."""

    row: int
    code: str
    #: facts of the commitment by target
    said: dict[str, Any] = field(default_factory=dict)
    #: number of the follow-up → what is said of it; only those of which the row itself says something
    followups: dict[int, dict[str, Any]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    #: words for statuses, and what they were taken for
    meanings: list[tuple[str, Meaning]] = field(default_factory=list)


class Reader:
    """Reads the rows of a table by a reading."""

    def __init__(self, table: Table, reading: Reading, words: Words) -> None:
        self.table, self.reading, self.words = table, reading, words
        #: place of a column, its heading, its targets
        self._columns = [
            (place, heading, meant)
            for place, heading in enumerate(table.headings)
            if (meant := [found for name in reading.columns.get(heading, ()) if (found := target(name))])
        ]
        #: names of what is said by a column or for all rows
        self.targets = reading.targets()
        #: what every row says of its commitment where it says nothing else
        self._always: dict[str, Any] = {}
        self._fixed = [
            (found, value)
            for name, value in reading.fixed.items()
            if (found := target(name)) and not self._said_always(found, value)
        ]

    def givens(self) -> Iterator[Given]:
        """Each row, read, in the order of the table. Raises `tables.Unreadable`."""
        return (self.given(line) for line in self.table.lines())

    def given(self, line: Line) -> Given:
        """One row, read."""
        given = Given(line.number, "", self._always.copy())
        for place, heading, targets in self._columns:
            text = line.cells[place].strip()
            for meant in targets if text else ():
                self._take(given, meant, heading, text)
        for meant, value in self._fixed:
            held = given.followups.get(meant.followup) if meant.followup else given.said
            # What holds for every row makes no follow-up of a row that tells of none.
            if held is not None and held.get(meant.column.name) in (None, []):
                self._take(given, meant, meant.name, value)
        self._identify(given)
        return given

    def _said_always(self, meant: Target, value: str) -> bool:
        """Read once what every row says, where that can be: no follow-up is made of it, and nothing is added to it."""
        name = meant.column.name
        if meant.followup or name in SHARED:
            return False
        with suppress(cells.Unreadable):
            self._always[name] = self._read(Given(0, ""), meant, value)
        return name in self._always

    def _identify(self, given: Given) -> None:
        prefix, said = given.said.pop("code_prefix", ""), given.said
        code, parent = said.pop("code", ""), said.pop("parent", "")
        # In a table without codes the words make one, the same whenever they are taken in.
        if prefix and "code" not in self.targets:
            code = _made_of(said.get("quote"))
        if prefix and "parent" not in self.targets:
            parent = _made_of(said.get("parent_title"))
        given.code = _tidy(prefix + code) if code else ""
        if parent:
            said["parent"] = _tidy(prefix + parent)
        for name, code in (("code", given.code), ("parent", given.said.get("parent"))):
            if (name == "code" or code) and not _CODE.fullmatch(code or ""):
                zh = f"“{code}”不能作编号：用字母、数字、点和连字符，至多 60 个" if code else "没有编号"
                en = (
                    f"“{code}” is no code: letters, digits, dots and hyphens, 60 at most"
                    if code
                    else "the code is missing"
                )
                given.troubles.append(Trouble(given.row, self.reading.heading(name), zh, en))

    def _take(self, given: Given, meant: Target, heading: str, text: str) -> None:
        held = given.followups.setdefault(meant.followup, {}) if meant.followup else given.said
        name = meant.column.name
        try:
            found = self._read(given, meant, text)
        except cells.Unreadable as wrong:
            given.troubles.append(Trouble(given.row, heading, wrong.zh, wrong.en))
            return
        if name == "effective_on":
            held[name], precision = found
            if precision:
                held.setdefault("effective_precision", precision)
        elif name in SHARED and name in held:
            held[name] = [*held[name], *(one for one in found if one not in held[name])]
        else:
            held[name] = found

    def _read(self, given: Given, meant: Target, text: str) -> Any:
        """What a cell says. Raises `cells.Unreadable`."""
        name, holds = meant.column.name, meant.column.holds
        text = composed(text)
        if is_unstorable(text) or len(text) > (LONG if name in _LONG else LINE):
            longest = LONG if name in _LONG else LINE
            raise cells.Unreadable(
                f"超过 {longest} 字，或有无法保存的字符",
                f"more than {longest} characters, or one that cannot be stored",
            )
        if name not in _LONG and is_unseen(text):
            raise cells.Unreadable("有看不见的字符，请删去重写", "holds a character that is not seen: type it anew")
        if holds is Execution:
            meaning = self.words.meaning(text)
            given.meanings.append((text, meaning))
            return meaning.word.execution
        return _SPECIAL[name](text) if name in _SPECIAL else cells.read(holds, text)


def _tidy(code: str) -> str:
    """A code in capitals, without the wide letters of a Chinese keyboard, and with dashes for what no address holds."""
    return re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFKC", code).strip()).strip("-").upper()


def _made_of(words: str | None) -> str:
    """A code made of the words themselves; empty where there are none."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:8] if words else ""


def _day(text: str) -> tuple[date, Precision | None]:
    """A day; or the last day of a month or year, and that no more is known."""
    narrow = in_figures(unicodedata.normalize("NFKC", text))
    found = _PARTIAL_DAY.fullmatch(narrow)
    if not found and narrow != text:
        return cells.read(date, narrow), None
    if not found:
        day: date = cells.read(date, text)
        return day, None
    year, month = int(found[1]), int(found[2] or 12)
    if not 1 <= month <= 12:
        raise cells.Unreadable(f"“{text}”不是月份：写作 2020-12", f"“{text}” is no month: write 2020-12")
    day = date(year, month, calendar.monthrange(year, month)[1])
    return day, Precision.MONTH if found[2] else Precision.YEAR


def _share(text: str) -> Any:
    """A share in per cent, or as an export writes it: 0.35."""
    return float(text) if _SHARE.fullmatch(text) and "." in text else cells.read(float, text)


def _addresses(text: str) -> list[str]:
    """Every web address in a cell, each once."""
    found = (address.rstrip(".,:;!?").partition("://") for address in _ADDRESS.findall(text))
    return list(dict.fromkeys(f"{scheme.lower()}://{rest}" for scheme, _, rest in found))


def _several(text: str) -> list[str]:
    parts = [" ".join(part.split()) for part in _PARTED.split(text)]
    return list(dict.fromkeys(part for part in parts if part))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _objects(text: str) -> list[dict[str, Any]]:
    """A list of objects, as an export writes units and terms."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise cells.Unreadable("不是 JSON 列表", "is no JSON list of objects")
    return found


_SPECIAL: dict[str, Any] = {
    "effective_on": _day,
    "progress_share": _share,
    "url": _addresses,
    "units": _objects,
    "terms": _objects,
    **dict.fromkeys(_SEVERAL, _several),
    **dict.fromkeys(("parent_title", "focus", "document"), _one_line),
}
