"""A cell of a spreadsheet, as people fill them in, read as what its column holds; refused where that is a guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache, lru_cache
from typing import Any

from tracker.codebook import Coded

#: What a column holds: text, a whole number, a share in per cent, a day, or a code of a vocabulary.
Held = type[str] | type[int] | type[float] | type[date] | type[Coded]

#: Largest whole number that a cell may hold.
LARGEST = 1_000_000

#: A day as spreadsheets copy it, with the midnight that some of them add.
_DAY = re.compile(r"([12]\d{3})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?", re.ASCII)

_SIGNS = re.compile(r"[\W_]+")


class Unreadable(ValueError):
    """A cell that does not hold what its column asks for, with how to write it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh, self.en = zh, en


def plain(text: str) -> str:
    """A heading or code for comparison: case, width, blanks and punctuation make no difference."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text).casefold())


def read(holds: Held, cell: str) -> Any:
    """What a cell says: text, a number, a share from 0 to 1, a day, a code; none where it is empty.

    Raises `Unreadable`.
    """
    text = cell.strip()
    if not text or holds is str:
        return text or None
    if issubclass(holds, Coded):
        return _code(holds, text)
    narrow = unicodedata.normalize("NFKC", text)
    if holds is date:
        return _day(narrow)
    return _share(narrow) if holds is float else _number(narrow)


@lru_cache(maxsize=10_000)
def _code(codes: type[Coded], text: str) -> Coded:
    if code := _spellings(codes).get(plain(text)):
        return code
    shown = text[:40]
    raise Unreadable(
        f"“{shown}”不在可选之列：{'、'.join(code.zh for code in codes)}",
        f"“{shown}” is none of: {', '.join(code.en for code in codes)}",
    )


@cache
def _spellings(codes: type[Coded]) -> dict[str, Coded]:
    """Plain spelling → code; what two codes are called is the first's."""
    return {plain(said): code for code in reversed(codes) for said in (code.value, code.zh, code.en)}


def _day(text: str) -> date:
    found = _DAY.fullmatch(text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    shown = text[:40]
    raise Unreadable(
        f"“{shown}”不是日期：写作 2020-12-31（只知年月的，写最后一天，并在“只知到月或年”列写“到月”或“到年”）",
        f"“{shown}” is no day: write 2020-12-31 (where only the month or year is known, its last day, and “To the"
        " month” or “To the year” in the column “Known only to the month or year”)",
    )


def _share(text: str) -> float:
    number = text.removesuffix("%").strip()
    if not re.fullmatch(r"\d{1,3}", number, re.ASCII) or int(number) > 100:
        raise Unreadable(
            f"“{text[:40]}”须为 0 至 100 的整数（%）", f"“{text[:40]}” is no whole number from 0 to 100 (%)"
        )
    return int(number) / 100


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or int(text) > LARGEST:
        raise Unreadable(
            f"“{text[:40]}”须为 0 至 {LARGEST} 的整数", f"“{text[:40]}” is no whole number from 0 to {LARGEST}"
        )
    return int(text)
